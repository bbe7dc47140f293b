use clap::{Args, ValueEnum};
use statescope::Location;
use statescope::finding::FindingKind;
use statescope::inspect::{self, SnapshotEntry};
use statescope::report;
use statescope::snapshot::summary::SnapshotKind;

use crate::cli::error::CliError;
use crate::cli::exit_status::ExitStatus;
use crate::cli::place_argument::PLACE;
use crate::cli::session::{Answer, Session};

/// The snapshots below a directory, any depth of Flink's layout
///
/// Without BASE, the checkpoint and savepoint directories of Flink's own configuration.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  statescope list s3://bucket/checkpoints
  statescope list hdfs:///flink/savepoints --kind savepoint --limit 5
  statescope list --flink-conf /opt/flink/conf
  statescope list /data/flink --json | jq '.data.snapshots[] | select(.status != \"complete\")'

Exit status: 0 ok, 2 usage, 5 not found, 6 storage, 7 some snapshots could not be read.")]
pub(crate) struct ListArgs {
    /// A directory with checkpoints, savepoints, or jobs with checkpoints
    #[arg(value_parser = PLACE)]
    base: Vec<String>,
    /// Only snapshots of this kind
    #[arg(long, value_enum, value_name = "KIND")]
    kind: Option<Kind>,
    /// Only snapshots of this job, as far as paths tell
    #[arg(long, value_name = "ID")]
    job_id: Option<String>,
    /// At most N snapshots, the newest
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Fail with exit code 5 if there is nothing to list
    #[arg(long)]
    fail_empty: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    Checkpoint,
    Savepoint,
}

impl ListArgs {
    pub(crate) fn run(self, session: &Session) -> Result<ExitStatus, CliError> {
        let storage = session.storage()?;
        if self.base.iter().any(String::is_empty) {
            return Err(CliError::Usage("a base is empty"));
        }
        // A cluster that has not taken a savepoint yet has no directory for them.
        let configured = self.base.is_empty();
        let bases = if configured {
            session.configured_directories()?
        } else {
            self.base.iter().map(Location::new).collect()
        };
        let progress = session.progress();
        let list = inspect::list(&storage, &bases, configured, &progress);
        let mut list = session.wait(list)?;
        progress.finish();
        let mut warnings = list.not_read();
        list.snapshots.retain(|entry| self.wants(entry));
        if list.snapshots.is_empty() && warnings.is_empty() {
            if let (Some(base), true) = (bases.first(), self.fail_empty) {
                return Err(CliError::empty(base, self.wanted()));
            }
            warnings.push(list.nothing(self.wanted()));
        }
        let is_whole = (warnings.iter()).all(|f| !matches!(f.kind, FindingKind::NotRead { .. }));
        list.snapshots.truncate(self.limit.unwrap_or(usize::MAX));
        let answer = Answer {
            command: "list",
            data: &list,
            warnings: &warnings,
        };
        session.answer(&answer, || report::snapshots(&list))?;
        session.messages().findings(&warnings);
        Ok(if is_whole {
            ExitStatus::Ok
        } else {
            ExitStatus::Incomplete
        })
    }

    /// What is listed, in words.
    fn wanted(&self) -> &'static str {
        match self.kind {
            None => "snapshot",
            Some(Kind::Checkpoint) => "checkpoint",
            Some(Kind::Savepoint) => "savepoint",
        }
    }

    fn wants(&self, entry: &SnapshotEntry) -> bool {
        let mut of_job = self.job_id.iter();
        if !of_job.all(|job| entry.is_of_job(job)) {
            return false;
        }
        let is_savepoint = entry.kind == Some(SnapshotKind::Savepoint);
        match self.kind {
            None => true,
            Some(Kind::Savepoint) => is_savepoint,
            Some(Kind::Checkpoint) => entry.kind.is_some() && !is_savepoint,
        }
    }
}
