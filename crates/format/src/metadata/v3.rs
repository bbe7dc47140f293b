//! Versions 3 and 4, Flink 1.11 to 1.20 (`MetadataV3Serializer`, docs/format.md 3.3 and 3.4):
//! adds the coordinator, finished operators and subtasks, and channel state.

use crate::metadata::body::{Cx, operator_head, state_slots};
use crate::metadata::{handle, v7};
use crate::model::checkpoint::{
    MetadataVersion, OperatorState, OperatorSubtaskState, StateSlot, Subtask,
};
use crate::reader::{PResult, ParseErrorKind, Trace, fail};

/// Id, parallelism, max parallelism, no coordinator, number of subtasks; in version 2, the chain
/// length instead of the coordinator, which is longer.
pub(super) const OPERATOR_MIN: usize = 16 + 4 + 4 + 1 + 4;
/// The index of a finished subtask.
const SUBTASK_MIN: usize = 4;

pub(super) fn operator_state<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
) -> PResult<'a, OperatorState<'a>> {
    let (rest, mut operator) = operator_head(cx, input)?;
    let id = operator.id;
    let (rest, ()) = cx.labelled(
        || id.to_string(),
        |cx| coordinator_and_subtasks(cx, rest, &mut operator),
    )?;
    Ok((rest, operator))
}

fn coordinator_and_subtasks<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
    operator: &mut OperatorState<'a>,
) -> PResult<'a, ()> {
    let (rest, coordinator) = cx.at("coordinator state", None, |cx| {
        handle::coordinator_state(cx, input)
    })?;
    operator.coordinator = coordinator;

    // A negative number of subtasks stands for a fully finished operator.
    let (behind, count) = cx.i32(rest, "number of subtasks (negative: fully finished)")?;
    if count < 0 {
        if operator.coordinator.is_some() {
            let kind = ParseErrorKind::InvalidValue {
                value: i64::from(count),
                reason: "marks the operator as fully finished, but it has coordinator state: \
                         the file is damaged",
            };
            return fail(cx.error(rest, "number of subtasks", kind));
        }
        operator.fully_finished = true;
        return Ok((behind, ()));
    }
    let (rest, count) = cx.bounded(rest, behind, "number of subtasks", count, SUBTASK_MIN)?;
    let (rest, subtasks) = cx.list(rest, count, "subtask", subtask)?;
    operator.subtasks = subtasks;
    Ok((rest, ()))
}

fn subtask<'a, T: Trace>(cx: &mut Cx<'_, T>, input: &'a [u8]) -> PResult<'a, Subtask<'a>> {
    // The index of a finished subtask is stored as its bitwise complement, which is negative.
    let (rest, index) = cx.i32(input, "subtask index (negative: finished)")?;
    match u32::try_from(index) {
        Ok(index) => {
            let (rest, state) = subtask_state(cx, rest)?;
            Ok((rest, Subtask::running(index, state)))
        }
        Err(_) => Ok((rest, Subtask::finished((!index).unsigned_abs()))),
    }
}

fn subtask_state<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
) -> PResult<'a, OperatorSubtaskState<'a>> {
    let (rest, mut state) = state_slots(cx, input)?;
    let (rest, handles) = handle::channel_states(cx, rest, StateSlot::InputChannel)?;
    state.input_channels = handles;
    let (rest, handles) = handle::channel_states(cx, rest, StateSlot::ResultSubpartition)?;
    state.result_subpartitions = handles;
    if cx.grammar.version < MetadataVersion::V7 {
        return Ok((rest, state));
    }
    let (rest, origin) = v7::state_origin(cx, rest)?;
    state.origin = origin;
    Ok((rest, state))
}
