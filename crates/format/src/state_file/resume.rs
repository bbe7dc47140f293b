//! Finding the next thing that can be read behind a serializer whose snapshot class is not known:
//! its payload has no length (docs/state-files.md 3.4).

use crate::JavaStr;
use crate::state_file::grammar::{Cx, Heads};
use crate::state_file::meta_info::{
    BackendStateType, DISTRIBUTION_MODE, KEY_SERIALIZER, KEYED_STATE_TYPE, NAMESPACE_SERIALIZER,
    USER_KEY_SERIALIZER, VALUE_SERIALIZER,
};
use crate::state_file::serializer::{SerializerSnapshot, looks_like_snapshot};

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

/// The input from the next `expected` thing on; `None` where nothing of the kind follows. `before`
/// is the serializer that was read last: if it is in doubt and what it takes for its end is not
/// followed by what must come next, the doubtful parts of it are dropped.
pub(super) fn settle<'a>(
    cx: &mut Cx<'_>,
    input: &'a [u8],
    expected: Expected,
    before: Option<&mut SerializerSnapshot>,
) -> Option<&'a [u8]> {
    if cx.grammar.is_clear() {
        return Some(input);
    }
    // No states have nothing to recognise them by; the doubt remains.
    if expected == Expected::States && !cx.grammar.unknown && input.starts_with(&[0, 0]) {
        return Some(input);
    }
    let found = resume(input, expected);
    let is_near = found.is_some_and(|rest| rest.len() == input.len());
    if let Some(before) = before.filter(|_| cx.grammar.doubt && !is_near) {
        before.forget_doubtful();
    }
    cx.grammar = Heads {
        unknown: found.is_none(),
        ..Heads::default()
    };
    found
}

/// The input from the next `expected` thing on, at or behind the place where the unknown class
/// ended; `None` where nothing of the kind follows.
fn resume(input: &[u8], expected: Expected) -> Option<&[u8]> {
    let found = (0..input.len()).find_map(|at| {
        let rest = input.get(at..)?;
        if starts(rest, expected) {
            return Some(Some(rest));
        }
        // Where the next state begins, this one has no more serializers. Not to look further keeps
        // the work linear in a file that is made to be slow.
        let is_over = expected == Expected::Serializer && starts_with_state(rest);
        is_over.then_some(None)
    });
    found.flatten()
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

/// A name, a type, the options that Flink writes for a state of this type, and a serializer. Each
/// step takes bounded time, so that a file of near-matches costs no more than its length.
fn starts_with_state(input: &[u8]) -> bool {
    const LONGEST_NAME: usize = 1024;
    let Some((length, rest)) = input.split_first_chunk::<2>() else {
        return false;
    };
    let length = usize::from(u16::from_be_bytes(*length));
    if length > LONGEST_NAME {
        return false;
    }
    let Some((name, rest)) = rest.split_at_checked(length) else {
        return false;
    };
    let is_state = options(rest).and_then(serializers);
    is_state.is_some_and(|rest| starts_with_serializer(rest) && could_be_name(name))
}

/// Without control characters: the end of a payload and the length of the name behind it look like
/// a name that begins with some.
fn could_be_name(name: &[u8]) -> bool {
    name.iter().all(|byte| *byte >= 0x20) && JavaStr::new(name).is_ok()
}

/// Steps over a type and its options.
fn options(input: &[u8]) -> Option<&[u8]> {
    let (ordinal, rest) = number(input)?;
    let expected = match BackendStateType::from_ordinal(ordinal)? {
        BackendStateType::KeyValue | BackendStateType::KeyValueV2 => Some(KEYED_STATE_TYPE),
        BackendStateType::Operator | BackendStateType::Broadcast => Some(DISTRIBUTION_MODE),
        BackendStateType::PriorityQueue => None,
    };
    match (number(rest)?, expected) {
        ((0, rest), None) => Some(rest),
        ((1, rest), Some(option)) => {
            let (length, rest) = after_utf(rest, option)?.split_first_chunk::<2>()?;
            rest.get(usize::from(u16::from_be_bytes(*length))..)
        }
        _ => None,
    }
}

/// Steps over a number of serializers that a state can have.
fn serializers(input: &[u8]) -> Option<&[u8]> {
    let (count, rest) = number(input)?;
    (1..=3).contains(&count).then_some(rest)
}

fn number(input: &[u8]) -> Option<(i32, &[u8])> {
    let (raw, rest) = input.split_first_chunk::<4>()?;
    Some((i32::from_be_bytes(*raw), rest))
}
