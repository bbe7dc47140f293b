//! The command line: arguments in, results on stdout, everything else on stderr. One file per
//! command; the library does the work.

mod args;
mod commands;
mod duration;
mod error;
mod exit_status;
mod input_file;
mod job_sources;
mod messages;
mod of_snapshot;
mod output_file;
mod place_argument;
mod progress;
mod session;
mod stdout;
mod stores;
mod uid_sources;
mod usage;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::args::Cli;
use crate::cli::session::Session;

/// Runs the command that the process was started with.
pub(crate) fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(message) => {
            return ExitCode::from(usage::tell(&message));
        }
    };
    let session = Session::new(cli.global);
    let done = session
        .can_answer()
        .and_then(|()| cli.command.run(&session));
    let status = match done {
        Ok(status) => status,
        Err(error) => {
            session.messages().error(&error);
            error.exit_status()
        }
    };
    ExitCode::from(status.code())
}
