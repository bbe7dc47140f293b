use crate::JavaStr;
use crate::model::handle::{
    ChangelogStateBackendHandle, ChangelogStateHandleStream, InMemoryChangelogStateHandle,
    KeyGroupRange, Offsets, StateSize, StreamStateHandle,
};

/// Keyed state of one subtask (`KeyedStateHandle`, docs/format.md 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyedStateHandle<'a> {
    /// One stream with an offset per key group.
    KeyGroups(KeyGroupsStateHandle<'a>),
    /// Files of a RocksDB or ForSt database.
    Incremental(Box<IncrementalRemoteKeyedStateHandle<'a>>),
    /// A changelog over materialized state.
    Changelog(Box<ChangelogStateBackendHandle<'a>>),
    /// Changes kept inside `_metadata`.
    ChangelogByteIncrement(Box<InMemoryChangelogStateHandle<'a>>),
    /// Changes in changelog files.
    ChangelogFileIncrement(Box<ChangelogStateHandleStream<'a>>),
}

impl KeyedStateHandle<'_> {
    /// The number that stands for this sort of handle in the file (docs/format.md 5).
    pub fn tag(&self) -> u8 {
        match self {
            Self::KeyGroups(handle) => match (handle.kind, &handle.state_handle_id) {
                (KeyGroupsKind::Savepoint, _) => 7,
                (KeyGroupsKind::Checkpoint, None) => 3,
                (KeyGroupsKind::Checkpoint, Some(_)) => 12,
            },
            Self::Incremental(handle) => match handle.state_handle_id {
                None => 5,
                Some(_) => 11,
            },
            Self::Changelog(handle) => match handle.checkpoint_id {
                None => 8,
                Some(_) => 14,
            },
            Self::ChangelogByteIncrement(_) => 9,
            Self::ChangelogFileIncrement(handle) => match handle.storage_identifier {
                None => 10,
                Some(_) => 13,
            },
        }
    }

    /// Calls `visit` for the handle, and for those inside it.
    pub fn visit(&self, visit: &mut impl FnMut(&Self)) {
        visit(self);
        if let Self::Changelog(handle) = self {
            // The parser has bounded how deep these go.
            for inner in handle.materialized.iter().chain(&handle.non_materialized) {
                inner.visit(visit);
            }
        }
    }

    /// The key groups that the handle covers.
    pub fn key_groups(&self) -> KeyGroupRange {
        match self {
            Self::KeyGroups(handle) => handle.key_groups,
            Self::Incremental(handle) => handle.key_groups,
            Self::Changelog(handle) => handle.key_groups,
            Self::ChangelogByteIncrement(handle) => handle.key_groups,
            Self::ChangelogFileIncrement(handle) => handle.key_groups,
        }
    }
}

/// A stream cut up by key group (`KeyGroupsStateHandle`, `KeyGroupsSavepointStateHandle`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyGroupsStateHandle<'a> {
    /// Which Flink class wrote it.
    pub kind: KeyGroupsKind,
    /// The key groups covered, one offset each.
    pub key_groups: KeyGroupRange,
    /// Where each key group starts in the stream; what 0 and -1 mean depends on the content.
    pub offsets: Offsets<'a>,
    /// The stream.
    pub stream: StreamStateHandle<'a>,
    /// `StateHandleID`, written from Flink 1.15 on.
    pub state_handle_id: Option<JavaStr<'a>>,
}

/// The flavours of a key-groups handle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyGroupsKind {
    /// `KeyGroupsStateHandle`: a checkpoint, a native savepoint, raw keyed state, or any
    /// savepoint before Flink 1.13.
    Checkpoint,
    /// `KeyGroupsSavepointStateHandle`: a canonical savepoint (Flink 1.13+).
    Savepoint,
}

/// Database files of one subtask (`IncrementalRemoteKeyedStateHandle`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncrementalRemoteKeyedStateHandle<'a> {
    /// The checkpoint that the handle was made for.
    pub checkpoint_id: i64,
    /// Id of the state backend instance, normally a UUID.
    pub backend_id: JavaStr<'a>,
    /// The key groups covered.
    pub key_groups: KeyGroupRange,
    /// Bytes that this checkpoint added; written from Flink 1.15 on.
    pub checkpointed_size: StateSize,
    /// The stream with the states' names and serializers.
    pub meta: StreamStateHandle<'a>,
    /// Files that other checkpoints may use too (SSTs).
    pub shared: Vec<HandleAndLocalPath<'a>>,
    /// Files of this checkpoint only.
    pub private: Vec<HandleAndLocalPath<'a>>,
    /// `StateHandleID`, written from Flink 1.15 on.
    pub state_handle_id: Option<JavaStr<'a>>,
}

/// One database file (`IncrementalKeyedStateHandle.HandleAndLocalPath`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandleAndLocalPath<'a> {
    /// The file's name inside the database directory, such as `000012.sst`.
    pub local_path: JavaStr<'a>,
    /// Where its bytes are.
    pub handle: StreamStateHandle<'a>,
}
