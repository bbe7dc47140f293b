use clap::{Args, ValueEnum};
use statescope::finding::{Finding, FindingKind};
use statescope::inspect::{self, ShowRequest, StatesOptions};
use statescope::output::Page;
use statescope::report;
use statescope::snapshot::summary::{Detail, OperatorOrder, Selection};

use crate::cli::args::{Format, JobChoiceArgs, PathMapArgs};
use crate::cli::error::CliError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::place_argument::PLACE;
use crate::cli::session::{Answer, Session};
use crate::cli::uid_sources::UidSources;

/// What is in a snapshot: totals and operators
///
/// LOCATION is the directory of a checkpoint or savepoint, its _metadata file, or - for standard
/// input.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  statescope show savepoints/savepoint-1a2b3c-0123456789ab
  statescope show chk-42 --subtasks --operator my-uid
  statescope show chk-42 --states --operator my-uid
  statescope show chk-42 --states -f html -o chk-42.html
  statescope show chk-42 --jar my-job.jar --uids uids.txt
  statescope show chk-42 --files --limit 5 --format csv
  statescope show chk-42 --json | jq '.data.operators[] | {uid, state_bytes}'

Exit status: 0 ok, 3 invalid metadata, 4 unsupported version, 5 not found, 6 storage,
7 some of the state could not be read.")]
pub(crate) struct ShowArgs {
    /// A directory, a _metadata file, or - for standard input
    #[arg(value_parser = PLACE)]
    location: String,
    /// One row per subtask, each against the mean of its operator
    #[arg(long, conflicts_with = "files")]
    subtasks: bool,
    /// One row per distinct file
    #[arg(long)]
    files: bool,
    /// One row per state: its name, type and size. Reads canonical and heap state as a whole, of
    /// databases only the last bytes of each file
    #[arg(long, conflicts_with_all = ["files", "subtasks"])]
    states: bool,
    /// With --states: only names and types, from a few bytes of each operator's first subtask
    #[arg(long, requires = "states")]
    no_sizes: bool,
    /// With --states: look at the names and types of every subtask
    #[arg(long, requires = "states")]
    all_subtasks: bool,
    #[command(flatten)]
    moved: PathMapArgs,
    #[command(flatten)]
    job_choice: JobChoiceArgs,
    /// Only the operators with this uid or name, or whose id starts so
    #[arg(long, value_name = "UID|NAME|ID")]
    operator: Option<String>,
    /// The order of operators
    #[arg(long, value_enum, default_value_t, value_name = "KEY")]
    sort: Sort,
    /// At most N operators; with --files, --subtasks or --states, at most N rows of a table
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    #[command(flatten)]
    uid_sources: UidSources,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Sort {
    /// Most state first
    #[default]
    State,
    /// Most checkpointed bytes first
    Checkpointed,
    /// Most uneven first
    Skew,
    /// By uid, then name
    Name,
    /// By operator id
    Id,
    /// Highest first
    Parallelism,
}

impl ShowArgs {
    pub(crate) fn run(self, session: &Session) -> Result<ExitStatus, CliError> {
        let (loaded, chosen) = session.load(&self.location, &self.job_choice.choice())?;
        if self.operator.as_deref() == Some("") {
            return Err(CliError::Usage(
                "--operator takes a uid, a name, or the start of an id",
            ));
        }
        let uids = self.uid_sources.open(&[&self.location])?;
        let storage = session.storage_with(&self.moved)?;
        let request = ShowRequest {
            snapshot: &loaded,
            detail: self.detail(session.format()),
            uids: &uids,
            selection: self.selection(),
            states: self.states.then_some(StatesOptions {
                sizes: !self.no_sizes,
                all_heads: self.all_subtasks,
            }),
        };
        let progress = session.progress();
        let shown = session.wait(inspect::show(&storage, request, &progress))?;
        progress.finish();
        let (snapshot, mut findings) = (shown.snapshot, shown.findings);
        findings.extend(chosen);
        let report = || {
            let mut report = if self.subtasks {
                report::subtasks(&snapshot)
            } else if self.files {
                report::files(&snapshot)
            } else if self.states {
                report::states(&snapshot)
            } else {
                return report::operators(&snapshot);
            };
            report.table.rows.truncate(self.limit.unwrap_or(usize::MAX));
            report
        };
        if session.format() == Format::Html {
            session.page(&Page {
                command: "show",
                about: Some(&snapshot.location),
                report: &report(),
                sections: &[report::snapshot_section(&snapshot)],
                findings: &[&findings],
            })?;
        } else {
            let answer = Answer {
                command: "show",
                data: &snapshot,
                warnings: &findings,
            };
            session.answer(&answer, report)?;
        }
        session.messages().findings(&findings);
        Ok(status(&findings))
    }

    /// JSON holds everything; the views only what they show.
    fn detail(&self, format: Format) -> Detail {
        if format == Format::Json || self.files {
            Detail::Handles
        } else if self.subtasks || format == Format::Html {
            Detail::Subtasks
        } else {
            Detail::Operators
        }
    }

    fn selection(&self) -> Selection {
        let rows_are_operators = !self.subtasks && !self.files && !self.states;
        Selection {
            operator: self.operator.clone(),
            order: match self.sort {
                Sort::State => OperatorOrder::State,
                Sort::Checkpointed => OperatorOrder::Checkpointed,
                Sort::Skew => OperatorOrder::Skew,
                Sort::Name => OperatorOrder::Name,
                Sort::Id => OperatorOrder::Id,
                Sort::Parallelism => OperatorOrder::Parallelism,
            },
            limit: self.limit.filter(|_| rows_are_operators),
        }
    }
}

/// A file that Flink would refuse is shown, but never passed off as good.
fn status(findings: &[Finding]) -> ExitStatus {
    let is_refused = findings.iter().any(|f| f.kind.refused_by_flink());
    let is_unread = |f: &Finding| {
        matches!(
            f.kind,
            FindingKind::NotRead { .. } | FindingKind::NotAsked { .. }
        )
    };
    ExitStatus::InvalidMetadata
        .when(is_refused)
        .max(ExitStatus::Incomplete.when(findings.iter().any(is_unread)))
}
