//! What is inside each operator, state by state: names, types, and how large each is
//! (docs/state-files.md 6).

mod builder;
mod facts;
mod figures;

mod well_known;

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use statescope_format::model::checkpoint::StateSlot;
use statescope_format::state_file::serializer::SerializerSnapshot;
use statescope_format::state_file::{CommittablesForm, TtlConfigForm};

pub use builder::{OperatorTotals, StatesBuilder};

pub use well_known::StateRole;

/// The states of one operator, over all its subtasks.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct OperatorStates {
    /// The states, largest first, then by slot and name.
    pub states: Vec<StateSummary>,
    /// Bytes of the operator's managed and raw state that belong to no single state: heads,
    /// tables, database files other than SSTs. `None` where any part is not known.
    pub overhead_bytes: Option<u64>,
    /// Bytes of states that could not be told apart or read, overhead included; `None` where
    /// nothing of the kind is left.
    pub unattributed_bytes: Option<u64>,
    /// In-flight data of its channels.
    pub channel_bytes: Option<u64>,
    /// How its keyed state is kept, as far as its streams were looked at.
    pub keyed_formats: BTreeSet<KeyedFormat>,
    /// The newest layout among the heads of its operator state.
    pub operator_head_version: Option<i32>,
    /// The oldest layout among the heads of its keyed state.
    pub keyed_head_version: Option<i32>,
    /// The forms of time-to-live settings in its changelog.
    #[serde(skip)]
    pub ttl_config_forms: BTreeSet<TtlConfigForm>,
    /// The newest layout among the tables of its databases, as far as they were looked at.
    #[serde(skip)]
    pub newest_table_version: Option<u32>,
    /// The forms of what its sink has still to commit.
    #[serde(skip)]
    pub committables_forms: BTreeSet<CommittablesForm>,
    /// Streams whose first bytes were read.
    pub heads_read: u64,
    /// What could not be read, and why.
    pub unread: Vec<Unread>,
}

impl OperatorStates {
    /// Of an operator that has not a single handle.
    pub fn of_nothing() -> Self {
        Self {
            overhead_bytes: Some(0),
            channel_bytes: Some(0),
            ..Self::default()
        }
    }
}

/// One state of an operator.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StateSummary {
    /// Its name.
    pub name: String,
    /// The slot that its handles are in.
    pub slot: StateSlot,
    /// What sort of state it is; `None` where no head was read that has it.
    pub kind: Option<StateKind>,
    /// What Flink or a connector uses it for, where the name tells.
    pub role: Option<StateRole>,
    /// The type of a value, in short: of an element of a list, of the values of a map.
    #[serde(rename = "type")]
    pub value_type: Option<String>,
    /// The type of the keys: of keyed state the job's keys, of broadcast state the map's.
    pub key_type: Option<String>,
    /// The namespace, such as the window's type; `None` where there is none.
    pub namespace: Option<String>,
    /// Whether values carry the time of their last access.
    pub ttl: Option<bool>,
    /// Whether Kryo serializes any part of it.
    pub generic: Option<bool>,
    /// The serializers as the snapshot describes them.
    pub serializers: StateSerializers,
    /// Bytes that it takes on storage.
    pub bytes: Option<u64>,
    /// How many records: keys with a value, entries of maps, elements of lists, timers.
    pub entries: Option<u64>,
    /// How far the two figures can be trusted; `None` without any.
    pub accuracy: Option<Accuracy>,
    /// Bytes of keys, namespaces included, before compression.
    pub key_bytes: Option<u64>,
    /// Bytes of values, before compression.
    pub value_bytes: Option<u64>,
    /// Of databases, deletions that no compaction has carried out yet.
    pub deletions: Option<u64>,
    /// Of list, union and broadcast state: how its elements lie.
    pub elements: Option<Elements>,
    /// Of changelogs, changes since the last materialization.
    pub changes: Option<u64>,
    /// The largest key groups, where the format tells.
    pub largest_key_groups: Vec<KeyGroupShare>,
}

