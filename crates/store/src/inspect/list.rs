use std::time::SystemTime;

use futures_util::{StreamExt, stream};
use serde::{Serialize, Serializer};

use crate::error::Error;
use crate::inspect::discover::{Candidate, discover_all};
use crate::inspect::job_name;
use crate::inspect::load::{fetch, summarize_noting};
use crate::inspect::progress::Progress;
use crate::inspect::unfinished::{self, StateDirectories};
use crate::storage::{Storage, StorageError};
use statescope_analysis::finding::{BaseFinding, Finding, FindingKind, Place};
use statescope_analysis::snapshot::summary::{Detail, SnapshotKind};
use statescope_format::layout::{self, DirectoryKind, METADATA_FILE, directory_kind};
use statescope_format::location::Location;
use statescope_format::reader::to_u64;
use statescope_format::time::rfc_3339;

/// Metadata files that are held in memory at a time.
const LOADED_MAX: usize = 16;

/// The snapshots below a base: the `data` of `list` (docs/json.md).
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct SnapshotList {
    /// Where they were looked for.
    pub bases: Vec<Location>,
    /// How many snapshots were found, whichever of them are listed.
    pub snapshot_count: u64,
    /// The snapshots, newest first, then by path. Checkpoints of one directory go by their numbers:
    /// copies have times of their own.
    pub snapshots: Vec<SnapshotEntry>,
    /// Places that could not be looked into, and why.
    pub unreadable_directories: Vec<String>,
    /// Entries left out because no path can name them.
    pub skipped_entries: u64,
}

/// One snapshot, or a directory that should be one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SnapshotEntry {
    /// The directory.
    pub location: Location,
    /// Whether it is complete.
    pub status: SnapshotStatus,
    /// Why it could not be read.
    pub error: Option<String>,
    /// The job in whose directory it lies.
    pub job_id: Option<String>,
    /// The checkpoint's number, from the metadata or else from the directory's name.
    pub checkpoint_id: Option<u64>,
    /// What it is, from the metadata or else from the directory's name.
    pub kind: Option<SnapshotKind>,
    /// When its metadata was written.
    #[serde(serialize_with = "as_rfc_3339")]
    pub modified: Option<SystemTime>,
    /// Version of the metadata.
    pub metadata_version: Option<u32>,
    /// Bytes of the metadata file.
    pub metadata_bytes: Option<u64>,
    /// Full size of the state.
    pub state_bytes: Option<u64>,
    /// Bytes that this snapshot added.
    pub checkpointed_bytes: Option<u64>,
    /// Number of operators.
    pub operators: Option<u64>,
    /// Other directories of the same name that its files are in: with entropy in Flink's paths, state
    /// lies under other prefixes than the metadata.
    #[serde(skip)]
    pub state_directories: Vec<Location>,
}

/// What state a snapshot's directory is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SnapshotStatus {
    /// The metadata is there and can be read.
    Complete,
    /// No metadata, and no later checkpoint of the job is complete; and the job has written not long
    /// ago, as far as can be seen.
    InProgress,
    /// No metadata, and nobody is going to write it: the job has not written for longer than any
    /// checkpoint may take, or has completed a later one in another directory.
    Abandoned,
    /// No metadata, although a later checkpoint of the job is complete; or a savepoint without.
    Aborted,
    /// The metadata cannot be understood.
    Invalid,
    /// The store did not deliver.
    Unreadable,
}

impl SnapshotStatus {
    /// The status in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::InProgress => "in progress",
            Self::Abandoned => "abandoned",
            Self::Aborted => "aborted",
            Self::Invalid => "invalid",
            Self::Unreadable => "unreadable",
        }
    }
}

impl SnapshotList {
    /// Says that none of those that were `wanted` is there.
    pub fn nothing(&self, wanted: &'static str) -> Finding {
        let bases: Vec<_> = self.bases.iter().map(Location::to_string).collect();
        let kind = BaseFinding::NoSnapshots {
            wanted,
            others: self.snapshot_count,
        };
        Finding {
            kind: FindingKind::Base(kind),
            place: Place {
                path: Some(bases.join(", ")),
                ..Place::default()
            },
        }
    }

    /// What could not be read or understood, so that the list does not say it all.
    pub fn not_read(&self) -> Vec<Finding> {
        let not_read = |path: Option<String>, reason: &str| Finding {
            kind: FindingKind::NotRead {
                reason: reason.to_owned(),
            },
            place: Place {
                path,
                ..Place::default()
            },
        };
        let directories = self.unreadable_directories.iter();
        let directories = directories.map(|reason| not_read(None, reason));
        let snapshots = self.snapshots.iter().filter_map(|entry| {
            let reason = entry.error.as_deref()?;
            Some(not_read(Some(entry.location.to_string()), reason))
        });
        let skipped = (self.skipped_entries > 0).then(|| {
            let count = self.skipped_entries;
            let reason = format!("{count} entries have names that no path can have");
            not_read(None, &reason)
        });
        directories.chain(snapshots).chain(skipped).collect()
    }
}

