use crate::drift::{OperatorView, StateView, drift};
use crate::finding::Finding;
use crate::job::JobOperator;
use crate::restore::Case;

/// Operators that are the same although their ids are not: Flink would lose their state, or refuse
/// it, where a uid would save it.
pub(super) fn check(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let old = case.snapshot.operators.iter().map(OperatorView::of);
    let old: Vec<_> = old.collect();
    let new = case.job.operators.iter();
    let new: Vec<_> = new.filter_map(|operator| view(case, operator)).collect();
    findings.extend(drift(&old, &new).findings(&old, &new));
}

/// An operator of the job, under the id whose state it gets.
fn view<'c>(case: &Case<'c>, operator: &'c JobOperator) -> Option<OperatorView<'c>> {
    let bound = case.matching.old_of(operator).map(|old| old.operator_id);
    let states = operator.states.as_ref().map(|states| {
        let states = states.iter();
        states
            .map(|state| StateView {
                name: &state.name,
                slot: state.slot,
                kind: state.kind,
                serializers: &state.serializers,
            })
            .collect()
    });
    // Who knows the chains has asked the program; a description made from a snapshot may only not
    // know the uid.
    let is_generated = operator.uid.is_none() && operator.vertex.is_some();
    Some(OperatorView {
        id: bound.or(operator.id())?,
        uid: operator.uid.as_deref(),
        uid_source: None,
        auto_generated_id: match (&operator.uid, is_generated) {
            (Some(_), _) => Some(false),
            (None, true) => Some(true),
            (None, false) => None,
        },
        name: operator.name.as_deref(),
        parallelism: operator.parallelism,
        max_parallelism: operator.max_parallelism,
        state_bytes: None,
        stateful: operator.stateful,
        finished: None,
        source: operator.inputs.as_ref().map(|inputs| {
            inputs.is_empty() && (operator.vertex.is_none() || operator.vertex == operator.id())
        }),
        states,
    })
}
