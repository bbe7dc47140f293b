//! Records what was seen, and reads it back (docs/history.md).

use std::collections::{BTreeMap, BTreeSet, HashSet};

use bytes::Bytes;
use futures_util::{StreamExt, stream};

use crate::error::Error;
use crate::inspect::progress::Progress;
use crate::storage::{Listing, Storage, StorageError};
use statescope_analysis::finding::{Finding, FindingKind, Place};
use statescope_analysis::growth::Observation;
use statescope_analysis::growth::history::{
    self, Days, InvalidHistory, Partition, Row, check_content, date_of, decode, decode_keys,
    encode, file_name, is_history_file, observations, rows,
};
use statescope_format::Limits;
use statescope_format::location::Location;
use statescope_format::reader::to_u64;

/// Partitions that are worked on at a time; the storage bounds the requests themselves.
const AT_ONCE: usize = 16;
/// Jobs that are read at a time.
const JOBS_AT_ONCE: usize = 4;
/// A compaction may replace files while they are read; then the job is read again, so often.
const ATTEMPTS: usize = 3;

/// What was added to a history.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// New rows: of snapshots, operators and states.
    pub rows: u64,
    /// New files.
    pub files: u64,
}

/// What a history holds of one job.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Recalled {
    /// The snapshots, in no particular order.
    pub observations: Vec<Observation>,
    /// Files that could not be read or understood.
    pub not_read: Vec<Finding>,
}

/// Adds snapshots to a history: one new file for each partition that has anything new. What is there
/// already is not added again; of two runs that add the same at once, both files stay, and count
/// once when they are read back.
///
/// # Errors
/// When the history cannot be read or written. What was written until then stays, and is whole.
pub async fn record(
    storage: &Storage,
    history: &Location,
    seen: &[Observation],
    progress: &dyn Progress,
) -> Result<Recorded, Error> {
    storage.trust(history);
    let mut partitions: BTreeMap<Partition, Vec<&Observation>> = BTreeMap::new();
    for observation in seen {
        let partition = Partition::of(observation);
        partitions.entry(partition).or_default().push(observation);
    }
    progress.expect(to_u64(partitions.len()));
    let mut work = stream::iter(partitions)
        .map(|(partition, seen)| async move {
            let recorded = add(storage, history, &partition, &seen).await;
            progress.step();
            recorded
        })
        .buffer_unordered(AT_ONCE);
    let mut recorded = Recorded::default();
    while let Some(rows) = work.next().await {
        let rows = rows?;
        recorded.rows += rows;
        recorded.files += u64::from(rows > 0);
    }
    Ok(recorded)
}

/// Returns how many rows were new.
async fn add(
    storage: &Storage,
    history: &Location,
    partition: &Partition,
    seen: &[&Observation],
) -> Result<u64, Error> {
    let [job, date] = partition.directories();
    let directory = history.join(&job).join(&date);
    let mut known = HashSet::new();
    for file in files(storage, &directory).await? {
        match storage.read(&file).await {
            Ok(content) => {
                // Nothing can be said of a damaged file but that it does not hold what is new.
                let intact = check_content(file.file_name(), &content);
                let keys = intact.and_then(|()| decode_keys(&content, &Limits::default()));
                known.extend(keys.unwrap_or_default());
            }
            // A compaction has taken it away meanwhile; its rows are in a new file.
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error.into()),
        }
    }
    let is_new = |row: &Row| row.key().is_some_and(|key| !known.contains(&key));
    let mut rows: Vec<(_, Row)> = seen
        .iter()
        .flat_map(|seen| rows(seen))
        .filter(is_new)
        .map(|row| (row.key(), row))
        .collect();
    if rows.is_empty() {
        return Ok(0);
    }
    // In a fixed order, so that two runs that see the same write the same file.
    rows.sort_by(|a, b| a.0.cmp(&b.0));
    rows.dedup_by(|a, b| a.0 == b.0);
    let rows: Vec<Row> = rows.into_iter().map(|(_, row)| row).collect();
    let content = encode(&rows).map_err(|source| invalid(&directory, &source))?;
    let file = directory.join(&file_name(&content));
    storage.put(&file, Bytes::from(content)).await?;
    Ok(to_u64(rows.len()))
}

