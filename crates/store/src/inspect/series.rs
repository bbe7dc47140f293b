//! Collects what `growth` looks at: the sizes of every snapshot.

use futures_util::{StreamExt, stream};

use crate::error::Error;
use crate::inspect::discover::{Candidate, discover_all};
use crate::inspect::load::{LoadedMetadata, fetch};
use crate::inspect::progress::{NoProgress, Progress};
use crate::inspect::states::{StatesOptions, states};
use crate::storage::{Storage, StorageError};
use statescope_analysis::finding::{Finding, FindingKind, NotAsked, Place, unread};
use statescope_analysis::growth::{
    FileHasher, Observation, Observed, Observer, RetainedByRun, SnapshotFiles, StateObservation,
};
use statescope_analysis::health::sanity::Validator;
use statescope_analysis::snapshot::references::Base;
use statescope_analysis::snapshot::summary::SnapshotKind;
use statescope_analysis::snapshot::uid::UidSource;
use statescope_format::layout::{self, DirectoryKind, METADATA_FILE};
use statescope_format::location::Location;
use statescope_format::metadata::Outline;
use statescope_format::reader::to_u64;
use statescope_format::time::millis;

/// Metadata files that are held in memory at a time; fewer where their state is read too.
const LOADED_MAX: usize = 16;
const LOADED_WITH_STATES_MAX: usize = 2;

/// The snapshots that are there.
#[derive(Debug, Default)]
pub struct Collected {
    /// What each showed, in no particular order.
    pub observations: Vec<Observation>,
    /// Their files.
    pub retained: RetainedByRun,
    /// What could not be read.
    pub not_read: Vec<Finding>,
}

/// Reads every complete snapshot at and below `bases`: one GET for each metadata file, a few at a
/// time. With `look_inside`, the states of each are told too, which reads their files.
///
/// Memory: the sizes by operator of every snapshot, 16 bytes and a table's slack for each distinct
/// file, and the metadata files that are being read.
///
/// # Errors
/// When a base itself cannot be listed. What is wrong further down is told in the result.
pub async fn collect(
    storage: &Storage,
    bases: &[Location],
    look_inside: bool,
    progress: &dyn Progress,
) -> Result<Collected, StorageError> {
    let bases = bases.iter().map(|base| match base.file_name() {
        METADATA_FILE => storage.absolute(&base.parent()),
        _ => storage.absolute(base),
    });
    let bases: Vec<Location> = bases.collect();
    let mut found = discover_all(storage, &bases, false).await?;
    let mut collected = Collected::default();
    for place in &found.unreadable {
        collected.not_read(&place.location, &place.reason);
    }
    // In the order of their numbers, so that what is new in each can be told.
    found.candidates.sort_by_cached_key(|candidate| {
        let number = match candidate.kind {
            DirectoryKind::Checkpoint(number) => Some(number),
            _ => None,
        };
        (candidate.directory.parent().to_string(), number)
    });
    progress.expect(to_u64(found.candidates.len()));
    let hasher = FileHasher::default();
    let at_once = if look_inside {
        LOADED_WITH_STATES_MAX
    } else {
        LOADED_MAX
    };
    let mut read = stream::iter(&found.candidates)
        .map(|candidate| {
            let hasher = &hasher;
            async move {
                let read = observe(storage, candidate, hasher, look_inside).await;
                progress.step();
                (candidate, read)
            }
        })
        .buffered(at_once);
    while let Some((candidate, read)) = read.next().await {
        match read {
            Ok(Some(mut read)) => {
                let new = collected.retained.add(&read.observation, &read.files);
                read.observation.new_bytes = new;
                collected.not_read.append(&mut read.not_read);
                collected.observations.push(read.observation);
            }
            // Still being written, or given up.
            Ok(None) => {}
            Err(reason) => collected.not_read(&candidate.directory, &reason),
        }
    }
    Ok(collected)
}

impl Collected {
    fn not_read(&mut self, location: &Location, reason: &str) {
        self.not_read.push(Finding {
            kind: FindingKind::NotRead {
                reason: reason.to_owned(),
            },
            place: Place {
                path: Some(location.to_string()),
                ..Place::default()
            },
        });
    }
}

