use serde::Serialize;

use crate::snapshot::summary::SnapshotKind;
use statescope_format::location::Location;
use statescope_format::model::checkpoint::{OperatorId, StateSlot};

/// What one snapshot showed: sizes, and nothing that refers to the bytes of its file.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// The snapshot's directory.
    pub location: Location,
    /// The job in whose directory it lies.
    pub job_id: Option<String>,
    /// The checkpoint's number in its job.
    pub checkpoint_id: u64,
    /// What it is, where that is known.
    pub kind: Option<SnapshotKind>,
    /// When it was written, in milliseconds since 1970-01-01 UTC.
    pub time_ms: i64,
    /// Bytes of the metadata file.
    pub metadata_bytes: u64,
    /// Full size of the state.
    pub state_bytes: Option<u64>,
    /// Bytes that this snapshot added, as Flink counts them.
    pub checkpointed_bytes: Option<u64>,
    /// Bytes of distinct files and segments, and of inline state.
    pub unique_bytes: Option<u64>,
    /// Bytes of files that no earlier snapshot mentions which was seen with it; `None` for the first.
    pub new_bytes: Option<u64>,
    /// State bytes inside the metadata file.
    pub inline_bytes: u64,
    /// Distinct files and segments.
    pub file_count: u64,
    /// Those smaller than [`SMALL_FILE_BYTES`].
    pub small_file_count: u64,
    /// The operators, by id.
    pub operators: Vec<OperatorObservation>,
}

/// Files below this size are small: a store's cost for a request outweighs their content.
pub const SMALL_FILE_BYTES: u64 = 64 << 10;

/// One operator of a snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct OperatorObservation {
    /// The operator's id.
    pub operator_id: OperatorId,
    /// Its uid, where known.
    pub uid: Option<String>,
    /// Its name, where known.
    pub name: Option<String>,
    /// Number of subtasks.
    pub parallelism: u32,
    /// Bytes by class; together the operator's state.
    pub classes: ClassBytes,
    /// Bytes that this snapshot added, as Flink counts them.
    pub checkpointed_bytes: Option<u64>,
    /// Of operator state, bytes of union lists, of which every subtask gets all.
    pub union_bytes: Option<u64>,
    /// The subtask with the most state and its bytes.
    pub largest_subtask: Option<(u32, u64)>,
    /// The states by slot and name; `None` unless they were looked into.
    pub states: Option<Vec<StateObservation>>,
}

impl OperatorObservation {
    /// What to call it: its uid, else its name, else the start of its id.
    pub fn label(&self) -> String {
        match (&self.uid, &self.name) {
            (Some(text), _) | (None, Some(text)) => text.clone(),
            (None, None) => self.operator_id.short(),
        }
    }
}

/// One state of an operator.
#[derive(Clone, Debug, PartialEq)]
pub struct StateObservation {
    /// Its name.
    pub name: String,
    /// The slot that its handles are in.
    pub slot: StateSlot,
    /// Bytes that it takes on storage.
    pub bytes: Option<u64>,
    /// How many records.
    pub entries: Option<u64>,
}

/// What state bytes are kept as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileClass {
    /// Database files that other checkpoints may use too.
    Shared,
    /// Database files of one checkpoint.
    Private,
    /// Names and serializers of a database's states.
    Meta,
    /// Keyed state in one stream.
    Keyed,
    /// Operator state.
    Operator,
    /// Changes since the last materialization.
    Changelog,
    /// In-flight data.
    Channel,
    /// State of coordinators, which run on the JobManager.
    Coordinator,
}

impl FileClass {
    /// All of them, in the order of results.
    pub const ALL: [Self; 8] = [
        Self::Shared,
        Self::Private,
        Self::Meta,
        Self::Keyed,
        Self::Operator,
        Self::Changelog,
        Self::Channel,
        Self::Coordinator,
    ];

    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Private => "private",
            Self::Meta => "meta",
            Self::Keyed => "keyed",
            Self::Operator => "operator",
            Self::Changelog => "changelog",
            Self::Channel => "channel",
            Self::Coordinator => "coordinator",
        }
    }
}

/// Bytes by [`FileClass`]; `None` where a handle does not record its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClassBytes([Option<u64>; FileClass::ALL.len()]);

impl Default for ClassBytes {
    fn default() -> Self {
        Self([Some(0); FileClass::ALL.len()])
    }
}

impl ClassBytes {
    /// Bytes of one class.
    pub fn get(&self, class: FileClass) -> Option<u64> {
        self.0.get(class as usize).copied().flatten()
    }

    /// Sets the bytes of one class.
    pub fn set(&mut self, class: FileClass, bytes: Option<u64>) {
        if let Some(place) = self.0.get_mut(class as usize) {
            *place = bytes;
        }
    }

    /// Adds to one class.
    pub fn add(&mut self, class: FileClass, bytes: Option<u64>) {
        self.set(class, plus(self.get(class), bytes));
    }

    /// Bytes of all classes together.
    pub fn total(&self) -> Option<u64> {
        self.0.into_iter().fold(Some(0), plus)
    }
}

/// A sum that is unknown as soon as one part is.
pub(super) fn plus(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    Some(a?.saturating_add(b?))
}
