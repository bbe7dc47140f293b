//! Which snapshots are one job's: restarts and upgrades give a job a new id, savepoints lie
//! elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use crate::growth::clock;
use crate::growth::observation::Observation;
use statescope_format::layout::{DirectoryKind, directory_kind};
use statescope_format::model::checkpoint::OperatorId;

/// The snapshots of one job, over all its restarts.
#[derive(Clone, Debug, Default)]
pub struct JobSeries {
    /// The ids that it had, oldest first; empty where no directory says.
    pub job_ids: Vec<String>,
    /// Its snapshots in order.
    pub observations: Vec<Observation>,
    /// Snapshots whose time did not fit their number.
    pub misplaced_times: u64,
}

/// Operators that two runs have in common, of all that either has: from such a part on they can be
/// one job.
const ALIKE: f64 = 0.5;

/// Sorts snapshots by job. The order of `observations` does not matter, and one that is there
/// twice counts once.
pub fn jobs(observations: Vec<Observation>) -> Vec<JobSeries> {
    let mut runs: Vec<JobSeries> = by_run(without_repeated(observations))
        .into_values()
        .map(|mut observations| {
            let misplaced_times = clock::arrange(&mut observations);
            let ids = observations.iter();
            let id = ids.filter_map(|seen| seen.job_id.clone()).next_back();
            JobSeries {
                job_ids: id.into_iter().collect(),
                observations,
                misplaced_times,
            }
        })
        .collect();
    runs.sort_by_key(|run| run.observations.first().map(|first| first.time_ms));
    let mut jobs: Vec<JobSeries> = Vec::new();
    for run in runs {
        let mut earlier = jobs.iter_mut().filter(|job| is_continued_by(job, &run));
        match (earlier.next(), earlier.next()) {
            (Some(job), None) => {
                job.job_ids.extend(run.job_ids);
                job.observations.extend(run.observations);
                job.misplaced_times += run.misplaced_times;
            }
            // Two that it could continue: better apart than mixed up.
            _ => jobs.push(run),
        }
    }
    jobs
}

/// The snapshots of each run, by the directory that they lie in.
fn by_run(observations: Vec<Observation>) -> BTreeMap<String, Vec<Observation>> {
    let mut directories: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for seen in observations.iter().filter(|seen| is_checkpoint(seen)) {
        if let Some(id) = &seen.job_id {
            let of_job = directories.entry(id.clone()).or_default();
            of_job.insert(run_of(seen));
        }
    }
    let mut runs: BTreeMap<String, Vec<Observation>> = BTreeMap::new();
    for seen in observations {
        let run = of_savepoint(&seen, &directories).unwrap_or_else(|| run_of(&seen));
        runs.entry(run).or_default().push(seen);
    }
    runs
}

/// `savepoint-1a2b3c-...` is of the job whose id starts so, if there is only one. An id alone does
/// not tell: jobs of a high-availability cluster can all have the same.
fn of_savepoint(
    seen: &Observation,
    directories: &BTreeMap<String, BTreeSet<String>>,
) -> Option<String> {
    let name = seen.location.file_name();
    let is_savepoint = directory_kind(name) == DirectoryKind::Savepoint;
    let start = name.split('-').nth(1).filter(|_| is_savepoint)?;
    let alike = directories.range(start.to_owned()..);
    let alike = alike.take_while(|(id, _)| id.starts_with(start));
    let mut alike = alike.flat_map(|(_, directories)| directories);
    let only = alike.next()?;
    alike.next().is_none().then(|| only.clone())
}

/// The run that a snapshot belongs to, as a place. Checkpoints of one directory are of one run of a job, and so are savepoints beside each other
/// with the same start of a job id. Of others, that is not known.
pub fn run_of(seen: &Observation) -> String {
    let name = seen.location.file_name();
    match directory_kind(name) {
        DirectoryKind::Checkpoint(_) => seen.location.parent().to_string(),
        DirectoryKind::Savepoint => {
            let start = name.rsplit_once('-').map_or(name, |(start, _)| start);
            seen.location.parent().join(start).to_string()
        }
        _ => seen.location.to_string(),
    }
}

fn is_checkpoint(seen: &Observation) -> bool {
    matches!(
        directory_kind(seen.location.file_name()),
        DirectoryKind::Checkpoint(_)
    )
}

fn without_repeated(mut observations: Vec<Observation>) -> Vec<Observation> {
    let place = |seen: &Observation| (seen.location.place(), seen.checkpoint_id, seen.time_ms);
    let known_states = |seen: &Observation| {
        let known = seen.operators.iter().filter(|op| op.states.is_some());
        (known.count(), seen.new_bytes)
    };
    // What tells most comes first, and stays.
    observations.sort_by_cached_key(|seen| (place(seen), std::cmp::Reverse(known_states(seen))));
    observations.dedup_by(|a, b| place(a) == place(b));
    observations
}

/// A job that is restored counts its checkpoints on, keeps most operators, and begins when the one
/// before has ended.
fn is_continued_by(job: &JobSeries, run: &JobSeries) -> bool {
    let (Some(last), Some(first)) = (job.observations.last(), run.observations.first()) else {
        return false;
    };
    first.time_ms >= last.time_ms
        && first.checkpoint_id > last.checkpoint_id
        && alike(&operators(last), &operators(first)) >= ALIKE
}

fn operators(seen: &Observation) -> BTreeSet<OperatorId> {
    seen.operators
        .iter()
        .map(|operator| operator.operator_id)
        .collect()
}

fn alike(a: &BTreeSet<OperatorId>, b: &BTreeSet<OperatorId>) -> f64 {
    let common = a.intersection(b).count();
    let all = a.union(b).count();
    if all == 0 {
        0.0
    } else {
        common as f64 / all as f64
    }
}
