use crate::finding::{Finding, Place, RestoreFinding};
use crate::restore::job::JobOperator;
use crate::restore::{Case, finding, place};

/// Parallelism and max parallelism (`Checkpoints`, `StateAssignmentOperation`).
pub(super) fn check(case: &Case<'_>, findings: &mut Vec<Finding>) {
    for operator in &case.job.operators {
        if let (Some(parallelism), Some(max_parallelism)) =
            (operator.parallelism, operator.max_parallelism)
            && parallelism > max_parallelism
            && is_first_of_vertex(operator)
        {
            let kind = RestoreFinding::JobParallelismAboveMax {
                name: operator.label(),
                parallelism,
                max_parallelism,
            };
            findings.push(finding(kind, of_job(operator)));
        }
    }
    for (old, new) in case.matching.kept() {
        // Flink looks at every operator of the snapshot, with state or without.
        match new.max_parallelism {
            Some(set) if set != old.max_parallelism => {
                let kind = RestoreFinding::MaxParallelismMismatch {
                    operator_id: old.operator_id,
                    old: old.max_parallelism,
                    new: set,
                };
                findings.push(finding(kind, place(old)));
            }
            None if new.parallelism.is_some_and(|p| p > old.max_parallelism) => {
                let kind = RestoreFinding::ParallelismAboveStateMax {
                    vertex: new.vertex.or(new.id()),
                    parallelism: new.parallelism.unwrap_or_default(),
                    max_parallelism: old.max_parallelism,
                };
                findings.push(finding(kind, place(old)));
            }
            None if new.parallelism.is_none() => {
                findings.push(finding(RestoreFinding::ParallelismNotKnown, place(old)));
            }
            _ => {}
        }
    }
}

/// A vertex has one parallelism: it is told once.
fn is_first_of_vertex(operator: &JobOperator) -> bool {
    operator.vertex.is_none() || operator.vertex == operator.id()
}

fn of_job(operator: &JobOperator) -> Place {
    Place {
        operator_id: operator.id(),
        uid: operator.uid.clone(),
        ..Place::default()
    }
}
