//! Our model in the shape of the `flink.json` files, which the generator writes from what Flink's
//! own loader returned.

use serde_json::{Map, Value, json};
use statescope::metadata::ParsedMetadata;
use statescope::model::checkpoint::{
    CheckpointProperties, OperatorState, OperatorSubtaskState, PostCheckpointAction,
    SavepointFormat, SharingFilesStrategy, SnapshotType, Subtask,
};
use statescope::model::handle::{
    ByteStreamStateHandle, ChannelStateHandle, CheckpointedStateScope, DistributionMode,
    KeyGroupRange, KeyGroupsKind, KeyGroupsStateHandle, KeyedStateHandle, Offsets,
    OperatorStateHandle, StreamStateHandle,
};
use statescope::snapshot::references::Base;
use statescope::snapshot::summary::{
    Detail, SnapshotSummary, SubtaskSummary, keyed_checkpointed_size, keyed_state_size, summarize,
};

pub fn of(parsed: &ParsedMetadata<'_>, metadata_bytes: usize) -> Value {
    let metadata = &parsed.metadata;
    let bytes = u64::try_from(metadata_bytes).expect("a length");
    let sums = summarize(parsed, "", bytes, &Base::default(), Detail::Subtasks);
    let mut operators: Vec<_> = metadata.operator_states.iter().collect();
    operators.sort_by_key(|operator| operator.id);
    json!({
        "metadata_version": metadata.version.number(),
        "metadata_bytes": sums.metadata_bytes,
        "checkpoint_id": metadata.checkpoint_id,
        "properties": metadata.properties.as_ref().map(properties),
        "master_states": metadata.master_states.iter().map(|state| json!({
            "name": state.name.to_str(),
            "version": state.version,
            "bytes": state.data.len(),
        })).collect::<Vec<_>>(),
        "state_bytes": sums.state_bytes,
        "checkpointed_bytes": sums.checkpointed_bytes,
        "operators": operators.iter().map(|state| operator(state, &sums)).collect::<Vec<_>>(),
    })
}

fn properties(properties: &CheckpointProperties) -> Value {
    let (class, name, sharing, format, action) = match &properties.snapshot_type {
        SnapshotType::Checkpoint { name, sharing } => {
            let sharing = match sharing {
                SharingFilesStrategy::ForwardBackward => "FORWARD_BACKWARD",
                SharingFilesStrategy::Forward => "FORWARD",
                SharingFilesStrategy::NoSharing => "NO_SHARING",
            };
            ("CheckpointType", name, sharing, None, None)
        }
        SnapshotType::Savepoint {
            name,
            format,
            action,
        } => {
            let format = match format {
                SavepointFormat::Canonical => "CANONICAL",
                SavepointFormat::Native => "NATIVE",
            };
            let action = match action {
                PostCheckpointAction::None => "NONE",
                PostCheckpointAction::Suspend => "SUSPEND",
                PostCheckpointAction::Terminate => "TERMINATE",
            };
            (
                "SavepointType",
                name,
                "NO_SHARING",
                Some(format),
                Some(action),
            )
        }
    };
    json!({
        "discard_subsumed": properties.discard_subsumed,
        "discard_finished": properties.discard_finished,
        "discard_cancelled": properties.discard_cancelled,
        "discard_failed": properties.discard_failed,
        "discard_suspended": properties.discard_suspended,
        "forced": properties.forced,
        "unclaimed": properties.unclaimed,
        "type": class,
        "name": name,
        "sharing_files_strategy": sharing,
        "format": format,
        "post_checkpoint_action": action,
    })
}

