mod apply;
mod journal;
mod plan;

use clap::{Args, Subcommand};
use statescope::retention::Refusal;

use crate::cli::error::CliError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::session::Session;

/// Which snapshots and files can go, and their deletion
///
/// `plan` changes nothing. `apply` carries out a plan after it has checked all of it again.
#[derive(Args, Debug)]
pub(crate) struct RetentionArgs {
    #[command(subcommand)]
    command: RetentionCommand,
}

#[derive(Debug, Subcommand)]
enum RetentionCommand {
    Plan(Box<plan::PlanArgs>),
    Apply(apply::ApplyArgs),
}

impl RetentionArgs {
    pub(crate) fn run(self, session: &Session) -> Result<ExitStatus, CliError> {
        match self.command {
            RetentionCommand::Plan(args) => args.run(session),
            RetentionCommand::Apply(args) => args.run(session),
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
