use crate::drift::{OperatorView, drift};
use crate::finding::Finding;
use crate::restore::Case;

/// Operators that are the same although their ids are not: Flink would lose their state, or refuse
/// it, where a uid would save it.
pub(super) fn check(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let old = case.snapshot.operators.iter().map(OperatorView::of);
    let old: Vec<_> = old.collect();
    let new = OperatorView::of_job(case.job, |operator| {
        case.matching.old_of(operator).map(|old| old.operator_id)
    });
    findings.extend(drift(&old, &new).findings(&old, &new));
}
