use serde::Serialize;

use crate::snapshot::references::{Base, FileRole, Reference, Target, visit_keyed_state};
use crate::snapshot::summary::sizes::{keyed_checkpointed_size, keyed_state_size};
use statescope_format::location::shown;
use statescope_format::model::checkpoint::{OperatorSubtaskState, StateSlot};
use statescope_format::model::handle::{
    ChannelStateHandle, KeyGroupRange, KeyGroupsKind, KeyedStateHandle, OperatorStateHandle,
    StreamStateHandle,
};
use statescope_format::reader::to_u64;

/// One state handle.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HandleSummary {
    /// The slot it is in.
    pub slot: StateSlot,
    /// What sort of handle it is.
    #[serde(rename = "type")]
    pub handle_type: HandleType,
    /// Full size of its state.
    pub state_bytes: Option<u64>,
    /// Bytes that this snapshot added.
    pub checkpointed_bytes: Option<u64>,
    /// Key groups of a keyed handle; `None` for others and for an empty range.
    pub key_groups: Option<KeyGroups>,
    /// Id of the state backend instance, of incremental handles.
    pub backend_id: Option<String>,
    /// The checkpoint that an incremental or changelog handle was made for.
    pub handle_checkpoint_id: Option<i64>,
    /// The states inside an operator handle, by name.
    pub states: Vec<OperatorStateSummary>,
    /// The channels of a channel handle.
    pub channels: Vec<ChannelSummary>,
    /// Changes in an in-memory changelog.
    pub changes: Option<u64>,
    /// Of a changelog handle, the handles of the materialized state.
    pub materialized: Vec<HandleSummary>,
    /// Of a changelog handle, the handles of the changes since.
    pub non_materialized: Vec<HandleSummary>,
    /// Every stream that the handle needs, those of inner handles included.
    pub files: Vec<FileSummary>,
}

/// The sorts of handles, named after the ideas of Flink's classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum HandleType {
    KeyGroups,
    SavepointKeyGroups,
    IncrementalKeyGroups,
    Changelog,
    ChangelogByteIncrement,
    ChangelogFileIncrement,
    PartitionableOperator,
    FileMergingOperator,
    InputChannel,
    ResultSubpartition,
    MergedInputChannel,
    MergedResultSubpartition,
}

/// A range of key groups, both ends inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct KeyGroups {
    /// The first.
    pub first: u32,
    /// The last.
    pub last: u32,
}

/// One operator state of a handle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OperatorStateSummary {
    /// Its name.
    pub name: String,
    /// `list`, `union` or `broadcast`.
    pub distribution: &'static str,
    /// Elements of this subtask.
    pub elements: u64,
}

/// One channel of a channel handle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ChannelSummary {
    /// Gate of an input channel, partition of a result subpartition.
    pub gate_or_partition: i32,
    /// Index of the channel or subpartition.
    pub index: i32,
    /// Pieces in the file.
    pub buffers: u64,
    /// Bytes of the channel.
    pub state_bytes: Option<u64>,
}

/// One stream of a handle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileSummary {
    /// What it is for.
    pub role: FileRole,
    /// Its full path; `None` when the bytes are inside `_metadata` or there are none. A relative
    /// path where the directory is not known, as with standard input.
    pub path: Option<String>,
    /// The name of a database file in its directory.
    pub local_name: Option<String>,
    /// Its bytes as recorded; of a segment, those of the segment.
    pub bytes: Option<u64>,
    /// How it is stored.
    pub storage: FileStorage,
    /// Where a segment starts in its file.
    pub segment_start: Option<u64>,
}

/// How a stream is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileStorage {
    /// A file by its absolute path.
    File,
    /// A file beside `_metadata`.
    Relative,
    /// Bytes inside `_metadata`.
    Inline,
    /// A part of a file.
    Segment,
    /// No bytes.
    Empty,
}

impl FileStorage {
    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Relative => "relative",
            Self::Inline => "inline",
            Self::Segment => "segment",
            Self::Empty => "empty",
        }
    }
}

/// The handles of a subtask, in the order of the slots.
pub(super) fn of_subtask(state: &OperatorSubtaskState<'_>, base: &Base) -> Vec<HandleSummary> {
    let operator = state.operator_states();
    let keyed = state.keyed_states();
    let channels = state.channel_states();
    operator
        .map(|(slot, handle)| operator_state(slot, handle, base))
        .chain(keyed.map(|(slot, handle)| keyed_state(slot, handle, base)))
        .chain(channels.map(|(slot, handle)| channel_state(slot, handle, base)))
        .collect()
}

impl HandleSummary {
    fn new(slot: StateSlot, handle_type: HandleType, state_bytes: Option<u64>) -> Self {
        Self {
            slot,
            handle_type,
            state_bytes,
            checkpointed_bytes: state_bytes,
            key_groups: None,
            backend_id: None,
            handle_checkpoint_id: None,
            states: Vec::new(),
            channels: Vec::new(),
            changes: None,
            materialized: Vec::new(),
            non_materialized: Vec::new(),
            files: Vec::new(),
        }
    }
}

