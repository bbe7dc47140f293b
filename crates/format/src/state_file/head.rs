use std::sync::Arc;

use serde::Serialize;

use crate::reader::{Limits, PResult, ParseError, ParseErrorKind, fail, to_u64};
use crate::state_file::grammar::{Cx, read};
use crate::state_file::legacy;
use crate::state_file::meta_info::{StateMetaInfoSnapshot, state_meta_info};
use crate::state_file::resume::{Expected, settle};
use crate::state_file::serializer::{SerializerSnapshot, serializer_snapshot};

/// The start of a stream of managed state: what states are in it and how they are serialized.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StateFileHead {
    /// Keyed or operator state.
    pub kind: HeadKind,
    /// Version of the layout.
    pub version: i32,
    /// True when what follows is in Snappy's framed format.
    pub compressed: bool,
    /// The serializer of the keys; `None` for operator state.
    pub key_serializer: Option<Arc<SerializerSnapshot>>,
    /// The states; the place of a keyed one is the number by which the rest of the file calls it.
    pub states: Vec<StateMetaInfoSnapshot>,
    /// States that the file has but that could not be read, behind a serializer of a class that
    /// is not known; `None` where not even their number could be.
    pub unread_states: Option<u64>,
    /// Bytes of the head; `None` where its end could not be made out.
    #[serde(skip)]
    pub bytes: Option<u64>,
}

/// Which of the two layouts a head has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HeadKind {
    /// `KeyedBackendSerializationProxy`.
    Keyed,
    /// `OperatorBackendSerializationProxy`.
    Operator,
}

/// Reads the head of keyed state from the start of `bytes`, which may be only a part of the
/// stream (docs/state-files.md 1).
///
/// # Errors
/// When `bytes` is not such a head, is cut short, or is of a version that is not known.
pub fn keyed_head(bytes: &[u8], limits: Limits) -> Result<StateFileHead, ParseError> {
    let (_, head) = read(bytes, limits, keyed)?;
    Ok(head)
}

/// Reads the head of operator state, as [`keyed_head`] does that of keyed state.
///
/// # Errors
/// As [`keyed_head`].
pub fn operator_head(bytes: &[u8], limits: Limits) -> Result<StateFileHead, ParseError> {
    let (_, head) = read(bytes, limits, operator)?;
    Ok(head)
}

/// `KeyedBackendSerializationProxy`, Flink 1.8+.
const KEYED_VERSION: i32 = 6;
/// `OperatorBackendSerializationProxy`, Flink 1.8+, and with the compression flag, 1.18+.
const OPERATOR_VERSIONS: [i32; 2] = [5, 6];

fn keyed<'a>(cx: &mut Cx<'_>, input: &'a [u8]) -> PResult<'a, StateFileHead> {
    let (rest, version) = cx.i32(input, "version of the keyed state's head")?;
    if (legacy::KEYED).contains(&version) {
        return legacy::keyed(cx, rest, version);
    }
    if version != KEYED_VERSION {
        return fail(cx.error(input, "version of the keyed state's head", unknown(version)));
    }
    let (rest, compressed) = cx.bool(rest, "compressed")?;
    let (rest, mut key) = cx.at("key serializer", None, |cx| serializer_snapshot(cx, rest))?;
    let mut states = States::default();
    let rest = states.read(cx, rest, "states", Some(&mut key))?;
    Ok((
        rest,
        states.into_head(cx, rest, HeadKind::Keyed, version, compressed, Some(key)),
    ))
}

fn operator<'a>(cx: &mut Cx<'_>, input: &'a [u8]) -> PResult<'a, StateFileHead> {
    let (rest, version) = cx.i32(input, "version of the operator state's head")?;
    if (legacy::OPERATOR).contains(&version) {
        return legacy::operator(cx, rest, version);
    }
    if !OPERATOR_VERSIONS.contains(&version) {
        return fail(cx.error(
            input,
            "version of the operator state's head",
            unknown(version),
        ));
    }
    let (rest, compressed) = match version {
        6.. => cx.bool(rest, "compressed")?,
        _ => (rest, false),
    };
    let mut states = States::default();
    let rest = states.read(cx, rest, "operator states", None)?;
    let rest = states.read(cx, rest, "broadcast states", None)?;
    Ok((
        rest,
        states.into_head(cx, rest, HeadKind::Operator, version, compressed, None),
    ))
}

fn unknown(version: i32) -> ParseErrorKind {
    ParseErrorKind::InvalidValue {
        value: i64::from(version),
        reason: "is no version that this build knows: damaged, or not the head of a state file",
    }
}

impl StateFileHead {
    /// True if all states and all their serializers were read, be it without what a class that is
    /// not known wrote about itself.
    pub fn has_all_states(&self) -> bool {
        self.unread_states == Some(0)
            && (self.states.iter()).all(|state| state.unread_serializers == 0)
    }
}

/// The states of a head, as far as they can be read.
struct States {
    read: Vec<StateMetaInfoSnapshot>,
    unread: Option<u64>,
}

impl Default for States {
    fn default() -> Self {
        Self {
            read: Vec::new(),
            unread: Some(0),
        }
    }
}

impl States {
    /// A number of states, and the states.
    fn read<'a>(
        &mut self,
        cx: &mut Cx<'_>,
        mut input: &'a [u8],
        field: &'static str,
        key: Option<&mut SerializerSnapshot>,
    ) -> Result<&'a [u8], nom::Err<ParseError>> {
        /// A name, a type, and two counts.
        const STATE_MIN: usize = 14;
        let before = key.or_else(|| self.last_serializer());
        match settle(cx, input, Expected::States, before) {
            Some(rest) => input = rest,
            None => {
                self.unread = None;
                return Ok(input);
            }
        }
        let (rest, count) = cx.u16(input, field)?;
        let (rest, count) = cx.bounded(input, rest, field, i32::from(count), STATE_MIN)?;
        input = rest;
        for index in 0..count {
            match settle(cx, input, Expected::State, self.last_serializer()) {
                Some(rest) => input = rest,
                None => {
                    let more = to_u64(count - index);
                    self.unread = self.unread.map(|unread| unread + more);
                    return Ok(input);
                }
            }
            let (rest, state) = cx.at("state", Some(index), |cx| state_meta_info(cx, input))?;
            self.read.push(state);
            input = rest;
        }
        Ok(input)
    }

    fn last_serializer(&mut self) -> Option<&mut SerializerSnapshot> {
        let (_, serializer) = self.read.last_mut()?.serializers.last_mut()?;
        Some(serializer)
    }

    fn into_head(
        self,
        cx: &Cx<'_>,
        rest: &[u8],
        kind: HeadKind,
        version: i32,
        compressed: bool,
        key_serializer: Option<SerializerSnapshot>,
    ) -> StateFileHead {
        StateFileHead {
            kind,
            version,
            compressed,
            key_serializer: key_serializer.map(Arc::new),
            states: self.read,
            unread_states: self.unread,
            bytes: cx.grammar.is_clear().then(|| cx.offset(rest)),
        }
    }
}
