use std::collections::HashSet;

use crate::error::Error;
use crate::inspect::load::{LoadedMetadata, summarize};
use crate::inspect::look::{Look, look_inside};
use crate::inspect::new_job::NewJob;
use crate::inspect::progress::Progress;
use crate::inspect::uids::UidSources;
use crate::inspect::verify::verify;
use crate::storage::Storage;
use statescope_analysis::finding::{Finding, FindingKind};
use statescope_analysis::health::check::Check;
use statescope_analysis::health::lint::lint;
use statescope_analysis::restore::{FlinkRelease, RestoreOptions, by_uids, readable};
use statescope_analysis::snapshot::summary::{Detail, SnapshotSummary};
use statescope_analysis::snapshot::uid::Dictionary;

/// What `check` is to find out.
#[derive(Clone, Debug)]
pub struct CheckRequest<'a> {
    /// The snapshot.
    pub snapshot: &'a LoadedMetadata,
    /// Whether to look for its files; not possible for bytes that belong to no place.
    pub files: bool,
    /// Whether to look into the files for names and types of states.
    pub states: bool,
    /// Where its uids are known from.
    pub uids: &'a UidSources,
    /// The job that is to start from it.
    pub new_job: Option<&'a NewJob>,
    /// Jars and plans of that job, for its uids alone.
    pub new_uids: Option<&'a UidSources>,
    /// `--allowNonRestoredState`.
    pub allow_non_restored_state: bool,
    /// The release that is to restore it; `None` for the one that the job says, if any.
    pub release: Option<FlinkRelease>,
}

impl<'a> CheckRequest<'a> {
    /// Looks for the files and into them, and at no new job.
    pub fn new(snapshot: &'a LoadedMetadata, uids: &'a UidSources) -> Self {
        Self {
            snapshot,
            files: true,
            states: true,
            uids,
            new_job: None,
            new_uids: None,
            allow_non_restored_state: false,
            release: None,
        }
    }
}

/// What `check` found out.
#[derive(Debug)]
#[non_exhaustive]
pub struct Checked {
    /// The verdict and why.
    pub check: Check,
    /// What to keep in mind with the uids.
    pub notes: Vec<Finding>,
}

/// Can a snapshot be restored: is its metadata sane, are its files there and readable, and does the
/// new job, or the release, restore it.
///
/// # Errors
/// When the metadata cannot be parsed, uids or files of the request cannot be read, or the snapshot
/// went away meanwhile. What is wrong with single files is a finding.
pub async fn check(
    storage: &Storage,
    request: CheckRequest<'_>,
    progress: &dyn Progress,
) -> Result<Checked, Error> {
    let loaded = request.snapshot;
    let (mut snapshot, mut findings) = summarize(loaded, Detail::Operators)?;
    let (dictionary, notes) = request.uids.name(&mut snapshot)?;
    let mut files = None;
    if request.files && loaded.base().directory().is_some() {
        let (checked, more) = verify(storage, loaded, progress).await?;
        files = Some(checked);
        findings.extend(more);
        if request.states {
            let look = Look::WhereCheap;
            let unread = look_inside(storage, loaded, &mut snapshot, look, progress).await?;
            add_unread(&mut findings, unread);
        }
    }
    findings.extend(lint(&snapshot));
    if let Some(uids) = request.new_uids {
        findings.extend(vanished(&snapshot, uids, request.new_job.is_none())?);
    }
    if let (None, Some(release)) = (request.new_job, request.release) {
        findings.extend(readable(&snapshot, release));
    }
    for finding in &mut findings {
        finding.place.name_operator(&dictionary);
    }
    let restore = request.new_job.map(|job| {
        let options = RestoreOptions {
            allow_non_restored_state: request.allow_non_restored_state,
            release: request.release,
        };
        job.restore(&snapshot, options)
    });
    let check = Check::new(&snapshot, findings, files, restore).by_rules_of(request.release);
    Ok(Checked { check, notes })
}

/// Adds what could not be read of states, without what the look for files has said already.
fn add_unread(findings: &mut Vec<Finding>, unread: Vec<Finding>) {
    let said: HashSet<_> = findings.iter().map(|f| f.place.path.clone()).collect();
    let copied: Vec<String> = findings.iter().filter_map(copied_from).collect();
    let is_copied = |f: &Finding| {
        if let FindingKind::More { .. } = f.kind {
            return !copied.is_empty();
        }
        let path = f.place.path.as_deref().unwrap_or_default();
        copied.iter().any(|from| path.starts_with(from))
    };
    findings.extend(unread.into_iter().filter(|f| {
        let is_said = f.place.path.is_some() && said.contains(&f.place.path);
        !is_said && !is_copied(f)
    }));
}

/// Below which directory the files are recorded that one finding says are elsewhere.
fn copied_from(finding: &Finding) -> Option<String> {
    match &finding.kind {
        FindingKind::FilesBesideMetadata { from, .. } => Some(format!("{from}/")),
        _ => None,
    }
}

/// What the jar or plan of a new job tells: operators with state whose uid is known, but not found
/// there. Where it is `all` that is known of the new job, most of what Flink asks is open.
fn vanished(
    snapshot: &SnapshotSummary,
    sources: &UidSources,
    all: bool,
) -> Result<Vec<Finding>, Error> {
    let mut found = Dictionary::of(snapshot.operators.iter().map(|o| o.operator_id));
    let mut findings = sources.fill(&mut found)?;
    let is_found = |id| found.get(id).is_some();
    findings.extend(by_uids(snapshot, is_found, all));
    Ok(findings)
}
