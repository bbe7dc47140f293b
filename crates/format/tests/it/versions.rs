//! One frozen file per metadata version and dialect, byte by byte, and all that is read from it.
//!
//! Tests are added here for new versions, and never edited: what could be read once must always
//! be read the same way. The numbers in brackets are sections of docs/format.md.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use crate::byte_table;

use byte_table::bytes;
use statescope::metadata::{self, Dialect, ParsedMetadata};
use statescope::model::checkpoint::{
    CheckpointMetadata, CheckpointProperties, MasterState, MetadataVersion, OperatorId,
    OperatorState, OperatorSubtaskState, PostCheckpointAction, SavepointFormat, SnapshotType,
    StateOrigin,
};
use statescope::model::handle::{
    ByteStreamStateHandle, ChannelStateHandle, CheckpointedStateScope, DistributionMode,
    KeyGroupRange, KeyGroupsKind, KeyGroupsStateHandle, KeyedStateHandle, StateSize,
    StreamStateHandle,
};

/// Parses a file of which nothing is left over.
fn parse(bytes: &[u8]) -> ParsedMetadata<'_> {
    let parsed = metadata::parse(bytes).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(parsed.trailing_bytes, 0);
    parsed
}

fn id(last_byte: u8) -> OperatorId {
    let mut id = [0; 16];
    id[15] = last_byte;
    OperatorId::from_bytes(id)
}

fn range(first: u32, count: u32) -> KeyGroupRange {
    KeyGroupRange::new(first, count).expect("a range")
}

fn size(bytes: i64) -> StateSize {
    StateSize::from_wire(bytes).expect("a size")
}

#[track_caller]
fn only<T>(elements: &[T]) -> &T {
    match elements {
        [element] => element,
        _ => panic!("{} elements instead of one", elements.len()),
    }
}

#[track_caller]
fn inline<'s, 'a>(stream: &'s StreamStateHandle<'a>) -> &'s ByteStreamStateHandle<'a> {
    match stream {
        StreamStateHandle::ByteStream(handle) => handle,
        other => panic!("not inline: {other:?}"),
    }
}

#[track_caller]
fn is_file(stream: &StreamStateHandle<'_>, expected_path: &str, expected_size: i64) {
    match stream {
        StreamStateHandle::File { path, size: stored } => {
            assert_eq!(path.to_str(), expected_path);
            assert_eq!(*stored, size(expected_size));
        }
        other => panic!("not a file: {other:?}"),
    }
}

#[track_caller]
fn is_relative(stream: &StreamStateHandle<'_>, expected_path: &str, expected_size: i64) {
    match stream {
        StreamStateHandle::Relative { path, size: stored } => {
            assert_eq!(path.to_str(), expected_path);
            assert_eq!(*stored, size(expected_size));
        }
        other => panic!("not a relative file: {other:?}"),
    }
}

/// Key groups 0 and 1 at 5 and 6 of the inline bytes 1, 2, 3 called `bs`.
#[track_caller]
fn is_two_key_groups(handle: &KeyGroupsStateHandle<'_>, kind: KeyGroupsKind) {
    assert_eq!(handle.kind, kind);
    assert_eq!(handle.key_groups, range(0, 2));
    assert_eq!(handle.offsets.iter().collect::<Vec<_>>(), [5, 6]);
    assert_eq!(inline(&handle.stream).name().to_str(), "bs");
    assert_eq!(inline(&handle.stream).data(), [1, 2, 3]);
}

#[track_caller]
fn state<'s, 'a>(operator: &'s OperatorState<'a>, at: usize) -> &'s OperatorSubtaskState<'a> {
    operator.subtasks[at].state().expect("a subtask with state")
}

/// Checkpoint 42 with one master state of version 3, `m`, that holds a 9.
#[track_caller]
fn is_checkpoint_42(metadata: &CheckpointMetadata<'_>, version: MetadataVersion) {
    assert_eq!(metadata.version, version);
    assert_eq!(metadata.checkpoint_id, 42);
    let &MasterState {
        version,
        name,
        data,
    } = only(&metadata.master_states);
    assert_eq!((version, &*name.to_str(), data), (3, "m", &[9][..]));
}

