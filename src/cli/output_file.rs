use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::cli::error::CliError;

/// Runs `write` with stdout, or with a file that appears under its name only when it is complete.
///
/// A reader that went away ends the output quietly.
pub(crate) fn with_output(
    file: Option<&Path>,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), CliError> {
    match file {
        None => {
            let mut out = BufWriter::new(io::stdout().lock());
            match write(&mut out).and_then(|()| out.flush()) {
                Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                    // Nothing is left to say, and dropping the buffer must not try again.
                    let _ = out.into_parts();
                    Ok(())
                }
                done => done.map_err(|source| failed("standard output", source)),
            }
        }
        Some(path) => {
            to_file(path, write).map_err(|source| failed(&path.display().to_string(), source))
        }
    }
}

fn failed(to: &str, source: io::Error) -> CliError {
    let to = to.to_owned();
    CliError::Output { to, source }
}

fn to_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // What a symbolic link leads to is meant, not the link. A path that is not there yet stays.
    let path = &fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        // A device or a pipe cannot be replaced.
        let mut out = BufWriter::new(File::options().write(true).open(path)?);
        write(&mut out)?;
        return out.flush();
    }
    let unfinished = unfinished(path);
    let written = (|| {
        let mut out = BufWriter::new(File::create(&unfinished)?);
        write(&mut out)?;
        out.flush()?;
        fs::rename(&unfinished, path)
    })();
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&unfinished);
    }
    written
}

/// A name beside `path` that no other run uses.
fn unfinished(path: &Path) -> PathBuf {
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}
