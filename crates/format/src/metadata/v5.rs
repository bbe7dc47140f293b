//! Versions 5 and 6, Flink 2.0 and later (`MetadataV5Serializer`, docs/format.md 3.3): puts name
//! and uid before each operator.

use crate::metadata::body::Cx;
use crate::metadata::v3;
use crate::model::checkpoint::OperatorState;
use crate::reader::{PResult, Trace};

/// Two empty strings before what version 3 has.
pub(super) const OPERATOR_MIN: usize = 2 + 2 + v3::OPERATOR_MIN;

pub(super) fn operator_state<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
) -> PResult<'a, OperatorState<'a>> {
    let (rest, name) = cx.optional_utf(input, "operator name")?;
    let (rest, uid) = cx.optional_utf(rest, "operator uid")?;
    let (rest, operator) = v3::operator_state(cx, rest)?;
    Ok((
        rest,
        OperatorState {
            uid,
            name,
            ..operator
        },
    ))
}