#[test]
fn version_2_of_flink_1_10_is_read() {
    let bytes = bytes(
        r#"
        49 60 67 2d                  # magic [2]
        00 00 00 02                  # version = 2
        00 00 00 00 00 00 00 2a      # checkpoint id = 42
        00 00 00 01                  # master states = 1 [3.2]
        c9 6b 16 96                  #   magic
        00 00 00 0c                  #   length = 12
        00 00 00 03                  #   version = 3
        00 01 "m"                    #   name = "m"
        00 00 00 01 09               #   payload = 09
        00 00 00 01                  # operators = 1 [3.3]
        00 00 00 00 00 00 00 00      #   id = 7
        00 00 00 00 00 00 00 07
        00 00 00 02                  #   parallelism = 2
        00 00 00 80                  #   max parallelism = 128
        00 00 00 01                  #   chain length = 1
        00 00 00 02                  #   subtasks = 2
        00 00 00 01                  #     index = 1 [3.4]
        ff ff ff ff ff ff ff ff      #     duration = -1
        00 00 00 00                  #     legacy states = 0
        00 00 00 00                  #     managed operator state: none
        00 00 00 00                  #     raw operator state: none
        03                           #     managed keyed state: key groups [5]
        00 00 00 00 00 00 00 02      #       first = 0, count = 2
        00 00 00 00 00 00 00 05      #       offset = 5
        00 00 00 00 00 00 00 06      #       offset = 6
        01 00 02 "bs"                #       inline, name = "bs"
        00 00 00 03 01 02 03         #       data = 01 02 03
        00                           #     raw keyed state: none
        00 00 00 00                  #     index = 0
        ff ff ff ff ff ff ff ff      #     duration = -1
        00 00 00 00                  #     legacy states = 0
        00 00 00 01                  #     managed operator state: one
        04 00 00 00 01               #       partitionable, states = 1 [6.1]
        00 02 "st"                   #         name = "st"
        01                           #         mode = union
        00 00 00 02                  #         offsets = 2
        00 00 00 00 00 00 00 0a      #           10
        00 00 00 00 00 00 00 14      #           20
        02                           #       file [4]
        00 00 00 00 00 00 00 7b      #         size = 123
        00 03 "a/b"                  #         path = "a/b"
        00 00 00 00                  #     raw operator state: none
        05                           #     managed keyed state: incremental [5]
        00 00 00 00 00 00 00 29      #       checkpoint id = 41
        00 02 "id"                   #       backend id = "id"
        00 00 00 40 00 00 00 40      #       first = 64, count = 64
        02                           #       meta: file
        ff ff ff ff ff ff ff ff      #         size = -1, unknown
        00 01 "m"                    #         path = "m"
        00 00 00 01                  #       shared files = 1
        00 05 "1.sst"                #         local name = "1.sst"
        02                           #         file
        00 00 00 00 00 00 01 00      #           size = 256
        00 01 "s"                    #           path = "s"
        00 00 00 01                  #       private files = 1
        00 07 "CURRENT"              #         local name = "CURRENT"
        01 00 00 00 00 00 01 ff      #         inline, name = "", data = ff
        00                           #     raw keyed state: none
        "#,
    );
    let parsed = parse(&bytes);
    assert_eq!(parsed.dialect, None);
    is_checkpoint_42(&parsed.metadata, MetadataVersion::V2);
    assert_eq!(parsed.metadata.properties, None);
    let operator = only(&parsed.metadata.operator_states);
    assert_eq!(operator.id, id(7));
    assert_eq!((operator.parallelism, operator.max_parallelism), (2, 128));
    assert_eq!(
        (operator.uid, operator.name, operator.coordinator),
        (None, None, None)
    );
    assert!(!operator.fully_finished);
    let indexes: Vec<_> = operator
        .subtasks
        .iter()
        .map(|s| (s.index, s.finished))
        .collect();
    assert_eq!(
        indexes,
        [(1, false), (0, false)],
        "in the order of the file"
    );

    let first = state(operator, 0);
    assert_eq!(
        (&first.managed_operator, &first.raw_operator),
        (&None, &None)
    );
    assert_eq!(first.raw_keyed, None);
    match first.managed_keyed.as_deref() {
        Some(KeyedStateHandle::KeyGroups(handle)) => {
            is_two_key_groups(handle, KeyGroupsKind::Checkpoint);
            assert_eq!(handle.state_handle_id, None);
        }
        other => panic!("{other:?}"),
    }

    let second = state(operator, 1);
    let handle = second.managed_operator.as_ref().expect("operator state");
    assert_eq!(handle.file_merging, None);
    let named = only(&handle.states);
    assert_eq!(
        (&*named.name.to_str(), named.mode),
        ("st", DistributionMode::Union)
    );
    assert_eq!(named.offsets.iter().collect::<Vec<_>>(), [10, 20]);
    is_file(&handle.stream, "a/b", 123);
    let Some(KeyedStateHandle::Incremental(handle)) = second.managed_keyed.as_deref() else {
        panic!("{second:?}");
    };
    assert_eq!(
        (handle.checkpoint_id, &*handle.backend_id.to_str()),
        (41, "id")
    );
    assert_eq!(handle.key_groups, range(64, 64));
    assert_eq!(handle.checkpointed_size, StateSize::UNKNOWN);
    assert_eq!(handle.state_handle_id, None);
    is_file(&handle.meta, "m", -1);
    let shared = only(&handle.shared);
    assert_eq!(shared.local_path.to_str(), "1.sst");
    is_file(&shared.handle, "s", 256);
    let private = only(&handle.private);
    assert_eq!(private.local_path.to_str(), "CURRENT");
    assert!(inline(&private.handle).name().is_empty());
    assert_eq!(inline(&private.handle).data(), [0xFF]);
    assert!(second.input_channels.is_empty() && second.result_subpartitions.is_empty());
}

/// Written by the serializer of Flink 1.11.4.
#[test]
fn version_3_of_flink_1_11_with_channels_that_name_no_subtask_is_read() {
    let bytes = bytes(
        r#"
        49 60 67 2d 00 00 00 03      # magic, version = 3 [2]
        00 00 00 00 00 00 00 2a      # checkpoint id = 42
        00 00 00 01                  # master states = 1 [3.2]
        c9 6b 16 96 00 00 00 0c      #   magic, length = 12
        00 00 00 03 00 01 "m"        #   version = 3, name = "m"
        00 00 00 01 09               #   payload = 09
        00 00 00 01                  # operators = 1 [3.3]
        00 00 00 00 00 00 00 01      #   id
        00 00 00 00 00 00 00 02
        00 00 00 02 00 00 00 80      #   parallelism = 2, max parallelism = 128
        01 00 01 "c"                 #   coordinator: inline, name = "c"
        00 00 00 01 05               #     data = 05
        00 00 00 01                  #   subtasks = 1
        00 00 00 00                  #     index = 0
        00 00 00 00 00 00 00 00      #     no operator state, managed or raw
        03                           #     managed keyed state: key groups [5]
        00 00 00 00 00 00 00 02      #       first = 0, count = 2
        00 00 00 00 00 00 00 05      #       offset = 5
        00 00 00 00 00 00 00 06      #       offset = 6
        01 00 02 "bs"                #       inline, name = "bs"
        00 00 00 03 01 02 03         #       data = 01 02 03
        00                           #     raw keyed state: none
        00 00 00 01                  #     input channels = 1 [6.2]
        00 00 00 01                  #       gate = 1
        00 00 00 02                  #       channel = 2
        00 00 00 02                  #       offsets = 2
        00 00 00 00 00 00 00 04      #         4
        00 00 00 00 00 00 00 08      #         8
        00 00 00 00 00 00 00 4d      #       size = 77
        06 00 01 "y"                 #       relative, path = "y"
        00 00 00 00 00 00 00 7b      #         size = 123
        00 00 00 01                  #     result subpartitions = 1
        00 00 00 03                  #       partition = 3
        00 00 00 04                  #       subpartition = 4
        00 00 00 01                  #       offsets = 1
        00 00 00 00 00 00 00 04      #         4
        00 00 00 00 00 00 00 4e      #       size = 78
        06 00 01 "y"                 #       relative, path = "y"
        00 00 00 00 00 00 00 7b      #         size = 123
        "#,
    );
    let parsed = parse(&bytes);
    assert_eq!(parsed.dialect, Some(Dialect::Flink1_11));
    is_checkpoint_42(&parsed.metadata, MetadataVersion::V3);
    assert_eq!(parsed.metadata.properties, None);
    let operator = only(&parsed.metadata.operator_states);
    assert_eq!(operator.id.to_string(), "00000000000000010000000000000002");
    assert_eq!((operator.parallelism, operator.max_parallelism), (2, 128));
    assert_eq!((operator.uid, operator.name), (None, None));
    let coordinator = operator.coordinator.expect("a coordinator");
    assert_eq!(
        (&*coordinator.name().to_str(), coordinator.data()),
        ("c", &[5][..])
    );
    assert_eq!(only(&operator.subtasks).index, 0);

    let state = state(operator, 0);
    match state.managed_keyed.as_deref() {
        Some(KeyedStateHandle::KeyGroups(handle)) => {
            is_two_key_groups(handle, KeyGroupsKind::Checkpoint);
        }
        other => panic!("{other:?}"),
    }
    let input = only(&state.input_channels);
    assert_eq!(input.subtask_index, None);
    is_channel(input, (1, 2), &[4, 8], 77);
    is_relative(&input.stream, "y", 123);
    let output = only(&state.result_subpartitions);
    assert_eq!(output.subtask_index, None);
    is_channel(output, (3, 4), &[4], 78);
    is_relative(&output.stream, "y", 123);
}

