//! Operators that are the same although their ids are not: a uid was changed, removed or added, two
//! uids were swapped, or ids that Flink generates moved with the shape of the graph
//! (docs/upgrade.md). Flink would lose their state, or refuse it.

mod alike;
mod assign;
mod candidate;
mod eliminate;
mod names;
mod sides;
mod swapped;
mod view;

use std::collections::{HashMap, HashSet};

use crate::finding::{Confidence, DriftEvidence, DriftFinding, DriftFix, Drifted};
use crate::finding::{Finding, FindingKind, Place};
use crate::snapshot::contents::StateRole;
use crate::snapshot::uid::given_to_sink;
use statescope_format::model::checkpoint::OperatorId;

pub use view::{OperatorView, StateView};

/// What drifted between two sides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drift {
    /// Operators that have another id now, by the order of the old side.
    pub moved: Vec<Moved>,
    /// Operators that are gone, with several that could be them.
    pub ambiguous: Vec<Ambiguous>,
    /// Operators that have each other's ids.
    pub swapped: Vec<Swapped>,
}

/// An operator that has another id now. The places are those in what [`drift`] was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moved {
    /// Its place on the old side.
    pub old: usize,
    /// Its place on the new side.
    pub new: usize,
    /// How sure it is.
    pub confidence: Confidence,
    /// What speaks for it.
    pub evidence: Vec<DriftEvidence>,
}

/// An operator that is gone, and those that could be it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ambiguous {
    /// Its place on the old side.
    pub old: usize,
    /// Their places on the new side.
    pub candidates: Vec<usize>,
}

/// Two operators that are on both sides and have each other's ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swapped {
    /// Their places on the old side.
    pub old: [usize; 2],
    /// How sure it is.
    pub confidence: Confidence,
    /// What speaks for it, of each of them.
    pub evidence: [Vec<DriftEvidence>; 2],
}

/// Compares all the operators of two sides. The new side may be a job of which no states are known.
///
/// What is not certain is said with less confidence or not at all: nothing is reported of
/// operators that were really added and removed, as long as their states differ.
pub fn drift(old: &[OperatorView<'_>], new: &[OperatorView<'_>]) -> Drift {
    let sides = sides::Sides::of(old, new);
    let mut drift = assign::assign(&sides);
    eliminate::add(&sides, &mut drift);
    swapped::take_out(&sides, &mut drift);
    drift
}

impl Drift {
    /// True if nothing drifted.
    pub fn is_empty(&self) -> bool {
        self.moved.is_empty() && self.ambiguous.is_empty() && self.swapped.is_empty()
    }

    /// What to say about it; `old` and `new` are what [`drift`] was given.
    pub fn findings(&self, old: &[OperatorView<'_>], new: &[OperatorView<'_>]) -> Vec<Finding> {
        let label = |side: &[OperatorView<'_>], at: usize| {
            side.get(at).map(OperatorView::label).unwrap_or_default()
        };
        let heirs = self.heirs(old, new);
        let mut findings = Vec::new();
        let mut say = |at: usize, kind: DriftFinding| {
            let operator = old.get(at);
            findings.push(Finding {
                kind: FindingKind::Drift(kind),
                place: Place {
                    operator_id: operator.map(|operator| operator.id),
                    uid: operator.and_then(|operator| operator.uid.map(str::to_owned)),
                    uid_source: operator.and_then(|operator| operator.uid_source),
                    ..Place::default()
                },
            });
        };
        for swapped in &self.swapped {
            let [first, second] = swapped.old;
            let [of_first, of_second] = &swapped.evidence;
            for (at, other, evidence) in [(first, second, of_first), (second, first, of_second)] {
                let Some(operator) = old.get(at) else {
                    continue;
                };
                say(
                    at,
                    DriftFinding::UidsSwapped {
                        other: label(old, other),
                        confidence: swapped.confidence,
                        evidence: evidence.clone(),
                        fix: fix(operator),
                    },
                );
            }
        }
        for moved in &self.moved {
            let (Some(from), Some(to)) = (old.get(moved.old), new.get(moved.new)) else {
                continue;
            };
            let drifted = Box::new(Drifted {
                new_id: to.id,
                new_label: to.label(),
                confidence: moved.confidence,
                evidence: moved.evidence.clone(),
                fix: fix(from),
                heir: heirs.get(&moved.old).map(|&at| label(new, at)),
            });
            let same_id = heirs.get(&moved.old).and_then(|&at| new.get(at));
            let from_generated = from.is_generated()
                || (from.auto_generated_id.is_none()
                    && same_id.is_some_and(OperatorView::is_generated));
            let both_generated = from_generated && to.is_generated();
            say(
                moved.old,
                match both_generated {
                    true => DriftFinding::GeneratedIdMoved(drifted),
                    false => DriftFinding::UidDrift(drifted),
                },
            );
        }
        for ambiguous in &self.ambiguous {
            let candidates = ambiguous.candidates.iter().map(|&at| label(new, at));
            let candidates = candidates.collect();
            say(ambiguous.old, DriftFinding::Ambiguous { candidates });
        }
        findings
    }

    /// New operators that have the id of one that moved, and did not move there themselves: whoever
    /// of the two Flink asks first takes the state.
    fn heirs(&self, old: &[OperatorView<'_>], new: &[OperatorView<'_>]) -> HashMap<usize, usize> {
        let by_id = places(new);
        let arrived: HashSet<_> = self.moved.iter().map(|moved| moved.new).collect();
        let heir = |moved: &Moved| {
            let heir = *by_id.get(&old.get(moved.old)?.id)?;
            (!arrived.contains(&heir)).then_some((moved.old, heir))
        };
        self.moved.iter().filter_map(heir).collect()
    }
}

/// How another operator gets the state of this one.
pub fn fix(old: &OperatorView<'_>) -> DriftFix {
    match old.uid {
        Some(uid) => match given_to_sink(uid) {
            Some(sink) => DriftFix::SinkUid(sink.to_owned()),
            None => DriftFix::Uid(uid.to_owned()),
        },
        None => match old.sink_part() {
            Some(StateRole::SinkWriter) => DriftFix::SinkWriterUidHash(old.id),
            Some(_) => DriftFix::SinkCommitterUidHash(old.id),
            None => DriftFix::UidHash(old.id),
        },
    }
}

/// Where each id is on a side.
fn places(side: &[OperatorView<'_>]) -> HashMap<OperatorId, usize> {
    side.iter()
        .enumerate()
        .map(|(at, operator)| (operator.id, at))
        .collect()
}
