//! Files on local disk.
//!
//! Not through the object store crate: its local store refuses some names that file systems
//! allow, and one name that is not UTF-8 fails a whole listing.

mod facts;
#[cfg(unix)]
mod ground;
#[cfg(not(unix))]
#[path = "ground_by_path.rs"]
mod ground;
mod kernel;
mod listing;

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;

use crate::storage::call::Call;
use crate::storage::local::facts::info;
use crate::storage::regular::{self, Refused};
use crate::storage::whole_file::write_whole;
use crate::storage::{ObjectInfo, StorageError, StorageErrorKind};
use statescope_format::location::Location;

pub(super) use facts::identity_at;
pub(super) use ground::Ground;
pub use kernel::Stamp;
pub(super) use kernel::{is_kernels, is_kernels_file, stamp};
pub(super) use listing::{led_to, list};

/// How much is read before the reader looks up.
const PIECE_BYTES: u64 = 8 << 20;

/// Why a local file could not be read.
#[derive(Debug)]
pub(super) enum Problem {
    Io(io::Error),
    Failed(StorageErrorKind, &'static str),
}

impl Problem {
    /// Something was done to a file between the look that allowed to remove it and its removal.
    fn file_changed() -> Self {
        Self::Failed(
            StorageErrorKind::Other,
            "it is not the file that was looked at: it was replaced, written or linked since; \
             a new plan will tell whether it may go",
        )
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Io(error) => Self::Io(error),
            Refused::Directory => is_a_directory(),
            Refused::NotRegular(what) => Self::Failed(StorageErrorKind::NotRegular(what), ""),
        }
    }
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// A file with its content, or with a part of it. The buffer is as large as the file and becomes the
/// result: there is no second copy.
pub(super) async fn read(
    call: &Call<'_>,
    path: &Path,
    range: Option<Range<u64>>,
) -> Result<(ObjectInfo, Bytes), StorageError> {
    call.count();
    let path = path.to_owned();
    let limit = call.settings.max_object_bytes;
    let progress = Arc::new(AtomicU64::new(0));
    let shared = Arc::clone(&progress);
    let work = tokio::task::spawn_blocking(move || read_blocking(&path, range, limit, &shared));
    let read = watched(call, work, &progress).await?;
    let (metadata, content) = read.map_err(|problem| error(call, problem))?;
    let info = info(call.location.clone(), &metadata);
    Ok((info, content.into()))
}

/// The absolute path, without `.` and `..`: names only, symbolic links stay.
pub(super) fn absolute(location: &Location) -> Location {
    let Some(path) = location.local_path() else {
        return location.clone();
    };
    let Ok(path) = std::path::absolute(path) else {
        return location.clone();
    };
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    Location::of_path(&plain).unwrap_or_else(|| location.clone())
}

/// Size and time of a file.
pub(super) async fn look_up(call: &Call<'_>, path: &Path) -> Result<ObjectInfo, StorageError> {
    call.count();
    let path = path.to_owned();
    let location = call.location.clone();
    let work = move || -> Result<ObjectInfo, Problem> {
        let metadata = regular::look_up(&path)?;
        Ok(info(location, &metadata))
    };
    bounded(call, work).await
}

/// Opens a file for reading, and no more. Where that is refused, the error says whose file it is.
pub(super) async fn open(call: &Call<'_>, path: &Path) -> Result<(), StorageError> {
    call.count();
    let path = path.to_owned();
    let work = move || -> Result<Option<String>, Problem> {
        let metadata = fs::metadata(&path)?;
        if metadata.is_dir() {
            return Err(is_a_directory());
        }
        // To open a pipe may take for ever.
        if !metadata.is_file() {
            let what = "it is neither a file nor a directory";
            return Err(Problem::Failed(StorageErrorKind::Other, what));
        }
        match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                Ok(Some(owner(&metadata)))
            }
            opened => Ok(opened.map(|_| None)?),
        }
    };
    match bounded(call, work).await? {
        None => Ok(()),
        Some(owner) => Err(call
            .error(StorageErrorKind::AccessDenied)
            .saying(&owner)
            .hinting(format!(
                "the file has {owner}: run as a user who may read it, as Flink's own must"
            ))),
    }
}

/// `owner 0, group 0, mode 0600`.
#[cfg(unix)]
fn owner(metadata: &Metadata) -> String {
    use std::os::unix::fs::MetadataExt;
    let (owner, group, mode) = (metadata.uid(), metadata.gid(), metadata.mode() & 0o7777);
    format!("owner {owner}, group {group}, mode {mode:04o}")
}

#[cfg(not(unix))]
fn owner(_: &Metadata) -> String {
    "another owner".to_owned()
}

/// Writes a file beside its name, and then gives it its name.
pub(super) async fn write(
    call: &Call<'_>,
    path: &Path,
    content: Bytes,
) -> Result<(), StorageError> {
    call.count();
    let path = path.to_owned();
    let work = move || -> Result<(), Problem> {
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory)?;
        }
        Ok(write_whole(&path, |out| {
            io::Write::write_all(out, &content)
        })?)
    };
    bounded(call, work).await
}

