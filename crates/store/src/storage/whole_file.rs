use std::ffi::{OsStr, OsString};
use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// File systems take names of 255 bytes; a longer name than this has no room for what is added.
const NAME_MAX: usize = 200;

/// Writes a file on local disk as a whole: under its name there is either what was there before, or
/// all of the content, also after a power failure. A file that is replaced keeps its mode and, where
/// that is allowed, its owner.
///
/// Until it is whole it lies in the same directory, under a random name that was not there before.
///
/// # Errors
/// Those of `write` and of the file system; then what was there before is untouched.
pub fn write_whole(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let directory = match path.parent() {
        Some(directory) if !directory.as_os_str().is_empty() => directory,
        _ => Path::new("."),
    };
    let unfinished = unfinished(directory, path.file_name().unwrap_or_default())?;
    let mut out = BufWriter::new(unfinished);
    write(&mut out)?;
    let unfinished = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    if let Ok(before) = fs::symlink_metadata(path)
        && before.is_file()
    {
        keep_permissions(unfinished.as_file(), &before)?;
    }
    unfinished.as_file().sync_all()?;
    unfinished.persist(path)?;
    sync_directory(directory)
}

/// Makes sure that names which were given in a directory outlive a power failure.
///
/// # Errors
/// When the disk fails. File systems that cannot do it, and directories that may not be read, are no
/// error.
pub fn sync_directory(directory: &Path) -> io::Result<()> {
    // On Windows a directory is no file.
    if cfg!(not(unix)) {
        return Ok(());
    }
    let synced = File::open(directory).and_then(|directory| directory.sync_all());
    match synced.as_ref().map_err(io::Error::kind) {
        Err(
            io::ErrorKind::InvalidInput
            | io::ErrorKind::Unsupported
            | io::ErrorKind::PermissionDenied,
        ) => Ok(()),
        _ => synced,
    }
}

/// A new file with as much as other programs would allow: the process's mask applies.
fn unfinished(directory: &Path, name: &OsStr) -> io::Result<NamedTempFile> {
    const RANDOM: usize = 16;
    let mut prefix = OsString::from(".");
    prefix.push(match name.len() {
        0..=NAME_MAX => name,
        _ => OsStr::new("statescope"),
    });
    prefix.push(".");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".tmp").rand_bytes(RANDOM);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        const ANYBODY: u32 = 0o666;
        builder.permissions(fs::Permissions::from_mode(ANYBODY));
    }
    builder.tempfile_in(directory).map_err(without_path)
}

/// The error alone: callers name the file that was to be written, not the unfinished one.
fn without_path(error: io::Error) -> io::Error {
    match error.to_string().split_once(" at path ") {
        Some((reason, _)) => io::Error::new(error.kind(), reason),
        None => error,
    }
}

#[cfg(unix)]
fn keep_permissions(file: &File, before: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    const GROUP: u32 = 0o070;
    let now = file.metadata()?;
    let mut mode = before.mode() & 0o777;
    if (now.uid(), now.gid()) != (before.uid(), before.gid())
        && fchown(file, Some(before.uid()), Some(before.gid())).is_err()
        && now.gid() != before.gid()
        && fchown(file, None, Some(before.gid())).is_err()
    {
        // What the old group might do is not for the new one.
        mode &= !GROUP;
    }
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn keep_permissions(file: &File, before: &Metadata) -> io::Result<()> {
    file.set_permissions(before.permissions())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<OsString> {
        let entries = fs::read_dir(directory).expect("a directory");
        let mut names: Vec<_> = entries.map(|e| e.expect("an entry").file_name()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_there_as_a_whole_or_not_at_all() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("result");
        write_whole(&path, |out| out.write_all(b"one")).expect("written");
        let failed = write_whole(&path, |out| {
            out.write_all(b"tw")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert_eq!(failed.expect_err("full").kind(), io::ErrorKind::StorageFull);
        assert_eq!(fs::read(&path).expect("a file"), b"one");
        assert_eq!(names(directory.path()), ["result"]);
    }

    #[test]
    fn the_longest_names_can_be_written() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("x".repeat(255));
        write_whole(&path, |out| out.write_all(b"one")).expect("written");
        assert_eq!(fs::read(&path).expect("a file"), b"one");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_keeps_its_mode_and_a_new_one_has_that_of_others() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().expect("a directory");
        let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
        let (path, other) = (directory.path().join("a"), directory.path().join("b"));
        write_whole(&path, |_| Ok(())).expect("written");
        fs::write(&other, "").expect("written");
        assert_eq!(mode(&path), mode(&other));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o604)).expect("a mode");
        write_whole(&path, |_| Ok(())).expect("written");
        assert_eq!(mode(&path), 0o604);
    }
}
