//! What all versions have in common (`MetadataV2V3SerializerBase`, docs/format.md 3).

use crate::metadata::dialect::Dialect;
use crate::metadata::{handle, properties, v2, v3, v5};
use crate::model::checkpoint::{
    CheckpointProperties, MasterState, MetadataVersion, OperatorState, OperatorSubtaskState,
};
use crate::reader::{Context, PResult, ParseErrorKind, Trace, fail};

/// Context of a metadata parse.
pub(super) type Cx<'t, T> = Context<'t, T, Grammar>;

/// Which of the layouts is being read.
pub(super) struct Grammar {
    pub(super) version: MetadataVersion,
    dialect: Dialect,
    pub(super) dialect_matters: bool,
}

impl Grammar {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            version: MetadataVersion::V2,
            dialect,
            dialect_matters: false,
        }
    }

    /// The dialect, for a structure in which the dialects differ.
    pub(super) fn dialect(&mut self) -> Dialect {
        if self.version == MetadataVersion::V3 {
            self.dialect_matters = true;
            self.dialect
        } else {
            Dialect::Flink1_15
        }
    }
}

/// What a file says besides its operators.
pub(super) struct Body<'a> {
    pub(super) checkpoint_id: u64,
    pub(super) master_states: Vec<MasterState<'a>>,
    pub(super) properties: Option<CheckpointProperties>,
}

/// docs/format.md 3.1. Operators are handed to `each` one by one.
pub(super) fn body<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
    each: &mut dyn FnMut(OperatorState<'a>),
) -> PResult<'a, Body<'a>> {
    let version = cx.grammar.version;
    let (rest, id) = cx.i64(input, "checkpoint id")?;
    let Ok(checkpoint_id) = u64::try_from(id) else {
        let reason = "is negative: the file is damaged";
        let kind = ParseErrorKind::InvalidValue { value: id, reason };
        return fail(cx.error(input, "checkpoint id", kind));
    };
    let (rest, count) = cx.count(rest, "number of master states", MASTER_STATE_MIN)?;
    let (rest, master_states) = cx.list(rest, count, "master state", master_state)?;

    let operator_min = match version {
        MetadataVersion::V2 | MetadataVersion::V3 | MetadataVersion::V4 => v3::OPERATOR_MIN,
        MetadataVersion::V5 | MetadataVersion::V6 | MetadataVersion::V7 => v5::OPERATOR_MIN,
    };
    let (mut rest, count) = cx.count(rest, "number of operators", operator_min)?;
    for index in 0..count {
        let (behind, operator) = cx.at("operator", Some(index), |cx| match version {
            MetadataVersion::V2 => v2::operator_state(cx, rest),
            MetadataVersion::V3 | MetadataVersion::V4 => v3::operator_state(cx, rest),
            MetadataVersion::V5 | MetadataVersion::V6 | MetadataVersion::V7 => {
                v5::operator_state(cx, rest)
            }
        })?;
        each(operator);
        rest = behind;
    }

    let (rest, properties) = match version {
        MetadataVersion::V2 | MetadataVersion::V3 => (rest, None),
        MetadataVersion::V4 | MetadataVersion::V5 | MetadataVersion::V6 | MetadataVersion::V7 => cx
            .at("checkpoint properties", None, |cx| {
                properties::checkpoint_properties(cx, rest)
            })?,
    };
    let body = Body {
        checkpoint_id,
        master_states,
        properties,
    };
    Ok((rest, body))
}

const MASTER_STATE_MAGIC: u32 = 0xC96B_1696;
/// Magic, length, version, empty name, data length.
const MASTER_STATE_MIN: usize = 4 + 4 + 4 + 2 + 4;

/// docs/format.md 3.2.
fn master_state<'a, T: Trace>(cx: &mut Cx<'_, T>, input: &'a [u8]) -> PResult<'a, MasterState<'a>> {
    let (rest, magic) = cx.magic(input, "master state magic number")?;
    if magic != MASTER_STATE_MAGIC {
        let reason = "is not the magic number of a master state: the file is damaged";
        let value = i64::from(magic);
        let kind = ParseErrorKind::InvalidValue { value, reason };
        return fail(cx.error(input, "master state magic number", kind));
    }
    let (block, length) = cx.count(rest, "master state length", 1)?;
    let (block, behind) = block.split_at(length);
    cx.inside(block, behind, "master state", |cx, input| {
        let (rest, version) = cx.i32(input, "master state version")?;
        let (rest, name) = cx.utf(rest, "master state name")?;
        let (rest, data) = cx.block(rest, "master state data length", "master state data")?;
        Ok((
            rest,
            MasterState {
                version,
                name,
                data,
            },
        ))
    })
}

/// Id, parallelism and maximum parallelism: the same in every version.
pub(super) fn operator_head<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
) -> PResult<'a, OperatorState<'a>> {
    let (rest, id) = cx.operator_id(input, "operator id")?;
    let (rest, parallelism) = cx.unsigned(rest, "parallelism")?;
    let (rest, max_parallelism) = cx.unsigned(rest, "max parallelism")?;
    let operator = OperatorState {
        id,
        uid: None,
        name: None,
        parallelism,
        max_parallelism,
        coordinator: None,
        fully_finished: false,
        subtasks: Vec::new(),
    };
    Ok((rest, operator))
}

/// The four slots that every version has (docs/format.md 3.4).
pub(super) fn state_slots<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
) -> PResult<'a, OperatorSubtaskState<'a>> {
    let (rest, managed_operator) = cx.at("managed operator state", None, |cx| {
        handle::optional_operator_state(cx, input)
    })?;
    let (rest, raw_operator) = cx.at("raw operator state", None, |cx| {
        handle::optional_operator_state(cx, rest)
    })?;
    let (rest, managed_keyed) = cx.at("managed keyed state", None, |cx| {
        handle::keyed_state(cx, rest)
    })?;
    let (rest, raw_keyed) = cx.at("raw keyed state", None, |cx| handle::keyed_state(cx, rest))?;
    let state = OperatorSubtaskState {
        managed_operator,
        raw_operator,
        managed_keyed,
        raw_keyed,
        ..Default::default()
    };
    Ok((rest, state))
}