fn operator(operator: &OperatorState<'_>, sums: &SnapshotSummary) -> Value {
    let sums = sums
        .operators
        .iter()
        .find(|sum| sum.operator_id == operator.id)
        .expect("a summary of each operator");
    let mut subtasks: Vec<_> = operator.subtasks.iter().collect();
    subtasks.sort_by_key(|subtask| subtask.index);
    let subtasks = subtasks.into_iter().zip(&sums.subtasks);
    json!({
        "operator_id": operator.id.to_string(),
        "uid": operator.uid.map(|uid| uid.to_string()),
        "name": operator.name.map(|name| name.to_string()),
        "parallelism": operator.parallelism,
        "max_parallelism": operator.max_parallelism,
        "fully_finished": operator.fully_finished,
        "coordinator": operator.coordinator.as_ref().map(byte_stream),
        "state_bytes": sums.state_bytes,
        "checkpointed_bytes": sums.checkpointed_bytes,
        "subtasks": subtasks.map(|(state, sums)| subtask(state, sums)).collect::<Vec<_>>(),
    })
}

fn subtask(subtask: &Subtask<'_>, sums: &SubtaskSummary) -> Value {
    let none = OperatorSubtaskState::default();
    let state = subtask.state().unwrap_or(&none);
    let operator_state = |handle: &Option<Box<OperatorStateHandle<'_>>>| -> Vec<Value> {
        handle.iter().map(|handle| operator_state(handle)).collect()
    };
    let keyed = |handle: &Option<Box<KeyedStateHandle<'_>>>| -> Vec<Value> {
        handle.iter().map(|handle| keyed_state(handle)).collect()
    };
    let channels = |handles: &[ChannelStateHandle<'_>], class: &str| -> Vec<Value> {
        handles
            .iter()
            .map(|handle| channel_state(handle, class))
            .collect()
    };
    json!({
        "index": subtask.index,
        "finished": subtask.finished,
        "state_bytes": sums.state_bytes,
        "checkpointed_bytes": sums.checkpointed_bytes,
        "managed_operator": operator_state(&state.managed_operator),
        "raw_operator": operator_state(&state.raw_operator),
        "managed_keyed": keyed(&state.managed_keyed),
        "raw_keyed": keyed(&state.raw_keyed),
        "input_channel": channels(&state.input_channels, "InputChannelStateHandle"),
        "result_subpartition": channels(
            &state.result_subpartitions,
            "ResultSubpartitionStateHandle",
        ),
    })
}

fn operator_state(handle: &OperatorStateHandle<'_>) -> Value {
    let mut states: Vec<_> = handle
        .states
        .iter()
        .map(|state| {
            let mode = match state.mode {
                DistributionMode::SplitDistribute => "SPLIT_DISTRIBUTE",
                DistributionMode::Union => "UNION",
                DistributionMode::Broadcast => "BROADCAST",
            };
            let offsets = offsets(state.offsets);
            json!({"name": state.name.to_str(), "mode": mode, "offsets": offsets})
        })
        .collect();
    states.sort_by_key(|state| state["name"].to_string());
    let bytes = handle.stream.state_size().bytes();
    let mut value = json!({
        "class": "OperatorStreamStateHandle",
        "bytes": bytes,
        "checkpointed_bytes": bytes,
        "states": states,
        "stream": stream(&handle.stream),
    });
    if let Some(directories) = handle.file_merging {
        extend(
            &mut value,
            json!({
                "class": if directories.is_empty {
                    "EmptyFileMergingOperatorStreamStateHandle"
                } else {
                    "FileMergingOperatorStreamStateHandle"
                },
                "task_owned_dir": directories.task_owned.to_str(),
                "shared_dir": directories.shared.to_str(),
                "empty": directories.is_empty,
            }),
        );
    }
    value
}

