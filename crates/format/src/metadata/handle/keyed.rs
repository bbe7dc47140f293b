//! `deserializeKeyedStateHandle` of `MetadataV2V3SerializerBase` (docs/format.md 5).

use crate::metadata::body::Cx;
use crate::metadata::handle::changelog;
use crate::metadata::handle::stream::{size, stream};
use crate::model::handle::{
    HandleAndLocalPath, IncrementalRemoteKeyedStateHandle, KeyGroupRange, KeyGroupsKind,
    KeyGroupsStateHandle, KeyedStateHandle, StateSize,
};
use crate::reader::{PResult, ParseErrorKind, Trace, fail, to_u64};

const NULL: u8 = 0;
const KEY_GROUPS: u8 = 3;
const INCREMENTAL_KEY_GROUPS: u8 = 5;
const SAVEPOINT_KEY_GROUPS: u8 = 7;
const CHANGELOG: u8 = 8;
const CHANGELOG_BYTE_INCREMENT: u8 = 9;
const CHANGELOG_FILE_INCREMENT: u8 = 10;
const INCREMENTAL_KEY_GROUPS_V2: u8 = 11;
const KEY_GROUPS_V2: u8 = 12;
const CHANGELOG_FILE_INCREMENT_V2: u8 = 13;
const CHANGELOG_V2: u8 = 14;

fn tag_name(tag: u8) -> Option<&'static str> {
    Some(match tag {
        NULL => "none",
        KEY_GROUPS => "key groups",
        INCREMENTAL_KEY_GROUPS => "incremental key groups",
        SAVEPOINT_KEY_GROUPS => "savepoint key groups",
        CHANGELOG => "changelog",
        CHANGELOG_BYTE_INCREMENT => "changelog byte increment",
        CHANGELOG_FILE_INCREMENT => "changelog file increment",
        INCREMENTAL_KEY_GROUPS_V2 => "incremental key groups v2",
        KEY_GROUPS_V2 => "key groups v2",
        CHANGELOG_FILE_INCREMENT_V2 => "changelog file increment v2",
        CHANGELOG_V2 => "changelog v2",
        _ => return None,
    })
}

/// A handle, or nothing for tag 0. Boxed at once: most slots are empty, and results travel far.
pub(in crate::metadata) fn keyed_state<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
) -> PResult<'a, Option<Box<KeyedStateHandle<'a>>>> {
    let (rest, tag) = cx.tag(input, "keyed state handle", tag_name)?;
    if tag == NULL {
        return Ok((rest, None));
    }
    let limit = cx.limits.nesting;
    let (rest, handle) = cx.nested(input, limit, "state handles inside each other", |cx| {
        tagged(cx, rest, tag)
    })?;
    Ok((rest, Some(Box::new(handle))))
}

fn tagged<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
    tag: u8,
) -> PResult<'a, KeyedStateHandle<'a>> {
    match tag {
        KEY_GROUPS | SAVEPOINT_KEY_GROUPS | KEY_GROUPS_V2 => {
            let kind = match tag {
                SAVEPOINT_KEY_GROUPS => KeyGroupsKind::Savepoint,
                _ => KeyGroupsKind::Checkpoint,
            };
            let (rest, mut handle) = key_groups(cx, input, kind)?;
            if tag != KEY_GROUPS_V2 {
                return Ok((rest, KeyedStateHandle::KeyGroups(handle)));
            }
            let (rest, id) = cx.utf(rest, "state handle id")?;
            handle.state_handle_id = Some(id);
            Ok((rest, KeyedStateHandle::KeyGroups(handle)))
        }
        INCREMENTAL_KEY_GROUPS | INCREMENTAL_KEY_GROUPS_V2 => {
            let (rest, handle) = incremental(cx, input, tag == INCREMENTAL_KEY_GROUPS_V2)?;
            Ok((rest, KeyedStateHandle::Incremental(Box::new(handle))))
        }
        CHANGELOG | CHANGELOG_V2 => {
            let (rest, handle) = changelog::backend(cx, input, tag == CHANGELOG_V2)?;
            Ok((rest, KeyedStateHandle::Changelog(Box::new(handle))))
        }
        CHANGELOG_BYTE_INCREMENT => {
            let (rest, handle) = changelog::byte_increment(cx, input)?;
            let handle = Box::new(handle);
            Ok((rest, KeyedStateHandle::ChangelogByteIncrement(handle)))
        }
        _ => {
            let v2 = tag == CHANGELOG_FILE_INCREMENT_V2;
            let (rest, handle) = changelog::file_increment(cx, input, v2)?;
            let handle = Box::new(handle);
            Ok((rest, KeyedStateHandle::ChangelogFileIncrement(handle)))
        }
    }
}