/// Finds and reads every snapshot at and below `bases`: one GET for each metadata file, a few at a
/// time. With `bases_may_be_missing`, a base that is not there holds nothing.
///
/// # Errors
/// When a base itself cannot be listed. What is wrong further down is told in the list.
pub async fn list(
    storage: &Storage,
    bases: &[Location],
    bases_may_be_missing: bool,
    progress: &dyn Progress,
) -> Result<SnapshotList, StorageError> {
    let found = discover_all(storage, bases, bases_may_be_missing).await?;
    progress.expect(to_u64(found.candidates.len()));
    let mut snapshots: Vec<SnapshotEntry> = stream::iter(found.candidates)
        .map(|candidate| async move {
            let entry = entry(storage, &candidate).await;
            progress.step();
            entry
        })
        .buffer_unordered(LOADED_MAX)
        .collect()
        .await;
    unfinished::settle(storage, &mut snapshots).await;
    newest_first(&mut snapshots);
    let unreadable = found.unreadable.into_iter();
    let unreadable = unreadable.map(|place| format!("{}: {}", place.location, place.reason));
    Ok(SnapshotList {
        snapshot_count: to_u64(snapshots.len()),
        bases: bases.to_vec(),
        snapshots,
        unreadable_directories: unreadable.collect(),
        skipped_entries: found.skipped,
    })
}

/// Reads one candidate; a store that does not deliver makes it an unreadable one.
async fn entry(storage: &Storage, candidate: &Candidate) -> SnapshotEntry {
    read_entry(storage, candidate)
        .await
        .unwrap_or_else(|error| SnapshotEntry {
            error: Some(error.to_string()),
            ..SnapshotEntry::of(candidate)
        })
}

/// Reads one candidate.
///
/// # Errors
/// When the store does not say whether the metadata is there, or does not deliver it.
pub(super) async fn read_entry(
    storage: &Storage,
    candidate: &Candidate,
) -> Result<SnapshotEntry, StorageError> {
    let mut entry = SnapshotEntry::of(candidate);
    let file = candidate.directory.join(METADATA_FILE);
    let (loaded, modified) = match fetch(storage, file).await {
        Ok(fetched) => fetched,
        Err(error) if error.is_not_found() => {
            entry.status = SnapshotStatus::Aborted;
            return Ok(entry);
        }
        Err(error) => return Err(error),
    };
    entry.modified = modified;
    entry.metadata_bytes = Some(loaded.metadata_bytes());
    let mut state = StateDirectories::of(&candidate.directory);
    match summarize_noting(&loaded, Detail::Operators, &mut |o| state.operator(o)) {
        Ok((summary, findings)) => {
            entry.state_directories = state.finish();
            let refused = findings
                .iter()
                .find(|finding| finding.kind.refused_by_flink());
            entry.status = match refused {
                None => SnapshotStatus::Complete,
                Some(_) => SnapshotStatus::Invalid,
            };
            entry.error = refused.map(Finding::message);
            entry.checkpoint_id = Some(summary.checkpoint_id);
            entry.kind = summary.kind.or(entry.kind);
            entry.metadata_version = Some(summary.metadata_version);
            entry.state_bytes = summary.state_bytes;
            entry.checkpointed_bytes = summary.checkpointed_bytes;
            entry.operators = Some(to_u64(summary.operators.len()));
        }
        Err(error) => {
            entry.status = SnapshotStatus::Invalid;
            entry.error = Some(match error {
                Error::Parse { source, .. } => source.to_string(),
                other => other.to_string(),
            });
        }
    }
    Ok(entry)
}

impl SnapshotEntry {
    /// Whether it is of the job with this id, as far as its path tells.
    pub fn is_of_job(&self, job: &str) -> bool {
        job_name::is_of(&self.location, job)
    }

    /// The number in the directory's name.
    pub(super) fn number(&self) -> Option<u64> {
        match directory_kind(self.location.file_name()) {
            DirectoryKind::Checkpoint(number) => Some(number),
            _ => None,
        }
    }

    /// What is known from the path alone.
    fn of(candidate: &Candidate) -> Self {
        let (checkpoint_id, kind) = match candidate.kind {
            DirectoryKind::Checkpoint(id) => (Some(id), Some(SnapshotKind::Checkpoint)),
            DirectoryKind::Savepoint => (None, Some(SnapshotKind::Savepoint)),
            _ => (None, None),
        };
        Self {
            location: candidate.directory.clone(),
            status: SnapshotStatus::Unreadable,
            error: None,
            job_id: layout::job_id(&candidate.directory).map(str::to_owned),
            checkpoint_id,
            kind,
            modified: None,
            metadata_version: None,
            metadata_bytes: None,
            state_bytes: None,
            checkpointed_bytes: None,
            operators: None,
            state_directories: Vec::new(),
        }
    }
}

/// A checkpoint counts as no older than those of its directory with lower numbers.
fn newest_first(entries: &mut Vec<SnapshotEntry>) {
    entries.sort_by_cached_key(|entry| (entry.location.parent().to_string(), entry.number()));
    let mut before: Option<(Location, Option<SystemTime>)> = None;
    let mut timed = Vec::with_capacity(entries.len());
    for entry in entries.drain(..) {
        let parent = entry.location.parent();
        let time = match &before {
            Some((directory, time)) if *directory == parent && entry.number().is_some() => {
                entry.modified.max(*time)
            }
            _ => entry.modified,
        };
        before = entry.number().is_some().then_some((parent, time));
        timed.push((time, entry));
    }
    timed.sort_by(|(a_time, a), (b_time, b)| {
        (b_time, b.number())
            .cmp(&(a_time, a.number()))
            .then_with(|| a.location.as_str().cmp(b.location.as_str()))
    });
    entries.extend(timed.into_iter().map(|(_, entry)| entry));
}

fn as_rfc_3339<S: Serializer>(time: &Option<SystemTime>, serializer: S) -> Result<S::Ok, S::Error> {
    rfc_3339(*time).serialize(serializer)
}