fn keyed_state(handle: &KeyedStateHandle<'_>) -> Value {
    let mut value = match handle {
        KeyedStateHandle::KeyGroups(handle) => key_groups(handle),
        KeyedStateHandle::Incremental(handle) => {
            let files =
                |files: &[statescope::model::handle::HandleAndLocalPath<'_>]| -> Vec<Value> {
                    let file = |file: &statescope::model::handle::HandleAndLocalPath<'_>| json!({"name": file.local_path.to_str(), "stream": stream(&file.handle)});
                    files.iter().map(file).collect()
                };
            json!({
                "class": "IncrementalRemoteKeyedStateHandle",
                "checkpoint_id": handle.checkpoint_id,
                "backend_id": handle.backend_id.to_str(),
                "stored_checkpointed_bytes": handle.checkpointed_size.bytes(),
                "meta": stream(&handle.meta),
                "shared": files(&handle.shared),
                "private": files(&handle.private),
                "id": handle.state_handle_id.map(|id| id.to_string()),
            })
        }
        KeyedStateHandle::Changelog(handle) => json!({
            "class": "ChangelogStateBackendHandleImpl",
            "materialized": handle.materialized.iter().map(keyed_state).collect::<Vec<_>>(),
            "non_materialized": handle.non_materialized.iter().map(keyed_state).collect::<Vec<_>>(),
            "materialization_id": handle.materialization_id,
            "checkpoint_id": handle.checkpoint_id,
            "id": handle.state_handle_id.map(|id| id.to_string()),
        }),
        KeyedStateHandle::ChangelogByteIncrement(handle) => {
            let mut crc = crc32fast::Hasher::new();
            let mut bytes = 0;
            for change in handle.changes.iter() {
                let group = change
                    .key_group
                    .map_or(-1, |group| i32::try_from(group).unwrap());
                crc.update(&group.to_be_bytes());
                crc.update(change.data);
                bytes += change.data.len();
            }
            json!({
                "class": "InMemoryChangelogStateHandle",
                "from": handle.from,
                "to": handle.to,
                "changes": handle.changes.len(),
                "change_bytes": bytes,
                "crc32": crc.finalize(),
                "id": handle.state_handle_id.map(|id| id.to_string()),
            })
        }
        KeyedStateHandle::ChangelogFileIncrement(handle) => json!({
            "class": "ChangelogStateHandleStreamImpl",
            "streams": handle.streams.iter().map(|part| json!({
                "offset": part.offset,
                "stream": stream(&part.stream),
            })).collect::<Vec<_>>(),
            "size": handle.size.bytes(),
            "incremental_size": handle.incremental_size.and_then(|size| size.bytes()),
            "id": handle.state_handle_id.map(|id| id.to_string()),
            "storage_identifier": handle.storage_identifier.map(|id| id.to_string()),
        }),
    };
    extend(
        &mut value,
        json!({
            "bytes": keyed_state_size(handle),
            "checkpointed_bytes": keyed_checkpointed_size(handle),
        }),
    );
    extend(&mut value, range(handle.key_groups()));
    value
}

fn key_groups(handle: &KeyGroupsStateHandle<'_>) -> Value {
    let bytes = handle.stream.state_size().bytes();
    let mut value = json!({
        "class": match handle.kind {
            KeyGroupsKind::Checkpoint => "KeyGroupsStateHandle",
            KeyGroupsKind::Savepoint => "KeyGroupsSavepointStateHandle",
        },
        "bytes": bytes,
        "checkpointed_bytes": bytes,
        "offsets": offsets(handle.offsets),
        "stream": stream(&handle.stream),
        "id": handle.state_handle_id.map(|id| id.to_string()),
    });
    extend(&mut value, range(handle.key_groups));
    value
}

fn range(range: KeyGroupRange) -> Value {
    json!({"first": range.last().map(|_| range.first()), "last": range.last()})
}

fn channel_state(handle: &ChannelStateHandle<'_>, class: &str) -> Value {
    let class = if handle.merged {
        format!("Merged{class}")
    } else {
        class.to_owned()
    };
    json!({
        "class": class,
        "bytes": handle.size.bytes(),
        "subtask": handle.subtask_index,
        "stream": stream(&handle.stream),
        "channels": handle.channels.iter().map(|channel| json!({
            "a": channel.gate_or_partition,
            "b": channel.index,
            "bytes": channel.size.bytes(),
            "offsets": offsets(channel.offsets),
        })).collect::<Vec<_>>(),
    })
}