/// Range, offsets and stream: the whole of tags 3 and 7, and the start of tag 12.
pub(super) fn key_groups<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
    kind: KeyGroupsKind,
) -> PResult<'a, KeyGroupsStateHandle<'a>> {
    const OFFSET_BYTES: usize = 8;
    let (rest, first) = cx.i32(input, FIRST_KEY_GROUP)?;
    let (rest, count) = cx.count(rest, NUMBER_OF_KEY_GROUPS, OFFSET_BYTES)?;
    let (rest, key_groups) = range(cx, input, rest, first, count)?;
    let (rest, offsets) = cx.table(rest, count, "key-group offsets")?;
    let (rest, stream) = stream(cx, rest)?;
    let handle = KeyGroupsStateHandle {
        kind,
        key_groups,
        offsets,
        stream,
        state_handle_id: None,
    };
    Ok((rest, handle))
}

fn incremental<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
    v2: bool,
) -> PResult<'a, IncrementalRemoteKeyedStateHandle<'a>> {
    let (rest, checkpoint_id) = cx.i64(input, "checkpoint id of the handle")?;
    let (rest, backend_id) = cx.utf(rest, "backend id")?;
    let (rest, key_groups) = key_group_range(cx, rest)?;
    let (rest, checkpointed_size) = if v2 {
        size(cx, rest, "checkpointed size")?
    } else {
        (rest, StateSize::UNKNOWN)
    };
    let (rest, meta) = cx.at("meta stream", None, |cx| stream(cx, rest))?;
    let (rest, shared) = file_list(cx, rest, "number of shared files", "shared file")?;
    let (rest, private) = file_list(cx, rest, "number of private files", "private file")?;
    let (rest, state_handle_id) = if v2 {
        let (rest, id) = cx.utf(rest, "state handle id")?;
        (rest, Some(id))
    } else {
        (rest, None)
    };
    let handle = IncrementalRemoteKeyedStateHandle {
        checkpoint_id,
        backend_id,
        key_groups,
        checkpointed_size,
        meta,
        shared,
        private,
        state_handle_id,
    };
    Ok((rest, handle))
}

fn file_list<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
    number: &'static str,
    node: &'static str,
) -> PResult<'a, Vec<HandleAndLocalPath<'a>>> {
    /// An empty name and an empty segment.
    const FILE_MIN: usize = 2 + 1;
    let (rest, count) = cx.count(input, number, FILE_MIN)?;
    cx.list(rest, count, node, |cx, input| {
        let (rest, local_path) = cx.utf(input, "local path")?;
        let (rest, handle) = stream(cx, rest)?;
        Ok((rest, HandleAndLocalPath { local_path, handle }))
    })
}

const FIRST_KEY_GROUP: &str = "first key group";
const NUMBER_OF_KEY_GROUPS: &str = "number of key groups";

/// docs/format.md 1.4, without offsets.
pub(super) fn key_group_range<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
) -> PResult<'a, KeyGroupRange> {
    let (rest, first) = cx.i32(input, FIRST_KEY_GROUP)?;
    let (rest, count) = cx.unsigned(rest, NUMBER_OF_KEY_GROUPS)?;
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    range(cx, input, rest, first, count)
}

fn range<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
    rest: &'a [u8],
    first: i32,
    count: usize,
) -> PResult<'a, KeyGroupRange> {
    // Flink does not look at the start of an empty range.
    let start = if count == 0 { first.max(0) } else { first };
    let range = u32::try_from(start)
        .ok()
        .zip(u32::try_from(to_u64(count)).ok())
        .and_then(|(first, count)| KeyGroupRange::new(first, count));
    match range {
        Some(range) => Ok((rest, range)),
        None => {
            let kind = ParseErrorKind::InvalidValue {
                value: i64::from(first),
                reason: "cannot be the first of so many key groups: the file is damaged",
            };
            fail(cx.error(input, FIRST_KEY_GROUP, kind))
        }
    }
}
