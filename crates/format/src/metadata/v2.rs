//! Version 2, Flink 1.3 to 1.10 (`MetadataV2Serializer`, docs/format.md 3.3 and 3.4).

use crate::metadata::body::{Cx, operator_head, state_slots};
use crate::model::checkpoint::{OperatorState, Subtask};
use crate::reader::{PResult, ParseErrorKind, Trace, fail};

/// Index, duration, legacy count and four empty slots.
const SUBTASK_MIN: usize = 4 + 8 + 4 + 4 + 4 + 1 + 1;

pub(super) fn operator_state<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
) -> PResult<'a, OperatorState<'a>> {
    let (rest, mut operator) = operator_head(cx, input)?;
    let (rest, subtasks) = cx.labelled(
        || operator.id.to_string(),
        |cx| {
            let (rest, _) = cx.i32(rest, "chain length (ignored)")?;
            let (rest, count) = cx.count(rest, "number of subtasks", SUBTASK_MIN)?;
            cx.list(rest, count, "subtask", subtask)
        },
    )?;
    operator.subtasks = subtasks;
    Ok((rest, operator))
}

fn subtask<'a, T: Trace>(cx: &mut Cx<'_, T>, input: &'a [u8]) -> PResult<'a, Subtask<'a>> {
    let (rest, index) = cx.unsigned(input, "subtask index")?;
    let (rest, _) = cx.i64(rest, "duration (ignored)")?;
    let (behind, count) = cx.i32(rest, "number of legacy states")?;
    match count {
        0 => {}
        ..0 => {
            let kind = ParseErrorKind::NegativeCount(count);
            return fail(cx.error(rest, "number of legacy states", kind));
        }
        1.. => {
            let kind = ParseErrorKind::LegacyState { count };
            return fail(cx.error(rest, "the subtask", kind));
        }
    }
    let (rest, state) = state_slots(cx, behind)?;
    Ok((rest, Subtask::running(index, state)))
}
