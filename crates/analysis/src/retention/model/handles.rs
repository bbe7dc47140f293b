//! Handles of every class, as the parser would make them.

use statescope_format::JavaStr;
use statescope_format::model::checkpoint::{
    OperatorId, OperatorState, OperatorSubtaskState, Subtask,
};
use statescope_format::model::handle::{
    ChangelogStateBackendHandle, ChangelogStateHandleStream, ChannelStateHandle,
    CheckpointedStateScope, FileMergingDirectories, HandleAndLocalPath,
    IncrementalRemoteKeyedStateHandle, KeyGroupRange, KeyGroupsKind, KeyGroupsStateHandle,
    KeyedStateHandle, OffsetStream, Offsets, OperatorStateHandle, SegmentFileStateHandle,
    StateSize, StreamStateHandle,
};

/// How a snapshot may mention a file. Reachability that forgets one of them loses files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum HandleClass {
    ManagedOperator,
    RawOperator,
    ManagedKeyed,
    RawKeyed,
    IncrementalMeta,
    IncrementalShared,
    IncrementalPrivate,
    MaterializedChangelog,
    ChangelogFile,
    InputChannel,
    ResultSubpartition,
    KeyGroupsAsStream,
    Segment,
    /// All files of a directory of merged files.
    MergedShared,
    MergedTaskOwned,
    /// Beside the metadata.
    Relative,
    /// As beside the metadata, but in a savepoint that was claimed (FLINK-39964).
    Misplaced,
    /// By another name of the same store.
    Alias,
    /// In the directory of another job.
    OtherJob,
}

impl HandleClass {
    pub(super) const ALL: [Self; 19] = [
        Self::ManagedOperator,
        Self::RawOperator,
        Self::ManagedKeyed,
        Self::RawKeyed,
        Self::IncrementalMeta,
        Self::IncrementalShared,
        Self::IncrementalPrivate,
        Self::MaterializedChangelog,
        Self::ChangelogFile,
        Self::InputChannel,
        Self::ResultSubpartition,
        Self::KeyGroupsAsStream,
        Self::Segment,
        Self::MergedShared,
        Self::MergedTaskOwned,
        Self::Relative,
        Self::Misplaced,
        Self::Alias,
        Self::OtherJob,
    ];

    /// Those by which a file in a job's shared directory may be mentioned.
    pub(super) fn shared() -> Vec<Self> {
        let elsewhere = [
            Self::MergedShared,
            Self::MergedTaskOwned,
            Self::Relative,
            Self::Misplaced,
            Self::OtherJob,
        ];
        let mut shared = Self::ALL.to_vec();
        shared.retain(|class| !elsewhere.contains(class));
        shared
    }
}

/// A handle: its class, and the file or directory that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Handle {
    pub(super) class: HandleClass,
    pub(super) path: String,
}

/// An operator with that handle and no other.
pub(super) fn operator<'h>(handle: &'h Handle, alias: &'h str, uid: &str) -> OperatorState<'h> {
    let Handle { class, path } = handle;
    let mut state = OperatorSubtaskState::default();
    let name = path.rsplit('/').next().unwrap();
    match class {
        HandleClass::ManagedOperator => {
            state.managed_operator = Some(Box::new(of_operator(file(path))));
        }
        HandleClass::RawOperator => state.raw_operator = Some(Box::new(of_operator(file(path)))),
        HandleClass::ManagedKeyed | HandleClass::OtherJob => {
            state.managed_keyed = Some(Box::new(key_groups(file(path))));
        }
        HandleClass::RawKeyed => state.raw_keyed = Some(Box::new(key_groups(file(path)))),
        HandleClass::IncrementalMeta => {
            state.managed_keyed = Some(Box::new(incremental(file(path), None, None)));
        }
        HandleClass::IncrementalShared => {
            state.managed_keyed = Some(Box::new(incremental(nothing(), Some(file(path)), None)));
        }
        HandleClass::IncrementalPrivate => {
            state.managed_keyed = Some(Box::new(incremental(nothing(), None, Some(file(path)))));
        }
        HandleClass::Misplaced => {
            let relative = relative(name);
            state.managed_keyed = Some(Box::new(incremental(nothing(), Some(relative), None)));
        }
        HandleClass::MaterializedChangelog => {
            let inner = incremental(nothing(), Some(file(path)), None);
            state.managed_keyed = Some(Box::new(changelog(vec![inner], Vec::new())));
        }
        HandleClass::ChangelogFile => {
            let inner = changes(file(path));
            state.managed_keyed = Some(Box::new(changelog(Vec::new(), vec![inner])));
        }
        HandleClass::InputChannel => state.input_channels.push(channel(file(path))),
        HandleClass::ResultSubpartition => state.result_subpartitions.push(channel(file(path))),
        HandleClass::KeyGroupsAsStream => {
            let inner = StreamStateHandle::KeyGroups(Box::new(groups(file(path))));
            state.raw_keyed = Some(Box::new(key_groups(inner)));
        }
        HandleClass::Segment => {
            let segment = StreamStateHandle::Segment(Box::new(SegmentFileStateHandle {
                start: 7,
                size: StateSize::UNKNOWN,
                scope: CheckpointedStateScope::Shared,
                path: text(path),
                logical_file_id: text("x"),
            }));
            state.managed_keyed = Some(Box::new(key_groups(segment)));
        }
        HandleClass::MergedShared | HandleClass::MergedTaskOwned => {
            let elsewhere = text("s3://elsewhere");
            let (task_owned, shared) = match class {
                HandleClass::MergedShared => (elsewhere, text(path)),
                _ => (text(path), elsewhere),
            };
            state.managed_operator = Some(Box::new(OperatorStateHandle {
                file_merging: Some(FileMergingDirectories {
                    task_owned,
                    shared,
                    is_empty: true,
                }),
                ..of_operator(StreamStateHandle::EmptySegment)
            }));
        }
        HandleClass::Relative => {
            state.managed_operator = Some(Box::new(of_operator(relative(name))));
        }
        HandleClass::Alias => state.managed_keyed = Some(Box::new(key_groups(file(alias)))),
    }
    OperatorState {
        id: OperatorId::of_uid(uid),
        uid: None,
        name: None,
        parallelism: 1,
        max_parallelism: 128,
        coordinator: None,
        fully_finished: false,
        subtasks: vec![Subtask::running(0, state)],
    }
}

