//! Heads of Flink 1.3 to 1.7 (docs/state-files.md 1.3). Serializers lie in them as Java objects,
//! of which only the class is read; since 1.7 also as snapshots.

use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::java_stream;
use crate::reader::{PResult, ParseErrorKind, fail, to_u64};
use crate::state_file::grammar::{Cx, Heads};
use crate::state_file::head::{HeadKind, StateFileHead};
use crate::state_file::meta_info::{
    BackendStateType, DISTRIBUTION_MODE, KEY_SERIALIZER, KEYED_STATE_TYPE, NAMESPACE_SERIALIZER,
    StateMetaInfoSnapshot, VALUE_SERIALIZER, kind,
};
use crate::state_file::serializer::{Detail, SerializerSnapshot, serializer_snapshot};

/// Versions of `KeyedBackendSerializationProxy`.
pub(super) const KEYED: RangeInclusive<i32> = 3..=5;
/// Versions of `OperatorBackendSerializationProxy`.
pub(super) const OPERATOR: RangeInclusive<i32> = 2..=4;

/// From here on a state's type and options come as they do today.
const KEYED_WITH_OPTIONS: i32 = 5;
const OPERATOR_WITH_OPTIONS: i32 = 4;
const KEYED_WITH_COMPRESSION: i32 = 4;
const OPERATOR_WITH_BROADCAST: i32 = 3;

/// A name and a number.
const STATE_MIN: usize = 3;

pub(super) fn keyed<'a>(
    cx: &mut Cx<'_>,
    input: &'a [u8],
    version: i32,
) -> PResult<'a, StateFileHead> {
    let (rest, compressed) = match version {
        KEYED_WITH_COMPRESSION.. => cx.bool(input, "compressed")?,
        _ => (input, false),
    };
    let (rest, mut key) = serializers(cx, rest, 1)?;
    let (rest, states) = states(cx, rest, "states", |cx, input| match version {
        KEYED_WITH_OPTIONS.. => state_with_options(cx, input),
        _ => keyed_state(cx, input),
    })?;
    let head = StateFileHead {
        kind: HeadKind::Keyed,
        version,
        compressed,
        key_serializer: key.pop().map(Arc::new),
        states,
        unread_states: Some(0),
        bytes: Some(cx.offset(rest)),
    };
    Ok((rest, head))
}

pub(super) fn operator<'a>(
    cx: &mut Cx<'_>,
    input: &'a [u8],
    version: i32,
) -> PResult<'a, StateFileHead> {
    let state = |cx: &mut Cx<'_>, input: &'a [u8], broadcast| match version {
        OPERATOR_WITH_OPTIONS.. => state_with_options(cx, input),
        _ => operator_state(cx, input, broadcast),
    };
    let (mut rest, mut all) = states(cx, input, "operator states", |cx, input| {
        state(cx, input, false)
    })?;
    if version >= OPERATOR_WITH_BROADCAST {
        let (behind, broadcast) = states(cx, rest, "broadcast states", |cx, input| {
            state(cx, input, true)
        })?;
        all.extend(broadcast);
        rest = behind;
    }
    let head = StateFileHead {
        kind: HeadKind::Operator,
        version,
        compressed: false,
        key_serializer: None,
        states: all,
        unread_states: Some(0),
        bytes: Some(cx.offset(rest)),
    };
    Ok((rest, head))
}

fn states<'a>(
    cx: &mut Cx<'_>,
    input: &'a [u8],
    field: &'static str,
    state: impl Fn(&mut Cx<'_>, &'a [u8]) -> PResult<'a, StateMetaInfoSnapshot>,
) -> PResult<'a, Vec<StateMetaInfoSnapshot>> {
    let (rest, count) = cx.u16(input, field)?;
    let (rest, count) = cx.bounded(input, rest, field, i32::from(count), STATE_MIN)?;
    cx.list(rest, count, "state", state)
}

/// Flink 1.6 and 1.7.
fn state_with_options<'a>(cx: &mut Cx<'_>, input: &'a [u8]) -> PResult<'a, StateMetaInfoSnapshot> {
    let (rest, name) = cx.utf(input, "state name")?;
    let (rest, (backend_state_type, options)) = kind(cx, rest)?;
    let (rest, count) = cx.count(rest, "serializers", 2)?;
    let (rest, keys) = cx.list(rest, count, "serializer", |cx, input| {
        let (rest, key) = cx.utf(input, "serializer key")?;
        Ok((rest, key.to_string()))
    })?;
    let (rest, serializers) = serializers(cx, rest, keys.len())?;
    let state = StateMetaInfoSnapshot {
        name: name.to_string(),
        backend_state_type,
        options,
        serializers: keys.into_iter().zip(serializers).collect(),
        unread_serializers: 0,
    };
    Ok((rest, state))
}

