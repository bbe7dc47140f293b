use crate::finding::{Finding, Place, RestoreFinding};
use crate::restore::job::JobOperator;
use crate::restore::{Case, finding};

/// Operators that keep state in the new job, and for which the snapshot has none: normal for what
/// is new, and worth a look where nothing should be.
pub(super) fn check(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for operator in &case.job.operators {
        let has_state_there = match &operator.states {
            Some(states) => !states.is_empty(),
            None => operator.stateful == Some(true),
        };
        let has_state_here = case
            .matching
            .old_of(operator)
            .is_some_and(|old| old.has_state());
        if has_state_there && !has_state_here {
            let kind = RestoreFinding::StartsEmpty {
                label: operator.label(),
            };
            findings.push(finding(kind, of(operator)));
        }
    }
}

fn of(operator: &JobOperator) -> Place {
    Place {
        operator_id: operator.id(),
        uid: operator.uid.clone(),
        ..Place::default()
    }
}
