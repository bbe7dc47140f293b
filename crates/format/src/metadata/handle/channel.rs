//! In-flight data: `ChannelStateHandleSerializerV1`, and `V2` with tagged and merged handles from
//! version 6 on (docs/format.md 6.2).

use crate::metadata::body::Cx;
use crate::metadata::handle::stream::{size, stream};
use crate::model::checkpoint::{MetadataVersion, StateSlot};
use crate::model::handle::{ChannelStateHandle, ChannelStateInfo};
use crate::reader::{PResult, Trace};

/// Tags of version 6 in a number space of their own: the plain and the merged form of a slot.
struct SlotTags {
    plain: (u8, &'static str),
    merged: (u8, &'static str),
}

fn slot_tags(slot: StateSlot) -> SlotTags {
    match slot {
        StateSlot::InputChannel => SlotTags {
            plain: (1, "input channel"),
            merged: (3, "merged input channels"),
        },
        _ => SlotTags {
            plain: (2, "result subpartition"),
            merged: (4, "merged result subpartitions"),
        },
    }
}

/// The list of one slot's handles.
pub(in crate::metadata) fn channel_states<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
    slot: StateSlot,
) -> PResult<'a, Vec<ChannelStateHandle<'a>>> {
    /// Two indexes, no offsets, a size and an empty segment; the merged form is no shorter.
    const HANDLE_MIN: usize = 4 + 4 + 4 + 8 + 1;
    let number = match slot {
        StateSlot::InputChannel => "number of input channel handles",
        _ => "number of result subpartition handles",
    };
    let (rest, count) = cx.count(input, number, HANDLE_MIN)?;
    if count == 0 {
        return Ok((rest, Vec::new()));
    }
    cx.list(rest, count, slot.label(), |cx, input| {
        if cx.grammar.version < MetadataVersion::V6 {
            return plain(cx, input);
        }
        let SlotTags {
            plain: (plain_tag, plain_name),
            merged: (merged_tag, merged_name),
        } = slot_tags(slot);
        let (rest, tag) = cx.tag(input, "channel state handle", |tag| {
            if tag == plain_tag {
                Some(plain_name)
            } else {
                (tag == merged_tag).then_some(merged_name)
            }
        })?;
        if tag == plain_tag {
            plain(cx, rest)
        } else {
            merged(cx, rest)
        }
    })
}

fn plain<'a, T: Trace>(cx: &mut Cx<'_, T>, input: &'a [u8]) -> PResult<'a, ChannelStateHandle<'a>> {
    let (rest, subtask_index) = if cx.grammar.dialect().has_channel_subtask() {
        let (rest, index) = cx.unsigned(input, "subtask index of the channel file")?;
        (rest, Some(index))
    } else {
        (input, None)
    };
    let (rest, gate_or_partition) = cx.i32(rest, "gate or partition")?;
    let (rest, index) = cx.i32(rest, "channel or subpartition")?;
    let (rest, offsets) = offsets(cx, rest)?;
    let (rest, size) = size(cx, rest, "channel state size")?;
    let (rest, stream) = stream(cx, rest)?;
    let handle = ChannelStateHandle {
        subtask_index,
        channels: vec![ChannelStateInfo {
            gate_or_partition,
            index,
            offsets,
            size,
        }],
        merged: false,
        size,
        stream,
    };
    Ok((rest, handle))
}

fn merged<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
) -> PResult<'a, ChannelStateHandle<'a>> {
    /// Two indexes, a size and no offsets.
    const CHANNEL_MIN: usize = 4 + 4 + 8 + 4;
    let (rest, subtask_index) = cx.unsigned(input, "subtask index of the channel file")?;
    let (rest, total) = size(cx, rest, "size of all channels")?;
    let (rest, stream) = stream(cx, rest)?;
    let (block, length) = cx.count(rest, "length of the channel list", 1)?;
    let (block, behind) = block.split_at(length);
    let (rest, channels) = cx.inside(block, behind, "channel list", |cx, input| {
        let (rest, count) = cx.count(input, "number of channels", CHANNEL_MIN)?;
        cx.list(rest, count, "channel", |cx, input| {
            let (rest, gate_or_partition) = cx.i32(input, "gate or partition")?;
            let (rest, index) = cx.i32(rest, "channel or subpartition")?;
            let (rest, size) = size(cx, rest, "channel state size")?;
            let (rest, offsets) = offsets(cx, rest)?;
            let channel = ChannelStateInfo {
                gate_or_partition,
                index,
                offsets,
                size,
            };
            Ok((rest, channel))
        })
    })?;
    let handle = ChannelStateHandle {
        subtask_index: Some(subtask_index),
        channels,
        merged: true,
        size: total,
        stream,
    };
    Ok((rest, handle))
}

fn offsets<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
) -> PResult<'a, crate::model::handle::Offsets<'a>> {
    const OFFSET_BYTES: usize = 8;
    let (rest, count) = cx.count(input, "number of offsets", OFFSET_BYTES)?;
    cx.table(rest, count, "buffer offsets")
}
