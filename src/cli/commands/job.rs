use clap::{Args, Subcommand};
use statescope::inspect;
use statescope::output;

use crate::cli::args::{JobChoiceArgs, PathMapArgs};
use crate::cli::error::CliError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::place_argument::PLACE;
use crate::cli::session::Session;
use crate::cli::uid_sources::UidSources;

/// Descriptions of jobs, for check --job
#[derive(Args, Debug)]
pub(crate) struct JobArgs {
    #[command(subcommand)]
    command: JobCommand,
}

#[derive(Debug, Subcommand)]
enum JobCommand {
    From(FromArgs),
}

/// Describes the job that made a snapshot: keep it in version control, as a lock file for state
///
/// Writes JSON, whatever --format says. A snapshot does not tell how operators are connected, and
/// not who chose the max parallelism.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  statescope job from savepoints/savepoint-1a2b3c-0123456789ab --jar my-job.jar > job.json
  statescope check s3://bucket/checkpoints/0123456789abcdef@latest --job job.json

Exit status: 0 ok, 3 invalid metadata, 4 unsupported version, 5 not found, 6 storage,
7 some of the states could not be read.")]
struct FromArgs {
    /// A directory, a _metadata file, BASE@latest, BASE@latest~N, BASE@chk-N, or -
    #[arg(value_parser = PLACE)]
    location: String,
    #[command(flatten)]
    job_choice: JobChoiceArgs,
    #[command(flatten)]
    moved: PathMapArgs,
    #[command(flatten)]
    uid_sources: UidSources,
}

impl JobArgs {
    pub(crate) fn run(self, session: &Session) -> Result<ExitStatus, CliError> {
        match self.command {
            JobCommand::From(args) => args.run(session),
        }
    }
}

impl FromArgs {
    fn run(self, session: &Session) -> Result<ExitStatus, CliError> {
        let (loaded, chosen) = session.load(&self.location, &self.job_choice.choice())?;
        session.messages().findings(&chosen);
        let uids = self.uid_sources.open(&[&self.location])?;
        let storage = session.storage_with(&self.moved)?;
        let progress = session.progress();
        let described = inspect::describe_job(&storage, &loaded, &uids, &progress);
        let described = session.wait(described)?;
        progress.finish();
        session.write(|out| output::write_json_document(&described.job, out))?;
        session.messages().findings(&described.notes);
        session.messages().findings(&described.unread);
        Ok(ExitStatus::Incomplete.when(!described.unread.is_empty()))
    }
}
