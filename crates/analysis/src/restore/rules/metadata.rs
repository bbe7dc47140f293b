use crate::finding::{Finding, Place, RestoreFinding};
use crate::restore::finding;
use crate::restore::rules::Reading;

/// Whether the release knows the version of the file at all; false if not.
pub(super) fn check(reading: &Reading<'_>, findings: &mut Vec<Finding>) -> bool {
    let version = reading.snapshot.metadata_version;
    let is_known = version <= reading.release.newest_metadata_version();
    if !is_known {
        let release = reading.release();
        let kind = RestoreFinding::VersionNotReadable { version, release };
        findings.push(finding(kind, Place::default()));
    }
    is_known
}
