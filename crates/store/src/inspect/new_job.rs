//! The job that is to start from a snapshot, from everything that is known of it.

#[cfg(feature = "rest")]
use crate::cluster::{self, ClusterJob};
use crate::error::Error;
use crate::inspect::load::{LoadedMetadata, summarize};
use crate::inspect::look::{Look, look_inside};
use crate::inspect::progress::Progress;
use crate::inspect::states::StatesOptions;
use crate::storage::Storage;
use statescope_analysis::finding::Finding;
#[cfg(feature = "rest")]
use statescope_analysis::restore::cluster::ClusterGaps;
use statescope_analysis::restore::job::{JobDescription, JobSettings};
use statescope_analysis::restore::{RestoreOptions, RestoreReport, restore};
use statescope_analysis::snapshot::summary::{Detail, SnapshotSummary};
#[cfg(feature = "rest")]
use statescope_format::location::Location;

/// Where a new job is known from.
#[derive(Clone, Debug, Default)]
pub struct NewJobSources<'a> {
    /// A description of it, already checked ([`JobDescription::check`]).
    pub description: Option<JobDescription>,
    /// A cluster that runs it; asked where there is no description.
    #[cfg(feature = "rest")]
    pub cluster: Option<ClusterJob>,
    /// A snapshot that it made; beside a description, for its states alone.
    pub against: Option<&'a LoadedMetadata>,
    /// What is said of it besides, before Flink's configuration.
    pub settings: JobSettings,
}

/// The new job, and what its sources leave open.
#[derive(Clone, Debug)]
pub struct NewJob {
    job: JobDescription,
    /// Of a cluster, what it cannot tell.
    #[cfg(feature = "rest")]
    gaps: Option<ClusterGaps>,
    /// States of the snapshot of [`NewJobSources::against`] that could not be read.
    pub notes: Vec<Finding>,
}

impl From<JobDescription> for NewJob {
    fn from(job: JobDescription) -> Self {
        Self {
            job,
            #[cfg(feature = "rest")]
            gaps: None,
            notes: Vec::new(),
        }
    }
}

impl NewJob {
    /// Whether it restores from `snapshot`.
    pub fn restore(&self, snapshot: &SnapshotSummary, options: RestoreOptions) -> RestoreReport {
        #[cfg(feature = "rest")]
        if let Some(gaps) = &self.gaps {
            return gaps.restore(self.job.clone(), snapshot, options);
        }
        restore(snapshot, &self.job, options)
    }
}

/// The new job, if anything is known of one.
///
/// # Errors
/// [`Error::Cluster`], and what keeps the snapshot from being read.
pub async fn new_job(
    storage: &Storage,
    sources: NewJobSources<'_>,
    progress: &dyn Progress,
) -> Result<Option<NewJob>, Error> {
    let described = sources.description.map(NewJob::from);
    #[cfg(feature = "rest")]
    let described = match (described, &sources.cluster) {
        (None, Some(at)) => Some(of_cluster(at).await?),
        (described, _) => described,
    };
    let mut notes = Vec::new();
    let against = match sources.against {
        Some(loaded) => {
            let (job, unread) = of_snapshot(storage, loaded, progress).await?;
            notes = unread;
            Some(job)
        }
        None => None,
    };
    let new = match (described, against) {
        (Some(mut new), Some(against)) => {
            new.job.add_states_of(&against);
            Some(new)
        }
        (new, against) => new.or(against.map(NewJob::from)),
    };
    let Some(mut new) = new else { return Ok(None) };
    new.job.set(sources.settings);
    let conf = storage.flink_configuration();
    new.job
        .fill(JobSettings::of_configuration(|name| conf.get(name)));
    new.notes = notes;
    Ok(Some(new))
}

#[cfg(feature = "rest")]
async fn of_cluster(at: &ClusterJob) -> Result<NewJob, Error> {
    let asked = cluster::ask(at).await;
    let answer = asked.map_err(|problem| Error::Cluster {
        url: Location::new(&at.url).to_string(),
        problem,
    })?;
    Ok(NewJob {
        job: answer.job,
        gaps: Some(answer.gaps),
        notes: Vec::new(),
    })
}

/// The job that made a snapshot, with its states.
async fn of_snapshot(
    storage: &Storage,
    loaded: &LoadedMetadata,
    progress: &dyn Progress,
) -> Result<(JobDescription, Vec<Finding>), Error> {
    let (mut snapshot, _) = summarize(loaded, Detail::Operators)?;
    let look = Look::As(StatesOptions {
        sizes: false,
        all_heads: false,
    });
    let unread = look_inside(storage, loaded, &mut snapshot, look, progress).await?;
    let job = JobDescription::from_snapshot(&snapshot).of_a_test();
    Ok((job, unread))
}
