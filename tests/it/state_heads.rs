//! Heads of state files that are damaged, hostile, or have serializers that nobody knows: an error
//! or an honest part, in bounded time and memory.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use crate::heads;
use crate::support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use heads::{
    basic, keyed, list, map, operator, operator_state, pojo, snapshot, tuple, value_state,
};
use statescope::metadata;
use statescope::model::checkpoint::StateSlot;
use statescope::model::handle::{KeyedStateHandle, StreamStateHandle};
use statescope::state_file::serializer::{Detail, SerializerSnapshot, describe};
use statescope::state_file::{HeadKind, StateFileHead, keyed_head, meta_info, operator_head};
use statescope::{Limits, ParseError, ParseErrorKind};
use support::moved;

fn parse(kind: HeadKind, bytes: &[u8]) -> Result<StateFileHead, ParseError> {
    match kind {
        HeadKind::Keyed => keyed_head(bytes, Limits::default()),
        HeadKind::Operator => operator_head(bytes, Limits::default()),
    }
}

/// The distinct heads of the fixtures, without what follows them.
fn fixture_heads() -> BTreeSet<(bool, Vec<u8>)> {
    let mut found = BTreeSet::new();
    for file in support::metadata_files() {
        let bytes = fs::read(&file).expect("a fixture");
        let parsed = metadata::parse(&bytes).expect("metadata");
        let operators = parsed.metadata.operator_states.iter();
        let states = operators
            .flat_map(|operator| &operator.subtasks)
            .filter_map(|subtask| subtask.state());
        for state in states {
            for (slot, handle) in state.operator_states() {
                if slot == StateSlot::ManagedOperator {
                    add(&mut found, &file, HeadKind::Operator, &handle.stream);
                }
            }
            for (slot, handle) in state.keyed_states() {
                if slot == StateSlot::ManagedKeyed {
                    add_keyed(&mut found, &file, handle);
                }
            }
        }
    }
    found
}

fn add_keyed(found: &mut BTreeSet<(bool, Vec<u8>)>, file: &Path, handle: &KeyedStateHandle<'_>) {
    match handle {
        KeyedStateHandle::KeyGroups(handle) => {
            add(found, file, HeadKind::Keyed, &handle.stream);
        }
        KeyedStateHandle::Incremental(handle) => add(found, file, HeadKind::Keyed, &handle.meta),
        KeyedStateHandle::Changelog(handle) => {
            for inner in &handle.materialized {
                add_keyed(found, file, inner);
            }
        }
        _ => {}
    }
}

fn add(
    found: &mut BTreeSet<(bool, Vec<u8>)>,
    file: &Path,
    kind: HeadKind,
    stream: &StreamStateHandle<'_>,
) {
    let bytes = match stream.physical() {
        StreamStateHandle::ByteStream(bytes) => bytes.data().to_vec(),
        StreamStateHandle::File { path, .. } | StreamStateHandle::Relative { path, .. } => {
            match fs::read(moved::file_of(file, &path.to_string())) {
                Ok(bytes) => bytes,
                Err(_) => return,
            }
        }
        _ => return,
    };
    if let Ok(StateFileHead {
        bytes: Some(length),
        ..
    }) = parse(kind, &bytes)
    {
        let length = usize::try_from(length).expect("small");
        found.insert((kind == HeadKind::Keyed, bytes[..length].to_vec()));
    }
}

