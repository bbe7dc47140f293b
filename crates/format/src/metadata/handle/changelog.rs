//! The handles of the changelog state backend (docs/format.md 5 and 8).

use crate::metadata::body::Cx;
use crate::metadata::handle::keyed::{key_group_range, keyed_state};
use crate::metadata::handle::stream::{size, stream};
use crate::model::handle::{
    ChangelogStateBackendHandle, ChangelogStateHandleStream, InMemoryChangelogStateHandle,
    KeyedStateHandle, OffsetStream, StateChanges,
};
use crate::reader::{PResult, ParseErrorKind, Trace, fail, to_u64};

/// Stands for a change of state metadata.
const METADATA_KEY_GROUP: i32 = -1;

/// `ChangelogStateBackendHandleImpl`: tag 8 in the two forms of Flink 1.14 and 1.15, tag 14 since.
pub(super) fn backend<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
    v2: bool,
) -> PResult<'a, ChangelogStateBackendHandle<'a>> {
    let long = v2 || cx.grammar.dialect().has_long_changelog();
    let (rest, key_groups) = key_group_range(cx, input)?;
    if key_groups.is_empty() {
        let reason = "key groups are too few for a changelog handle: the file is damaged";
        let kind = ParseErrorKind::InvalidValue { value: 0, reason };
        return fail(cx.error(input, "key-group range", kind));
    }
    let (rest, checkpointed_size) =
        optional(long, rest, |rest| size(cx, rest, "checkpointed size"))?;
    let (rest, materialized) = keyed_list(
        cx,
        rest,
        "number of materialized handles",
        "materialized handle",
    )?;
    let (rest, non_materialized) = keyed_list(
        cx,
        rest,
        "number of non-materialized handles",
        "non-materialized handle",
    )?;
    let (rest, materialization_id) =
        optional(long, rest, |rest| cx.i64(rest, "materialization id"))?;
    let (rest, checkpoint_id) =
        optional(v2, rest, |rest| cx.i64(rest, "checkpoint id of the handle"))?;
    let (rest, state_handle_id) = optional(long, rest, |rest| cx.utf(rest, "state handle id"))?;
    let handle = ChangelogStateBackendHandle {
        key_groups,
        checkpointed_size,
        materialized,
        non_materialized,
        materialization_id,
        checkpoint_id,
        state_handle_id,
    };
    Ok((rest, handle))
}

/// Handles of which Flink drops the empty ones.
fn keyed_list<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
    number: &'static str,
    node: &'static str,
) -> PResult<'a, Vec<KeyedStateHandle<'a>>> {
    const HANDLE_MIN: usize = 1;
    let (rest, count) = cx.count(input, number, HANDLE_MIN)?;
    let (rest, handles) = cx.list(rest, count, node, |cx, input| keyed_state(cx, input))?;
    Ok((
        rest,
        handles
            .into_iter()
            .flatten()
            .map(|handle| *handle)
            .collect(),
    ))
}

/// `InMemoryChangelogStateHandle`: tag 9.
pub(super) fn byte_increment<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
) -> PResult<'a, InMemoryChangelogStateHandle<'a>> {
    let long = cx.grammar.dialect().has_long_changelog();
    let (rest, key_groups) = key_group_range(cx, input)?;
    let (rest, from) = sequence_number(cx, rest, "first sequence number")?;
    let (rest, to) = sequence_number(cx, rest, "sequence number behind the last")?;
    let (rest, changes) = state_changes(cx, rest)?;
    let (rest, state_handle_id) = optional(long, rest, |rest| cx.utf(rest, "state handle id"))?;
    let handle = InMemoryChangelogStateHandle {
        key_groups,
        from,
        to,
        changes,
        state_handle_id,
    };
    Ok((rest, handle))
}

fn sequence_number<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
    field: &'static str,
) -> PResult<'a, i64> {
    let (rest, value) = cx.i64(input, field)?;
    if value < 0 {
        let reason = "is negative: the file is damaged";
        return fail(cx.error(input, field, ParseErrorKind::InvalidValue { value, reason }));
    }
    Ok((rest, value))
}

/// Walks the changes without keeping them apart.
fn state_changes<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
) -> PResult<'a, StateChanges<'a>> {
    let (records, count) = cx.count(input, "number of changes", StateChanges::HEADER)?;
    let mut rest = records;
    let mut bytes = 0;
    for index in 0..count {
        let (behind, change) = cx.at("change", Some(index), |cx| {
            let (behind, key_group) = cx.i32(rest, "key group (-1: metadata)")?;
            if key_group < METADATA_KEY_GROUP {
                let value = i64::from(key_group);
                let reason = "is no key group: the file is damaged";
                let kind = ParseErrorKind::InvalidValue { value, reason };
                return fail(cx.error(rest, "key group", kind));
            }
            let rest = behind;
            cx.block(rest, "change length", "change")
        })?;
        bytes += to_u64(change.len());
        rest = behind;
    }
    let (records, _) = records.split_at(records.len() - rest.len());
    Ok((rest, StateChanges::new(records, count, bytes)))
}

/// `ChangelogStateHandleStreamImpl`: tag 10 in the two forms of Flink 1.14 and 1.15, tag 13 since.
pub(super) fn file_increment<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
    v2: bool,
) -> PResult<'a, ChangelogStateHandleStream<'a>> {
    /// An offset and an empty segment.
    const STREAM_MIN: usize = 8 + 1;
    let long = v2 || cx.grammar.dialect().has_long_changelog();
    let (rest, key_groups) = key_group_range(cx, input)?;
    let (rest, count) = cx.count(rest, "number of changelog files", STREAM_MIN)?;
    let (rest, streams) = cx.list(rest, count, "changelog file", |cx, input| {
        let (rest, offset) = cx.i64(input, "offset in the changelog file")?;
        let (rest, stream) = stream(cx, rest)?;
        Ok((rest, OffsetStream { offset, stream }))
    })?;
    let (rest, changes_size) = size(cx, rest, "size of the changes")?;
    let (rest, incremental_size) = optional(long, rest, |rest| size(cx, rest, "incremental size"))?;
    let (rest, state_handle_id) = optional(long, rest, |rest| cx.utf(rest, "state handle id"))?;
    let (rest, storage_identifier) = optional(v2, rest, |rest| cx.utf(rest, "storage identifier"))?;
    let handle = ChangelogStateHandleStream {
        key_groups,
        streams,
        size: changes_size,
        incremental_size,
        state_handle_id,
        storage_identifier,
    };
    Ok((rest, handle))
}

/// A field that only some forms have.
fn optional<'a, O>(
    present: bool,
    input: &'a [u8],
    parser: impl FnOnce(&'a [u8]) -> PResult<'a, O>,
) -> PResult<'a, Option<O>> {
    if !present {
        return Ok((input, None));
    }
    let (rest, value) = parser(input)?;
    Ok((rest, Some(value)))
}
