use std::collections::HashSet;

use clap::{Args, ValueEnum};
use statescope::finding::{Finding, FindingKind, Severity};
use statescope::health::check::Check;
use statescope::health::lint::lint;
use statescope::inspect::{self, JobChoice, LoadedMetadata, StatesOptions};
use statescope::report;
use statescope::restore::{RestoreOptions, readable};
use statescope::snapshot::summary::{Detail, SnapshotSummary};
use statescope::storage::Storage;

use crate::cli::args::PathMapArgs;
use crate::cli::error::CliError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::job_sources::JobSources;
use crate::cli::place_argument::PLACE;
use crate::cli::session::{Answer, Session};
use crate::cli::states;
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
        let (mut snapshot, mut findings) = inspect::summarize(&loaded, Detail::Operators)?;
        let (dictionary, mut notes) = self.uid_sources.name(&mut snapshot, &self.location)?;
        notes.extend(chosen);
        let look = !self.no_files && loaded.base().directory().is_some();
        let files = if look {
            let storage = session.storage_with(&self.moved)?;
            let progress = session.progress();
            let (files, more) = session.wait(inspect::verify(&storage, &loaded, &progress))?;
            progress.finish();
            findings.extend(more);
            if !self.no_states {
                let unread = look_inside(session, &storage, &loaded, &mut snapshot)?;
                // What is missing has been said already.
                let said: HashSet<_> = findings.iter().map(|f| f.place.path.clone()).collect();
                let copied: Vec<String> = findings.iter().filter_map(copied_from).collect();
                let is_copied = |f: &Finding| {
                    if let FindingKind::More { .. } = f.kind {
                        return !copied.is_empty();
                    }
                    let path = f.place.path.as_deref().unwrap_or_default();
                    copied.iter().any(|from| path.starts_with(from))
                };
                let unread = unread.into_iter();
                findings.extend(unread.filter(|f| {
                    let is_said = f.place.path.is_some() && said.contains(&f.place.path);
                    !is_said && !is_copied(f)
                }));
            }
            Some(files)
        } else {
            None
        };
        findings.extend(lint(&snapshot));
        findings.extend(self.new_job.vanished(&snapshot, job.is_none())?);
        let release = self.new_job.flink_version;
        if let (None, Some(release)) = (&job, release) {
            findings.extend(readable(&snapshot, release));
        }
        for finding in &mut findings {
            finding.place.name_operator(&dictionary);
        }
        let restore = job.map(|job| {
            let options = RestoreOptions {
                allow_non_restored_state: self.new_job.allow_non_restored_state,
                release,
            };
            job.restore(&snapshot, options)
        });
        let check = Check::new(&snapshot, findings, files, restore).by_rules_of(release);
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
        // What could not be looked at, such as the files of standard input, weighs more than what
        // was found.
        if check.is_incomplete() || (check.files.is_none() && !self.no_files) {
            return ExitStatus::Incomplete;
        }
        let fails = match self.fail_on {
            FailOn::Error => check.worst() >= Some(Severity::Error),
            FailOn::Warning => check.worst() >= Some(Severity::Warning),
            FailOn::Info => check.worst().is_some(),
            FailOn::Never => false,
        };
        let fails = fails || (self.no_empty_start && check.starts_empty());
        let open = check.is_undecided() && !matches!(self.fail_on, FailOn::Never);
        match (fails, open) {
            (true, _) => ExitStatus::Findings,
            // An answer that is not known is not a yes.
            (false, true) => ExitStatus::Incomplete,
            (false, false) => ExitStatus::Ok,
        }
    }
}

/// Below which directory the files are recorded that one finding says are elsewhere.
fn copied_from(finding: &Finding) -> Option<String> {
    match &finding.kind {
        FindingKind::FilesBesideMetadata { from, .. } => Some(format!("{from}/")),
        _ => None,
    }
}

/// Names and types in any case; sizes too where they cost little.
fn look_inside(
    session: &Session,
    storage: &Storage,
    loaded: &LoadedMetadata,
    snapshot: &mut SnapshotSummary,
) -> Result<Vec<Finding>, CliError> {
    let mut options = StatesOptions::default();
    options.sizes = states::bytes_to_read(loaded, snapshot, options)? <= states::WORTH_SAYING;
    states::look_inside(session, storage, loaded, snapshot, options)
}
