use crate::error::Error;
use crate::inspect::load::{LoadedMetadata, summarize};
use crate::inspect::look::{Look, look_inside};
use crate::inspect::progress::Progress;
use crate::inspect::states::StatesOptions;
use crate::inspect::uids::UidSources;
use crate::storage::Storage;
use statescope_analysis::finding::{Finding, FindingKind};
use statescope_analysis::restore::job::JobDescription;
use statescope_analysis::snapshot::summary::Detail;

/// A job as a snapshot tells it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Described {
    /// The job that made the snapshot.
    pub job: JobDescription,
    /// What to keep in mind with the uids: those that contradict their ids are left out.
    pub notes: Vec<Finding>,
    /// States that could not be read.
    pub unread: Vec<Finding>,
}

/// Describes the job that made a snapshot, with the states of all its operators.
///
/// # Errors
/// When the metadata cannot be parsed, or the sources of uids cannot be read.
pub async fn describe_job(
    storage: &Storage,
    loaded: &LoadedMetadata,
    uids: &UidSources,
    progress: &dyn Progress,
) -> Result<Described, Error> {
    let (mut snapshot, found) = summarize(loaded, Detail::Operators)?;
    // Such uids are left out.
    let is_left_out = |f: &Finding| matches!(f.kind, FindingKind::UidMismatch { .. });
    let mut notes: Vec<_> = found.into_iter().filter(is_left_out).collect();
    notes.extend(uids.name(&mut snapshot)?.1);
    let look = Look::As(StatesOptions {
        sizes: false,
        all_heads: true,
    });
    let unread = look_inside(storage, loaded, &mut snapshot, look, progress).await?;
    let job = JobDescription::from_snapshot(&snapshot);
    Ok(Described { job, notes, unread })
}
