use clap::{Args, Subcommand};
#[cfg(feature = "history")]
use statescope::Location;
#[cfg(feature = "history")]
use statescope::inspect;
#[cfg(feature = "history")]
use statescope::report;

use crate::cli::error::CliError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::place_argument::PLACE;
#[cfg(feature = "history")]
use crate::cli::session::Answer;
use crate::cli::session::Session;

/// Looks after what `growth --record` wrote
#[derive(Args, Debug)]
pub(crate) struct HistoryArgs {
    #[command(subcommand)]
    command: HistoryCommand,
}

#[derive(Debug, Subcommand)]
enum HistoryCommand {
    Compact(CompactArgs),
}

/// Makes one file of those of each job and day
///
/// The new file is written before the others are deleted: it can be stopped at any moment, and run
/// while others record.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  statescope history compact s3://bucket/statescope

Exit status: 0 ok, 2 usage, 5 not found, 6 storage, 7 some files could not be understood.")]
struct CompactArgs {
    /// The directory of the history, in any store
    #[arg(value_parser = PLACE)]
    history: String,
}

impl HistoryArgs {
    pub(crate) fn run(self, session: &Session) -> Result<ExitStatus, CliError> {
        let HistoryCommand::Compact(CompactArgs { history }) = self.command;
        if history.is_empty() {
            return Err(CliError::Usage("the history is empty"));
        }
        compact(session, history)
    }
}

#[cfg(not(feature = "history"))]
fn compact(_: &Session, _: String) -> Result<ExitStatus, CliError> {
    Err(CliError::Usage(super::growth::NO_HISTORIES))
}

#[cfg(feature = "history")]
fn compact(session: &Session, history: String) -> Result<ExitStatus, CliError> {
    let storage = session.storage()?;
    let history = Location::new(history);
    let progress = session.progress();
    let compacted = session.wait(inspect::compact(&storage, &history, &progress))?;
    progress.finish();
    let answer = Answer {
        command: "history compact",
        data: &compacted,
        warnings: &compacted.not_read,
    };
    session.answer(&answer, || {
        report::compacted(compacted.partitions, compacted.files)
    })?;
    session.messages().findings(&compacted.not_read);
    Ok(if compacted.not_read.is_empty() {
        ExitStatus::Ok
    } else {
        ExitStatus::Incomplete
    })
}
