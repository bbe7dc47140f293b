use crate::finding::{Finding, RestoreFinding};
use crate::restore::job::StateBackend;
use crate::restore::{Case, FlinkRelease, finding, place};
use crate::snapshot::contents::KeyedFormat;

/// Native state is read by the backend that wrote it, and by no other.
pub(super) fn check(case: &Case<'_>, findings: &mut Vec<Finding>) {
    let backend = case.job.state_backend;
    let forst_since = FlinkRelease::new(2, 0);
    if backend == Some(StateBackend::Forst) && case.release.is_some_and(|r| r < forst_since) {
        findings.push(finding(
            RestoreFinding::BackendNotAvailable,
            Default::default(),
        ));
    }
    let changelog_since = FlinkRelease::new(1, 14);
    if let Some(release) = case.release.filter(|release| *release < changelog_since)
        && case.job.changelog == Some(true)
    {
        let release = release.to_string();
        let kind = RestoreFinding::ChangelogNotAvailable { release };
        findings.push(finding(kind, Default::default()));
    }
    for (old, _) in case.matching.kept() {
        for &format in old.states.keyed_formats.iter().flatten() {
            let fits = match (format, backend) {
                // ForSt has no way yet to read anything but database files.
                (KeyedFormat::Canonical, Some(StateBackend::Forst)) => Some(false),
                (KeyedFormat::Canonical, _) => continue,
                (KeyedFormat::Changelog, _) => {
                    findings.extend(changelog(case).map(|kind| finding(kind, place(old))));
                    continue;
                }
                // The job that is described keeps its state in this form.
                (_, None)
                    if (case.job.keyed_formats.iter().flatten()).any(|kept| *kept == format) =>
                {
                    Some(true)
                }
                (_, None) => None,
                (KeyedFormat::Heap, Some(backend)) => Some(backend == StateBackend::Hashmap),
                (KeyedFormat::RocksdbFull, Some(backend)) => Some(backend == StateBackend::Rocksdb),
                (KeyedFormat::Database, Some(backend)) => Some(backend != StateBackend::Hashmap),
            };
            let kind = match (fits, backend) {
                (Some(true), _) => continue,
                (Some(false), Some(backend)) => RestoreFinding::BackendMismatch { format, backend },
                _ => RestoreFinding::BackendNotCompared { format },
            };
            findings.push(finding(kind, place(old)));
        }
    }
}

/// Since Flink 1.16 a changelog can be switched off over its state; before, it must stay.
fn changelog(case: &Case<'_>) -> Option<RestoreFinding> {
    let release = case
        .release
        .filter(|release| *release < FlinkRelease::new(1, 16))?;
    match case.job.changelog {
        Some(true) => None,
        // The job that is described keeps its state in this form.
        None if (case.job.keyed_formats.iter().flatten())
            .any(|kept| *kept == KeyedFormat::Changelog) =>
        {
            None
        }
        Some(false) => Some(RestoreFinding::ChangelogNeeded {
            release: release.to_string(),
        }),
        None => Some(RestoreFinding::BackendNotCompared {
            format: KeyedFormat::Changelog,
        }),
    }
}