/// The same head with one of its states each: small enough for a try at every byte.
fn heads_of_one_state(kind: HeadKind, head: &[u8]) -> Vec<Vec<u8>> {
    let count = |at: usize| usize::from(u16::from_be_bytes([head[at], head[at + 1]]));
    let states = |mut at: usize| {
        let mut states = Vec::new();
        for _ in 0..count(at - 2) {
            let (rest, _) = meta_info(&head[at..], Limits::default()).ok()?;
            let end = head.len() - rest.len();
            states.push(&head[at..end]);
            at = end;
        }
        Some((at, states))
    };
    if kind == HeadKind::Operator {
        let start = if head[3] == 6 { 7 } else { 6 };
        let (end, lists) = states(start).expect("list states");
        let (_, broadcasts) = states(end + 2).expect("broadcast states");
        let one = |state: &[u8], before: &[u8], after: &[u8]| {
            [&head[..start - 2], before, state, after].concat()
        };
        let lists = lists.into_iter().map(|s| one(s, &[0, 1], &[0, 0]));
        let broadcasts = broadcasts.into_iter().map(|s| one(s, &[0, 0, 0, 1], &[]));
        return lists.chain(broadcasts).collect();
    }
    // Where the key's serializer ends is where the states can be read up to the end.
    let start = (7..head.len())
        .find(|at| count(at - 2) > 0 && states(*at).is_some_and(|(end, _)| end == head.len()));
    let start = start.expect("states");
    let (_, states) = states(start).expect("states");
    let one = |state: &[u8]| [&head[..start - 2], &[0, 1], state].concat();
    states.into_iter().map(one).collect()
}

/// So many heads of one state that every class of serializers is in one.
fn heads_with_all_classes() -> Vec<(HeadKind, Vec<u8>)> {
    let heads = fixture_heads();
    assert!(heads.len() > 50, "only {} heads", heads.len());
    let mut seen = BTreeSet::new();
    let mut chosen = Vec::new();
    for (is_keyed, bytes) in heads {
        let kind = match is_keyed {
            true => HeadKind::Keyed,
            false => HeadKind::Operator,
        };
        for one in heads_of_one_state(kind, &bytes) {
            let head = parse(kind, &one).expect("a head");
            let text = serde_json::to_string(&head).expect("JSON");
            let classes = text.split('"').filter(|part| part.ends_with("Snapshot"));
            let before = seen.len();
            seen.extend(classes.map(|class| (is_keyed, class.to_owned())));
            if seen.len() > before {
                chosen.push((kind, one));
            }
        }
    }
    assert!(seen.len() > 50, "{seen:?}");
    chosen
}

/// What is not known must show: where the head ends, or which states are missing.
fn is_whole(head: &StateFileHead) -> bool {
    head.bytes.is_some() && head.has_all_states()
}

#[test]
fn a_head_cut_at_any_byte_is_never_taken_for_a_whole_one() {
    for (kind, bytes) in heads_with_all_classes() {
        for length in 0..bytes.len() {
            match parse(kind, &bytes[..length]) {
                Ok(head) => assert!(!is_whole(&head), "cut to {length}: {head:?}"),
                Err(error) => assert!(error.offset() <= length as u64, "{error}"),
            }
        }
        assert!(is_whole(&parse(kind, &bytes).expect("a head")));
    }
    // All others are made of the same parts: a few cuts each.
    for (is_keyed, bytes) in fixture_heads() {
        let parser = if is_keyed { keyed_head } else { operator_head };
        for length in (0..bytes.len()).step_by(503) {
            let head = parser(&bytes[..length], Limits::default());
            assert!(
                !head.as_ref().is_ok_and(is_whole),
                "cut to {length}: {head:?}"
            );
        }
    }
}

#[test]
fn a_head_with_any_byte_flipped_gives_an_answer() {
    let mut flips = 0;
    for (kind, mut bytes) in heads_with_all_classes() {
        for at in 0..bytes.len() {
            let original = bytes[at];
            bytes[at] ^= [0x01, 0x80, 0xFF][at % 3];
            if let Ok(head) = parse(kind, &bytes) {
                assert!(head.bytes <= Some(bytes.len() as u64));
                for state in &head.states {
                    for (_, serializer) in &state.serializers {
                        assert!(!describe(serializer).is_empty());
                    }
                }
            }
            bytes[at] = original;
            flips += 1;
        }
    }
    assert!(flips > 20_000, "only {flips} flips were tried");
}

#[test]
fn what_follows_a_head_does_not_matter() {
    for (kind, bytes) in heads_with_all_classes() {
        let alone = parse(kind, &bytes).expect("a head");
        for more in [&[0; 64][..], &[0xFF; 64], &bytes] {
            let with_more = [&bytes, more].concat();
            assert_eq!(parse(kind, &with_more).as_ref(), Ok(&alone));
        }
    }
}

