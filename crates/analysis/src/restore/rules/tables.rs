use crate::finding::{Finding, RestoreFinding};
use crate::restore::rules::Reading;
use crate::restore::{FlinkRelease, finding, place};

/// Flink 1.14 brought a RocksDB whose tables end in a footer that the one before does not know.
pub(super) fn check(reading: &Reading<'_>, findings: &mut Vec<Finding>) {
    if reading.release >= FlinkRelease::new(1, 14) {
        return;
    }
    /// The newest footer that RocksDB 5 reads.
    const NEWEST: u32 = 4;
    for operator in &reading.operators {
        let newest = operator.states.newest_table_version;
        if let Some(version) = newest.filter(|version| *version > NEWEST) {
            let release = reading.release();
            let kind = RestoreFinding::TableNotReadable { version, release };
            findings.push(finding(kind, place(operator)));
        }
    }
}