/// Flink 1.3 to 1.5: the ordinal of a `StateDescriptor.Type`.
fn keyed_state<'a>(cx: &mut Cx<'_>, input: &'a [u8]) -> PResult<'a, StateMetaInfoSnapshot> {
    const TYPES: [&str; 7] = [
        "UNKNOWN",
        "VALUE",
        "LIST",
        "REDUCING",
        "FOLDING",
        "AGGREGATING",
        "MAP",
    ];
    let (rest, ordinal) = cx.i32(input, "state descriptor type")?;
    let kind = usize::try_from(ordinal).ok().and_then(|at| TYPES.get(at));
    let Some(kind) = kind else {
        let kind = ParseErrorKind::InvalidValue {
            value: i64::from(ordinal),
            reason: "is no type of keyed state",
        };
        return fail(cx.error(input, "state descriptor type", kind));
    };
    let (rest, name) = cx.utf(rest, "state name")?;
    let (rest, serializers) = serializers(cx, rest, 2)?;
    let keys = [NAMESPACE_SERIALIZER, VALUE_SERIALIZER];
    let state = StateMetaInfoSnapshot {
        name: name.to_string(),
        backend_state_type: BackendStateType::KeyValue,
        options: vec![(KEYED_STATE_TYPE.to_owned(), (*kind).to_owned())],
        serializers: named(&keys, serializers),
        unread_serializers: 0,
    };
    Ok((rest, state))
}

/// Flink 1.3 to 1.5: the ordinal of an `OperatorStateHandle.Mode`.
fn operator_state<'a>(
    cx: &mut Cx<'_>,
    input: &'a [u8],
    broadcast: bool,
) -> PResult<'a, StateMetaInfoSnapshot> {
    let (rest, name) = cx.utf(input, "state name")?;
    let mode = |mode| match mode {
        0 => Some("SPLIT_DISTRIBUTE"),
        1 => Some("UNION"),
        2 => Some("BROADCAST"),
        _ => None,
    };
    let (rest, ordinal) = cx.tag(rest, "distribution mode", mode)?;
    let (backend_state_type, keys): (_, &[&str]) = if broadcast {
        (
            BackendStateType::Broadcast,
            &[KEY_SERIALIZER, VALUE_SERIALIZER],
        )
    } else {
        (BackendStateType::Operator, &[VALUE_SERIALIZER])
    };
    let (rest, serializers) = serializers(cx, rest, keys.len())?;
    let mode = mode(ordinal).unwrap_or_default();
    let state = StateMetaInfoSnapshot {
        name: name.to_string(),
        backend_state_type,
        options: vec![(DISTRIBUTION_MODE.to_owned(), mode.to_owned())],
        serializers: named(keys, serializers),
        unread_serializers: 0,
    };
    Ok((rest, state))
}

fn named(keys: &[&str], serializers: Vec<SerializerSnapshot>) -> Vec<(String, SerializerSnapshot)> {
    let keys = keys.iter().map(|key| (*key).to_owned());
    keys.zip(serializers).collect()
}

/// `TypeSerializerSerializationUtil`: a table of offsets into one buffer, two for each serializer.
fn serializers<'a>(
    cx: &mut Cx<'_>,
    input: &'a [u8],
    expected: usize,
) -> PResult<'a, Vec<SerializerSnapshot>> {
    /// Two offsets.
    const ENTRY: usize = 8;
    let (rest, count) = cx.count(input, "serializers", ENTRY)?;
    if count != expected {
        let kind = ParseErrorKind::InvalidValue {
            value: i64::try_from(count).unwrap_or(i64::MAX),
            reason: "is not the number of serializers that such a state has",
        };
        return fail(cx.error(input, "serializers", kind));
    }
    let (rest, offsets) = cx.list(rest, count, "serializer", |cx, input| {
        let (rest, serializer) = cx.i32(input, "offset of the serializer")?;
        let (rest, config) = cx.i32(rest, "offset of its configuration")?;
        Ok((rest, (serializer, config)))
    })?;
    let (behind, buffer) = cx.block(rest, "length of serializers", "serializers")?;
    let mut snapshots = Vec::new();
    for (serializer, config) in offsets {
        let class = part(buffer, serializer).and_then(|part| java_class(cx, part));
        let Some(config) = part(buffer, config) else {
            let kind = ParseErrorKind::CountTooLarge {
                count: u64::from(config.unsigned_abs()),
                needed: u64::from(config.unsigned_abs()),
                remaining: to_u64(buffer.len()),
            };
            return fail(cx.error(rest, "offset of a configuration", kind));
        };
        let read = cx.inside(config, behind, "configuration", |cx, config| {
            let (_, snapshot) = serializer_snapshot(cx, config)?;
            Ok((<&[u8]>::default(), snapshot))
        });
        // The block has a length: what is not known inside costs only itself.
        cx.grammar = Heads::default();
        let (_, snapshot) = read?;
        snapshots.push(SerializerSnapshot {
            serializer_class: class.or(snapshot.serializer_class),
            ..snapshot
        });
    }
    Ok((behind, snapshots))
}

fn part(buffer: &[u8], offset: i32) -> Option<&[u8]> {
    buffer.get(usize::try_from(offset).ok()?..)
}

/// The class of a serializer that lies there as a Java object; `None` where it cannot be read.
fn java_class(cx: &Cx<'_>, part: &[u8]) -> Option<String> {
    /// A version and a length.
    const HEADER: usize = 8;
    let (stream, _) = java_stream::parse(part.get(HEADER..)?, cx.limits).ok()?;
    let object = stream.object(stream.root())?;
    stream.class_name(object).map(|name| name.to_string())
}

impl SerializerSnapshot {
    /// True for a snapshot of which only the class is known.
    pub fn is_unread(&self) -> bool {
        self.detail == Detail::Unread
    }
}
