use clap::{Args, ValueEnum};
use statescope::finding::Severity;
use statescope::health::check::Check;
use statescope::inspect::{self, CheckRequest, JobChoice};
use statescope::report;

use crate::cli::args::PathMapArgs;
use crate::cli::error::CliError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::job_sources::JobSources;
use crate::cli::place_argument::PLACE;
use crate::cli::session::{Answer, Session};
use crate::cli::uid_sources::UidSources;

/// Can a snapshot be restored: is its metadata sane, are all its files there
///
/// Every file is looked for where Flink would look for it, and what is legal but likely to hurt later
/// is told. Of state files, a few kB are read; all of it where that is less than 64 MiB.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  statescope check s3://bucket/savepoints/savepoint-1a2b3c-0123456789ab
  statescope check s3://bucket/checkpoints/0123456789abcdef0123456789abcdef@latest
  statescope check chk-42 --fail-on warning

Exit status: 0 ok, 1 findings, 3 invalid metadata, 4 unsupported version, 5 not found, 6 storage,
7 some files could not be looked up, or the answer is not known.")]
pub(crate) struct CheckArgs {
    /// A directory, a _metadata file, BASE@latest, BASE@latest~N, BASE@chk-N, or -
    #[arg(value_parser = PLACE)]
    location: String,
    /// Do not look for the files
    #[arg(long)]
    no_files: bool,
    /// Do not look into the files for names and types of states
    #[arg(long)]
    no_states: bool,
    #[command(flatten)]
    moved: PathMapArgs,
    /// List every finding, not one line for what is the same on many operators
    #[arg(short, long)]
    verbose: bool,
    /// Fail with exit code 2 where BASE@latest has snapshots of several jobs to choose from
    #[arg(long)]
    one_job: bool,
    /// Exit with 1 from this severity on
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY")]
    fail_on: FailOn,
    /// Exit with 1 if an operator of the new job has state there and none in the snapshot
    #[arg(long)]
    no_empty_start: bool,
    #[command(flatten)]
    new_job: JobSources,
    #[command(flatten)]
    uid_sources: UidSources,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum FailOn {
    #[default]
    Error,
    Warning,
    Info,
    Never,
}

impl CheckArgs {
    pub(crate) fn run(self, session: &Session) -> Result<ExitStatus, CliError> {
        session.name(self.new_job.against.iter().chain([&self.location]));
        let job = self.new_job.load(session, &self.moved)?;
        let (loaded, chosen) = session.load(&self.location, &self.choice())?;
        let uids = self.uid_sources.open(&[&self.location])?;
        let new_uids = self.new_job.uids();
        let storage = session.storage_with(&self.moved)?;
        let request = CheckRequest {
            files: !self.no_files,
            states: !self.no_states,
            new_job: job.as_ref(),
            new_uids: new_uids.as_ref(),
            allow_non_restored_state: self.new_job.allow_non_restored_state,
            release: self.new_job.flink_version,
            ..CheckRequest::new(&loaded, &uids)
        };
        let progress = session.progress();
        let checked = session.wait(inspect::check(&storage, request, &progress))?;
        progress.finish();
        let (check, mut notes) = (checked.check, checked.notes);
        notes.extend(chosen);
        let answer = Answer {
            command: "check",
            data: &check,
            warnings: &notes,
        };
        let rows = session.finding_rows(self.verbose);
        session.answer(&answer, || report::check(&check, rows))?;
        session.messages().findings(&notes);
        Ok(self.status(&check))
    }

    /// The job that BASE@latest means. With --rest, --job-id is the new job's.
    fn choice(&self) -> JobChoice {
        let job_id = self.new_job.job_id.clone();
        JobChoice {
            job_id: job_id.filter(|_| self.new_job.rest.is_none()),
            one_job: self.one_job,
        }
    }

    fn status(&self, check: &Check) -> ExitStatus {
        let (fails, open) = match self.fail_on {
            FailOn::Error => (check.worst() >= Some(Severity::Error), check.is_undecided()),
            FailOn::Warning => (
                check.worst() >= Some(Severity::Warning),
                check.is_undecided(),
            ),
            FailOn::Info => (check.worst().is_some(), check.is_undecided()),
            FailOn::Never => (false, false),
        };
        // What could not be looked at, such as the files of standard input, weighs more than what
        // was found.
        let unseen = check.is_incomplete() || (check.files.is_none() && !self.no_files);
        let fails = fails || (self.no_empty_start && check.starts_empty());
        ExitStatus::Undecided
            .when(open)
            .max(ExitStatus::Findings.when(fails))
            .max(ExitStatus::Incomplete.when(unseen))
    }
}
