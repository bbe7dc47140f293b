use clap::Args;
use statescope::finding::{Finding, Severity};
use statescope::inspect::{self, JobChoice, LoadedMetadata, Pointer, StatesOptions};
use statescope::report::{self, DiffRows};
use statescope::restore::diff::{Diff, Fields, Formats, Side, diff};
use statescope::restore::job::JobDescription;
use statescope::restore::{FlinkRelease, RestoreOptions, restore};
use statescope::snapshot::summary::{Detail, SnapshotSummary};
use statescope::snapshot::uid::Dictionary;
use statescope::storage::Storage;

use crate::cli::args::{JobChoiceArgs, PathMapArgs};
use crate::cli::error::CliError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::place_argument::PLACE;
use crate::cli::session::{Answer, STDIN, Session};
use crate::cli::states;
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

/// One of the two.
struct Loaded {
    metadata: LoadedMetadata,
    snapshot: SnapshotSummary,
    formats: Formats,
    findings: Vec<Finding>,
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
        let (mut old, mut chosen) = load(session, &self.old, &choice)?;
        let (mut new, of_new) = load(session, &self.new, &choice)?;
        chosen.extend(of_new);
        let mut warnings = self.name(&mut old, &mut new)?;
        warnings.extend(chosen);
        let mut all_read = true;
        if !self.no_states {
            let storage = session.storage_with(&self.moved)?;
            for side in [&mut old, &mut new] {
                let unread = self.look_inside(session, &storage, side)?;
                all_read &= unread.is_empty();
                warnings.extend(unread);
            }
        }
        for side in [&mut old, &mut new] {
            let findings = side.findings.drain(..);
            warnings.extend(findings.filter(|f| f.kind.severity() >= Severity::Warning));
        }
        let sizes = match self.sizes {
            true => Fields::WithSizes,
            false => Fields::WithoutSizes,
        };
        let mut result = diff(old.side(), new.side(), sizes);
        if !self.no_states {
            let job = JobDescription::from_snapshot(&new.snapshot).of_a_test();
            let options = RestoreOptions {
                release: self.flink_version,
                ..RestoreOptions::default()
            };
            let report = restore(&old.snapshot, &job, options);
            result.set_restore(report);
        }
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
        Ok(self.status(&result, all_read))
    }

    /// What one side knows of uids, the other knows too.
    fn name(&self, old: &mut Loaded, new: &mut Loaded) -> Result<Vec<Finding>, CliError> {
        let operators = old.snapshot.operators.iter().chain(&new.snapshot.operators);
        let mut dictionary = Dictionary::of(operators.clone().map(|o| o.operator_id));
        for operator in operators {
            if let (Some(uid), Some(source)) = (&operator.uid, operator.uid_source) {
                dictionary.offer(uid, source);
            }
        }
        let location = [&self.old, &self.new]
            .into_iter()
            .find(|location| *location == STDIN)
            .unwrap_or(&self.old);
        let notes = self.uid_sources.fill(&mut dictionary, location)?;
        for side in [old, new] {
            side.snapshot.name_operators(&dictionary);
            side.snapshot.recognise_generated_ids();
        }
        Ok(notes)
    }

    fn look_inside(
        &self,
        session: &Session,
        storage: &Storage,
        side: &mut Loaded,
    ) -> Result<Vec<Finding>, CliError> {
        let mut options = StatesOptions {
            sizes: true,
            ..StatesOptions::default()
        };
        // Whether there are any timers at all is worth a look where it costs little.
        options.sizes = self.sizes
            || states::bytes_to_read(&side.metadata, &side.snapshot, options)?
                <= states::WORTH_SAYING;
        let bytes = states::bytes_to_read(&side.metadata, &side.snapshot, options)?;
        if bytes > states::WORTH_SAYING {
            let bytes = session.format_bytes(bytes);
            let place = &side.snapshot.location;
            session
                .messages()
                .note(&format!("reads about {bytes} of state files of {place}"));
        }
        states::look_inside(
            session,
            storage,
            &side.metadata,
            &mut side.snapshot,
            options,
        )
    }

    fn status(&self, diff: &Diff, all_read: bool) -> ExitStatus {
        if !all_read {
            ExitStatus::Incomplete
        } else if self.exit_code && diff.is_different() {
            ExitStatus::Findings
        } else {
            ExitStatus::Ok
        }
    }
}

fn load(
    session: &Session,
    location: &str,
    choice: &JobChoice,
) -> Result<(Loaded, Vec<Finding>), CliError> {
    // The other one may be the pointer.
    let choice = match Pointer::parse(location) {
        Some(_) => choice,
        None => &JobChoice::default(),
    };
    let (metadata, chosen) = session.load(location, choice)?;
    let (snapshot, findings) = inspect::summarize(&metadata, Detail::Operators)?;
    let mut formats = Formats::default();
    metadata.parse_each(&mut |operator| formats.note(&operator))?;
    let loaded = Loaded {
        metadata,
        snapshot,
        formats,
        findings,
    };
    Ok((loaded, chosen))
}

impl Loaded {
    fn side(&self) -> Side<'_> {
        Side {
            snapshot: &self.snapshot,
            formats: &self.formats,
        }
    }
}
