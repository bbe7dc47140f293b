//! Finding the next thing that can be read behind a serializer whose snapshot class is not known:
//! its payload has no length (docs/state-files.md 3.4).

use crate::parse::{Context, NoTrace};
use crate::state_file::grammar::{Cx, Heads};
use crate::state_file::meta_info::{
    BackendStateType, DISTRIBUTION_MODE, KEY_SERIALIZER, KEYED_STATE_TYPE, NAMESPACE_SERIALIZER,
    Opening, USER_KEY_SERIALIZER, VALUE_SERIALIZER, opening,
};
use crate::state_file::serializer::looks_like_snapshot;

/// What comes next in a sound file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// Another serializer of the same state.
    Serializer,
    /// Another state.
    State,
    /// The number of states, and the first of them.
    States,
}

/// The input from the next `expected` thing on, at or behind the place where the unknown class
/// ended; `None` where nothing of the kind follows.
pub(super) fn resume<'a>(cx: &mut Cx<'_>, input: &'a [u8], expected: Expected) -> Option<&'a [u8]> {
    let found = (0..input.len()).find_map(|at| {
        let rest = input.get(at..)?;
        if starts(rest, expected) {
            return Some(Some(rest));
        }
        // Where the next state begins, this one has no more serializers. Not to look further keeps
        // the work linear in a file that is made to be slow.
        let is_over = expected == Expected::Serializer && starts_with_state(rest);
        is_over.then_some(None)
    })?;
    cx.grammar.unknown = found.is_none();
    found
}

fn starts(input: &[u8], expected: Expected) -> bool {
    match expected {
        Expected::Serializer => starts_with_serializer(input),
        Expected::State => starts_with_state(input),
        Expected::States => {
            let Some((count, rest)) = input.split_first_chunk::<2>() else {
                return false;
            };
            match i16::from_be_bytes(*count) {
                0 => rest.is_empty(),
                1.. => starts_with_state(rest),
                _ => false,
            }
        }
    }
}

const PROXY_VERSION: &[u8] = &[0, 0, 0, 2];

fn starts_with_serializer(input: &[u8]) -> bool {
    [
        KEY_SERIALIZER,
        NAMESPACE_SERIALIZER,
        USER_KEY_SERIALIZER,
        VALUE_SERIALIZER,
    ]
    .into_iter()
    .filter_map(|key| after_utf(input, key))
    .filter_map(|rest| rest.strip_prefix(PROXY_VERSION))
    .any(looks_like_snapshot)
}

fn after_utf<'a>(input: &'a [u8], text: &str) -> Option<&'a [u8]> {
    let (length, rest) = input.split_first_chunk::<2>()?;
    (usize::from(u16::from_be_bytes(*length)) == text.len()).then_some(())?;
    rest.strip_prefix(text.as_bytes())
}

fn starts_with_state(input: &[u8]) -> bool {
    if !could_be_state(input) {
        return false;
    }
    let mut trace = NoTrace;
    let limits = crate::Limits::default();
    let mut cx = Context::new(input.len(), limits, &mut trace, Heads::default());
    match opening(&mut cx, input) {
        Ok((rest, opening)) => is_credible(&opening) && starts_with_serializer(rest),
        Err(_) => false,
    }
}

/// Rules most places out at little cost: a name of sensible length, and a type behind it.
fn could_be_state(input: &[u8]) -> bool {
    const LONGEST_NAME: usize = 1024;
    let Some((length, rest)) = input.split_first_chunk::<2>() else {
        return false;
    };
    let length = usize::from(u16::from_be_bytes(*length));
    let ordinal = rest.get(length..).and_then(<[u8]>::first_chunk::<4>);
    let ordinal = ordinal.map(|raw| i32::from_be_bytes(*raw));
    length <= LONGEST_NAME && ordinal.is_some_and(|ordinal| (0..=4).contains(&ordinal))
}

/// The options are those that Flink writes for a state of this type.
fn is_credible(opening: &Opening) -> bool {
    let option = match opening.backend_state_type {
        BackendStateType::KeyValue | BackendStateType::KeyValueV2 => Some(KEYED_STATE_TYPE),
        BackendStateType::Operator | BackendStateType::Broadcast => Some(DISTRIBUTION_MODE),
        BackendStateType::PriorityQueue => None,
    };
    let options: Vec<_> = opening
        .options
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    options == Vec::from_iter(option) && (1..=3).contains(&opening.serializers)
}
