use crate::finding::{Finding, RestoreFinding};
use crate::restore::rules::Reading;
use crate::restore::{FlinkRelease, finding, place};

/// Snapshots know of finished tasks since 1.14. Before, a release takes the marks of subtasks for
/// nonsense, and does not see that an operator has finished.
pub(super) fn check(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    if reading.release >= FlinkRelease::new(1, 14) {
        return;
    }
    // Not of the operators that are restored: the whole file is read first.
    let operators = reading.snapshot.operators.iter();
    let finished = operators.filter(|operator| operator.finished_subtasks > 0);
    findings.extend(finished.map(|operator| {
        let release = reading.release();
        let kind = match operator.fully_finished {
            true => RestoreFinding::FinishedForgotten { release },
            false => RestoreFinding::FinishedNotReadable { release },
        };
        finding(kind, place(operator))
    }));
}
