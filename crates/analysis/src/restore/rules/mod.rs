//! What a release reads, whatever job it runs: one rule per file (docs/upgrade.md, "Between
//! releases").

mod finished;
mod handles;
mod heads;
mod metadata;
mod sinks;
mod tables;
mod ttl_config;

use crate::finding::{Finding, Place, RestoreFinding};
use crate::restore::{FlinkRelease, finding};
use crate::snapshot::summary::{OperatorSummary, SnapshotSummary};

/// What the rules look at.
struct Reading<'c> {
    snapshot: &'c SnapshotSummary,
    /// The release that reads.
    release: FlinkRelease,
    /// The operators whose state is read: not those that the job does not have.
    operators: Vec<&'c OperatorSummary>,
}

impl Reading<'_> {
    fn release(&self) -> String {
        self.release.to_string()
    }
}

/// Whether a release reads a snapshot, and the state of those operators.
pub(super) fn check<'c>(
    snapshot: &'c SnapshotSummary,
    release: FlinkRelease,
    operators: impl Iterator<Item = &'c OperatorSummary>,
    findings: &mut Vec<Finding>,
) {
    let reading = Reading {
        snapshot,
        release,
        operators: operators.collect(),
    };
    if !release.is_known() {
        let release = reading.release();
        let kind = RestoreFinding::ReleaseUnknown { release };
        findings.push(finding(kind, Place::default()));
        return;
    }
    if !metadata::check(&reading, findings) {
        // Flink stops there, too.
        return;
    }
    handles::check(&reading, findings);
    finished::check(&reading, findings);
    heads::check(&reading, findings);
    tables::check(&reading, findings);
    sinks::check(&reading, findings);
    ttl_config::check(&reading, findings);
}