/// How keyed state is kept, which decides what backend reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyedFormat {
    /// A canonical savepoint: any backend.
    Canonical,
    /// A full checkpoint of RocksDB, in the canonical form.
    RocksdbFull,
    /// The heap backend's own form.
    Heap,
    /// Files of a RocksDB or ForSt database.
    Database,
    /// Changes of the changelog backend.
    Changelog,
}

impl KeyedFormat {
    /// The format in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Canonical => "canonical",
            Self::RocksdbFull => "full checkpoint of RocksDB",
            Self::Heap => "native to the heap backend",
            Self::Database => "native to RocksDB or ForSt",
            Self::Changelog => "changelog",
        }
    }
}

/// What sort of state it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateKind {
    /// `ValueState`.
    Value,
    /// `ListState`, keyed.
    List,
    /// `MapState`.
    Map,
    /// `ReducingState`.
    Reducing,
    /// `AggregatingState`.
    Aggregating,
    /// `FoldingState`, before Flink 1.9.
    Folding,
    /// Timers, or another queue.
    Timers,
    /// Operator state shared out to the subtasks.
    OperatorList,
    /// Operator state of which every subtask gets all.
    Union,
    /// Broadcast state.
    Broadcast,
}

impl StateKind {
    /// The kind in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::List => "list",
            Self::Map => "map",
            Self::Reducing => "reducing",
            Self::Aggregating => "aggregating",
            Self::Folding => "folding",
            Self::Timers => "timers",
            Self::OperatorList => "operator list",
            Self::Union => "union list",
            Self::Broadcast => "broadcast",
        }
    }
}

/// The serializers of a state.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateSerializers {
    /// Of the keys of keyed state; all states of a stream share one.
    pub key: Option<Arc<SerializerSnapshot>>,
    /// Of the namespace.
    pub namespace: Option<SerializerSnapshot>,
    /// Of the keys inside a map or broadcast state, where the state records it by itself.
    pub user_key: Option<SerializerSnapshot>,
    /// Of the whole value.
    pub value: Option<SerializerSnapshot>,
}

impl StateSerializers {
    /// Key, namespace, user key and value.
    pub fn parts(&self) -> [Option<&SerializerSnapshot>; 4] {
        [
            self.key.as_deref(),
            self.namespace.as_ref(),
            self.user_key.as_ref(),
            self.value.as_ref(),
        ]
    }
}

/// How far figures can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Accuracy {
    /// Counted.
    Exact,
    /// Close: a database counts what was written over and deleted, and compression is shared out
    /// in proportion.
    Estimated,
    /// Only a part of the subtasks or of the files could be counted.
    Partial,
}

impl Accuracy {
    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Estimated => "estimated",
            Self::Partial => "partial",
        }
    }
}

/// How the elements of operator state lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Elements {
    /// How many there are, over all subtasks.
    pub count: u64,
    /// Bytes of the smallest.
    pub smallest_bytes: u64,
    /// Bytes of the largest.
    pub largest_bytes: u64,
    /// Bytes that all subtasks together read when they restore: of union and broadcast state each
    /// reads everything.
    pub restored_bytes: u64,
}

/// What one key group holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct KeyGroupShare {
    /// The key group.
    pub key_group: u32,
    /// Its records.
    pub entries: u64,
    /// Their bytes, before compression.
    pub bytes: u64,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// The subtask.
    pub subtask: u32,
    /// The slot.
    pub slot: StateSlot,
    /// The file; `None` for state inside `_metadata`.
    pub path: Option<String>,
    /// What was wrong.
    pub message: String,
    /// The store that the file is in, where it was not asked.
    pub not_asked: Option<String>,
    /// Whether the store did not deliver what is there; else it is not there, or what was delivered was
    /// not understood.
    #[serde(skip)]
    pub of_store: bool,
}
