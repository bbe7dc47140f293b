use crate::finding::{Finding, Place, RestoreFinding};
use crate::restore::job::ClaimMode;
use crate::restore::{Case, FlinkRelease, finding};

/// Flink 2.0 has no `LEGACY` mode any more, and does not start with it.
pub(super) fn check(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let gone_since = FlinkRelease::new(2, 0);
    if case.job.claim_mode == Some(ClaimMode::Legacy) && case.releases.all_since(gone_since) {
        findings.push(finding(
            RestoreFinding::ClaimModeNotAvailable,
            Place::default(),
        ));
    }
}
