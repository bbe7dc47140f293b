//! Joins what is there with what a history holds, and records it.

use std::collections::BTreeSet;

use crate::error::Error;
use crate::inspect::growth::{Gathered, GrowthRequest};
use crate::inspect::history::{
    Recalled, Recorded, jobs_before, partition_of, recall, record, recorded_jobs,
};
use crate::inspect::progress::Progress;
use crate::inspect::series::Collected;
use crate::storage::Storage;
use statescope_analysis::growth::Observation;
use statescope_format::location::Location;

/// Of more jobs than this, each is judged by itself: to join restarts, all must be in memory.
const JOINED_MAX: usize = 1000;

/// The history of a look at growth.
#[derive(Clone, Debug, Default)]
pub struct HistoryRequest {
    /// Where to add what is seen.
    pub record: Option<Location>,
    /// What to look at, too; without a location, at all of its jobs.
    pub recall: Option<Location>,
    /// Only the jobs with these ids.
    pub job_ids: Vec<String>,
}

/// What was done beside judging.
#[derive(Default)]
pub(super) struct Joined {
    pub(super) recorded: Option<Recorded>,
    pub(super) not_joined: Option<usize>,
}

/// Records what is `here`, recalls what belongs to it, and hands all to the judge.
pub(super) async fn join(
    storage: &Storage,
    request: &GrowthRequest<'_>,
    mut here: Collected,
    gathered: &mut Gathered,
    progress: &dyn Progress,
) -> Result<Joined, Error> {
    let HistoryRequest {
        record: to,
        recall: from,
        job_ids,
    } = &request.history;
    let mut joined = Joined::default();
    if !job_ids.is_empty() {
        let is_wanted = |seen: &Observation| job_ids.contains(&partition_of(seen));
        here.observations.retain(is_wanted);
    }
    if let Some(history) = to {
        joined.recorded = Some(record(storage, history, &here.observations, progress).await?);
    }
    let Some(history) = from else {
        gathered.all(here);
        return Ok(joined);
    };
    let since = request.since_ms;
    if !job_ids.is_empty() {
        let jobs: BTreeSet<String> = job_ids.iter().cloned().collect();
        let mut each = |of_job| add(&mut here, of_job);
        recall(storage, history, jobs, since, progress, &mut each).await?;
        let is_asked_for = |seen: &Observation| since.is_none_or(|since| seen.time_ms >= since);
        here.observations.retain(is_asked_for);
        all_found(job_ids, &here)?;
        gathered.all(here);
    } else if !request.locations.is_empty() && here.observations.is_empty() {
        // There may be no history yet, either.
        gathered.all(here);
    } else if !request.locations.is_empty() {
        let mut jobs: BTreeSet<String> = partitions(&here).collect();
        let wanted = jobs.clone();
        let recorded = recorded_jobs(storage, history).await?;
        if recorded.len() <= JOINED_MAX {
            let before = jobs_before(storage, history, &recorded, &here.observations);
            jobs.append(&mut before.await?);
        } else {
            joined.not_joined = Some(recorded.len());
        }
        let mut each = |of_job| add(&mut here, of_job);
        recall(storage, history, jobs, since, progress, &mut each).await?;
        gathered.some(here, |series| {
            let mut seen = series.observations.iter();
            seen.any(|seen| wanted.contains(&partition_of(seen)))
        });
    } else {
        let jobs = recorded_jobs(storage, history).await?;
        if jobs.len() <= JOINED_MAX {
            let mut each = |of_job| add(&mut here, of_job);
            recall(storage, history, jobs, since, progress, &mut each).await?;
            gathered.all(here);
        } else {
            joined.not_joined = Some(jobs.len());
            let mut each = |of_job| {
                let mut alone = Collected::default();
                add(&mut alone, of_job);
                gathered.all(alone);
            };
            recall(storage, history, jobs, since, progress, &mut each).await?;
        }
    }
    Ok(joined)
}

/// A mistyped id must not look like a job that is fine.
fn all_found(job_ids: &[String], collected: &Collected) -> Result<(), Error> {
    let found: BTreeSet<String> = partitions(collected).collect();
    match job_ids.iter().find(|&id| !found.contains(id)) {
        // What could not be read may be of that job; that is told.
        Some(id) if collected.not_read.is_empty() => Err(Error::NoSuchJob { wanted: id.clone() }),
        _ => Ok(()),
    }
}

fn add(collected: &mut Collected, mut of_job: Recalled) {
    collected.observations.append(&mut of_job.observations);
    collected.not_read.append(&mut of_job.not_read);
}

fn partitions(collected: &Collected) -> impl Iterator<Item = String> {
    collected.observations.iter().map(partition_of)
}