/// Reads a history back, job by job in the order of their names, and hands each to `each`. Memory
/// holds a few jobs at a time.
///
/// # Errors
/// When the history or one of its partitions cannot be listed.
pub async fn recall(
    storage: &Storage,
    history: &Location,
    jobs: impl IntoIterator<Item = String>,
    since_ms: Option<i64>,
    progress: &dyn Progress,
    each: &mut dyn FnMut(Recalled),
) -> Result<(), Error> {
    storage.trust(history);
    let jobs: Vec<String> = jobs.into_iter().collect();
    progress.expect(to_u64(jobs.len()));
    let mut work = stream::iter(jobs)
        .map(|job| async move { recall_job(storage, history, &job, since_ms).await })
        .buffered(JOBS_AT_ONCE);
    while let Some(recalled) = work.next().await {
        each(recalled?);
        progress.step();
    }
    Ok(())
}

/// The jobs of a history, by the names of their partitions, sorted.
///
/// # Errors
/// When the history cannot be listed.
pub async fn recorded_jobs(storage: &Storage, history: &Location) -> Result<Vec<String>, Error> {
    storage.trust(history);
    let listing = whole(history, storage.list(history).await?)?;
    let jobs = listing.directory_names().filter_map(Partition::job_of);
    Ok(jobs.map(str::to_owned).collect())
}

/// Of the jobs `recorded` in a history, those that the jobs of `present` can have been before they
/// were restored under a new id. Only the names of days are listed; whether they were, their
/// snapshots tell ([`statescope_analysis::growth::jobs`]).
///
/// # Errors
/// When the history cannot be listed.
pub async fn jobs_before(
    storage: &Storage,
    history: &Location,
    recorded: &[String],
    present: &[Observation],
) -> Result<BTreeSet<String>, Error> {
    storage.trust(history);
    let mut work = stream::iter(recorded)
        .map(|job| async move {
            let dates = dates_of_job(storage, history, job).await?;
            Ok::<_, Error>((job.clone(), dates))
        })
        .buffered(AT_ONCE);
    let mut dates: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    while let Some(of_job) = work.next().await {
        let (job, directories) = of_job?;
        let of_job = directories
            .iter()
            .filter_map(|name| Partition::date_of(name));
        dates.insert(job, of_job.map(str::to_owned).collect());
    }
    let mut jobs = BTreeSet::new();
    for seen in present {
        let Partition { job, date } = Partition::of(seen);
        dates.entry(job.clone()).or_default().insert(date);
        jobs.insert(job);
    }
    let days = |(job, dates): (&String, &BTreeSet<String>)| {
        Days::of(job, dates.iter().map(String::as_str))
    };
    let (present, others): (Vec<_>, Vec<_>) = dates
        .iter()
        .filter_map(days)
        .partition(|days| jobs.contains(&days.job));
    Ok(history::earlier_jobs(&others, &present))
}

/// Nothing of a job that is not there.
async fn recall_job(
    storage: &Storage,
    history: &Location,
    job: &str,
    since_ms: Option<i64>,
) -> Result<Recalled, Error> {
    let mut left = ATTEMPTS;
    loop {
        left -= 1;
        let found = files_of_job(storage, history, job, since_ms).await?;
        let mut recalled = Recalled::default();
        let mut all = Vec::new();
        let mut replaced = false;
        let mut read = stream::iter(found)
            .map(|file| async move {
                let rows = read_rows(storage, &file).await;
                (file, rows)
            })
            .buffered(AT_ONCE);
        while let Some((file, rows)) = read.next().await {
            let problem = match rows {
                Ok(Ok(mut rows)) => {
                    all.append(&mut rows);
                    continue;
                }
                Ok(Err(damaged)) => damaged.to_string(),
                Err(error) => {
                    replaced |= error.is_not_found();
                    error.to_string()
                }
            };
            recalled.not_read.push(not_read(&file, problem));
        }
        if replaced && left > 0 {
            continue;
        }
        recalled.observations = observations(all);
        let since = |seen: &Observation| since_ms.is_none_or(|since| seen.time_ms >= since);
        recalled.observations.retain(since);
        return Ok(recalled);
    }
}

