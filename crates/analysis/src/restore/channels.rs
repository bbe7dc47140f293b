use std::collections::HashMap;

use crate::finding::{Finding, RestoreFinding};
use crate::restore::{Case, finding, place};
use statescope_format::model::checkpoint::StateSlot;

/// In-flight data of unaligned checkpoints: what came in must come in at the head of a chain
/// again, and what went out must go out at its end (`StateAssignmentOperation`).
///
/// What is dropped with an operator may be half of a record, of which the other half stays in its
/// neighbour's data.
pub(super) fn check(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let in_flight = [StateSlot::InputChannel, StateSlot::ResultSubpartition];
    for (old, _) in case.matching.old.iter().filter(|(_, new)| new.is_none()) {
        if in_flight.iter().any(|slot| old.slots.contains(slot)) {
            let allowed = case.allowed;
            let kind = RestoreFinding::InFlightDataTorn { allowed };
            findings.push(finding(kind, place(old)));
        }
    }
    let operators = case.job.operators.iter();
    // The last operator of each chain is its tail.
    let tails: HashMap<_, _> = operators.filter_map(|o| Some((o.vertex?, o))).collect();
    for (old, new) in case.matching.kept() {
        let has = |slot| old.slots.contains(&slot);
        let Some(vertex) = new.vertex else {
            continue;
        };
        let is_head = new.id() == Some(vertex);
        let is_tail = (tails.get(&vertex)).is_some_and(|last| std::ptr::eq(*last, new));
        if (has(StateSlot::InputChannel) && !is_head)
            || (has(StateSlot::ResultSubpartition) && !is_tail)
        {
            findings.push(finding(RestoreFinding::InFlightDataMoved, place(old)));
        }
    }
}
