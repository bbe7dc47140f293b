use std::collections::HashSet;

use crate::finding::{Finding, FindingKind, RestoreFinding};
use crate::restore::Case;
use crate::restore::drift::{OperatorView, drift};

/// Operators that are the same although their ids are not: Flink would lose their state, or refuse
/// it, where a uid would save it.
pub(super) fn check(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let old = case.snapshot.operators.iter().map(OperatorView::of);
    let old: Vec<_> = old.collect();
    let new = OperatorView::of_job(case.job, |operator| {
        case.matching.old_of(operator).map(|old| old.operator_id)
    });
    let drifted = drift(&old, &new).findings(&old, &new);
    // What such an operator lost is with it, and not under another name in the one that has its id.
    let moved: HashSet<_> = drifted.iter().filter_map(|f| f.place.operator_id).collect();
    for finding in findings.iter_mut() {
        let is_moved = finding
            .place
            .operator_id
            .is_some_and(|id| moved.contains(&id));
        if let FindingKind::Restore(
            RestoreFinding::StateLost { moved } | RestoreFinding::TimersLost { moved },
        ) = &mut finding.kind
        {
            *moved = is_moved;
        }
    }
    findings.extend(drifted);
}
