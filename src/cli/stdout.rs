//! Where results go without `--output`.

use std::io::{self, BufWriter, ErrorKind, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cli::error::CliError;

/// Whether the process was started without a standard output.
static CLOSED: AtomicBool = AtomicBool::new(false);

/// Runs before `main`: Rust's runtime opens /dev/null in place of what is closed, and from then on a
/// result that nobody will ever see looks written. Later, nothing tells that descriptor from one that
/// was given: whoever starts programs may open /dev/null for reading and writing, too, as Python's
/// `subprocess.DEVNULL` does, and there that is no mistake.
#[cfg(unix)]
#[ctor::ctor(unsafe)]
fn look_whether_it_is_closed() {
    let descriptor = rustix::io::fcntl_getfd(rustix::stdio::stdout());
    CLOSED.store(descriptor.is_err(), Ordering::Relaxed);
}

/// Fails where nothing could be written: before any work is done, and before anything is deleted.
pub(crate) fn is_open() -> Result<(), CliError> {
    match CLOSED.load(Ordering::Relaxed) {
        true => Err(failed(io::Error::other("it is closed"))),
        false => Ok(()),
    }
}

/// Runs `write` with stdout. A reader that went away ends the output quietly.
pub(crate) fn with_stdout(
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<(), CliError> {
    is_open()?;
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            // Nothing is left to say, and dropping the buffer must not try again.
            let _ = out.into_parts();
            Ok(())
        }
        Err(error) => {
            let _ = out.into_parts();
            Err(failed(error))
        }
        Ok(()) => Ok(()),
    }
}

fn failed(source: io::Error) -> CliError {
    let to = "standard output".to_owned();
    CliError::Output { to, source }
}
