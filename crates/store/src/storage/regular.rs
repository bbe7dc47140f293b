//! Regular files: the only ones that are ever read by name.
//!
//! A name in a snapshot, on a command line or behind a link can lead to a device, a pipe, a socket or
//! to what the kernel makes up below `/proc`. Reading these can block, never end, or do something. So
//! a file is looked at before it is opened, opened without waiting, looked at again, and read to the
//! length that it has.

use std::fs::{self, File, FileType, Metadata, OpenOptions};
use std::io::{self, Read, Take};
use std::path::Path;

use crate::storage::local::is_kernels_file;

/// Why a file cannot be opened.
#[derive(Debug)]
pub(super) enum Refused {
    /// The system says so.
    Io(io::Error),
    /// It is a directory.
    Directory,
    /// It is no regular file, but what the words say.
    NotRegular(&'static str),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<Refused> for io::Error {
    fn from(refused: Refused) -> Self {
        let words = match refused {
            Refused::Io(error) => return error,
            Refused::Directory => "it is a directory, not a file".to_owned(),
            Refused::NotRegular(what) => {
                format!("it is {what}, and only regular files are read")
            }
        };
        Self::new(io::ErrorKind::InvalidInput, words)
    }
}

/// Opens a regular file; links are followed. Never waits for a writer.
///
/// # Errors
/// When it cannot be opened; [`io::ErrorKind::InvalidInput`] when it is no regular file.
pub fn open(path: &Path) -> io::Result<File> {
    let (file, _) = look_and_open(path)?;
    Ok(file)
}

/// Opens a regular file of at most `limit` bytes. What is added to it afterwards is not read.
///
/// # Errors
/// As of [`open`]; [`io::ErrorKind::FileTooLarge`] when it has more.
pub fn open_within(path: &Path, limit: u64) -> io::Result<Take<File>> {
    let (file, metadata) = look_and_open(path)?;
    let size = metadata.len();
    if size > limit {
        let words =
            format!("{size} bytes are more than the limit of {limit}: refused (docs/limits.md)");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, words));
    }
    Ok(file.take(size))
}

/// The whole content of a regular file.
///
/// # Errors
/// As of [`open_within`].
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut file = open_within(path, limit)?;
    let mut content = room_for(file.limit())?;
    file.read_to_end(&mut content)?;
    Ok(content)
}

/// Memory for the content of a file. Where there is none, the error says how much was asked for.
pub(super) fn room_for(size: u64) -> io::Result<Vec<u8>> {
    let mut content = Vec::new();
    let had = usize::try_from(size).is_ok_and(|size| content.try_reserve_exact(size).is_ok());
    if !had {
        let words = format!("no memory for {size} bytes");
        return Err(io::Error::new(io::ErrorKind::OutOfMemory, words));
    }
    Ok(content)
}

/// The whole content of a regular file that is text.
///
/// # Errors
/// As of [`read`]; [`io::ErrorKind::InvalidData`] when it is not UTF-8.
pub fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    let content = read(path, limit)?;
    String::from_utf8(content)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not a text in UTF-8"))
}

pub(super) fn look_and_open(path: &Path) -> Result<(File, Metadata), Refused> {
    // Opening a device can do something already.
    admit(fs::metadata(path)?.file_type())?;
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt;

        let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
        options.custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
    }
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    admit(metadata.file_type())?;
    if is_kernels_file(&file) {
        return Err(Refused::NotRegular("made up by the kernel"));
    }
    Ok((file, metadata))
}

/// What is known of a regular file.
pub(super) fn look_up(path: &Path) -> Result<Metadata, Refused> {
    let metadata = fs::metadata(path)?;
    admit(metadata.file_type())?;
    Ok(metadata)
}

fn admit(kind: FileType) -> Result<(), Refused> {
    if kind.is_file() {
        return Ok(());
    }
    if kind.is_dir() {
        return Err(Refused::Directory);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;

        for (is_it, what) in [
            (kind.is_fifo(), "a pipe"),
            (kind.is_socket(), "a socket"),
            (kind.is_char_device() || kind.is_block_device(), "a device"),
        ] {
            if is_it {
                return Err(Refused::NotRegular(what));
            }
        }
    }
    Err(Refused::NotRegular("of an unknown kind"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_its_limit() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        fs::write(&path, "four").unwrap();
        assert_eq!(read_text(&path, 4).unwrap(), "four");
        let error = read(&path, 3).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(
            error.to_string(),
            "4 bytes are more than the limit of 3: refused (docs/limits.md)"
        );
        let error = open(directory.path()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn what_is_no_regular_file_is_refused_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let at = |name: &str| directory.path().join(name);
        let made = std::process::Command::new("mkfifo")
            .arg(at("pipe"))
            .status();
        assert!(made.unwrap().success());
        std::os::unix::fs::symlink("pipe", at("link")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", at("zero")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        for (path, what) in [
            (at("pipe"), "a pipe"),
            (at("link"), "a pipe"),
            (at("zero"), "a device"),
            (at("socket"), "a socket"),
            ("/dev/urandom".into(), "a device"),
            ("/proc/self/status".into(), "made up by the kernel"),
            ("/proc/kmsg".into(), "made up by the kernel"),
        ] {
            let Err(error) = read(&path, u64::MAX) else {
                panic!("{} was read", path.display());
            };
            let words = format!("it is {what}, and only regular files are read");
            // Not everybody may open every file of the kernel.
            if error.kind() != io::ErrorKind::PermissionDenied {
                assert_eq!(error.to_string(), words, "{}", path.display());
            }
        }
    }
}
