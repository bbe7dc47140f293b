mod apply;
mod journal;
mod plan;
mod restore;

use clap::{Args, Subcommand};
use statescope::retention::Refusal;

use crate::cli::error::CliError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::session::Session;

/// Which snapshots and files can go, their deletion, and the way back
///
/// `plan` changes nothing. `apply` carries out a plan after it has checked all of it again. `restore`
/// brings back what `apply --quarantine` moved.
#[derive(Args, Debug)]
pub(crate) struct RetentionArgs {
    #[command(subcommand)]
    command: RetentionCommand,
}

#[derive(Debug, Subcommand)]
enum RetentionCommand {
    Plan(Box<plan::PlanArgs>),
    Apply(apply::ApplyArgs),
    Restore(restore::RestoreArgs),
}

impl RetentionArgs {
    pub(crate) fn run(self, session: &Session) -> Result<ExitStatus, CliError> {
        match self.command {
            RetentionCommand::Plan(args) => args.run(session),
            RetentionCommand::Apply(args) => args.run(session),
            RetentionCommand::Restore(args) => args.run(session),
        }
    }
}

/// Says on stderr why nothing is deleted.
fn refused(session: &Session, refusals: &[Refusal]) -> ExitStatus {
    for refusal in refusals {
        session.messages().refusal(refusal);
    }
    ExitStatus::Refused
}
