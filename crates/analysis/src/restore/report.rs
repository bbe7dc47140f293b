use serde::Serialize;

use crate::finding::{Finding, FindingKind};
use crate::restore::job::{JobOperator, JobState};
use crate::restore::release::FlinkRelease;
use crate::restore::states::StateOutcomes;
use crate::restore::verdict::{Effect, Judgement, Question, Verdict};
use crate::restore::{Case, judge};
use crate::snapshot::contents::StateKind;
use crate::snapshot::summary::OperatorSummary;
use statescope_format::model::checkpoint::{OperatorId, StateSlot};

/// Whether a job restores, operator by operator.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RestoreReport {
    /// What the answer is made of.
    #[serde(skip)]
    pub judgement: Judgement,
    /// The release whose rules were applied, where one is known.
    #[serde(skip)]
    pub release: Option<FlinkRelease>,
    /// Every operator of the snapshot and of the job, in the order of their ids.
    pub operators: Vec<OperatorOutcome>,
    /// Why.
    #[serde(skip)]
    pub findings: Vec<Finding>,
}

/// What becomes of one operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OperatorOutcome {
    /// Its id: in the snapshot, else in the job.
    pub operator_id: OperatorId,
    /// Its uid, where known.
    pub uid: Option<String>,
    /// Its name, where known.
    pub name: Option<String>,
    /// What becomes of it.
    pub outcome: Outcome,
    /// Its states; `None` where those of the job are not known.
    pub states: Option<Vec<StateOutcome>>,
}

impl RestoreReport {
    /// The answer; `None` where something that matters is not known.
    pub fn verdict(&self) -> Option<Verdict> {
        self.judgement.verdict()
    }

    /// Adds a question that who described the job cannot answer.
    pub fn leave_open(&mut self, question: Question) {
        self.judgement.add(Effect::Open(question));
    }
}

impl OperatorOutcome {
    /// True if Flink leaves state of it behind without a word.
    pub fn loses_state(&self) -> bool {
        let mut states = self.states.iter().flatten();
        self.outcome == Outcome::Lost || states.any(|state| state.outcome == Outcome::Lost)
    }
}

/// What becomes of one state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StateOutcome {
    /// Its name.
    pub name: String,
    /// The slot that it is in.
    pub slot: StateSlot,
    /// What sort of state it is.
    pub kind: Option<StateKind>,
    /// What becomes of it.
    pub outcome: Outcome,
}

/// What becomes of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is there again, or there was none.
    Restored,
    /// It is there again, in another form.
    RestoredAfterMigration,
    /// The job has it, the snapshot does not.
    StartsEmpty,
    /// It is dropped, which has to be allowed.
    Dropped,
    /// It is gone without a word.
    Lost,
    /// What is known does not tell.
    Unknown,
    /// The restore fails.
    Fails,
}

impl Outcome {
    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Restored => "restored",
            Self::RestoredAfterMigration => "restored after migration",
            Self::StartsEmpty => "starts empty",
            Self::Dropped => "dropped",
            Self::Lost => "lost",
            Self::Unknown => "unknown",
            Self::Fails => "fails",
        }
    }
}

impl StateOutcome {
    pub(super) fn new(state: &JobState, outcome: Outcome) -> Self {
        Self {
            name: state.name.clone(),
            slot: state.slot,
            kind: state.kind,
            outcome,
        }
    }
}

/// Joins what the rules said.
pub(super) fn report(
    case: &Case<'_>,
    mut states: StateOutcomes,
    findings: Vec<Finding>,
) -> RestoreReport {
    let old = case.matching.old.iter().map(|(old, new)| {
        let states = states.remove(&old.operator_id).or_else(|| match new {
            None => dropped_states(old),
            Some(_) => None,
        });
        OperatorOutcome {
            operator_id: old.operator_id,
            uid: old
                .uid
                .clone()
                .or_else(|| new.and_then(|new| new.uid.clone())),
            name: old
                .name
                .clone()
                .or_else(|| new.and_then(|new| new.name.clone())),
            outcome: of_operator(case, old, *new, states.as_deref(), &findings),
            states,
        }
    });
    let new = case.matching.new.iter().filter_map(|new| {
        Some(OperatorOutcome {
            operator_id: new.id()?,
            uid: new.uid.clone(),
            name: new.name.clone(),
            outcome: Outcome::StartsEmpty,
            states: None,
        })
    });
    let mut operators: Vec<_> = old.chain(new).collect();
    operators.sort_by_key(|operator| operator.operator_id);
    RestoreReport {
        judgement: judge(&findings, case.allowed),
        release: case.release,
        operators,
        findings,
    }
}

/// The states of an operator that goes with all it has.
fn dropped_states(old: &OperatorSummary) -> Option<Vec<StateOutcome>> {
    let states = old.states.states.as_ref()?.iter();
    let dropped = states.map(|state| StateOutcome::new(&JobState::of(state), Outcome::Dropped));
    Some(dropped.collect())
}

fn of_operator(
    case: &Case<'_>,
    old: &OperatorSummary,
    new: Option<&JobOperator>,
    states: Option<&[StateOutcome]>,
    findings: &[Finding],
) -> Outcome {
    let of_this = |finding: &&Finding| finding.place.operator_id == Some(old.operator_id);
    let effects = findings
        .iter()
        .filter(of_this)
        .filter_map(|finding| match &finding.kind {
            FindingKind::Restore(kind) => Some(kind.effect()),
            _ => None,
        });
    match effects.max() {
        Some(Effect::Fails) => Outcome::Fails,
        _ if new.is_none() && !old.has_state() => Outcome::Restored,
        _ if case.matching.is_shadowed(old) => Outcome::Lost,
        _ if new.is_none() => Outcome::Dropped,
        Some(Effect::Open(_) | Effect::AllOpen) => Outcome::Unknown,
        _ => {
            let kept = states.into_iter().flatten();
            let kept = kept
                .map(|state| state.outcome)
                .filter(|o| *o != Outcome::StartsEmpty);
            kept.max().unwrap_or(Outcome::Restored)
        }
    }
}
