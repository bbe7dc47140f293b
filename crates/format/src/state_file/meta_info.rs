use serde::Serialize;

use crate::reader::{Limits, PResult, ParseError, ParseErrorKind, fail, to_u64};
use crate::state_file::grammar::{Cx, read};
use crate::state_file::resume::{Expected, settle};
use crate::state_file::serializer::{SerializerSnapshot, serializer_snapshot};

/// What a state backend records about one state (`StateMetaInfoSnapshot`, docs/state-files.md 2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StateMetaInfoSnapshot {
    /// The state's name.
    pub name: String,
    /// What sort of state it is.
    pub backend_state_type: BackendStateType,
    /// Its options, by name.
    pub options: Vec<(String, String)>,
    /// Its serializers, by Flink's name for what each is for.
    pub serializers: Vec<(String, SerializerSnapshot)>,
    /// Serializers that the state has but that could not be read, behind one of a class that is not
    /// known.
    pub unread_serializers: u64,
}

/// `StateMetaInfoSnapshot.BackendStateType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum BackendStateType {
    /// Keyed state.
    KeyValue,
    /// List or union state of an operator.
    Operator,
    /// Broadcast state.
    Broadcast,
    /// Timers.
    PriorityQueue,
    /// Keyed state with asynchronous access, Flink 2.0+.
    KeyValueV2,
}

impl BackendStateType {
    /// The type of an ordinal, as heads have it.
    pub(super) fn from_ordinal(ordinal: i32) -> Option<Self> {
        Some(match ordinal {
            0 => Self::KeyValue,
            1 => Self::Operator,
            2 => Self::Broadcast,
            3 => Self::PriorityQueue,
            4 => Self::KeyValueV2,
            _ => return None,
        })
    }
}

/// Flink's name for it.
pub const NAMESPACE_SERIALIZER: &str = "NAMESPACE_SERIALIZER";
/// Flink's name for it.
pub const VALUE_SERIALIZER: &str = "VALUE_SERIALIZER";
/// Flink's name for it.
pub const KEY_SERIALIZER: &str = "KEY_SERIALIZER";
/// Flink's name for it.
pub const USER_KEY_SERIALIZER: &str = "USER_KEY_SERIALIZER";
/// Flink's name for it.
pub const KEYED_STATE_TYPE: &str = "KEYED_STATE_TYPE";
/// Flink's name for it.
pub const DISTRIBUTION_MODE: &str = "OPERATOR_STATE_DISTRIBUTION_MODE";

/// A length of each of two strings.
const OPTION_MIN: usize = 4;
/// A key, a proxy version, a class name and a version.
const SERIALIZER_MIN: usize = 12;

impl StateMetaInfoSnapshot {
    /// An option's value.
    pub fn option(&self, name: &str) -> Option<&str> {
        let named = self.options.iter().find(|(option, _)| option == name);
        named.map(|(_, value)| value.as_str())
    }

    /// A serializer by what it is for, such as `VALUE_SERIALIZER`.
    pub fn serializer(&self, name: &str) -> Option<&SerializerSnapshot> {
        let named = self.serializers.iter().find(|(key, _)| key == name);
        named.map(|(_, snapshot)| snapshot)
    }
}

/// Reads one `StateMetaInfoSnapshot` from the start of `bytes`; returns it and the bytes behind
/// it. Changelogs hold them one at a time.
///
/// # Errors
/// When `bytes` does not start with one.
pub fn meta_info(
    bytes: &[u8],
    limits: Limits,
) -> Result<(&[u8], StateMetaInfoSnapshot), ParseError> {
    read(bytes, limits, state_meta_info)
}

/// `StateMetaInfoSnapshotReadersWriters`.
pub(super) fn state_meta_info<'a>(
    cx: &mut Cx<'_>,
    input: &'a [u8],
) -> PResult<'a, StateMetaInfoSnapshot> {
    let (rest, name) = cx.utf(input, "state name")?;
    let (rest, (backend_state_type, options)) = kind(cx, rest)?;
    let (rest, count) = cx.count(rest, "serializers", SERIALIZER_MIN)?;
    let label = || format!("\"{name}\"");
    let (rest, serializers) = cx.labelled(label, |cx| serializers(cx, rest, count))?;
    let state = StateMetaInfoSnapshot {
        name: name.to_string(),
        backend_state_type,
        options,
        unread_serializers: to_u64(count - serializers.len()),
        serializers,
    };
    Ok((rest, state))
}

type Kind = (BackendStateType, Vec<(String, String)>);

/// A state's type and options, which come in the same form since Flink 1.6.
pub(super) fn kind<'a>(cx: &mut Cx<'_>, input: &'a [u8]) -> PResult<'a, Kind> {
    let (rest, ordinal) = cx.i32(input, "backend state type")?;
    let Some(backend_state_type) = BackendStateType::from_ordinal(ordinal) else {
        let kind = ParseErrorKind::InvalidValue {
            value: i64::from(ordinal),
            reason: "is no type of state that this build knows",
        };
        return fail(cx.error(input, "backend state type", kind));
    };
    let (rest, count) = cx.count(rest, "options", OPTION_MIN)?;
    let (rest, options) = cx.list(rest, count, "option", |cx, input| {
        let (rest, name) = cx.utf(input, "option")?;
        let (rest, value) = cx.utf(rest, "option's value")?;
        Ok((rest, (name.to_string(), value.to_string())))
    })?;
    Ok((rest, (backend_state_type, options)))
}

/// The serializers by their keys. One that cannot be read to its end is stepped over where the
/// next can be recognised.
fn serializers<'a>(
    cx: &mut Cx<'_>,
    mut input: &'a [u8],
    count: usize,
) -> PResult<'a, Vec<(String, SerializerSnapshot)>> {
    let mut serializers: Vec<(String, SerializerSnapshot)> = Vec::new();
    for index in 0..count {
        let before = serializers.last_mut().map(|(_, before)| before);
        match settle(cx, input, Expected::Serializer, before) {
            Some(rest) => input = rest,
            None => break,
        }
        let (rest, (key, snapshot)) = cx.at("serializer", Some(index), |cx| {
            let (rest, key) = cx.utf(input, "serializer key")?;
            let (rest, snapshot) = serializer_snapshot(cx, rest)?;
            Ok((rest, (key.to_string(), snapshot)))
        })?;
        serializers.push((key, snapshot));
        input = rest;
    }
    Ok((input, serializers))
}
