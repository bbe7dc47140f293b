use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use statescope::Location;
use statescope::storage::write_whole;

use crate::cli::error::CliError;
use crate::cli::of_snapshot::is_of_snapshot;
use crate::cli::stdout::with_stdout;

/// Runs `write` with stdout, or with a file that appears under its name only when it is complete.
pub(crate) fn with_output(
    file: Option<&Path>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), CliError> {
    match file {
        None => with_stdout(write),
        Some(path) if is_stdout(path) => with_stdout(write),
        Some(path) => {
            spare_snapshots(path)?;
            to_file(path, write).map_err(|source| CliError::Output {
                to: path.display().to_string(),
                source,
            })
        }
    }
}

/// Whether a result may be written to a path: not in place of a file of a snapshot.
pub(crate) fn spare_snapshots(path: &Path) -> Result<(), CliError> {
    match is_of_snapshot(&target(path)) {
        Some(reason) if !is_stdout(path) => Err(CliError::NotInPlaceOf {
            path: path.display().to_string(),
            reason,
        }),
        _ => Ok(()),
    }
}

/// The same, where snapshots below `bases` may need any file that is there.
pub(crate) fn spare_bases(path: &Path, bases: &[&Location]) -> Result<(), CliError> {
    spare_snapshots(path)?;
    let there = target(path);
    let is_there = fs::metadata(&there).is_ok_and(|there| there.is_file());
    let mut bases = bases.iter().filter_map(|base| {
        let path = base.local_path()?;
        fs::canonicalize(path).ok()
    });
    match is_there && bases.any(|base| there.starts_with(base)) {
        true => Err(CliError::NotInPlaceOf {
            path: path.display().to_string(),
            reason: "there is a file, in a base, and snapshots may need it",
        }),
        false => Ok(()),
    }
}

/// Whether a path is a name of standard output, whatever that is.
pub(crate) fn is_stdout(path: &Path) -> bool {
    ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]
        .iter()
        .any(|name| path == Path::new(name))
}

fn to_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    if ["/dev/fd", "/proc/self/fd"]
        .iter()
        .any(|fds| path.starts_with(fds))
    {
        // Whoever opened it may have written to it before.
        return to_device(File::options().append(true).open(path)?, write);
    }
    if path == Path::new("/dev/stderr") {
        return to_device(io::stderr().lock(), write);
    }
    // What a symbolic link leads to is meant, not the link.
    let path = &target(path);
    match fs::metadata(path) {
        // A device or a pipe cannot be replaced.
        Ok(there) if !there.is_file() => to_device(File::options().write(true).open(path)?, write),
        _ => write_whole(path, write),
    }
}

/// A reader of a pipe that went away ends the output quietly.
fn to_device(
    device: impl Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut out = BufWriter::new(device);
    let written = write(&mut out).and_then(|()| out.flush());
    // Dropping the buffer must not try again.
    let _ = out.into_parts();
    match written {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// Where a path leads to, which may be to a file that is not there yet.
fn target(path: &Path) -> PathBuf {
    const LINKS_MAX: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..LINKS_MAX {
        if let Ok(there) = fs::canonicalize(&path) {
            return there;
        }
        match fs::read_link(&path) {
            Ok(link) => path = path.parent().unwrap_or(Path::new("")).join(link),
            Err(_) => break,
        }
    }
    path
}
