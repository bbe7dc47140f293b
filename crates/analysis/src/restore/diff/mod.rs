//! What changed between two snapshots. Operators are compared by id, or as drift where another id
//! is all that changed. What one side does not know is no difference.

mod fields;
mod formats;
mod operators;
mod serializers;
mod states;

use serde::Serialize;

use crate::finding::{Confidence, Finding, FindingKind};
use crate::restore::drift::{OperatorView, drift};
use crate::restore::verdict::{Question, Verdict};
use crate::restore::{OperatorOutcome, RestoreReport};
use crate::snapshot::summary::{OperatorSummary, SnapshotKind, SnapshotSummary};
use crate::snapshot::uid::UidSource;
use statescope_format::model::checkpoint::{OperatorId, SavepointFormat};

pub use fields::{FieldChange, FieldValue, Fields};
pub use formats::Formats;

/// Two snapshots side by side: the `data` of `diff` (docs/json.md).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Diff {
    /// The first snapshot.
    pub old: SnapshotHead,
    /// The second.
    pub new: SnapshotHead,
    /// Whether the job of the second can restore the first; `None` where that was not looked at.
    pub verdict: Option<Verdict>,
    /// What Flink will ask and what both snapshots do not answer; files were not looked for.
    pub open_questions: Vec<Question>,
    /// Whether Flink would leave state behind without a word.
    pub loses_state: Option<bool>,
    /// What changed in the whole snapshot.
    pub fields: Vec<FieldChange>,
    /// All operators of both: drift, removed, added, changed, unchanged; each by uid, name and id.
    pub operators: Vec<OperatorDiff>,
    /// What was noticed, worst first: probable drift, and why the verdict is what it is.
    pub findings: Vec<Finding>,
}

/// A snapshot in short.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SnapshotHead {
    /// Where it was read.
    pub location: String,
    /// Version of the file.
    pub metadata_version: u32,
    /// Releases that write this version.
    pub flink_versions: &'static [&'static str],
    /// The checkpoint's number in its job.
    pub checkpoint_id: u64,
    /// What it is; not recorded before version 4.
    pub kind: Option<SnapshotKind>,
    /// Of a savepoint, its format.
    pub savepoint_format: Option<SavepointFormat>,
    /// How its state is kept.
    #[serde(flatten)]
    pub formats: Formats,
    /// How many operators it has.
    pub operator_count: u64,
    /// Full size of the state.
    pub state_bytes: Option<u64>,
    /// Bytes that it added.
    pub checkpointed_bytes: Option<u64>,
}

/// One operator of either or both.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OperatorDiff {
    /// What became of it.
    pub change: Change,
    /// Its id: the old one, if it has two.
    pub operator_id: OperatorId,
    /// Its uid, where known: the old one, if it has two.
    pub uid: Option<String>,
    /// Where the uid is known from.
    pub uid_source: Option<UidSource>,
    /// Its name, where known.
    pub name: Option<String>,
    /// As it was; `None` if added.
    pub old: Option<OperatorHead>,
    /// As it is; `None` if removed.
    pub new: Option<OperatorHead>,
    /// How sure it is that both are the same operator; `None` unless the ids differ.
    pub confidence: Option<Confidence>,
    /// What changed.
    pub fields: Vec<FieldChange>,
}

/// What became of an operator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It probably has another id now.
    UidDrift,
    /// It is only in the old snapshot.
    Removed,
    /// It is only in the new snapshot.
    Added,
    /// It is in both, and differs in more than sizes.
    Changed,
    /// It is in both, and at most its sizes differ.
    Unchanged,
}

impl Change {
    /// The change in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::UidDrift => "uid drift",
            Self::Removed => "removed",
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Unchanged => "unchanged",
        }
    }
}

