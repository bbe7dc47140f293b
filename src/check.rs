//! The result of `check`: whether a snapshot can be restored, and why not.

use serde::Serialize;

use crate::finding::{Effect, Finding, FindingKind, Severity};
use crate::restore::{FlinkRelease, OperatorOutcome, RestoreReport};
use crate::summary::{SnapshotKind, SnapshotSummary};
pub use crate::verdict::Verdict;
use crate::verify::FileCheck;

/// Whether a snapshot can be restored: the `data` of `check` (docs/json.md).
#[derive(Debug, Serialize)]
pub struct Check {
    /// The metadata file.
    pub location: String,
    /// The checkpoint's number.
    pub checkpoint_id: u64,
    /// What kind of snapshot it is.
    pub kind: Option<SnapshotKind>,
    /// The answer; `None` where it is not known, because files were not looked for or could not
    /// be looked up.
    pub verdict: Option<Verdict>,
    /// Who may delete the snapshot's files.
    pub owner: Owner,
    /// The files; `None` where they were not looked for.
    pub files: Option<FileCheck>,
    /// The Flink release whose rules were applied; `None` where none is known: what separates
    /// releases was not looked at then.
    pub flink_version: Option<FlinkRelease>,
    /// Operator by operator, what becomes of it in the new job; `None` where no job was given.
    pub operators: Option<Vec<OperatorOutcome>>,
    /// What was noticed, worst first.
    pub findings: Vec<Finding>,
}

/// Who deletes a snapshot's files, as far as the metadata tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// Whoever made the savepoint; a job that restored it in CLAIM mode owns it too.
    User,
    /// The job that made the checkpoint, and a job that restored it in CLAIM mode.
    Job,
    /// The metadata does not say what it is.
    Unknown,
}

impl Owner {
    /// The owner in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::User => "you, unless a job restored it in CLAIM mode",
            Self::Job => "the job that made it, or one that restored it in CLAIM mode",
            Self::Unknown => "not recorded",
        }
    }
}

impl Check {
    /// Draws the conclusion from what was noticed of the snapshot, of its files, and of the new
    /// job where there is one.
    pub fn new(
        snapshot: &SnapshotSummary,
        mut findings: Vec<Finding>,
        files: Option<FileCheck>,
        restore: Option<RestoreReport>,
    ) -> Self {
        let all_seen = files.as_ref().is_some_and(|files| files.unreachable == 0);
        let verdict = match (worst(&findings), &restore) {
            (Some(Severity::Error), _) => Some(Verdict::NotRestorable),
            (_, Some(restore)) if restore.verdict == Some(Verdict::NotRestorable) => {
                restore.verdict
            }
            _ if !all_seen || findings.iter().any(is_undecided) => None,
            (_, Some(restore)) => restore.verdict,
            (_, None) => Some(Verdict::Restorable),
        };
        let flink_version = restore.as_ref().and_then(|restore| restore.release);
        let operators = restore.map(|restore| {
            findings.extend(restore.findings);
            restore.operators
        });
        // Stable: findings of one severity stay in the order in which they were made.
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.kind.severity()));
        Self {
            location: snapshot.location.clone(),
            checkpoint_id: snapshot.checkpoint_id,
            kind: snapshot.kind,
            verdict,
            owner: match snapshot.kind {
                Some(SnapshotKind::Savepoint) => Owner::User,
                Some(SnapshotKind::Checkpoint | SnapshotKind::FullCheckpoint) => Owner::Job,
                None => Owner::Unknown,
            },
            files,
            flink_version,
            operators,
            findings,
        }
    }

    /// Notes that `findings` are by the rules of this release, for a check without a job.
    #[must_use]
    pub fn by_rules_of(mut self, release: Option<FlinkRelease>) -> Self {
        self.flink_version = self.flink_version.or(release);
        self
    }

    /// True if Flink restores, but leaves state behind without a word.
    pub fn loses_state(&self) -> bool {
        let mut operators = self.operators.iter().flatten();
        operators.any(OperatorOutcome::loses_state)
    }

    /// True when something that decides about the new job is not known.
    pub fn is_undecided(&self) -> bool {
        self.findings.iter().any(is_undecided)
    }

    /// The worst that was noticed.
    pub fn worst(&self) -> Option<Severity> {
        worst(&self.findings)
    }

    /// True when some files could not be looked up.
    pub fn is_incomplete(&self) -> bool {
        self.files
            .as_ref()
            .is_some_and(|files| files.unreachable > 0)
    }
}

/// True for what leaves the answer open although nobody described the whole new job.
fn is_undecided(finding: &Finding) -> bool {
    matches!(&finding.kind, FindingKind::Restore(kind) if kind.effect() == Effect::Undecided)
}

fn worst(findings: &[Finding]) -> Option<Severity> {
    findings.iter().map(|finding| finding.kind.severity()).max()
}