fn error_of(bytes: &[u8]) -> ParseErrorKind {
    let error = keyed_head(bytes, Limits::default()).expect_err("an error");
    error.kind().clone()
}

#[test]
fn serializers_in_serializers_are_followed_so_far_and_no_further() {
    let mut deep = basic("Long");
    for _ in 0..60 {
        deep = list(deep);
    }
    let head = keyed(&basic("Long"), &[value_state("deep", &deep)]);
    assert!(is_whole(
        &keyed_head(&head, Limits::default()).expect("60 lists")
    ));

    let is_limit = |kind| matches!(kind, ParseErrorKind::LimitReached { limit: 64, .. });
    let (mut lists, mut pojos) = (basic("Long"), basic("Long"));
    for _ in 0..100 {
        lists = list(lists);
        pojos = pojo("com.acme.Node", &[("next", pojos)]);
    }
    for bomb in [lists, pojos] {
        assert!(is_limit(error_of(&keyed(&bomb, &[]))));
        assert!(is_limit(error_of(&keyed(
            &basic("Long"),
            &[value_state("x", &bomb)]
        ))));
    }
    // A million lists that never end.
    let opening = list(Vec::new());
    let bomb = opening.repeat(1 << 14);
    assert!(is_limit(error_of(&keyed(&bomb, &[]))));
}

#[test]
fn java_objects_in_serializers_are_bounded() {
    let row =
        "org.apache.flink.table.runtime.typeutils.RowDataSerializer$RowDataSerializerSnapshot";
    // One field, whose type is an array of arrays of arrays ...
    let stream = |depth: usize| {
        let mut bytes = vec![0xAC, 0xED, 0, 5];
        let array = [
            &[0x75, 0x72][..],
            &heads::utf("[Ljava.lang.Object;"),
            &[0; 8],
            &[2, 0, 0, 0x78, 0x70, 0, 0, 0, 1],
        ]
        .concat();
        bytes.extend(array.repeat(depth));
        bytes.push(0x70);
        bytes
    };
    for (depth, is_fine) in [(10, true), (100_000, false)] {
        let nested = [1_333_245_i32, 1, 1].map(i32::to_be_bytes).concat();
        let payload = [&[0, 0, 0, 1][..], &stream(depth), &nested, &basic("Long")].concat();
        let head = keyed(
            &basic("Long"),
            &[value_state("row", &snapshot(row, 3, &payload))],
        );
        let read = keyed_head(&head, Limits::default());
        assert_eq!(read.is_ok(), is_fine, "{depth}: {read:?}");
    }
}

#[test]
fn counts_that_the_bytes_cannot_hold_are_refused() {
    let long = basic("Long");
    let is_refused = |kind: &ParseErrorKind| {
        matches!(
            kind,
            ParseErrorKind::CountTooLarge { .. }
                | ParseErrorKind::NegativeCount(_)
                | ParseErrorKind::Truncated { .. }
        )
    };
    let huge = [0x7F, 0xFF, 0xFF, 0xFF];
    let mut cases = Vec::new();
    // States.
    let mut head = keyed(&long, &[]);
    let end = head.len();
    head[end - 2..].copy_from_slice(&[0x7F, 0xFF]);
    cases.push(head);
    // Options; serializers.
    let opening = [
        &keyed(&long, &[])[..end - 2],
        &[0, 1],
        &heads::utf("x"),
        &[0; 4],
    ]
    .concat();
    cases.push([&opening[..], &huge].concat());
    cases.push([&opening[..], &[0; 4], &huge].concat());
    // Nested snapshots, constants of an enum, entries of a map.
    let enum_class =
        "org.apache.flink.api.common.typeutils.base.EnumSerializer$EnumSerializerSnapshot";
    let list_class = "org.apache.flink.api.common.typeutils.base.ListSerializerSnapshot";
    let pojo_class = "org.apache.flink.api.java.typeutils.runtime.PojoSerializerSnapshot";
    let nested = [911_108_i32, 1, 1_333_245, 1]
        .map(i32::to_be_bytes)
        .concat();
    let fields = [
        heads::utf("com.acme.X"),
        5_440_760_593_776_i64.to_be_bytes().to_vec(),
    ]
    .concat();
    for (class, payload) in [
        (enum_class, heads::utf("com.acme.E")),
        (list_class, nested),
        (pojo_class, fields),
    ] {
        for count in [huge, [0xFF; 4]] {
            let bomb = snapshot(class, 3, &[&payload[..], &count].concat());
            cases.push(keyed(&bomb, &[]));
        }
    }
    for case in cases {
        let kind = error_of(&case);
        assert!(is_refused(&kind), "{kind:?}");
    }
}

