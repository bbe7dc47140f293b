use clap::{Args, Subcommand};
use statescope::finding::FindingKind;
use statescope::inspect::{self, StatesOptions};
use statescope::output;
use statescope::restore::job::JobDescription;
use statescope::snapshot::summary::Detail;

use crate::cli::args::{JobChoiceArgs, PathMapArgs};
use crate::cli::error::CliError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::place_argument::PLACE;
use crate::cli::session::Session;
use crate::cli::states;
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
        let (mut snapshot, mut found) = inspect::summarize(&loaded, Detail::Operators)?;
        let (_, notes) = self.uid_sources.name(&mut snapshot, &self.location)?;
        let storage = session.storage_with(&self.moved)?;
        let unread = states::look_inside(
            session,
            &storage,
            &loaded,
            &mut snapshot,
            StatesOptions {
                sizes: false,
                all_heads: true,
            },
        )?;
        let job = JobDescription::from_snapshot(&snapshot);
        session.write(|out| output::write_json_document(&job, out))?;
        // Such uids are left out.
        found.retain(|finding| matches!(finding.kind, FindingKind::UidMismatch { .. }));
        session.messages().findings(&found);
        session.messages().findings(&notes);
        session.messages().findings(&unread);
        Ok(match unread.is_empty() {
            true => ExitStatus::Ok,
            false => ExitStatus::Incomplete,
        })
    }
}