fn operator_state(slot: StateSlot, handle: &OperatorStateHandle<'_>, base: &Base) -> HandleSummary {
    let handle_type = match handle.file_merging {
        Some(_) => HandleType::FileMergingOperator,
        None => HandleType::PartitionableOperator,
    };
    let mut states: Vec<_> = handle
        .states
        .iter()
        .map(|state| OperatorStateSummary {
            name: state.name.to_string(),
            distribution: state.mode.name(),
            elements: to_u64(state.offsets.len()),
        })
        .collect();
    states.sort_by(|a, b| a.name.cmp(&b.name));
    HandleSummary {
        states,
        files: vec![stream_file(FileRole::State, &handle.stream, base)],
        ..HandleSummary::new(slot, handle_type, handle.stream.state_size().bytes())
    }
}

fn keyed_state(slot: StateSlot, handle: &KeyedStateHandle<'_>, base: &Base) -> HandleSummary {
    let mut files = Vec::new();
    visit_keyed_state(slot, handle, &mut |reference| {
        files.push(file(reference, base));
    });
    let summary = HandleSummary {
        checkpointed_bytes: keyed_checkpointed_size(handle),
        key_groups: KeyGroups::of(handle.key_groups()),
        files,
        ..HandleSummary::new(slot, HandleType::of(handle), keyed_state_size(handle))
    };
    match handle {
        KeyedStateHandle::KeyGroups(_) | KeyedStateHandle::ChangelogFileIncrement(_) => summary,
        KeyedStateHandle::Incremental(handle) => HandleSummary {
            backend_id: Some(handle.backend_id.to_string()),
            handle_checkpoint_id: Some(handle.checkpoint_id),
            ..summary
        },
        KeyedStateHandle::Changelog(handle) => {
            let inner = |handles: &[KeyedStateHandle<'_>]| {
                let handles = handles.iter();
                handles
                    .map(|handle| keyed_state(slot, handle, base))
                    .collect()
            };
            HandleSummary {
                handle_checkpoint_id: handle.checkpoint_id,
                materialized: inner(&handle.materialized),
                non_materialized: inner(&handle.non_materialized),
                ..summary
            }
        }
        KeyedStateHandle::ChangelogByteIncrement(handle) => HandleSummary {
            changes: Some(to_u64(handle.changes.len())),
            ..summary
        },
    }
}

fn channel_state(slot: StateSlot, handle: &ChannelStateHandle<'_>, base: &Base) -> HandleSummary {
    let handle_type = match (slot, handle.merged) {
        (StateSlot::InputChannel, false) => HandleType::InputChannel,
        (StateSlot::InputChannel, true) => HandleType::MergedInputChannel,
        (_, false) => HandleType::ResultSubpartition,
        (_, true) => HandleType::MergedResultSubpartition,
    };
    let channels = handle.channels.iter().map(|channel| ChannelSummary {
        gate_or_partition: channel.gate_or_partition,
        index: channel.index,
        buffers: to_u64(channel.offsets.len()),
        state_bytes: channel.size.bytes(),
    });
    HandleSummary {
        channels: channels.collect(),
        files: vec![stream_file(FileRole::Channel, &handle.stream, base)],
        ..HandleSummary::new(slot, handle_type, handle.size.bytes())
    }
}

impl HandleType {
    fn of(handle: &KeyedStateHandle<'_>) -> Self {
        match handle {
            KeyedStateHandle::KeyGroups(handle) => match handle.kind {
                KeyGroupsKind::Checkpoint => Self::KeyGroups,
                KeyGroupsKind::Savepoint => Self::SavepointKeyGroups,
            },
            KeyedStateHandle::Incremental(_) => Self::IncrementalKeyGroups,
            KeyedStateHandle::Changelog(_) => Self::Changelog,
            KeyedStateHandle::ChangelogByteIncrement(_) => Self::ChangelogByteIncrement,
            KeyedStateHandle::ChangelogFileIncrement(_) => Self::ChangelogFileIncrement,
        }
    }
}

impl KeyGroups {
    fn of(range: KeyGroupRange) -> Option<Self> {
        let first = range.first();
        range.last().map(|last| Self { first, last })
    }
}

fn file(reference: Reference<'_, '_>, base: &Base) -> FileSummary {
    let file = match reference.target {
        Target::Stream(stream) => stream_file(reference.role, stream, base),
        Target::Inline(bytes) => FileSummary {
            role: reference.role,
            path: None,
            local_name: None,
            bytes: Some(bytes),
            storage: FileStorage::Inline,
            segment_start: None,
        },
    };
    FileSummary {
        local_name: reference.local_name.map(|name| name.to_string()),
        ..file
    }
}

fn stream_file(role: FileRole, stream: &StreamStateHandle<'_>, base: &Base) -> FileSummary {
    let physical = stream.physical();
    let (path, storage) = match physical {
        StreamStateHandle::File { path, .. } => (
            Some(shown(&path.to_string()).into_owned()),
            FileStorage::File,
        ),
        StreamStateHandle::Relative { path, .. } => (
            Some(shown(&base.resolve(&path.to_str())).into_owned()),
            FileStorage::Relative,
        ),
        StreamStateHandle::Segment(segment) => (
            Some(shown(&segment.path.to_string()).into_owned()),
            FileStorage::Segment,
        ),
        StreamStateHandle::ByteStream(_) => (None, FileStorage::Inline),
        StreamStateHandle::EmptySegment | StreamStateHandle::KeyGroups(_) => {
            (None, FileStorage::Empty)
        }
    };
    let segment_start = match physical {
        StreamStateHandle::Segment(segment) => Some(segment.start),
        _ => None,
    };
    FileSummary {
        role,
        path,
        local_name: None,
        bytes: physical.state_size().bytes(),
        storage,
        segment_start,
    }
}