fn stream(handle: &StreamStateHandle<'_>) -> Value {
    let bytes = handle.state_size().bytes();
    match handle {
        StreamStateHandle::ByteStream(handle) => byte_stream(handle),
        StreamStateHandle::File { path, .. } => {
            json!({"class": "FileStateHandle", "bytes": bytes, "path": path.to_str()})
        }
        StreamStateHandle::Relative { path, .. } => json!({
            "class": "RelativeFileStateHandle",
            "bytes": bytes,
            "relative_path": path.to_str(),
        }),
        StreamStateHandle::KeyGroups(handle) => key_groups(handle),
        StreamStateHandle::Segment(segment) => json!({
            "class": "SegmentFileStateHandle",
            "bytes": bytes,
            "path": segment.path.to_str(),
            "start": segment.start,
            "scope": match segment.scope {
                CheckpointedStateScope::Exclusive => "EXCLUSIVE",
                CheckpointedStateScope::Shared => "SHARED",
            },
            "logical_id": segment.logical_file_id.to_str(),
        }),
        StreamStateHandle::EmptySegment => {
            json!({"class": "EmptySegmentFileStateHandle", "bytes": bytes})
        }
    }
}

fn byte_stream(handle: &ByteStreamStateHandle<'_>) -> Value {
    json!({
        "class": "ByteStreamStateHandle",
        "bytes": handle.data().len(),
        "name": handle.name().to_str(),
        "crc32": crc32fast::hash(handle.data()),
    })
}

fn offsets(offsets: Offsets<'_>) -> Vec<i64> {
    offsets.iter().collect()
}

fn extend(value: &mut Value, more: Value) {
    if let (Value::Object(fields), Value::Object(more)) = (value, more) {
        fields.extend(more);
    }
}

/// Every difference between what Flink said and what we say, as `path: theirs, ours`.
///
/// Each of Flink's fields must be ours too. Where a release has no such notion Flink's side is
/// null, and `tolerated` says for which fields ours may then differ.
pub fn differences(theirs: &Value, ours: &Value, tolerated: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    compare("", theirs, ours, tolerated, &mut found);
    found
}

const SUMS: [&str; 3] = ["bytes", "state_bytes", "checkpointed_bytes"];
const UNKNOWN_SIZE: i64 = -1;

/// Flink adds the -1 of an unknown size to its sums; ours are unknown then.
fn has_unknown_size(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields
            .iter()
            .any(|(key, value)| key == "bytes" && value == UNKNOWN_SIZE || has_unknown_size(value)),
        Value::Array(values) => values.iter().any(has_unknown_size),
        _ => false,
    }
}

fn compare(at: &str, theirs: &Value, ours: &Value, tolerated: &[&str], found: &mut Vec<String>) {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(ours)) => {
            for (key, value) in theirs {
                if SUMS.contains(&key.as_str())
                    && ours.get(key) == Some(&Value::Null)
                    && !value.is_null()
                {
                    if !theirs.values().any(has_unknown_size) && value != UNKNOWN_SIZE {
                        found.push(format!("{at}/{key}: {value} in Flink, unknown here"));
                    }
                    continue;
                }
                let at = format!("{at}/{key}");
                let missing = Value::String("no such field".to_owned());
                let our_value = ours.get(key).unwrap_or(&missing);
                if value.is_null() && tolerated.contains(&key.as_str()) {
                    continue;
                }
                compare(&at, value, our_value, tolerated, found);
            }
            for key in missing_keys(ours, theirs) {
                found.push(format!("{at}/{key}: Flink does not have it"));
            }
        }
        (Value::Array(theirs), Value::Array(ours)) if theirs.len() == ours.len() => {
            for (i, (theirs, ours)) in theirs.iter().zip(ours).enumerate() {
                compare(&format!("{at}/{i}"), theirs, ours, tolerated, found);
            }
        }
        _ if theirs == ours => {}
        _ => found.push(format!("{at}: {theirs} in Flink, {ours} here")),
    }
}

fn missing_keys<'a>(ours: &'a Map<String, Value>, theirs: &Map<String, Value>) -> Vec<&'a String> {
    ours.keys()
        .filter(|key| !theirs.contains_key(*key))
        .collect()
}
