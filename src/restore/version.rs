use crate::finding::{Finding, Place, RestoreFinding};
use crate::restore::{Case, finding};

/// Whether the release reads such a file at all.
pub(super) fn check(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let Some(release) = case.release else {
        return;
    };
    let version = case.snapshot.metadata_version;
    if version > release.newest_metadata_version() {
        let release = release.to_string();
        let kind = RestoreFinding::VersionNotReadable { version, release };
        findings.push(finding(kind, Place::default()));
    }
}
