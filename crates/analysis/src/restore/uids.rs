use crate::finding::{Finding, Place, RestoreFinding};
use crate::restore::{finding, place};
use crate::snapshot::summary::SnapshotSummary;
use statescope_format::model::checkpoint::OperatorId;
use statescope_format::reader::to_u64;

/// What can be said of a job of which only uids are known, from its jar or its plan: operators
/// with state whose uid is known, but not found there.
///
/// Where that is `all` that is known of the new job, most of what Flink asks stays open.
pub fn by_uids(
    snapshot: &SnapshotSummary,
    is_found: impl Fn(OperatorId) -> bool,
    all: bool,
) -> Vec<Finding> {
    let with_state = snapshot.operators.iter().filter(|o| o.has_state());
    let mut findings = Vec::new();
    if all {
        let found = with_state.clone().filter(|o| is_found(o.operator_id));
        let kind = RestoreFinding::UidsOnly {
            found: to_u64(found.count()),
            of: to_u64(with_state.clone().count()),
        };
        findings.push(finding(kind, Place::default()));
    }
    let vanished = with_state.filter(|o| o.uid.is_some() && !is_found(o.operator_id));
    findings.extend(vanished.map(|operator| finding(RestoreFinding::UidVanished, place(operator))));
    findings
}
