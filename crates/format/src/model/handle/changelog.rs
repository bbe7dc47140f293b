use std::fmt;

use byteorder::{BigEndian, ByteOrder};

use crate::JavaStr;
use crate::model::handle::{KeyGroupRange, KeyedStateHandle, StateSize, StreamStateHandle};

/// State of the changelog backend (`ChangelogStateBackendHandleImpl`, docs/format.md 5).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangelogStateBackendHandle<'a> {
    /// The key groups covered.
    pub key_groups: KeyGroupRange,
    /// Bytes that this checkpoint added; not written by Flink 1.14.
    pub checkpointed_size: Option<StateSize>,
    /// The last full state of the backend underneath.
    pub materialized: Vec<KeyedStateHandle<'a>>,
    /// The changes since then.
    pub non_materialized: Vec<KeyedStateHandle<'a>>,
    /// Number of the materialization; not written by Flink 1.14.
    pub materialization_id: Option<i64>,
    /// The checkpoint it was made for; written from Flink 1.16 on.
    pub checkpoint_id: Option<i64>,
    /// `StateHandleID`, written from Flink 1.15 on.
    pub state_handle_id: Option<JavaStr<'a>>,
}

/// Changes kept inside `_metadata` (`InMemoryChangelogStateHandle`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InMemoryChangelogStateHandle<'a> {
    /// The key groups covered.
    pub key_groups: KeyGroupRange,
    /// First sequence number, inclusive.
    pub from: i64,
    /// Last sequence number, exclusive.
    pub to: i64,
    /// The changes.
    pub changes: StateChanges<'a>,
    /// `StateHandleID`, written from Flink 1.15 on.
    pub state_handle_id: Option<JavaStr<'a>>,
}

/// Changes in changelog files (`ChangelogStateHandleStreamImpl`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangelogStateHandleStream<'a> {
    /// The key groups covered.
    pub key_groups: KeyGroupRange,
    /// The files, each with the position where this subtask's changes start.
    pub streams: Vec<OffsetStream<'a>>,
    /// Bytes of all changes; less than the files' lengths, which other subtasks share.
    pub size: StateSize,
    /// Bytes that this checkpoint added; not written by Flink 1.14.
    pub incremental_size: Option<StateSize>,
    /// `StateHandleID`, written from Flink 1.15 on.
    pub state_handle_id: Option<JavaStr<'a>>,
    /// Which changelog storage wrote it (`filesystem`); written from Flink 1.16 on.
    pub storage_identifier: Option<JavaStr<'a>>,
}

/// A stream and a position in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OffsetStream<'a> {
    /// Counts uncompressed bytes after the stream's first byte (a compression flag).
    pub offset: i64,
    /// The stream.
    pub stream: StreamStateHandle<'a>,
}

/// The changes of an in-memory changelog, kept as they are on disk: a busy job has tens of
/// thousands of a few bytes each.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct StateChanges<'a> {
    records: &'a [u8],
    count: usize,
    bytes: u64,
}

impl<'a> StateChanges<'a> {
    pub(crate) const HEADER: usize = 8;

    /// `records` must be `count` whole records `i32 keyGroup, i32 len, bytes[len]`, with `bytes`
    /// the sum of the lengths: the parser has walked them.
    pub(crate) fn new(records: &'a [u8], count: usize, bytes: u64) -> Self {
        Self {
            records,
            count,
            bytes,
        }
    }

    /// How many changes there are.
    pub fn len(self) -> usize {
        self.count
    }

    /// True when there are none.
    pub fn is_empty(self) -> bool {
        self.count == 0
    }

    /// Bytes of all changes, without their headers.
    pub fn bytes(self) -> u64 {
        self.bytes
    }

    /// The changes in the order of the file.
    pub fn iter(self) -> impl Iterator<Item = StateChange<'a>> + use<'a> {
        let mut rest = self.records;
        std::iter::from_fn(move || {
            let (header, tail) = rest.split_at_checked(Self::HEADER)?;
            let (key_group, length) = header.split_at_checked(4)?;
            let length = usize::try_from(BigEndian::read_u32(length)).ok()?;
            let (data, tail) = tail.split_at_checked(length)?;
            rest = tail;
            Some(StateChange {
                key_group: u32::try_from(BigEndian::read_i32(key_group)).ok(),
                data,
            })
        })
    }
}

impl fmt::Debug for StateChanges<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} changes, {} B", self.count, self.bytes)
    }
}

/// One change (`StateChange`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateChange<'a> {
    /// The key group; `None` for a change of state metadata (-1 on disk).
    pub key_group: Option<u32>,
    /// The serialized change.
    pub data: &'a [u8],
}
