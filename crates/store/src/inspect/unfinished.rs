//! Directories of snapshots without metadata: what became of them.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, SystemTime};

use futures_util::{StreamExt, stream};

use crate::inspect::list::{SnapshotEntry, SnapshotStatus};
use crate::storage::{Listing, Storage};
use statescope_analysis::snapshot::references::{Target, visit_subtask};
use statescope_format::layout::{DirectoryKind, directory_kind};
use statescope_format::location::{Location, Scheme};
use statescope_format::model::checkpoint::OperatorState;
use statescope_format::model::handle::StreamStateHandle;

/// No checkpoint takes longer: Flink's own timeout is ten minutes unless a job sets another.
const LONGEST_CHECKPOINT: Duration = Duration::from_secs(24 * 60 * 60);
/// Directories that are looked into at a time.
const AT_ONCE: usize = 8;
/// Of a directory of shared files, so many directories in it are listed: merged files have some.
const DEEPER_MAX: usize = 32;

/// Tells what became of the directories without metadata, and leaves out those that are not snapshots
/// but hold the state of one.
pub(super) async fn settle(storage: &Storage, entries: &mut Vec<SnapshotEntry>) {
    let state = entries.iter().flat_map(|entry| &entry.state_directories);
    let state: HashSet<_> = state.map(Location::place).collect();
    entries.retain(|entry| {
        entry.status != SnapshotStatus::Aborted || !state.contains(&entry.location.place())
    });
    tell_by_numbers(entries);
    let now = SystemTime::now();
    let newest = newest_metadata(entries);
    let running = entries.iter().enumerate();
    let running = running.filter(|(_, entry)| entry.status == SnapshotStatus::InProgress);
    let running: Vec<_> = running
        .map(|(at, entry)| (at, entry.location.clone(), newest.get(&job(entry)).copied()))
        .collect();
    let given_up: Vec<_> = stream::iter(running)
        .map(|(at, directory, metadata)| async move {
            let written = last_write(storage, &directory, metadata, now).await;
            (at, written.is_some_and(|written| !is_recent(written, now)))
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    for (at, given_up) in given_up {
        if let (true, Some(entry)) = (given_up, entries.get_mut(at)) {
            entry.status = SnapshotStatus::Abandoned;
        }
    }
}

/// A checkpoint without metadata may still be running, unless a later one of its job is complete.
fn tell_by_numbers(entries: &mut [SnapshotEntry]) {
    let mut here: HashMap<Location, u64> = HashMap::new();
    let mut of_job: HashMap<String, u64> = HashMap::new();
    for entry in entries.iter() {
        if let (SnapshotStatus::Complete, Some(id)) = (entry.status, entry.number()) {
            let newest = here.entry(entry.location.parent()).or_default();
            *newest = id.max(*newest);
            if let Some(job) = &entry.job_id {
                let newest = of_job.entry(job.clone()).or_default();
                *newest = id.max(*newest);
            }
        }
    }
    for entry in entries {
        let (SnapshotStatus::Aborted, Some(number)) = (entry.status, entry.number()) else {
            continue;
        };
        let later = here.get(&entry.location.parent()).copied();
        // With entropy in its path, state lies in other directories than the metadata.
        let elsewhere = entry
            .job_id
            .as_ref()
            .and_then(|job| of_job.get(job))
            .copied();
        entry.status = match (later, elsewhere) {
            (Some(later), _) if number <= later => SnapshotStatus::Aborted,
            (None, Some(later)) if number <= later => SnapshotStatus::Abandoned,
            _ => SnapshotStatus::InProgress,
        };
    }
}

/// When each job last completed a snapshot.
fn newest_metadata(entries: &[SnapshotEntry]) -> HashMap<String, SystemTime> {
    let mut newest: HashMap<String, SystemTime> = HashMap::new();
    for entry in entries {
        if let Some(modified) = entry.modified {
            let known = newest.entry(job(entry)).or_insert(modified);
            *known = modified.max(*known);
        }
    }
    newest
}

fn job(entry: &SnapshotEntry) -> String {
    let job = entry.job_id.clone();
    job.unwrap_or_else(|| entry.location.parent().to_string())
}

fn is_recent(written: SystemTime, now: SystemTime) -> bool {
    let age = now.duration_since(written);
    age.is_ok_and(|age| age < LONGEST_CHECKPOINT) || written > now
}

/// When the job last wrote anything, as far as can be seen: metadata, files in the directory, and
/// shared files. Nothing more is looked at once something recent was seen; `None` where there is
/// nothing, or a directory cannot be listed.
async fn last_write(
    storage: &Storage,
    directory: &Location,
    metadata: Option<SystemTime>,
    now: SystemTime,
) -> Option<SystemTime> {
    let mut newest = metadata;
    let job = directory.parent();
    let places = [directory.clone(), job.join("shared"), job.join("taskowned")];
    for place in places {
        if newest.is_some_and(|newest| is_recent(newest, now)) {
            break;
        }
        let listing = match storage.list(&place).await {
            Ok(listing) => listing,
            Err(error) if error.is_not_found() => continue,
            Err(_) => return None,
        };
        newest = newest.max(written_in(&listing));
        for directory in listing.directories.iter().take(DEEPER_MAX) {
            let deeper = storage.list(&place.join(&directory.name)).await;
            newest = newest.max(written_in(&deeper.unwrap_or_default()));
        }
    }
    newest
}

fn written_in(listing: &Listing) -> Option<SystemTime> {
    listing.files.iter().filter_map(|file| file.modified).max()
}

/// Gathers the directories that a snapshot's files are in and that are named as its own.
pub(super) struct StateDirectories {
    own: Location,
    /// Only Flink's own names are to be found again.
    is_named: bool,
    found: HashMap<(Scheme, Vec<u8>), Location>,
}

impl StateDirectories {
    pub(super) fn of(own: &Location) -> Self {
        let kind = directory_kind(own.file_name());
        Self {
            own: own.clone(),
            is_named: matches!(
                kind,
                DirectoryKind::Checkpoint(_) | DirectoryKind::Savepoint
            ),
            found: HashMap::new(),
        }
    }

    pub(super) fn operator(&mut self, operator: &OperatorState<'_>) {
        if !self.is_named {
            return;
        }
        for state in operator.subtasks.iter().filter_map(|s| s.state()) {
            visit_subtask(state, &mut |reference| {
                if let Target::Stream(stream) = reference.target {
                    self.stream(stream);
                }
            });
        }
    }

    fn stream(&mut self, stream: &StreamStateHandle<'_>) {
        let path = match stream.physical() {
            StreamStateHandle::File { path, .. } => path.to_str(),
            StreamStateHandle::Segment(segment) => segment.path.to_str(),
            _ => return,
        };
        let mut parts = path.rsplit('/');
        if parts.nth(1) == Some(self.own.file_name()) {
            let directory = Location::new(path.as_ref()).parent();
            let place = directory.place();
            if place != self.own.place() {
                self.found.entry(place).or_insert(directory);
            }
        }
    }

    pub(super) fn finish(self) -> Vec<Location> {
        let mut found: Vec<_> = self.found.into_values().collect();
        found.sort_by(|a, b| a.as_str().cmp(b.as_str()));
        found
    }
}
