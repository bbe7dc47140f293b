//! The result of `check`: whether a snapshot can be restored, and why not.

use serde::Serialize;

use crate::finding::{Finding, FindingKind, RestoreFinding, Severity};
use crate::health::files::FileCheck;
use crate::restore::verdict::Effect;
pub use crate::restore::verdict::{Question, Verdict};
use crate::restore::{FlinkRelease, OperatorOutcome, RestoreReport};
use crate::snapshot::summary::{SnapshotKind, SnapshotSummary};

/// Whether a snapshot can be restored: the `data` of `check` (docs/json.md).
#[derive(Debug, Serialize)]
#[non_exhaustive]
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
    /// What Flink will ask and what was looked at does not answer: as long as there is anything,
    /// nothing but a refusal is certain.
    pub open_questions: Vec<Question>,
    /// True if Flink refuses unless state may be dropped, and if it may, what is open decides.
    pub depends_on_dropping: bool,
    /// Who may delete the snapshot's files.
    pub owner: Owner,
    /// The files; `None` where they were not looked for.
    pub files: Option<FileCheck>,
    /// The Flink release whose rules were applied; `None` where none is known: what separates
    /// releases was not looked at then.
    pub flink_version: Option<FlinkRelease>,
    /// Operators with state of which nothing tells whether they have a uid.
    pub unknown_uids: u64,
    /// Operator by operator, what becomes of it in the new job; `None` where no job was given.
    pub operators: Option<Vec<OperatorOutcome>>,
    /// What was noticed, worst first.
    pub findings: Vec<Finding>,
    /// Whether a store did not deliver what a look into the states needed.
    #[serde(skip)]
    heads_denied: bool,
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
        let operators = snapshot.operators.iter();
        let mut unread = operators.flat_map(|o| o.states.unread.iter().flatten());
        // A file that is cut short has been told.
        let told = |path: &String| {
            let errors = findings
                .iter()
                .filter(|f| f.kind.severity() == Severity::Error);
            errors
                .into_iter()
                .any(|f| f.place.path.as_ref() == Some(path))
        };
        let heads_denied =
            unread.any(|unread| unread.of_store && !unread.path.as_ref().is_some_and(told));
        // What the files decide was decided by them.
        let of_recorded_size =
            |f: &Finding| matches!(f.kind, FindingKind::OffsetBehindRecordedSize { .. });
        findings.retain(|finding| files.is_none() || !of_recorded_size(finding));
        let mut judgement = restore
            .as_ref()
            .map(|restore| restore.judgement.clone())
            .unwrap_or_default();
        for finding in &findings {
            judgement.add(effect(finding));
        }
        let unseen = |files: &FileCheck| files.unreachable > 0 || files.unreadable > 0;
        if heads_denied || files.as_ref().is_none_or(unseen) {
            judgement.add(Effect::Open(Question::Files));
        }
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
            verdict: judgement.verdict(),
            open_questions: judgement.open().iter().copied().collect(),
            depends_on_dropping: judgement.depends_on_dropping(),
            owner: match snapshot.kind {
                Some(SnapshotKind::Savepoint) => Owner::User,
                Some(SnapshotKind::Checkpoint | SnapshotKind::FullCheckpoint) => Owner::Job,
                None => Owner::Unknown,
            },
            files,
            flink_version,
            unknown_uids: snapshot.unknown_uids,
            operators,
            findings,
            heads_denied,
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

    /// True if an operator has state in the new job and none in the snapshot.
    pub fn starts_empty(&self) -> bool {
        let is_empty_start = |finding: &Finding| {
            matches!(
                finding.kind,
                FindingKind::Restore(RestoreFinding::StartsEmpty { .. })
            )
        };
        self.findings.iter().any(is_empty_start)
    }

    /// True if a source gets what another source had read.
    pub fn swaps_sources(&self) -> bool {
        let is_swap = |finding: &Finding| {
            matches!(
                finding.kind,
                FindingKind::Restore(RestoreFinding::SourcesSwapped { .. })
            )
        };
        self.findings.iter().any(is_swap)
    }

    /// True when something decides that is not known.
    pub fn is_undecided(&self) -> bool {
        self.verdict.is_none()
    }

    /// The worst that was noticed.
    pub fn worst(&self) -> Option<Severity> {
        worst(&self.findings)
    }

    /// True when some files could not be looked up, or not be read.
    pub fn is_incomplete(&self) -> bool {
        let files = self.files.as_ref();
        let only_mapped = |finding: &Finding| {
            matches!(
                finding.kind,
                FindingKind::OnlyThroughPathMap { assumed: false, .. }
            )
        };
        self.heads_denied
            || self.findings.iter().any(only_mapped)
            || files.is_some_and(|files| {
                files.unreachable > 0 || files.unreadable > 0 || files.unproven > 0
            })
    }
}

/// What was noticed of the snapshot itself is an error only where Flink cannot load it; what is said
/// of a new job has an effect of its own.
fn effect(finding: &Finding) -> Effect {
    match &finding.kind {
        FindingKind::Restore(kind) => kind.effect(),
        FindingKind::OnlyThroughPathMap { assumed: false, .. }
        | FindingKind::FileShorterThanRecorded { .. } => Effect::Open(Question::Files),
        kind if kind.severity() == Severity::Error => Effect::Fails,
        _ => Effect::None,
    }
}

fn worst(findings: &[Finding]) -> Option<Severity> {
    findings.iter().map(|finding| finding.kind.severity()).max()
}
