//! Version 7, which no release writes yet (FLIP-600, docs/format.md 3.4): puts a mark behind each
//! subtask's state.

use crate::metadata::body::Cx;
use crate::model::checkpoint::StateOrigin;
use crate::reader::{PResult, Trace};

/// A checkpoint follows this mark.
const EARLIER: u8 = 1;

pub(super) fn state_origin<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
) -> PResult<'a, StateOrigin> {
    let (rest, mark) = cx.u8(
        input,
        "state of an earlier checkpoint (1: its number follows)",
    )?;
    match mark {
        0 => Ok((rest, StateOrigin::Own)),
        EARLIER => {
            let (rest, checkpoint) = cx.i64(rest, "checkpoint that the state is of")?;
            Ok((rest, StateOrigin::Earlier(checkpoint)))
        }
        other => Ok((rest, StateOrigin::Unclear(other))),
    }
}