/// Payloads that a serializer of one's own may write about itself.
fn payloads() -> Vec<Vec<u8>> {
    let mut payloads = vec![Vec::new(), vec![0], vec![0; 64], vec![0xFF; 300]];
    // Its name, as many do.
    payloads.push(heads::utf("com.acme.Thing"));
    // Other snapshots inside, each form that Flink's classes offer for it.
    payloads.push(basic("Int"));
    payloads.push([basic("Int"), basic("Int"), basic("Int")].concat());
    payloads.push([basic("Int"), vec![0xFF; 9]].concat());
    payloads.push(snapshot(
        "org.apache.flink.api.common.typeutils.base.ListSerializerSnapshot",
        3,
        b"",
    ));
    payloads.push(heads::proxy(&basic("Long")));
    payloads.push(pojo("com.acme.Inner", &[("id", basic("Long"))]));
    // Bytes without any order.
    let mut seed = 0x2545_F491_4F6C_DD1D_u64;
    for length in [1, 7, 100, 1_000, 20_000] {
        let random = std::iter::repeat_with(|| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            seed.to_be_bytes()[0]
        });
        payloads.push(random.take(length).collect());
    }
    payloads
}

const MINE: &str = "com.acme.MySerializer$MySnapshot";

/// The states of a head with one unknown serializer: all names, and every other type.
fn check_states(head: &StateFileHead, expected: &[(&str, Option<&str>)]) {
    assert!(head.has_all_states(), "{head:?}");
    let names: Vec<_> = head.states.iter().map(|state| &state.name[..]).collect();
    let expected_names: Vec<_> = expected.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, expected_names);
    for (state, (name, value)) in head.states.iter().zip(expected) {
        let serializer = state.serializer("VALUE_SERIALIZER").expect("a value");
        if let Some(value) = value {
            assert_eq!(describe(serializer), *value, "{name}");
        }
    }
}

#[test]
fn a_key_serializer_that_is_not_known_hides_nothing_else() {
    for payload in payloads() {
        let head = keyed(
            &snapshot(MINE, 1, &payload),
            &[
                value_state("a", &basic("Long")),
                value_state("b", &list(basic("String"))),
            ],
        );
        let head = keyed_head(&head, Limits::default()).expect("a head");
        check_states(&head, &[("a", Some("Long")), ("b", Some("List<String>"))]);
        let key = head.key_serializer.expect("a key");
        assert_eq!(
            (&key.snapshot_class[..], key.detail.clone()),
            (MINE, Detail::Unread)
        );
        assert!(head.bytes.is_some(), "the last serializer is known");
    }
}

#[test]
fn a_value_serializer_that_is_not_known_hides_nothing_else() {
    for payload in payloads() {
        let mine = snapshot(MINE, 7, &payload);
        let states = [
            value_state("a", &mine),
            value_state("b", &basic("Long")),
            value_state("c", &mine),
            value_state("d", &mine),
            value_state("e", &basic("Int")),
        ];
        let head = keyed_head(&keyed(&basic("Long"), &states), Limits::default()).expect("a head");
        let custom = Some("Custom(com.acme.MySerializer$MySnapshot)");
        check_states(
            &head,
            &[
                ("a", custom),
                ("b", Some("Long")),
                ("c", custom),
                ("d", custom),
                ("e", Some("Int")),
            ],
        );
    }
}

