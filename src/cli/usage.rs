//! What clap says: help and version, and what is wrong with a command line.

use std::io::{self, IsTerminal, Write};

use clap::error::ErrorKind;
use statescope::output::lines;
use statescope::without_secrets;

use crate::cli::error::CliError;
use crate::cli::messages::Messages;
use crate::cli::stdout::with_stdout;

/// Prints it, and returns the exit code.
pub(crate) fn tell(message: &clap::Error) -> u8 {
    let text = message.render();
    let code = u8::try_from(message.exit_code()).unwrap_or(2);
    if !message.use_stderr() {
        // Help and version are results.
        return match print(&text) {
            Ok(()) => code,
            Err(error) => {
                let color = false;
                let quiet = false;
                Messages { color, quiet }.error(&error);
                error.exit_status().code()
            }
        };
    }
    if message.kind() == ErrorKind::InvalidUtf8 {
        let (color, quiet) = (false, false);
        let argument = std::env::args_os().find(|argument| argument.to_str().is_none());
        let error = CliError::NotText {
            what: format!("the argument {:?}", argument.unwrap_or_default()),
        };
        Messages { color, quiet }.error(&error);
        return error.exit_status().code();
    }
    // Arguments are repeated as they were given; a script may have them from a file.
    let plain = text.to_string();
    let safe = without_secrets(&plain);
    let safe = lines(&safe);
    // A message that cannot be printed has no reader.
    let _ = match safe == plain {
        true => message.print(),
        false => io::stderr().lock().write_all(safe.as_bytes()),
    };
    code
}

fn print(text: &clap::builder::StyledStr) -> Result<(), CliError> {
    let colored =
        io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|no| no.is_empty());
    with_stdout(|out| match colored {
        true => write!(out, "{}", text.ansi()),
        false => write!(out, "{text}"),
    })
}