/// The files of a job, from the day of `since_ms` on.
async fn files_of_job(
    storage: &Storage,
    history: &Location,
    job: &str,
    since_ms: Option<i64>,
) -> Result<Vec<Location>, Error> {
    let directory = directory_of_job(history, job);
    let dates = dates_of_job(storage, history, job).await?;
    let first = since_ms.map(date_of);
    let is_wanted = |date: &&String| {
        let date = Partition::date_of(date);
        date.is_some_and(|date| first.as_deref().is_none_or(|first| date >= first))
    };
    let mut found = Vec::new();
    for date in dates.iter().filter(is_wanted) {
        found.append(&mut files(storage, &directory.join(date)).await?);
    }
    Ok(found)
}

/// The directories of a job's days; none where it is not there.
async fn dates_of_job(
    storage: &Storage,
    history: &Location,
    job: &str,
) -> Result<Vec<String>, Error> {
    let directory = directory_of_job(history, job);
    match storage.list(&directory).await {
        Ok(listing) => {
            let listing = whole(&directory, listing)?;
            Ok(listing.directory_names().map(str::to_owned).collect())
        }
        Err(error) if error.is_not_found() => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// A listing in which nothing is missing that can be of a history: what is not known of an entry may
/// be the rows that are looked for.
fn whole(directory: &Location, listing: Listing) -> Result<Listing, Error> {
    let is_of_history = |(name, _): &&(String, String)| !name.starts_with(['.', '_']);
    match listing.unknown.iter().find(is_of_history) {
        Some((name, reason)) => Err(Error::History {
            location: directory.join(name),
            reason: reason.clone(),
        }),
        None => Ok(listing),
    }
}

fn directory_of_job(history: &Location, job: &str) -> Location {
    let partition = Partition {
        job: job.to_owned(),
        date: String::new(),
    };
    let [job, _] = partition.directories();
    history.join(&job)
}

/// The rows of a file, or what is wrong with it.
pub(super) async fn read_rows(
    storage: &Storage,
    file: &Location,
) -> Result<Result<Vec<Row>, InvalidHistory>, StorageError> {
    let content = storage.read(file).await?;
    let intact = check_content(file.file_name(), &content);
    Ok(intact.and_then(|()| decode(&content, &Limits::default())))
}

/// The files of a partition; none where it is not there.
pub(super) async fn files(storage: &Storage, directory: &Location) -> Result<Vec<Location>, Error> {
    let listing = match storage.list(directory).await {
        Ok(listing) => whole(directory, listing)?,
        Err(error) if error.is_not_found() => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let files = listing.files.into_iter();
    let files = files.filter(|file| is_history_file(file.name()));
    Ok(files.map(|file| file.location).collect())
}

pub(super) fn not_read(file: &Location, reason: String) -> Finding {
    Finding {
        kind: FindingKind::NotRead { reason },
        place: Place {
            path: Some(file.to_string()),
            ..Place::default()
        },
    }
}

pub(super) fn invalid(location: &Location, source: &InvalidHistory) -> Error {
    Error::History {
        location: location.clone(),
        reason: source.to_string(),
    }
}

/// The name of the partition that a job's snapshots lie in.
pub fn partition_of(seen: &Observation) -> String {
    history::Partition::of(seen).job
}