/// An operator in short.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OperatorHead {
    /// Its id.
    pub operator_id: OperatorId,
    /// Its uid, where known.
    pub uid: Option<String>,
    /// Its name, where known.
    pub name: Option<String>,
    /// Number of subtasks.
    pub parallelism: u32,
    /// Number of key groups.
    pub max_parallelism: u32,
    /// True when every subtask had finished.
    pub fully_finished: bool,
    /// Full size of the state.
    pub state_bytes: Option<u64>,
    /// Bytes that the snapshot added.
    pub checkpointed_bytes: Option<u64>,
    /// Names of its states, sorted; `None` unless they were looked into.
    pub states: Option<Vec<String>>,
}

/// A snapshot to compare.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// Its summary, with the states of its operators as far as they were looked into.
    pub snapshot: &'a SnapshotSummary,
    /// How its state is kept.
    pub formats: &'a Formats,
}

/// Compares two snapshots. `sizes` also lists what changed in size.
pub fn diff(old: Side<'_>, new: Side<'_>, sizes: Fields) -> Diff {
    let mut fields = Vec::new();
    fields::snapshots(old, new, sizes, &mut fields);
    let (old_views, new_views) = (views(old.snapshot), views(new.snapshot));
    let drift = drift(&old_views, &new_views);
    let findings = drift.findings(&old_views, &new_views);
    let operators = operators::compare(old.snapshot, new.snapshot, &drift, sizes);
    Diff {
        old: SnapshotHead::of(old),
        new: SnapshotHead::of(new),
        verdict: None,
        open_questions: Vec::new(),
        loses_state: None,
        fields,
        operators,
        findings,
    }
}

fn views(snapshot: &SnapshotSummary) -> Vec<OperatorView<'_>> {
    snapshot.operators.iter().map(OperatorView::of).collect()
}

impl Diff {
    /// Adds whether the job of the new snapshot can restore the old one.
    pub fn set_restore(&mut self, report: RestoreReport) {
        self.verdict = report.verdict();
        self.open_questions = report.judgement.open().iter().copied().collect();
        let mut operators = report.operators.iter();
        self.loses_state = Some(operators.any(OperatorOutcome::loses_state));
        // Of drift, two snapshots tell more than a snapshot and a job.
        let told = report.findings.into_iter();
        let told = told.filter(|finding| !matches!(finding.kind, FindingKind::Drift(_)));
        self.findings.extend(told);
        self.findings
            .sort_by_key(|finding| std::cmp::Reverse(finding.kind.severity()));
    }

    /// True if more than sizes differ.
    pub fn is_different(&self) -> bool {
        let mut operators = self.operators.iter();
        self.fields.iter().any(|field| !field.is_size())
            || operators.any(|operator| operator.change != Change::Unchanged)
    }
}

impl SnapshotHead {
    fn of(side: Side<'_>) -> Self {
        let snapshot = side.snapshot;
        Self {
            location: snapshot.location.clone(),
            metadata_version: snapshot.metadata_version,
            flink_versions: snapshot.flink_versions,
            checkpoint_id: snapshot.checkpoint_id,
            kind: snapshot.kind,
            savepoint_format: snapshot.savepoint_format,
            formats: side.formats.clone(),
            operator_count: snapshot.operator_count,
            state_bytes: snapshot.state_bytes,
            checkpointed_bytes: snapshot.checkpointed_bytes,
        }
    }
}

impl OperatorHead {
    fn of(operator: &OperatorSummary) -> Self {
        let states = operator.states.states.as_deref();
        Self {
            operator_id: operator.operator_id,
            uid: operator.uid.clone(),
            name: operator.name.clone(),
            parallelism: operator.parallelism,
            max_parallelism: operator.max_parallelism,
            fully_finished: operator.fully_finished,
            state_bytes: operator.state_bytes,
            checkpointed_bytes: operator.checkpointed_bytes,
            states: states.map(|states| {
                let mut names: Vec<_> = states.iter().map(|state| state.name.clone()).collect();
                names.sort_unstable();
                names
            }),
        }
    }
}
