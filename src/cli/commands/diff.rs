use clap::Args;
use statescope::finding::Finding;
use statescope::inspect::{self, DiffRequest, JobChoice, LoadedMetadata, Pointer};
use statescope::report::{self, DiffRows};
use statescope::restore::FlinkRelease;
use statescope::restore::diff::Fields;

use crate::cli::args::{JobChoiceArgs, PathMapArgs};
use crate::cli::error::CliError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::place_argument::PLACE;
use crate::cli::session::{Answer, STDIN, Session};
use crate::cli::uid_sources::UidSources;

/// What changed between two snapshots: operators, states, types, and uids that drifted
///
/// Sizes change all the time: they are shown with --sizes, and never count as a difference. Of state
/// files, a few kB are read; more with --sizes.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  statescope diff s3://bucket/savepoints/savepoint-1a2b3c-0123456789ab chk-42
  statescope diff base@latest~1 base@latest --sizes
  statescope diff before after --exit-code --quiet

Exit status: 0 ok, 1 differences with --exit-code, 3 invalid metadata, 4 unsupported version,
5 not found, 6 storage, 7 some states could not be read.")]
pub(crate) struct DiffArgs {
    /// The old snapshot: a directory, a _metadata file, BASE@latest, BASE@latest~N, BASE@chk-N, or -
    #[arg(value_parser = PLACE)]
    old: String,
    /// The new snapshot
    #[arg(value_parser = PLACE)]
    new: String,
    /// Exit with 1 if anything but sizes differs
    #[arg(long)]
    exit_code: bool,
    /// Show what changed in size
    #[arg(long)]
    sizes: bool,
    /// List every finding, not one line for what is the same on many operators
    #[arg(short, long)]
    verbose: bool,
    /// List operators in which nothing changed
    #[arg(long)]
    all: bool,
    /// Do not look into the files for names and types of states
    #[arg(long)]
    no_states: bool,
    /// The release that restores the old snapshot [default: as far as the new one tells]
    #[arg(long, value_name = "VERSION")]
    flink_version: Option<FlinkRelease>,
    #[command(flatten)]
    moved: PathMapArgs,
    #[command(flatten)]
    job_choice: JobChoiceArgs,
    #[command(flatten)]
    uid_sources: UidSources,
}

impl DiffArgs {
    pub(crate) fn run(self, session: &Session) -> Result<ExitStatus, CliError> {
        if self.old == STDIN && self.new == STDIN {
            return Err(CliError::Usage("standard input can be read only once"));
        }
        session.name([&self.old, &self.new]);
        let pointers = [&self.old, &self.new].map(|location| Pointer::parse(location));
        if self.job_choice.job_id.is_some() && pointers.iter().all(Option::is_none) {
            return Err(CliError::Usage(
                "--job-id chooses among the snapshots of BASE@latest or BASE@chk-N: neither location \
                 is one",
            ));
        }
        let choice = self.job_choice.choice();
        let (old, mut chosen) = load(session, &self.old, &choice)?;
        let (new, of_new) = load(session, &self.new, &choice)?;
        chosen.extend(of_new);
        let uids = self.uid_sources.open(&[&self.old, &self.new])?;
        let storage = session.storage_with(&self.moved)?;
        let request = DiffRequest {
            old: &old,
            new: &new,
            fields: match self.sizes {
                true => Fields::WithSizes,
                false => Fields::WithoutSizes,
            },
            states: !self.no_states,
            uids: &uids,
            release: self.flink_version,
        };
        let progress = session.progress();
        let compared = session.wait(inspect::diff(&storage, request, &progress))?;
        progress.finish();
        let (result, mut warnings) = (compared.diff, compared.warnings);
        warnings.extend(chosen);
        let answer = Answer {
            command: "diff",
            data: &result,
            warnings: &warnings,
        };
        let rows = match self.all {
            true => DiffRows::All,
            false => DiffRows::Differences,
        };
        let findings = session.finding_rows(self.verbose);
        session.answer(&answer, || report::diff(&result, rows, findings))?;
        session.messages().findings(&warnings);
        let differs = self.exit_code && result.is_different();
        Ok(ExitStatus::Findings
            .when(differs)
            .max(ExitStatus::Incomplete.when(!compared.all_read)))
    }
}

/// The other one may be the pointer that a choice of job is for.
fn load(
    session: &Session,
    location: &str,
    choice: &JobChoice,
) -> Result<(LoadedMetadata, Vec<Finding>), CliError> {
    match Pointer::parse(location) {
        Some(_) => session.load(location, choice),
        None => session.load(location, &JobChoice::default()),
    }
}
