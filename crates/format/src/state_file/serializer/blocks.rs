//! The building blocks of snapshots (docs/state-files.md 3.2).

use crate::java_stream::{self, JavaStream};
use crate::reader::{PResult, ParseErrorKind, fail};
use crate::state_file::grammar::Cx;
use crate::state_file::serializer::SerializerSnapshot;
use crate::state_file::serializer::snapshot::versioned_snapshot;

const NESTED_MAGIC: i32 = 1_333_245;
const NESTED_VERSION: i32 = 1;
const OPTIONAL_MAP_HEADER: i64 = 5_440_760_593_776;
/// A class name and a version, both as short as can be.
const SNAPSHOT_MIN: usize = 6;
/// A name and two switches.
const MAP_ENTRY_MIN: usize = 4;

/// The number that Flink writes in this place to recognise its own.
pub(super) fn expect<'a>(
    cx: &mut Cx<'_>,
    input: &'a [u8],
    field: &'static str,
    expected: i32,
) -> PResult<'a, ()> {
    let (rest, value) = cx.i32(input, field)?;
    if value == expected {
        return Ok((rest, ()));
    }
    fail(cx.error(input, field, unexpected(i64::from(value))))
}

fn unexpected(value: i64) -> ParseErrorKind {
    ParseErrorKind::InvalidValue {
        value,
        reason: "is not what Flink writes there",
    }
}

/// `NestedSerializersSnapshotDelegate`. Behind a class that is not known, the rest is only read
/// while it looks like what Flink writes; one without a class stands for all that is not.
pub(super) fn nested<'a>(cx: &mut Cx<'_>, input: &'a [u8]) -> PResult<'a, Vec<SerializerSnapshot>> {
    let (rest, ()) = expect(cx, input, "nested snapshots' magic", NESTED_MAGIC)?;
    let (rest, ()) = expect(cx, rest, "nested snapshots' version", NESTED_VERSION)?;
    let (mut rest, count) = cx.count(rest, "nested snapshots", SNAPSHOT_MIN)?;
    let mut snapshots = Vec::new();
    for index in 0..count {
        let is_guess = std::mem::take(&mut cx.grammar.unknown);
        let next = if is_guess && (cx.grammar.lost || !looks_like_snapshot(rest)) {
            None
        } else {
            cx.grammar.doubt |= is_guess;
            let next = cx.at("nested snapshot", Some(index), |cx| {
                versioned_snapshot(cx, rest)
            });
            match next {
                Err(_) if cx.grammar.doubt => None,
                next => Some(next?),
            }
        };
        let Some((behind, snapshot)) = next else {
            cx.grammar.unknown = true;
            cx.grammar.lost = true;
            snapshots.push(SerializerSnapshot::missing());
            break;
        };
        snapshots.push(snapshot);
        rest = behind;
    }
    Ok((rest, snapshots))
}

/// A snapshot that fills its block. What is left over belongs to a class that is not known.
pub(super) fn snapshot_in_block<'a>(
    cx: &mut Cx<'_>,
    input: &'a [u8],
) -> PResult<'a, SerializerSnapshot> {
    let (rest, mut snapshot) = versioned_snapshot(cx, input)?;
    if cx.grammar.doubt && (cx.grammar.unknown || !rest.is_empty()) {
        snapshot.forget_doubtful();
        cx.grammar.unknown = true;
    }
    Ok((rest, snapshot))
}

/// Whether [`nested`] snapshots are next.
pub(super) fn starts_nested(input: &[u8]) -> bool {
    let rest = input.strip_prefix(&NESTED_MAGIC.to_be_bytes());
    rest.is_some_and(|rest| rest.starts_with(&NESTED_VERSION.to_be_bytes()))
}

/// Whether a class name and a small version are next.
pub(in crate::state_file) fn looks_like_snapshot(input: &[u8]) -> bool {
    let Some((length, rest)) = input.split_first_chunk::<2>() else {
        return false;
    };
    let length = usize::from(u16::from_be_bytes(*length));
    let Some((name, rest)) = rest.split_at_checked(length) else {
        return false;
    };
    let in_names = |byte: &u8| byte.is_ascii_alphanumeric() || b"._$".contains(byte);
    let version = rest.first_chunk::<4>().map(|raw| i32::from_be_bytes(*raw));
    name.iter().all(in_names)
        && name.contains(&b'.')
        && version.is_some_and(|version| (0..=100).contains(&version))
}

/// An entry of `LinkedOptionalMapSerializer`; key and value are blocks with a length.
pub(super) struct Entry<K, V> {
    pub(super) name: String,
    pub(super) key: Option<K>,
    pub(super) value: Option<V>,
}

/// `LinkedOptionalMapSerializer`: what is not known inside costs only itself.
pub(super) fn optional_map<'a, K, V>(
    cx: &mut Cx<'_>,
    input: &'a [u8],
    node: &'static str,
    key: impl Fn(&mut Cx<'_>, &'a [u8]) -> PResult<'a, K>,
    value: impl Fn(&mut Cx<'_>, &'a [u8]) -> PResult<'a, V>,
) -> PResult<'a, Vec<Entry<K, V>>> {
    let (rest, header) = cx.i64(input, "map header")?;
    if header != OPTIONAL_MAP_HEADER {
        return fail(cx.error(input, "map header", unexpected(header)));
    }
    let (rest, count) = cx.count(rest, "map entries", MAP_ENTRY_MIN)?;
    cx.list(rest, count, node, |cx, input| {
        let (rest, name) = cx.utf(input, "name")?;
        let (rest, key) = framed(cx, rest, &key)?;
        let (rest, value) = framed(cx, rest, &value)?;
        let name = name.to_string();
        Ok((rest, Entry { name, key, value }))
    })
}

fn framed<'a, O>(
    cx: &mut Cx<'_>,
    input: &'a [u8],
    parser: impl Fn(&mut Cx<'_>, &'a [u8]) -> PResult<'a, O>,
) -> PResult<'a, Option<O>> {
    let (rest, present) = cx.bool(input, "has content")?;
    if !present {
        return Ok((rest, None));
    }
    let (behind, block) = cx.block(rest, "length of content", "content")?;
    let outside = std::mem::take(&mut cx.grammar);
    let parsed = cx.inside(block, behind, "content", |cx, block| {
        let (rest, value) = parser(cx, block)?;
        // What is left over belongs to the class that is not known.
        let rest = if cx.grammar.unknown {
            <&[u8]>::default()
        } else {
            rest
        };
        Ok((rest, value))
    });
    cx.grammar = outside;
    let (rest, value) = parsed?;
    Ok((rest, Some(value)))
}

/// Nothing to read.
pub(super) fn nothing<'a>(_: &mut Cx<'_>, input: &'a [u8]) -> PResult<'a, ()> {
    Ok((input, ()))
}

/// A complete Java object stream; it has no length around it.
pub(super) fn java_object<'a>(cx: &mut Cx<'_>, input: &'a [u8]) -> PResult<'a, JavaStream<'a>> {
    cx.at("Java object", None, |cx| java_stream::stream(cx, input))
}
