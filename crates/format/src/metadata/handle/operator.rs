//! `deserializeOperatorStateHandle` of `MetadataV2V3SerializerBase` (docs/format.md 6.1).

use crate::metadata::body::Cx;
use crate::metadata::handle::stream::{EMPTY_SEGMENT, SEGMENT, stream};
use crate::model::handle::{
    DistributionMode, FileMergingDirectories, OperatorStateHandle, StateMetaInfo,
};
use crate::reader::{PResult, ParseErrorKind, Trace, fail};

const NULL: u8 = 0;
const PARTITIONABLE: u8 = 4;
const SEGMENT_PARTITIONABLE: u8 = 17;

fn tag_name(tag: u8) -> Option<&'static str> {
    Some(match tag {
        NULL => "none",
        PARTITIONABLE => "partitionable",
        SEGMENT_PARTITIONABLE => "segment partitionable",
        _ => return None,
    })
}

/// The slot of a subtask: a number that is 0 for nothing, then the handle.
pub(in crate::metadata) fn optional_operator_state<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
) -> PResult<'a, Option<Box<OperatorStateHandle<'a>>>> {
    let (rest, present) = cx.i32(input, "handle follows (0: none)")?;
    if present == 0 {
        return Ok((rest, None));
    }
    let at_tag = rest;
    let (rest, tag) = cx.tag(rest, "operator state handle", tag_name)?;
    match tag {
        // No Flink writes this, and since 1.12 none can load it.
        NULL => {
            let kind = ParseErrorKind::MissingHandle;
            fail(cx.error(at_tag, "operator state handle", kind))
        }
        _ => {
            let (rest, handle) = partitionable(cx, rest, tag == SEGMENT_PARTITIONABLE)?;
            Ok((rest, Some(Box::new(handle))))
        }
    }
}

fn partitionable<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
    file_merging: bool,
) -> PResult<'a, OperatorStateHandle<'a>> {
    /// An empty name, the mode, and no offsets.
    const STATE_MIN: usize = 2 + 1 + 4;
    let (rest, count) = cx.count(input, "number of states", STATE_MIN)?;
    let (rest, states) = cx.list(rest, count, "state", state_meta_info)?;
    if !file_merging {
        let (rest, stream) = stream(cx, rest)?;
        let handle = OperatorStateHandle {
            states,
            stream,
            file_merging: None,
        };
        return Ok((rest, handle));
    }
    let (rest, task_owned) = cx.utf(rest, "task-owned directory")?;
    let (rest, shared) = cx.utf(rest, "shared directory")?;
    let (rest, is_empty) = cx.bool(rest, "is empty")?;
    // Flink casts to a segment, so another handle could not be loaded.
    match rest.first() {
        None | Some(&(SEGMENT | EMPTY_SEGMENT)) => {}
        Some(&tag) => {
            let kind = ParseErrorKind::UnknownTag { tag };
            return fail(cx.error(rest, "segment handle", kind));
        }
    }
    let (rest, stream) = stream(cx, rest)?;
    let handle = OperatorStateHandle {
        states,
        stream,
        file_merging: Some(FileMergingDirectories {
            task_owned,
            shared,
            is_empty,
        }),
    };
    Ok((rest, handle))
}

fn state_meta_info<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
) -> PResult<'a, StateMetaInfo<'a>> {
    const OFFSET_BYTES: usize = 8;
    let (rest, name) = cx.utf(input, "state name")?;
    let (rest, mode) = cx.tag(rest, "distribution mode", |mode| {
        distribution_mode(mode).map(DistributionMode::name)
    })?;
    let mode = distribution_mode(mode).unwrap_or(DistributionMode::SplitDistribute);
    let (rest, count) = cx.count(rest, "number of offsets", OFFSET_BYTES)?;
    let (rest, offsets) = cx.table(rest, count, "element offsets")?;
    Ok((
        rest,
        StateMetaInfo {
            name,
            mode,
            offsets,
        },
    ))
}

fn distribution_mode(mode: u8) -> Option<DistributionMode> {
    Some(match mode {
        0 => DistributionMode::SplitDistribute,
        1 => DistributionMode::Union,
        2 => DistributionMode::Broadcast,
        _ => return None,
    })
}
