use crate::finding::{Finding, Place, RestoreFinding};
use crate::restore::{Case, finding};
use crate::snapshot::summary::OperatorSummary;
use statescope_format::model::checkpoint::StateSlot;

/// Where chains matter they must be known: descriptions made from a snapshot do not tell them.
pub(super) fn check(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let is_known = case
        .job
        .operators
        .iter()
        .all(|operator| operator.vertex.is_some());
    let operators = case.snapshot.operators.iter();
    if !is_known && !case.is_own_snapshot() && operators.clone().any(depends_on_chains) {
        findings.push(finding(RestoreFinding::ChainsNotKnown, Place::default()));
    }
}

fn depends_on_chains(operator: &OperatorSummary) -> bool {
    let in_flight = [StateSlot::InputChannel, StateSlot::ResultSubpartition];
    operator.finished_subtasks > 0 || in_flight.iter().any(|slot| operator.slots.contains(slot))
}