#[test]
fn a_serializer_that_is_not_known_inside_others_hides_no_other_state() {
    for payload in payloads() {
        let mine = || snapshot(MINE, 1, &payload);
        let states = [
            value_state("list", &list(mine())),
            value_state("key", &map(mine(), basic("Long"))),
            value_state("value", &map(basic("Long"), mine())),
            value_state("tuple", &tuple(&[basic("Int"), mine(), basic("Long")])),
            value_state(
                "pojo",
                &pojo(
                    "com.acme.P",
                    &[("a", basic("Int")), ("mine", mine()), ("z", basic("Long"))],
                ),
            ),
            value_state("last", &basic("String")),
        ];
        let head = keyed_head(&keyed(&basic("Long"), &states), Limits::default()).expect("a head");
        let custom = "Custom(com.acme.MySerializer$MySnapshot)";
        // A POJO's fields have lengths: nothing is lost but what the class itself wrote.
        let pojo = format!("Pojo(com.acme.P){{a: Int, mine: {custom}, z: Long}}");
        check_states(
            &head,
            &[
                ("list", Some(&format!("List<{custom}>"))),
                ("key", None),
                ("value", Some(&format!("Map<Long, {custom}>"))),
                ("tuple", None),
                ("pojo", Some(&pojo)),
                ("last", Some("String")),
            ],
        );
        for (state, nested, last) in [(1, 2, "Long"), (3, 3, "Long")] {
            let value = head.states[state].serializer("VALUE_SERIALIZER");
            let inside = &value.expect("a value").nested;
            let unknown = inside.iter().position(|inner| inner.snapshot_class == MINE);
            let behind = &inside[unknown.expect("the class is told") + 1];
            // Either what follows was found, or it is said that something is missing.
            let is_found = inside.len() == nested && describe(behind) == last;
            let is_said = behind.is_unread() && behind.snapshot_class.is_empty();
            assert!(is_found || is_said, "{inside:?}");
            assert_eq!(is_found, payload.is_empty(), "{inside:?}");
        }
    }
}

#[test]
fn a_custom_composite_tells_what_it_is_made_of() {
    let mine = heads::composite(MINE, &[basic("Long"), list(basic("String"))]);
    let states = [value_state("a", &mine), value_state("b", &basic("Int"))];
    let head = keyed_head(&keyed(&mine, &states), Limits::default()).expect("a head");
    assert!(is_whole(&head));
    let value = "Custom(com.acme.MySerializer$MySnapshot)<Long, List<String>>";
    check_states(&head, &[("a", Some(value)), ("b", Some("Int"))]);
}

#[test]
fn operator_state_goes_on_behind_a_serializer_that_is_not_known() {
    for payload in payloads() {
        let mine = snapshot(MINE, 1, &payload);
        let broadcast = heads::state(
            "rules",
            2,
            Some(("OPERATOR_STATE_DISTRIBUTION_MODE", "BROADCAST")),
            &[
                ("KEY_SERIALIZER", &basic("Int")),
                ("VALUE_SERIALIZER", &mine),
            ],
        );
        let lists = [
            operator_state("splits", &mine),
            operator_state("offsets", &list(basic("Long"))),
            operator_state("buffer", &mine),
        ];
        let head = operator_head(&operator(&lists, &[broadcast]), Limits::default());
        let head = head.expect("a head");
        let custom = Some("Custom(com.acme.MySerializer$MySnapshot)");
        check_states(
            &head,
            &[
                ("splits", custom),
                ("offsets", Some("List<Long>")),
                ("buffer", custom),
                ("rules", custom),
            ],
        );
        assert_eq!(head.bytes, None, "the last payload has no end that shows");
    }
}

#[test]
fn states_behind_a_serializer_that_is_not_known_are_missed_when_they_are_not_there() {
    let mine = snapshot(MINE, 1, &[1; 50]);
    let states = [value_state("a", &mine), value_state("b", &basic("Long"))];
    let whole = keyed(&basic("Long"), &states);
    let second = whole.len() - states[1].len();
    let head = keyed_head(&whole[..second + 10], Limits::default()).expect("a part");
    assert_eq!((head.states.len(), head.unread_states), (1, Some(1)));
    assert_eq!((head.bytes, head.has_all_states()), (None, false));

    // Not even the number of states.
    let whole = keyed(&mine, &states);
    let head = keyed_head(&whole[..whole.len() / 3], Limits::default()).expect("a part");
    assert_eq!((head.states.len(), head.unread_states), (0, None));
    assert_eq!((head.bytes, head.has_all_states()), (None, false));
}

