use crate::finding::{Finding, Place, RestoreFinding};
use crate::restore::{Case, finding, place};

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
    if case.snapshot.merged_files && !release.reads_merged_files() {
        let release = release.to_string();
        let kind = RestoreFinding::MergedFilesNotReadable { release };
        findings.push(finding(kind, Place::default()));
    }
    for (old, _) in case.matching.kept() {
        let keyed = old.states.keyed_head_version;
        if keyed.is_some_and(|head| head < release.oldest_keyed_head()) {
            let release = release.to_string();
            findings.push(finding(RestoreFinding::HeadTooOld { release }, place(old)));
        }
        let head = old.states.operator_head_version;
        if head.is_some_and(|head| head > release.newest_operator_head()) {
            let release = release.to_string();
            findings.push(finding(
                RestoreFinding::HeadNotReadable { release },
                place(old),
            ));
        }
        if old.states.old_ttl_config && !release.reads_old_ttl_config() {
            let release = release.to_string();
            let kind = RestoreFinding::TtlConfigNotReadable { release };
            findings.push(finding(kind, place(old)));
        }
    }
}