fn text(text: &str) -> JavaStr<'_> {
    JavaStr::new(text.as_bytes()).unwrap()
}

fn file(path: &str) -> StreamStateHandle<'_> {
    StreamStateHandle::File {
        path: text(path),
        size: StateSize::UNKNOWN,
    }
}

fn relative(name: &str) -> StreamStateHandle<'_> {
    StreamStateHandle::Relative {
        path: text(name),
        size: StateSize::UNKNOWN,
    }
}

fn nothing<'a>() -> StreamStateHandle<'a> {
    StreamStateHandle::EmptySegment
}

fn range() -> KeyGroupRange {
    KeyGroupRange::new(0, 1).unwrap()
}

fn of_operator(stream: StreamStateHandle<'_>) -> OperatorStateHandle<'_> {
    OperatorStateHandle {
        states: Vec::new(),
        stream,
        file_merging: None,
    }
}

fn groups(stream: StreamStateHandle<'_>) -> KeyGroupsStateHandle<'_> {
    KeyGroupsStateHandle {
        kind: KeyGroupsKind::Checkpoint,
        key_groups: range(),
        offsets: Offsets::default(),
        stream,
        state_handle_id: None,
    }
}

fn key_groups(stream: StreamStateHandle<'_>) -> KeyedStateHandle<'_> {
    KeyedStateHandle::KeyGroups(groups(stream))
}

fn incremental<'a>(
    meta: StreamStateHandle<'a>,
    shared: Option<StreamStateHandle<'a>>,
    private: Option<StreamStateHandle<'a>>,
) -> KeyedStateHandle<'a> {
    let files = |handle: Option<StreamStateHandle<'a>>| {
        let file = |handle| HandleAndLocalPath {
            local_path: text("000001.sst"),
            handle,
        };
        handle.map(file).into_iter().collect()
    };
    KeyedStateHandle::Incremental(Box::new(IncrementalRemoteKeyedStateHandle {
        checkpoint_id: 1,
        backend_id: text("b"),
        key_groups: range(),
        checkpointed_size: StateSize::UNKNOWN,
        meta,
        shared: files(shared),
        private: files(private),
        state_handle_id: None,
    }))
}

fn changelog<'a>(
    materialized: Vec<KeyedStateHandle<'a>>,
    non_materialized: Vec<KeyedStateHandle<'a>>,
) -> KeyedStateHandle<'a> {
    KeyedStateHandle::Changelog(Box::new(ChangelogStateBackendHandle {
        key_groups: range(),
        checkpointed_size: None,
        materialized,
        non_materialized,
        materialization_id: None,
        checkpoint_id: None,
        state_handle_id: None,
    }))
}

fn changes(stream: StreamStateHandle<'_>) -> KeyedStateHandle<'_> {
    KeyedStateHandle::ChangelogFileIncrement(Box::new(ChangelogStateHandleStream {
        key_groups: range(),
        streams: vec![OffsetStream { offset: 0, stream }],
        size: StateSize::UNKNOWN,
        incremental_size: None,
        state_handle_id: None,
        storage_identifier: None,
    }))
}

fn channel(stream: StreamStateHandle<'_>) -> ChannelStateHandle<'_> {
    ChannelStateHandle {
        subtask_index: None,
        channels: Vec::new(),
        merged: false,
        size: StateSize::UNKNOWN,
        stream,
    }
}