/// Removes a file; one that is not there is gone already.
pub(super) async fn delete(call: &Call<'_>, path: &Path) -> Result<(), StorageError> {
    call.count();
    let path = path.to_owned();
    let work = move || match fs::remove_file(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => Ok(done?),
    };
    bounded(call, work).await
}

/// Moves a file to a name that is not taken.
pub(super) async fn move_file(call: &Call<'_>, from: &Path, to: &Path) -> Result<(), StorageError> {
    call.count();
    let (from, to) = (from.to_owned(), to.to_owned());
    let work = move || {
        if fs::symlink_metadata(&to).is_ok() {
            return Err(Problem::Io(io::ErrorKind::AlreadyExists.into()));
        }
        if let Some(directory) = to.parent() {
            fs::create_dir_all(directory)?;
        }
        Ok(fs::rename(&from, &to)?)
    };
    bounded(call, work).await
}

/// Removes a directory; false if something is in it.
pub(super) async fn remove_empty_directory(
    call: &Call<'_>,
    path: &Path,
) -> Result<bool, StorageError> {
    call.count();
    let path = path.to_owned();
    let work = move || match fs::remove_dir(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => Ok(false),
        done => Ok(done.map(|()| true)?),
    };
    bounded(call, work).await
}

/// Opens a directory below which files are to be removed, or moved to.
pub(super) async fn open_ground(
    call: &Call<'_>,
    path: &Path,
    make: bool,
) -> Result<Ground, StorageError> {
    let path = path.to_owned();
    let work = move || {
        let opened = match make {
            true => Ground::open_or_make(&path),
            false => Ground::open(&path),
        };
        Ok(opened?)
    };
    bounded(call, work).await
}

/// Changes something below such a directory.
pub(super) async fn change<T: Send + 'static>(
    call: &Call<'_>,
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, StorageError> {
    call.count();
    bounded(call, work).await
}

/// Whether a path is a symbolic link.
pub(super) async fn is_link(path: &Path) -> bool {
    let path = path.to_owned();
    let look = move || fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
    tokio::task::spawn_blocking(look).await.unwrap_or(true)
}

fn read_blocking(
    path: &Path,
    range: Option<Range<u64>>,
    limit: u64,
    progress: &AtomicU64,
) -> Result<(Metadata, Vec<u8>), Problem> {
    let (mut file, metadata) = regular::look_and_open(path)?;
    let range = range.unwrap_or(0..metadata.len());
    if range.start > 0 {
        file.seek(SeekFrom::Start(range.start))?;
    }
    let size = range.end.saturating_sub(range.start);
    if size > limit {
        return Err(Problem::Failed(
            StorageErrorKind::TooLarge { size, limit },
            "",
        ));
    }
    let mut content = regular::room_for(size)?;
    let room = usize::try_from(size).unwrap_or(usize::MAX);
    while content.len() < room {
        let left = size.saturating_sub(progress.load(Ordering::Relaxed));
        let piece = (&file)
            .take(left.min(PIECE_BYTES))
            .read_to_end(&mut content)?;
        if piece == 0 {
            return Err(Problem::Failed(
                StorageErrorKind::Truncated,
                "the file is shorter than that, or is being written",
            ));
        }
        progress.fetch_add(piece as u64, Ordering::Relaxed);
    }
    Ok((metadata, content))
}

/// Waits for a reader for as long as it gets anywhere.
async fn watched<T>(
    call: &Call<'_>,
    mut work: tokio::task::JoinHandle<T>,
    progress: &AtomicU64,
) -> Result<T, StorageError> {
    let patience = call.settings.timeout;
    let mut before = 0;
    loop {
        match tokio::time::timeout(patience, &mut work).await {
            Ok(done) => return done.map_err(|_| call.error(StorageErrorKind::Other)),
            Err(_) => {
                let now = progress.load(Ordering::Relaxed);
                if now == before {
                    return Err(call.timed_out(patience));
                }
                before = now;
            }
        }
    }
}

/// Runs something short on a thread that may block.
async fn bounded<T: Send + 'static>(
    call: &Call<'_>,
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, StorageError> {
    /// Of a directory with millions of entries, listing takes its time.
    const LISTING: u32 = 10;
    let patience: Duration = call.settings.timeout.saturating_mul(LISTING);
    call.within(patience, tokio::task::spawn_blocking(work))
        .await?
        .map_err(|_| call.error(StorageErrorKind::Other))?
        .map_err(|problem| error(call, problem))
}

fn is_a_directory() -> Problem {
    Problem::Failed(StorageErrorKind::NotFound, "it is a directory, not a file")
}

fn error(call: &Call<'_>, problem: Problem) -> StorageError {
    match problem {
        Problem::Failed(kind, said) => call.error(kind).saying(said),
        Problem::Io(error) => {
            let (kind, said) = match error.kind() {
                io::ErrorKind::NotFound => return call.error(StorageErrorKind::NotFound),
                io::ErrorKind::NotADirectory => (
                    StorageErrorKind::NotFound,
                    "a part of the path is a file, not a directory".to_owned(),
                ),
                io::ErrorKind::PermissionDenied => {
                    return call.error(StorageErrorKind::AccessDenied);
                }
                _ => (StorageErrorKind::Other, error.to_string()),
            };
            call.error(kind).saying(said)
        }
    }
}