/// A handle of one channel.
#[track_caller]
fn is_channel(handle: &ChannelStateHandle<'_>, at: (i32, i32), offsets: &[i64], bytes: i64) {
    assert!(!handle.merged);
    assert_eq!(handle.size, size(bytes));
    let channel = only(&handle.channels);
    assert_eq!((channel.gate_or_partition, channel.index), at);
    assert_eq!(channel.offsets.iter().collect::<Vec<_>>(), offsets);
    assert_eq!(channel.size, size(bytes));
}

/// Written by the serializer of Flink 1.14.6.
#[test]
fn version_3_of_flink_1_14_with_finished_tasks_and_short_changelog_is_read() {
    let bytes = bytes(
        r#"
        49 60 67 2d 00 00 00 03      # magic, version = 3 [2]
        00 00 00 00 00 00 00 2a      # checkpoint id = 42
        00 00 00 00                  # master states = 0
        00 00 00 02                  # operators = 2 [3.3]
        00 00 00 00 00 00 00 03      #   id
        00 00 00 00 00 00 00 04
        00 00 00 03 00 00 00 80      #   parallelism = 3, max parallelism = 128
        00                           #   coordinator: none
        ff ff ff ff                  #   fully finished
        00 00 00 00 00 00 00 01      #   id
        00 00 00 00 00 00 00 02
        00 00 00 03 00 00 00 80      #   parallelism = 3, max parallelism = 128
        00                           #   coordinator: none
        00 00 00 03                  #   subtasks = 3
        00 00 00 00                  #     index = 0
        00 00 00 00 00 00 00 00      #     no operator state, managed or raw
        08                           #     managed keyed state: changelog [5, 8]
        00 00 00 00 00 00 00 02      #       first = 0, count = 2
        00 00 00 01                  #       materialized = 1
        03                           #         key groups
        00 00 00 00 00 00 00 02      #           first = 0, count = 2
        00 00 00 00 00 00 00 05      #           offset = 5
        00 00 00 00 00 00 00 06      #           offset = 6
        01 00 02 "bs"                #           inline, name = "bs"
        00 00 00 03 01 02 03         #           data = 01 02 03
        00 00 00 02                  #       non-materialized = 2
        09                           #         changelog byte increment
        00 00 00 00 00 00 00 02      #           first = 0, count = 2
        00 00 00 00 00 00 00 01      #           from = 1
        00 00 00 00 00 00 00 02      #           to = 2
        00 00 00 01                  #           changes = 1
        00 00 00 00                  #             key group = 0
        00 00 00 02 01 02            #             data = 01 02
        0a                           #         changelog file increment
        00 00 00 00 00 00 00 02      #           first = 0, count = 2
        00 00 00 01                  #           streams = 1
        00 00 00 00 00 00 00 63      #             offset = 99
        02 00 00 00 00 00 00 00 7b   #             file, size = 123
        00 12 "hdfs://nn:8020/x/y"   #               path
        00 00 00 00 00 00 00 37      #           size = 55
        00                           #     raw keyed state: none
        00 00 00 00 00 00 00 00      #     no channels, input or output
        ff ff ff fe                  #     index = -2: subtask 1 has finished
        00 00 00 02                  #     index = 2
        00 00 00 00 00 00 00 00      #     no operator state, managed or raw
        07                           #     managed keyed state: savepoint key groups
        00 00 00 00 00 00 00 02      #       first = 0, count = 2
        00 00 00 00 00 00 00 05      #       offset = 5
        00 00 00 00 00 00 00 06      #       offset = 6
        01 00 02 "bs"                #       inline, name = "bs"
        00 00 00 03 01 02 03         #       data = 01 02 03
        00                           #     raw keyed state: none
        00 00 00 00 00 00 00 00      #     no channels, input or output
        "#,
    );
    let parsed = parse(&bytes);
    assert_eq!(parsed.dialect, Some(Dialect::Flink1_14));
    assert_eq!(parsed.metadata.version, MetadataVersion::V3);
    assert_eq!(parsed.metadata.checkpoint_id, 42);
    assert!(parsed.metadata.master_states.is_empty());
    let [finished, running] = &parsed.metadata.operator_states[..] else {
        panic!("{:?}", parsed.metadata);
    };
    assert_eq!(finished.id.to_string(), "00000000000000030000000000000004");
    assert!(finished.fully_finished && finished.subtasks.is_empty());
    assert_eq!((finished.parallelism, finished.max_parallelism), (3, 128));
    assert!(!running.fully_finished);
    assert_eq!(running.coordinator, None);
    let indexes: Vec<_> = running
        .subtasks
        .iter()
        .map(|s| (s.index, s.finished))
        .collect();
    assert_eq!(indexes, [(0, false), (1, true), (2, false)]);
    assert_eq!(running.subtasks[1].state(), None);

    let Some(KeyedStateHandle::Changelog(changelog)) = state(running, 0).managed_keyed.as_deref()
    else {
        panic!("{running:?}");
    };
    assert_eq!(changelog.key_groups, range(0, 2));
    assert_eq!(
        (changelog.checkpointed_size, changelog.materialization_id),
        (None, None)
    );
    assert_eq!(
        (changelog.checkpoint_id, changelog.state_handle_id),
        (None, None)
    );
    match only(&changelog.materialized) {
        KeyedStateHandle::KeyGroups(handle) => {
            is_two_key_groups(handle, KeyGroupsKind::Checkpoint);
        }
        other => panic!("{other:?}"),
    }
    let [
        KeyedStateHandle::ChangelogByteIncrement(in_memory),
        KeyedStateHandle::ChangelogFileIncrement(in_files),
    ] = &changelog.non_materialized[..]
    else {
        panic!("{changelog:?}");
    };
    assert_eq!(
        (in_memory.key_groups, in_memory.from, in_memory.to),
        (range(0, 2), 1, 2)
    );
    assert_eq!(in_memory.state_handle_id, None);
    let changes: Vec<_> = in_memory.changes.iter().collect();
    assert_eq!(
        (only(&changes).key_group, only(&changes).data),
        (Some(0), &[1, 2][..])
    );
    assert_eq!(in_files.key_groups, range(0, 2));
    assert_eq!((in_files.size, in_files.incremental_size), (size(55), None));
    assert_eq!(
        (in_files.state_handle_id, in_files.storage_identifier),
        (None, None)
    );
    assert_eq!(only(&in_files.streams).offset, 99);
    is_file(&only(&in_files.streams).stream, "hdfs://nn:8020/x/y", 123);

    match state(running, 2).managed_keyed.as_deref() {
        Some(KeyedStateHandle::KeyGroups(handle)) => {
            is_two_key_groups(handle, KeyGroupsKind::Savepoint);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn version_3_of_flink_1_15_with_long_changelog_and_handle_ids_is_read() {
    let bytes = bytes(
        r#"
        49 60 67 2d 00 00 00 03      # magic, version = 3 [2]
        00 00 00 00 00 00 00 2a      # checkpoint id = 42
        00 00 00 00                  # master states = 0
        00 00 00 01                  # operators = 1 [3.3]
        00 00 00 00 00 00 00 00      #   id = 9
        00 00 00 00 00 00 00 09
        00 00 00 01 00 00 00 80      #   parallelism = 1, max parallelism = 128
        00                           #   coordinator: none
        00 00 00 01                  #   subtasks = 1
        00 00 00 00                  #     index = 0
        00 00 00 00 00 00 00 00      #     no operator state, managed or raw
        08                           #     managed keyed state: changelog [5, 8]
        00 00 00 00 00 00 00 02      #       first = 0, count = 2
        00 00 00 00 00 00 00 21      #       checkpointed size = 33
        00 00 00 01                  #       materialized = 1
        0b                           #         incremental v2
        00 00 00 00 00 00 00 29      #           checkpoint id = 41
        00 02 "id"                   #           backend id = "id"
        00 00 00 00 00 00 00 02      #           first = 0, count = 2
        00 00 00 00 00 00 00 16      #           checkpointed size = 22
        06 00 01 "m"                 #           meta: relative, path = "m"
        00 00 00 00 00 00 00 0b      #             size = 11
        00 00 00 00                  #           shared files = 0
        00 00 00 00                  #           private files = 0
        00 01 "i"                    #           handle id = "i"
        00 00 00 02                  #       non-materialized = 2
        09                           #         changelog byte increment
        00 00 00 00 00 00 00 02      #           first = 0, count = 2
        00 00 00 00 00 00 00 01      #           from = 1
        00 00 00 00 00 00 00 02      #           to = 2
        00 00 00 01                  #           changes = 1
        ff ff ff ff 00 00 00 01 aa   #             key group = -1 (metadata), data = aa
        00 01 "b"                    #           handle id = "b"
        0a                           #         changelog file increment
        00 00 00 00 00 00 00 02      #           first = 0, count = 2
        00 00 00 00                  #           streams = 0
        00 00 00 00 00 00 00 37      #           size = 55
        00 00 00 00 00 00 00 2c      #           incremental size = 44
        00 01 "f"                    #           handle id = "f"
        00 00 00 00 00 00 00 05      #       materialization id = 5
        00 01 "c"                    #       handle id = "c"
        0c                           #     raw keyed state: key groups v2
        00 00 00 00 00 00 00 02      #       first = 0, count = 2
        00 00 00 00 00 00 00 05      #       offset = 5
        00 00 00 00 00 00 00 06      #       offset = 6
        01 00 02 "bs"                #       inline, name = "bs"
        00 00 00 03 01 02 03         #       data = 01 02 03
        00 01 "k"                    #       handle id = "k"
        00 00 00 01                  #     input channels = 1 [6.2]
        00 00 00 00                  #       subtask = 0
        00 00 00 01 00 00 00 02      #       gate = 1, channel = 2
        00 00 00 00                  #       offsets = 0
        00 00 00 00 00 00 00 4d      #       size = 77
        06 00 01 "y"                 #       relative, path = "y"
        00 00 00 00 00 00 00 7b      #         size = 123
        00 00 00 00                  #     result subpartitions = 0
        "#,
    );
    let parsed = parse(&bytes);
    assert_eq!(parsed.dialect, Some(Dialect::Flink1_15));
    assert_eq!(parsed.metadata.version, MetadataVersion::V3);
    let operator = only(&parsed.metadata.operator_states);
    assert_eq!(operator.id, id(9));
    let state = state(operator, 0);

    let Some(KeyedStateHandle::Changelog(changelog)) = state.managed_keyed.as_deref() else {
        panic!("{state:?}");
    };
    assert_eq!(changelog.checkpointed_size, Some(size(33)));
    assert_eq!(
        (changelog.materialization_id, changelog.checkpoint_id),
        (Some(5), None)
    );
    assert_eq!(changelog.state_handle_id.expect("an id").to_str(), "c");
    let KeyedStateHandle::Incremental(incremental) = only(&changelog.materialized) else {
        panic!("{changelog:?}");
    };
    assert_eq!(
        (incremental.checkpoint_id, &*incremental.backend_id.to_str()),
        (41, "id")
    );
    assert_eq!(incremental.checkpointed_size, size(22));
    is_relative(&incremental.meta, "m", 11);
    assert!(incremental.shared.is_empty() && incremental.private.is_empty());
    assert_eq!(incremental.state_handle_id.expect("an id").to_str(), "i");
    let [
        KeyedStateHandle::ChangelogByteIncrement(in_memory),
        KeyedStateHandle::ChangelogFileIncrement(in_files),
    ] = &changelog.non_materialized[..]
    else {
        panic!("{changelog:?}");
    };
    let changes: Vec<_> = in_memory.changes.iter().collect();
    assert_eq!(
        (only(&changes).key_group, only(&changes).data),
        (None, &[0xAA][..])
    );
    assert_eq!(in_memory.state_handle_id.expect("an id").to_str(), "b");
    assert!(in_files.streams.is_empty());
    assert_eq!(
        (in_files.size, in_files.incremental_size),
        (size(55), Some(size(44)))
    );
    assert_eq!(in_files.state_handle_id.expect("an id").to_str(), "f");
    assert_eq!(in_files.storage_identifier, None);

    let Some(KeyedStateHandle::KeyGroups(raw)) = state.raw_keyed.as_deref() else {
        panic!("{state:?}");
    };
    is_two_key_groups(raw, KeyGroupsKind::Checkpoint);
    assert_eq!(raw.state_handle_id.expect("an id").to_str(), "k");
    let input = only(&state.input_channels);
    assert_eq!(input.subtask_index, Some(0));
    is_channel(input, (1, 2), &[], 77);
    is_relative(&input.stream, "y", 123);
    assert!(state.result_subpartitions.is_empty());
}

#[test]
fn version_4_of_flink_1_20_with_properties_file_merging_and_changelog_v2_is_read() {
    let bytes = bytes(
        r#"
        49 60 67 2d 00 00 00 04      # magic, version = 4 [2]
        00 00 00 00 00 00 00 2a      # checkpoint id = 42
        00 00 00 01                  # master states = 1 [3.2]
        c9 6b 16 96 00 00 00 0c      #   magic, length = 12
        00 00 00 03 00 01 "m"        #   version = 3, name = "m"
        00 00 00 01 09               #   payload = 09
        00 00 00 01                  # operators = 1 [3.3]
        00 00 00 00 00 00 00 00      #   id = 5
        00 00 00 00 00 00 00 05
        00 00 00 02 00 00 00 80      #   parallelism = 2, max parallelism = 128
        00                           #   coordinator: none
        00 00 00 02                  #   subtasks = 2
        00 00 00 00                  #     index = 0
        00 00 00 01                  #     managed operator state: one
        11 00 00 00 01               #       segment partitionable, states = 1 [6.1]
        00 01 "b" 02                 #         name = "b", mode = broadcast
        00 00 00 01                  #         offsets = 1
        00 00 00 00 00 00 00 08      #           8
        00 01 "t"                    #       task-owned directory = "t"
        00 01 "s"                    #       shared directory = "s"
        00                           #       empty = false
        0f                           #       segment [4]
        00 00 00 00 00 00 03 e8      #         start = 1000
        00 00 00 00 00 00 00 10      #         size = 16
        00 00 00 01                  #         scope = shared
        00 03 "t/f"                  #         path = "t/f"
        00 01 "l"                    #         logical file id = "l"
        00 00 00 01                  #     raw operator state: one
        11 00 00 00 00               #       segment partitionable, states = 0
        00 01 "t" 00 01 "s" 01       #       directories, empty = true
        10                           #       empty segment
        0e                           #     managed keyed state: changelog v2 [5]
        00 00 00 00 00 00 00 40      #       first = 0, count = 64
        ff ff ff ff ff ff ff ff      #       checkpointed size = -1, unknown
        00 00 00 00                  #       materialized = 0
        00 00 00 01                  #       non-materialized = 1
        0d                           #         changelog file increment v2
        00 00 00 00 00 00 00 40      #           first = 0, count = 64
        00 00 00 01                  #           streams = 1
        00 00 00 00 00 00 00 63      #             offset = 99
        02 00 00 00 00 00 00 00 7b   #             file, size = 123
        00 03 "a/b"                  #               path = "a/b"
        00 00 00 00 00 00 00 37      #           size = 55
        00 00 00 00 00 00 00 2c      #           incremental size = 44
        00 01 "f"                    #           handle id = "f"
        00 0a "filesystem"           #           storage
        00 00 00 00 00 00 00 05      #       materialization id = 5
        00 00 00 00 00 00 00 06      #       checkpoint id = 6
        00 01 "c"                    #       handle id = "c"
        00                           #     raw keyed state: none
        00 00 00 00 00 00 00 00      #     no channels, input or output
        ff ff ff fe                  #     index = -2: subtask 1 has finished
        ac ed 00 05                  # properties [7]
        73 72                        # 0: class
        00 38 "org.apache.flink.runtime.checkpoint.CheckpointProperties"
        00 00 00 00 00 00 00 02      #   serialVersionUID = 2
        02 00 08                     #   serializable, fields = 8
        "Z" 00 10 "discardCancelled"
        "Z" 00 0d "discardFailed"
        "Z" 00 0f "discardFinished"
        "Z" 00 0f "discardSubsumed"
        "Z" 00 10 "discardSuspended"
        "Z" 00 06 "forced"
        "Z" 00 09 "unclaimed"
        "L" 00 0e "checkpointType"
        74 00 32                     # 1: type of the field
        "Lorg/apache/flink/runtime/checkpoint/SnapshotType;"
        78 70                        #   no annotations, no super class
        01 00 00 00 00 01 00         # 2: object; cancelled and forced are true
        73 72                        # 3: class
        00 31 "org.apache.flink.runtime.checkpoint.SavepointType"
        a0 87 d3 08 a4 58 14 b8      #   serialVersionUID
        02 00 03                     #   serializable, fields = 3
        "L" 00 0a "formatType"
        74 00 35                     # 4: type of the field
        "Lorg/apache/flink/core/execution/SavepointFormatType;"
        "L" 00 04 "name"
        74 00 12 "Ljava/lang/String;" # 5: type of the field
        "L" 00 14 "postCheckpointAction"
        74 00 48                     # 6: type of the field
        "Lorg/apache/flink/runtime/checkpoint/SavepointType$PostCheckpointAction;"
        78 70                        #   no annotations, no super class
        7e 72                        # 7: object; 8: class of the first field's enum constant
        00 33 "org.apache.flink.core.execution.SavepointFormatType"
        00 00 00 00 00 00 00 00      #   serialVersionUID = 0
        12 00 00 78                  #   enum, fields = 0
        72 00 0e "java.lang.Enum"    # 9: super class
        00 00 00 00 00 00 00 00      #   serialVersionUID = 0
        12 00 00 78 70               #   enum, fields = 0, no super class
        74 00 06 "NATIVE"            # 11: constant
        74 00 11 "Suspend Savepoint" # 12: name
        7e 72                        # 13: class of the last field's enum constant
        00 46 "org.apache.flink.runtime.checkpoint.SavepointType$PostCheckpointAction"
        00 00 00 00 00 00 00 00      #   serialVersionUID = 0
        12 00 00 78                  #   enum, fields = 0
        71 00 7e 00 09               #   super class = 9, java.lang.Enum
        74 00 07 "SUSPEND"           #   constant
        "#,
    );
    let parsed = parse(&bytes);
    assert_eq!(parsed.dialect, None);
    is_checkpoint_42(&parsed.metadata, MetadataVersion::V4);
    let expected = CheckpointProperties {
        discard_subsumed: false,
        discard_finished: false,
        discard_cancelled: true,
        discard_failed: false,
        discard_suspended: false,
        forced: true,
        unclaimed: false,
        snapshot_type: SnapshotType::Savepoint {
            name: "Suspend Savepoint".to_owned(),
            format: SavepointFormat::Native,
            action: PostCheckpointAction::Suspend,
        },
    };
    assert_eq!(parsed.metadata.properties, Some(expected));
    let operator = only(&parsed.metadata.operator_states);
    assert_eq!(
        (operator.id, operator.uid, operator.name),
        (id(5), None, None)
    );
    let indexes: Vec<_> = operator
        .subtasks
        .iter()
        .map(|s| (s.index, s.finished))
        .collect();
    assert_eq!(indexes, [(0, false), (1, true)]);
    let state = state(operator, 0);

    let managed = state.managed_operator.as_ref().expect("operator state");
    let named = only(&managed.states);
    assert_eq!(
        (&*named.name.to_str(), named.mode),
        ("b", DistributionMode::Broadcast)
    );
    assert_eq!(named.offsets.iter().collect::<Vec<_>>(), [8]);
    let directories = managed.file_merging.expect("directories");
    assert_eq!(directories.task_owned.to_str(), "t");
    assert_eq!(directories.shared.to_str(), "s");
    assert!(!directories.is_empty);
    let StreamStateHandle::Segment(segment) = &managed.stream else {
        panic!("{managed:?}");
    };
    assert_eq!((segment.start, segment.size), (1000, size(16)));
    assert_eq!(segment.scope, CheckpointedStateScope::Shared);
    assert_eq!(segment.path.to_str(), "t/f");
    assert_eq!(segment.logical_file_id.to_str(), "l");
    let raw = state.raw_operator.as_ref().expect("operator state");
    assert!(raw.states.is_empty() && raw.file_merging.expect("directories").is_empty);
    assert_eq!(raw.stream, StreamStateHandle::EmptySegment);

    let Some(KeyedStateHandle::Changelog(changelog)) = state.managed_keyed.as_deref() else {
        panic!("{state:?}");
    };
    assert_eq!(changelog.key_groups, range(0, 64));
    assert_eq!(changelog.checkpointed_size, Some(StateSize::UNKNOWN));
    assert_eq!(
        (changelog.materialization_id, changelog.checkpoint_id),
        (Some(5), Some(6))
    );
    assert_eq!(changelog.state_handle_id.expect("an id").to_str(), "c");
    assert!(changelog.materialized.is_empty());
    let KeyedStateHandle::ChangelogFileIncrement(in_files) = only(&changelog.non_materialized)
    else {
        panic!("{changelog:?}");
    };
    assert_eq!(
        (in_files.size, in_files.incremental_size),
        (size(55), Some(size(44)))
    );
    assert_eq!(in_files.state_handle_id.expect("an id").to_str(), "f");
    assert_eq!(
        in_files.storage_identifier.expect("a storage").to_str(),
        "filesystem"
    );
    assert_eq!(only(&in_files.streams).offset, 99);
    is_file(&only(&in_files.streams).stream, "a/b", 123);
    assert_eq!(state.raw_keyed, None);
}

#[test]
fn version_5_of_flink_2_0_with_names_and_uids_is_read() {
    let bytes = bytes(
        r#"
        49 60 67 2d 00 00 00 05      # magic, version = 5 [2]
        00 00 00 00 00 00 00 2a      # checkpoint id = 42
        00 00 00 00                  # master states = 0
        00 00 00 02                  # operators = 2 [3.3]
        00 00 00 00                  #   name = none, uid = none
        00 00 00 00 00 00 00 00      #   id = 4
        00 00 00 00 00 00 00 04
        00 00 00 03 00 00 00 80      #   parallelism = 3, max parallelism = 128
        00                           #   coordinator: none
        ff ff ff ff                  #   fully finished
        00 0d "T" c3 b6 "tal "       #   name = "Tötal 😀"
        ed a0 bd ed b8 80            #     its last character, a surrogate pair
        00 08 "my-keyed"             #   uid = "my-keyed"
        38 e7 54 1c 9b 10 74 a2      #   id = hash of the uid [10]
        ac 9a bb 34 ce 40 e7 25
        00 00 00 01 00 00 00 02      #   parallelism = 1, max parallelism = 2
        01 00 01 "c"                 #   coordinator: inline, name = "c"
        00 00 00 01 05               #     data = 05
        00 00 00 01                  #   subtasks = 1
        00 00 00 00                  #     index = 0
        00 00 00 00 00 00 00 00      #     no operator state, managed or raw
        0c                           #     managed keyed state: key groups v2 [5]
        00 00 00 00 00 00 00 02      #       first = 0, count = 2
        00 00 00 00 00 00 00 05      #       offset = 5
        00 00 00 00 00 00 00 06      #       offset = 6
        01 00 02 "bs"                #       inline, name = "bs"
        00 00 00 03 01 02 03         #       data = 01 02 03
        00 01 "k"                    #       handle id = "k"
        00                           #     raw keyed state: none
        00 00 00 00                  #     input channels = 0
        00 00 00 01                  #     result subpartitions = 1 [6.2]
        00 00 00 00                  #       subtask = 0
        00 00 00 03 00 00 00 04      #       partition = 3, subpartition = 4
        00 00 00 01                  #       offsets = 1
        00 00 00 00 00 00 00 04      #         4
        00 00 00 00 00 00 00 4e      #       size = 78
        06 00 01 "y"                 #       relative, path = "y"
        00 00 00 00 00 00 00 7b      #         size = 123
        ac ed 00 05 70               # properties = null [7]
        "#,
    );
    let parsed = parse(&bytes);
    assert_eq!(parsed.dialect, None);
    assert_eq!(parsed.metadata.version, MetadataVersion::V5);
    assert_eq!(parsed.metadata.checkpoint_id, 42);
    assert_eq!(parsed.metadata.properties, None);
    let [finished, running] = &parsed.metadata.operator_states[..] else {
        panic!("{:?}", parsed.metadata);
    };
    assert_eq!(
        (finished.id, finished.uid, finished.name),
        (id(4), None, None)
    );
    assert!(finished.fully_finished);
    assert_eq!(running.name.expect("a name").to_str(), "Tötal 😀");
    assert_eq!(running.uid.expect("a uid").to_str(), "my-keyed");
    assert_eq!(running.id, OperatorId::of_uid("my-keyed"));
    assert_eq!((running.parallelism, running.max_parallelism), (1, 2));
    assert_eq!(running.coordinator.expect("a coordinator").data(), [5]);
    let state = state(running, 0);
    let Some(KeyedStateHandle::KeyGroups(handle)) = state.managed_keyed.as_deref() else {
        panic!("{state:?}");
    };
    is_two_key_groups(handle, KeyGroupsKind::Checkpoint);
    assert_eq!(handle.state_handle_id.expect("an id").to_str(), "k");
    assert!(state.input_channels.is_empty());
    let output = only(&state.result_subpartitions);
    assert_eq!(output.subtask_index, Some(0));
    is_channel(output, (3, 4), &[4], 78);
    is_relative(&output.stream, "y", 123);
}

#[test]
fn version_6_of_flink_2_1_with_tagged_and_merged_channels_is_read() {
    let bytes = bytes(
        r#"
        49 60 67 2d 00 00 00 06      # magic, version = 6 [2]
        00 00 00 00 00 00 00 2a      # checkpoint id = 42
        00 00 00 00                  # master states = 0
        00 00 00 01                  # operators = 1 [3.3]
        00 01 "n" 00 00              #   name = "n", uid = none
        00 00 00 00 00 00 00 00      #   id = 6
        00 00 00 00 00 00 00 06
        00 00 00 02 00 00 00 80      #   parallelism = 2, max parallelism = 128
        00                           #   coordinator: none
        00 00 00 01                  #   subtasks = 1
        00 00 00 01                  #     index = 1
        00 00 00 00 00 00 00 00      #     no operator state, managed or raw
        00 00                        #     no keyed state, managed or raw
        00 00 00 02                  #     input channels = 2 [6.2]
        01                           #       tag = input channel
        00 00 00 01                  #         subtask = 1
        00 00 00 01 00 00 00 02      #         gate = 1, channel = 2
        00 00 00 00                  #         offsets = 0
        00 00 00 00 00 00 00 4d      #         size = 77
        06 00 01 "y"                 #         relative, path = "y"
        00 00 00 00 00 00 00 7b      #           size = 123
        03                           #       tag = merged input channels
        00 00 00 00                  #         subtask = 0
        00 00 00 00 00 00 00 1e      #         size = 30
        06 00 01 "z"                 #         relative, path = "z"
        00 00 00 00 00 00 00 64      #           size = 100
        00 00 00 34                  #         length of the list = 52
        00 00 00 02                  #         channels = 2
        00 00 00 00 00 00 00 05      #           gate = 0, channel = 5
        00 00 00 00 00 00 00 0a      #             size = 10
        00 00 00 01                  #             offsets = 1
        00 00 00 00 00 00 00 03      #               3
        00 00 00 00 00 00 00 06      #           gate = 0, channel = 6
        00 00 00 00 00 00 00 14      #             size = 20
        00 00 00 00                  #             offsets = 0
        00 00 00 02                  #     result subpartitions = 2
        04                           #       tag = merged result subpartitions
        00 00 00 01                  #         subtask = 1
        00 00 00 00 00 00 00 00      #         size = 0
        10                           #         empty segment
        00 00 00 04                  #         length of the list = 4
        00 00 00 00                  #         channels = 0
        02                           #       tag = result subpartition
        00 00 00 01                  #         subtask = 1
        00 00 00 03 00 00 00 04      #         partition = 3, subpartition = 4
        00 00 00 01                  #         offsets = 1
        00 00 00 00 00 00 00 04      #           4
        00 00 00 00 00 00 00 4e      #         size = 78
        06 00 01 "y"                 #         relative, path = "y"
        00 00 00 00 00 00 00 7b      #           size = 123
        ac ed 00 05 70               # properties = null [7]
        "#,
    );
    let parsed = parse(&bytes);
    assert_eq!(parsed.dialect, None);
    assert_eq!(parsed.metadata.version, MetadataVersion::V6);
    let operator = only(&parsed.metadata.operator_states);
    assert_eq!((operator.id, operator.uid), (id(6), None));
    assert_eq!(operator.name.expect("a name").to_str(), "n");
    assert_eq!(only(&operator.subtasks).index, 1);
    let state = state(operator, 0);

    let [plain, merged] = &state.input_channels[..] else {
        panic!("{state:?}");
    };
    assert_eq!(plain.subtask_index, Some(1));
    is_channel(plain, (1, 2), &[], 77);
    is_relative(&plain.stream, "y", 123);
    assert!(merged.merged);
    assert_eq!((merged.subtask_index, merged.size), (Some(0), size(30)));
    is_relative(&merged.stream, "z", 100);
    let channels: Vec<_> = merged
        .channels
        .iter()
        .map(|channel| {
            let offsets: Vec<_> = channel.offsets.iter().collect();
            (
                channel.gate_or_partition,
                channel.index,
                channel.size,
                offsets,
            )
        })
        .collect();
    assert_eq!(
        channels,
        [(0, 5, size(10), vec![3]), (0, 6, size(20), vec![])]
    );

    let [merged, plain] = &state.result_subpartitions[..] else {
        panic!("{state:?}");
    };
    assert!(merged.merged && merged.channels.is_empty());
    assert_eq!(
        (merged.subtask_index, merged.size),
        (Some(1), StateSize::ZERO)
    );
    assert_eq!(merged.stream, StreamStateHandle::EmptySegment);
    assert_eq!(plain.subtask_index, Some(1));
    is_channel(plain, (3, 4), &[4], 78);
}

#[test]
fn version_7_of_flink_before_its_release_with_state_of_earlier_checkpoints_is_read() {
    let bytes = bytes(
        r#"
        49 60 67 2d 00 00 00 07      # magic, version = 7 [2]
        00 00 00 00 00 00 00 2a      # checkpoint id = 42
        00 00 00 00                  # master states = 0
        00 00 00 02                  # operators = 2 [3.3]
        00 01 "n" 00 00              #   name = "n", uid = none
        00 00 00 00 00 00 00 00      #   id = 7
        00 00 00 00 00 00 00 07
        00 00 00 04 00 00 00 80      #   parallelism = 4, max parallelism = 128
        00                           #   coordinator: none
        00 00 00 04                  #   subtasks = 4
        00 00 00 00                  #     index = 0
        00 00 00 00 00 00 00 00      #     no operator state, managed or raw
        0c                           #     managed keyed: key groups v2
        00 00 00 00 00 00 00 02      #       first = 0, key groups = 2
        00 00 00 00 00 00 00 05      #         5
        00 00 00 00 00 00 00 06      #         6
        02                           #       file, by its whole path
        00 00 00 00 00 00 00 7b      #         size = 123
        00 06 "chk-40"               #         path = "chk-40"
        00 01 "k"                    #       id = "k"
        00                           #     no raw keyed state
        00 00 00 00 00 00 00 00      #     no channels, input or output
        01                           #     state of an earlier checkpoint [3.4]
        00 00 00 00 00 00 00 28      #       checkpoint = 40
        00 00 00 01                  #     index = 1
        00 00 00 00 00 00 00 00      #     no operator state, managed or raw
        00 00                        #     no keyed state, managed or raw
        00 00 00 00                  #     input channels = 0
        00 00 00 01                  #     result subpartitions = 1 [6.2]
        02                           #       tag = result subpartition
        00 00 00 01                  #         subtask = 1
        00 00 00 03 00 00 00 04      #         partition = 3, subpartition = 4
        00 00 00 01                  #         offsets = 1
        00 00 00 00 00 00 00 04      #           4
        00 00 00 00 00 00 00 4e      #         size = 78
        06 00 01 "y"                 #         relative, path = "y"
        00 00 00 00 00 00 00 7b      #           size = 123
        00                           #     state of its own
        ff ff ff fd                  #     index = 2, finished: no mark
        00 00 00 03                  #     index = 3
        00 00 00 00 00 00 00 00      #     no operator state, managed or raw
        00 00                        #     no keyed state, managed or raw
        00 00 00 00 00 00 00 00      #     no channels, input or output
        02                           #     a mark that means nothing
        00 00 00 00                  #   name = none, uid = none
        00 00 00 00 00 00 00 00      #   id = 8
        00 00 00 00 00 00 00 08
        00 00 00 01 00 00 00 80      #   parallelism = 1, max parallelism = 128
        00                           #   coordinator: none
        ff ff ff ff                  #   fully finished: no mark
        ac ed 00 05 70               # properties = null [7]
        "#,
    );
    let parsed = parse(&bytes);
    assert_eq!(parsed.dialect, None);
    assert_eq!(parsed.metadata.version, MetadataVersion::V7);
    assert!(!MetadataVersion::V7.is_released());
    let [operator, finished] = &parsed.metadata.operator_states[..] else {
        panic!("{:?}", parsed.metadata);
    };
    assert_eq!((operator.id, finished.id), (id(7), id(8)));
    assert!(finished.fully_finished && finished.subtasks.is_empty());
    let [earlier, own, done, unclear] = &operator.subtasks[..] else {
        panic!("{operator:?}");
    };
    assert_eq!((done.index, done.finished), (2, true));
    assert_eq!(done.state(), None);

    let earlier = earlier.state().expect("state");
    assert_eq!(earlier.origin, StateOrigin::Earlier(40));
    let Some(KeyedStateHandle::KeyGroups(handle)) = earlier.managed_keyed.as_deref() else {
        panic!("{earlier:?}");
    };
    is_file(&handle.stream, "chk-40", 123);

    let own = own.state().expect("state");
    assert_eq!(own.origin, StateOrigin::Own);
    is_channel(only(&own.result_subpartitions), (3, 4), &[4], 78);

    let unclear = unclear.state().expect("a mark");
    assert_eq!(unclear.origin, StateOrigin::Unclear(2));
    assert!(!unclear.has_state());
}

#[test]
fn every_version_has_a_frozen_file() {
    let tests = include_str!("versions.rs");
    for version in MetadataVersion::ALL {
        let name = format!("fn version_{}_of_flink", version.number());
        assert!(tests.contains(&name), "version {}", version.number());
    }
}
