use crate::finding::{Finding, Place, RestoreFinding};
use crate::restore::rules::Reading;
use crate::restore::{FlinkRelease, finding, place};
use crate::snapshot::summary::OperatorSummary;
use statescope_format::model::checkpoint::StateSlot;

/// The first bytes of each stream of state have versions of their own.
pub(super) fn check(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    // From version 5 on, all releases that read the file read the heads, too.
    let is_told_by_heads = reading.snapshot.metadata_version <= 4;
    let is_unseen = |operator: &OperatorSummary| {
        let managed = [StateSlot::ManagedKeyed, StateSlot::ManagedOperator];
        operator.states.states.is_none() && managed.iter().any(|slot| operator.slots.contains(slot))
    };
    if is_told_by_heads && reading.operators.iter().copied().any(is_unseen) {
        let release = reading.release();
        let kind = RestoreFinding::HeadsNotCompared { release };
        findings.push(finding(kind, Place::default()));
    }
    for operator in &reading.operators {
        let keyed = operator.states.keyed_head_version;
        if keyed.is_some_and(|head| head < oldest_keyed(reading.release)) {
            let release = reading.release();
            let kind = RestoreFinding::HeadTooOld { release };
            findings.push(finding(kind, place(operator)));
        }
        let head = operator.states.operator_head_version;
        if head.is_some_and(|head| head > newest_operator(reading.release)) {
            let release = reading.release();
            let kind = RestoreFinding::HeadNotReadable { release };
            findings.push(finding(kind, place(operator)));
        }
    }
}

/// The newest head of operator state that it reads (`OperatorBackendSerializationProxy`).
fn newest_operator(release: FlinkRelease) -> i32 {
    if release >= FlinkRelease::new(1, 18) {
        6
    } else {
        5
    }
}

/// The oldest head of keyed state that it reads: since 1.17 none from before Flink 1.8.
fn oldest_keyed(release: FlinkRelease) -> i32 {
    if release >= FlinkRelease::new(1, 17) {
        6
    } else {
        1
    }
}
