//! Growth: which operator, which state, since when, how fast, and when it reaches a limit. Pure:
//! the times of snapshots are data.
//!
//! [`Observer`] takes the sizes out of one snapshot; [`jobs`] sorts snapshots by job; [`growth`]
//! finds the trends and says what is worth noticing.

mod clock;
mod files;
#[cfg(feature = "history")]
pub mod history;
mod job;
mod judge;
mod lineage;
mod notice;
mod observation;
mod observe;
mod rate;
mod result;
pub mod trend;

pub use files::{FileHasher, RetainedByRun, RetainedFiles, SnapshotFiles};
pub use judge::Judge;
pub use lineage::{JobSeries, jobs, run_of};
pub use notice::Limits;
pub use observation::{
    ClassBytes, FileClass, Observation, OperatorObservation, SMALL_FILE_BYTES, StateObservation,
};
pub use observe::{Observed, Observer};
pub use rate::{InvalidRate, RateLimit, parse_bytes, parse_time};
pub use result::{
    ClassGrowth, Figures, Growth, JobGrowth, Moment, OperatorGrowth, SeriesPoint, StateGrowth,
    TrendSummary,
};

use crate::finding::Finding;
use job::Job;

/// The growth of one job, and what is worth noticing; `None` without a snapshot.
pub fn growth(series: &JobSeries, limits: &Limits) -> Option<(JobGrowth, Vec<Finding>)> {
    let job = Job::new(series, limits.bytes);
    let growth = job.growth()?;
    let findings = notice::findings(&job, &growth, limits);
    Some((growth, findings))
}

/// Puts jobs in the order of results: fastest growth first, then by name.
pub fn fastest_first(jobs: &mut [JobGrowth]) {
    jobs.sort_by_cached_key(|growth| (job::growth_first(&growth.total), growth.label()));
}
