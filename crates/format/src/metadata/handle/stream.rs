//! `deserializeStreamStateHandle` of `MetadataV2V3SerializerBase` (docs/format.md 4).

use crate::metadata::body::Cx;
use crate::metadata::handle::keyed::key_groups;
use crate::model::handle::{
    ByteStreamStateHandle, CheckpointedStateScope, KeyGroupsKind, SegmentFileStateHandle,
    StateSize, StreamStateHandle,
};
use crate::reader::{PResult, ParseErrorKind, Trace, fail};

const NULL: u8 = 0;
const BYTE_STREAM: u8 = 1;
const FILE: u8 = 2;
const KEY_GROUPS: u8 = 3;
const RELATIVE: u8 = 6;
pub(super) const SEGMENT: u8 = 15;
pub(super) const EMPTY_SEGMENT: u8 = 16;

fn tag_name(tag: u8) -> Option<&'static str> {
    Some(match tag {
        NULL => "none",
        BYTE_STREAM => "byte stream",
        FILE => "file",
        KEY_GROUPS => "key groups",
        RELATIVE => "relative file",
        SEGMENT => "segment",
        EMPTY_SEGMENT => "empty segment",
        _ => return None,
    })
}

/// A stream that Flink cannot do without: everywhere but for the coordinator.
#[inline]
pub(super) fn stream<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
) -> PResult<'a, StreamStateHandle<'a>> {
    let (rest, tag) = cx.tag(input, "stream handle", tag_name)?;
    match tag {
        BYTE_STREAM => {
            let (rest, handle) = byte_stream(cx, rest)?;
            Ok((rest, StreamStateHandle::ByteStream(handle)))
        }
        FILE => {
            let (rest, size) = size(cx, rest, "file size")?;
            let (rest, path) = cx.utf(rest, "file path")?;
            Ok((rest, StreamStateHandle::File { path, size }))
        }
        RELATIVE => {
            // The other way round than an absolute file.
            let (rest, path) = cx.utf(rest, "relative path")?;
            let (rest, size) = size(cx, rest, "file size")?;
            Ok((rest, StreamStateHandle::Relative { path, size }))
        }
        KEY_GROUPS => {
            let limit = cx.limits.nesting;
            let (rest, handle) =
                cx.nested(input, limit, "state handles inside each other", |cx| {
                    key_groups(cx, rest, KeyGroupsKind::Checkpoint)
                })?;
            Ok((rest, StreamStateHandle::KeyGroups(Box::new(handle))))
        }
        SEGMENT => {
            let (rest, segment) = segment(cx, rest)?;
            Ok((rest, StreamStateHandle::Segment(Box::new(segment))))
        }
        EMPTY_SEGMENT => Ok((rest, StreamStateHandle::EmptySegment)),
        _ => fail(cx.error(input, "stream handle", ParseErrorKind::MissingHandle)),
    }
}

/// Nothing or inline bytes: the coordinator's state cannot be anything else.
pub(in crate::metadata) fn coordinator_state<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
) -> PResult<'a, Option<ByteStreamStateHandle<'a>>> {
    let allowed = |tag| tag_name(tag).filter(|_| matches!(tag, NULL | BYTE_STREAM));
    let (rest, tag) = cx.tag(input, "coordinator state handle", allowed)?;
    match tag {
        BYTE_STREAM => {
            let (rest, handle) = byte_stream(cx, rest)?;
            Ok((rest, Some(handle)))
        }
        _ => Ok((rest, None)),
    }
}

fn byte_stream<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
) -> PResult<'a, ByteStreamStateHandle<'a>> {
    let (rest, name) = cx.utf(input, "handle name (not a file)")?;
    let (rest, _) = cx.block(rest, "inline state length", "inline state")?;
    // Name, length and data lie behind the two bytes of the name's length.
    let length = input.len() - rest.len();
    let wire = input.get(2..length).unwrap_or_default();
    let name_length = u16::try_from(name.as_bytes().len()).unwrap_or(u16::MAX);
    Ok((rest, ByteStreamStateHandle::from_wire(wire, name_length)))
}

fn segment<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
) -> PResult<'a, SegmentFileStateHandle<'a>> {
    let (rest, start) = cx.i64(input, "segment start")?;
    let Ok(start) = u64::try_from(start) else {
        let reason = "is negative: the file is damaged";
        let kind = ParseErrorKind::InvalidValue {
            value: start,
            reason,
        };
        return fail(cx.error(input, "segment start", kind));
    };
    let (rest, size) = size(cx, rest, "segment size")?;
    let at_scope = rest;
    let (rest, scope) = cx.i32(rest, "segment scope (0 exclusive, 1 shared)")?;
    let scope = match scope {
        0 => CheckpointedStateScope::Exclusive,
        1 => CheckpointedStateScope::Shared,
        _ => {
            let kind = ParseErrorKind::InvalidValue {
                value: i64::from(scope),
                reason: "is neither 0 (exclusive) nor 1 (shared): the file is damaged",
            };
            return fail(cx.error(at_scope, "segment scope", kind));
        }
    };
    let (rest, path) = cx.utf(rest, "physical file path")?;
    let (rest, logical_file_id) = cx.utf(rest, "logical file id")?;
    let segment = SegmentFileStateHandle {
        start,
        size,
        scope,
        path,
        logical_file_id,
    };
    Ok((rest, segment))
}

/// A size in bytes; -1 stands for unknown.
#[inline]
pub(super) fn size<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
    field: &'static str,
) -> PResult<'a, StateSize> {
    let (rest, value) = cx.i64(input, field)?;
    match StateSize::from_wire(value) {
        Some(size) => Ok((rest, size)),
        None => {
            let reason = "is no size: the file is damaged";
            let kind = ParseErrorKind::InvalidValue { value, reason };
            fail(cx.error(input, field, kind))
        }
    }
}