struct Read {
    observation: Observation,
    files: SnapshotFiles,
    not_read: Vec<Finding>,
}

/// `None` where there is no metadata, or no longer. Otherwise why there is no answer.
async fn observe(
    storage: &Storage,
    candidate: &Candidate,
    hasher: &FileHasher,
    look_inside: bool,
) -> Result<Option<Read>, String> {
    let file = candidate.directory.join(METADATA_FILE);
    let (loaded, modified) = match fetch(storage, file).await {
        Ok(fetched) => fetched,
        Err(error) if error.is_not_found() => return Ok(None),
        Err(error) => return Err(error.to_string()),
    };
    let time_ms = modified
        .and_then(millis)
        .ok_or("the store does not say when it was written")?;
    let base = Base::new(Some(storage.absolute(&candidate.directory)));
    let mut observer = Observer::new(&base, hasher);
    let mut validator = Validator::default();
    let outline = loaded
        .parse_each(&mut |operator| {
            validator.operator(&operator);
            observer.operator(&operator);
        })
        .map_err(|error| reason(&error))?;
    let findings = validator.finish(&outline);
    if let Some(refused) = findings.iter().find(|found| found.kind.refused_by_flink()) {
        return Err(refused.message());
    }
    let observed = observer.finish();
    let mut read = Read {
        observation: observation(candidate, &outline, &observed, &loaded, time_ms),
        files: observed.files,
        not_read: Vec::new(),
    };
    read.observation.operators = observed.operators;
    if look_inside {
        look(storage, &loaded, &mut read).await?;
    }
    Ok(Some(read))
}

fn observation(
    candidate: &Candidate,
    outline: &Outline<'_>,
    observed: &Observed,
    loaded: &LoadedMetadata,
    time_ms: i64,
) -> Observation {
    let by_name = match candidate.kind {
        DirectoryKind::Checkpoint(_) => Some(SnapshotKind::Checkpoint),
        DirectoryKind::Savepoint => Some(SnapshotKind::Savepoint),
        _ => None,
    };
    let unique = observed.files.bytes();
    Observation {
        location: candidate.directory.clone(),
        job_id: layout::job_id(&candidate.directory).map(str::to_owned),
        checkpoint_id: outline.checkpoint_id,
        kind: outline
            .properties
            .as_ref()
            .map(SnapshotKind::of)
            .or(by_name),
        time_ms,
        metadata_bytes: loaded.metadata_bytes(),
        state_bytes: observed.state_bytes,
        checkpointed_bytes: observed.checkpointed_bytes,
        unique_bytes: unique.map(|bytes| bytes.saturating_add(observed.inline_bytes)),
        new_bytes: None,
        inline_bytes: observed.inline_bytes,
        file_count: observed.files.count(),
        small_file_count: observed.small_file_count,
        operators: Vec::new(),
    }
}

/// Tells the states of each operator.
async fn look(storage: &Storage, loaded: &LoadedMetadata, read: &mut Read) -> Result<(), String> {
    let told = states(
        storage,
        loaded,
        StatesOptions::default(),
        |_| true,
        &NoProgress,
    );
    let told = told.await.map_err(|error| reason(&error))?;
    let mut told = told.by_id();
    let mut not_asked = NotAsked::default();
    for operator in &mut read.observation.operators {
        let Some(states) = told.take(operator.operator_id) else {
            continue;
        };
        let place = Place {
            operator_id: Some(operator.operator_id),
            uid: operator.uid.clone(),
            uid_source: operator.uid.as_ref().map(|_| UidSource::Metadata),
            ..Place::default()
        };
        read.not_read
            .extend(unread(&states, &place, &mut not_asked));
        let states = states.states.into_iter().map(|state| StateObservation {
            name: state.name,
            slot: state.slot,
            bytes: state.bytes,
            entries: state.entries,
        });
        operator.states = Some(states.collect());
    }
    read.not_read.extend(not_asked.findings());
    Ok(())
}

fn reason(error: &Error) -> String {
    match error {
        Error::Parse { source, .. } => source.to_string(),
        other => other.to_string(),
    }
}