#[test]
fn files_made_to_be_slow_are_read_in_one_go() {
    const BYTES: usize = 1 << 20;
    let long_name = |byte: u8| [&[0x03, 0xF0][..], &[byte; 0x3F0], &[0; 8]].concat();
    let almost_state = {
        let whole = value_state("x", &snapshot("a.B", 101, b""));
        whole[..whole.len() - 4].to_vec()
    };
    let almost_serializer = [
        &heads::utf("VALUE_SERIALIZER")[..],
        &[0, 0, 0, 2, 0xFF, 0xFF],
        b"aaaa",
    ]
    .concat();
    let endless_name = [
        &heads::utf("VALUE_SERIALIZER")[..],
        &[0, 0, 0, 2, 0xFF, 0xFF],
        &[b'a'; 60_000],
    ]
    .concat();
    let near_matches = [
        vec![0],
        vec![0, 0, 0, 0, 0, 0, 0, 1],
        vec![0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
        vec![0, 0, 0, 0, 0x03, 0xF0],
        long_name(b'a'),
        long_name(0),
        almost_state,
        almost_serializer,
        endless_name,
    ];
    for near in near_matches {
        let mut payload = near.repeat(BYTES / near.len());
        payload.push(0x80);
        let mine = snapshot(MINE, 1, &payload);
        let known = || value_state("known", &basic("Long"));
        for head in [
            keyed(&mine, &[known()]),
            keyed(&basic("Long"), &[value_state("a", &mine), known()]),
            keyed(&basic("Long"), &[value_state("a", &list(mine)), known()]),
        ] {
            // Some of these are so near that they are taken for what they look like.
            if let Ok(head) = keyed_head(&head, Limits::default()) {
                assert!(head.states.len() < 3);
            }
        }
    }
    // A class that is not known in each of very many states.
    let states: Vec<_> = (0..10_000)
        .map(|at| value_state(&format!("s{at}"), &snapshot(MINE, 1, &[0; 40])))
        .collect();
    let head = keyed_head(&keyed(&basic("Long"), &states), Limits::default()).expect("a head");
    assert_eq!(head.states.len(), states.len());
}

#[test]
fn names_and_types_stay_short_whatever_the_file_says() {
    let name = "n".repeat(60_000);
    let fields: Vec<_> = (0..200).map(|_| (&name[..], basic("Long"))).collect();
    let long = pojo("com.acme.P", &fields);
    let head = keyed(&long, &[value_state("x", &list(long.clone()))]);
    let head = keyed_head(&head, Limits::default()).expect("a head");
    let key: &SerializerSnapshot = head.key_serializer.as_ref().expect("a key");
    assert!(describe(key).len() < 100_000);
    assert!(describe(key).contains('…'));
}

#[test]
fn avro_schemas_are_read_in_the_three_forms_that_flink_wrote() {
    let class = "org.apache.flink.formats.avro.typeutils.AvroSerializerSnapshot";
    let (record, schema) = (
        "com.acme.Order",
        format!("{{\"doc\":\"{}\"}}", "x".repeat(200)),
    );
    let utf = heads::utf;
    // `StringValue`: the length plus one and each character, in groups of seven bits.
    let value = |text: &str| {
        let length = text.len() + 1;
        let mut bytes = match length {
            ..128 => vec![length as u8],
            _ => vec![(length & 0x7F) as u8 | 0x80, (length >> 7) as u8],
        };
        bytes.extend(text.as_bytes());
        bytes
    };
    let cases = [
        (1, utf(&schema), "Avro(?)"),
        (
            2,
            [utf(record), utf(&schema)].concat(),
            "Avro(com.acme.Order)",
        ),
        (
            3,
            [value(record), value(&schema)].concat(),
            "Avro(com.acme.Order)",
        ),
    ];
    for (version, payload, described) in cases {
        let avro = snapshot(class, version, &payload);
        let head = keyed(&basic("Long"), &[value_state("order", &avro)]);
        let head = keyed_head(&head, Limits::default()).expect("a head");
        assert!(is_whole(&head));
        let value = head.states[0]
            .serializer("VALUE_SERIALIZER")
            .expect("a value");
        assert_eq!(describe(value), described);
        let Detail::Avro { schema: read, .. } = &value.detail else {
            panic!("{value:?}");
        };
        assert_eq!(*read, schema);
    }
}

/// Heads of Flink 1.3 to 1.7, in the forms that its own migration tests have.
#[test]
fn old_heads_tell_names_kinds_and_classes() {
    const LONG: &str = "org.apache.flink.api.common.typeutils.base.LongSerializer";
    let config = "org.apache.flink.api.common.typeutils.ParameterlessTypeSerializerConfig";
    let config = heads::old_config(config, &heads::utf(LONG));
    let long = || (LONG, config.clone());
    let new = || (LONG, heads::proxy(&basic("Long")));
    let version = |version: i32| version.to_be_bytes();
    let one = [0, 1];
    let keyed_state = [
        &3_i32.to_be_bytes()[..],
        &heads::utf("sum"),
        &heads::old_serializers(&[long(), long()]),
    ]
    .concat();
    let with_options = |kind: u8, option: (&str, &str), keys: &[&str]| {
        let serializers: Vec<_> = keys.iter().map(|_| new()).collect();
        let mut out = heads::state("sum", kind, Some(option), &[]);
        out.truncate(out.len() - 4);
        out.extend(i32::try_from(keys.len()).expect("few").to_be_bytes());
        keys.iter().for_each(|key| out.extend(heads::utf(key)));
        [out, heads::old_serializers(&serializers)].concat()
    };
    let list_state = [
        &heads::utf("sum")[..],
        &[1],
        &heads::old_serializers(&[long()]),
    ]
    .concat();
    let key = heads::old_serializers(&[long()]);
    let options = ("KEYED_STATE_TYPE", "REDUCING");
    let keys = ["VALUE_SERIALIZER", "NAMESPACE_SERIALIZER"];
    let keyed_5 = with_options(0, options, &keys);
    let mode = ("OPERATOR_STATE_DISTRIBUTION_MODE", "UNION");
    let operator_4 = with_options(1, mode, &keys[..1]);
    let cases = [
        (
            HeadKind::Keyed,
            [&version(3)[..], &key, &one, &keyed_state].concat(),
        ),
        (
            HeadKind::Keyed,
            [&version(4)[..], &[1], &key, &one, &keyed_state].concat(),
        ),
        (
            HeadKind::Keyed,
            [&version(5)[..], &[1], &key, &one, &keyed_5].concat(),
        ),
        (
            HeadKind::Operator,
            [&version(2)[..], &one, &list_state].concat(),
        ),
        (
            HeadKind::Operator,
            [&version(3)[..], &one, &list_state, &[0, 0]].concat(),
        ),
        (
            HeadKind::Operator,
            [&version(4)[..], &one, &operator_4, &[0, 0]].concat(),
        ),
    ];
    for (kind, bytes) in cases {
        let head = parse(kind, &bytes).unwrap_or_else(|error| panic!("{bytes:?}: {error}"));
        assert!(is_whole(&head), "{head:?}");
        assert_eq!(head.bytes, Some(bytes.len() as u64));
        assert_eq!(head.compressed, kind == HeadKind::Keyed && head.version > 3);
        let state = &head.states[0];
        assert_eq!((head.states.len(), &state.name[..]), (1, "sum"));
        let (option, value) = match kind {
            HeadKind::Keyed => options,
            HeadKind::Operator => mode,
        };
        assert_eq!(state.option(option), Some(value));
        let serializer = state.serializer("VALUE_SERIALIZER").expect("a value");
        assert_eq!(serializer.serializer_class.as_deref(), Some(LONG));
        assert_eq!(describe(serializer), "Long");
        for length in 0..bytes.len() {
            let cut = parse(kind, &bytes[..length]);
            assert!(cut.is_err(), "cut to {length}: {cut:?}");
        }
    }
}
