//! Streams that nobody should be able to hurt with.

use statescope::model::handle::{KeyGroupRange, Offsets};
use statescope::state_file::body::{
    CanonicalBody, ChangeCounts, ChangeSetBody, HeapBody, KeyGroupLayout, KeyedFormat, Skipper,
};
use statescope::{ParseError, ParseErrorKind};

use super::writer::{IDENTIFIER, chunk};

fn format(compressed: bool) -> KeyedFormat {
    KeyedFormat {
        states: 1,
        compressed,
        max_parallelism: 128,
    }
}

/// Key group 0 at position 4 and nothing else.
fn layout(bytes: usize) -> KeyGroupLayout<'static> {
    KeyGroupLayout {
        key_groups: KeyGroupRange::new(0, 1).unwrap(),
        offsets: Offsets::new(&[0, 0, 0, 0, 0, 0, 0, 4]),
        length: Some(bytes as u64 + 4),
    }
}

fn canonical(compressed: bool, bytes: &[u8]) -> ParseError {
    let mut body = CanonicalBody::new(layout(bytes.len()), format(compressed)).unwrap();
    match body.push(bytes, drop) {
        Err(error) => error,
        Ok(()) => body.finish(drop).unwrap_err(),
    }
}

fn heap(layout_of_state: Skipper, bytes: &[u8]) -> Option<ParseError> {
    let layouts = [Some(layout_of_state)];
    let mut body = HeapBody::new(layout(bytes.len()), format(false), &layouts).unwrap();
    body.push(bytes, drop).unwrap();
    body.finish(drop).unwrap().doubt
}

#[test]
fn errors_say_where_and_what() {
    let cases: [(&[u8], &str); 7] = [
        (
            b"\0\x01\0\0\0\x01\x80",
            "state number 1 is not the number of a state in the header (byte 4 = 0x4)",
        ),
        (
            b"\xFF\xFF",
            "state number 65535 is not the number of a state in the header (byte 4 = 0x4)",
        ),
        (
            b"\0\0\xFF\xFF\xFF\xFF\0\0\0",
            "key length is -1, which no Flink writes: the file is damaged (byte 6 = 0x6)",
        ),
        (
            b"\0\0\0\0\0\0\0\0\0\0",
            "key length 0 is too short to hold the key group (byte 6 = 0x6)",
        ),
        (
            b"\0\0\0\0\0\x01\x81\0\0\0",
            "key group of the key 1 is not the key group that starts here (byte 10 = 0xa)",
        ),
        (
            b"\0\0\x7F\xFF\xFF\xFF\x80\0\0\0",
            "key needs 2147483646 bytes, 3 remain: the file is cut short or damaged (byte 11 = 0xb)",
        ),
        (
            b"\0\0\0\0\0\x01\x80\0\0\0\0\xFF\xFF\0",
            "state number 65535 ends the key group, but more bytes follow before the next one: \
             damaged (byte 17 = 0x11)",
        ),
    ];
    for (bytes, message) in cases {
        assert_eq!(canonical(false, bytes).to_string(), message);
    }
}

#[test]
fn chunks_that_snappy_does_not_allow_are_errors() {
    let framed = |rest: &[u8]| [IDENTIFIER, rest].concat();
    let wrong_checksum = {
        let mut out = IDENTIFIER.to_vec();
        chunk(&mut out, 1, b"abc", b"abd");
        out
    };
    // A kilobyte that says it is two gigabytes.
    let bomb = {
        let mut out = IDENTIFIER.to_vec();
        chunk(&mut out, 0, b"", b"\xFF\xFF\xFF\xFF\x07aaaa");
        out
    };
    let cases = [
        (b"\0\x05\0\0abcde".to_vec(), "no stream identifier in front"),
        (b"\xFF\x06\0\0snappy".to_vec(), "a wrong stream identifier"),
        (framed(b"\x02\x05\0\0"), "a chunk of a reserved type"),
        (framed(b"\0\xFF\xFF\xFF"), "a chunk of an impossible length"),
        (framed(b"\x01\x05\0\x01"), "a chunk of an impossible length"),
        (
            framed(b"\0\x08\0\0abcd\xFF\xFF\xFF\xFF"),
            "compressed bytes that make no sense",
        ),
        (wrong_checksum, "a wrong checksum"),
        (bomb, "a chunk of more than 64 KiB"),
    ];
    for (bytes, what) in cases {
        let error = canonical(true, &bytes);
        assert_eq!(*error.kind(), ParseErrorKind::Snappy(what), "{error}");
        assert!(error.to_string().starts_with("snappy chunk is damaged: "));
    }
}

#[test]
fn counts_without_bytes_cost_no_time() {
    // Two thousand million lists, tuples and values, none of which has any byte.
    let head = b"\0\0\0\0\0\0\x7F\xFF\xFF\xFF";
    let nothing = || Skipper::Sequence(vec![Skipper::Fixed(0), Skipper::Sequence(Vec::new())]);
    assert_eq!(heap(nothing(), head), None);
    let list = Skipper::List(Box::new(nothing()));
    let one_list = b"\0\0\0\0\0\0\0\0\0\x01\x7F\xFF\xFF\xFF";
    assert_eq!(heap(list, one_list), None);
    let masked = Skipper::Masked {
        leading_bits: 2,
        fields: Vec::new(),
    };
    assert!(heap(masked, head).is_some(), "its mask has a byte");
}

#[test]
fn counts_and_lengths_beyond_the_key_group_are_noticed_at_once() {
    let text = [&b"\0\0\0\0\0\0\0\0\0\x01"[..], b"\xFF\xFF\xFF\xFF\x0F"].concat();
    let doubt = heap(Skipper::Text, &text).unwrap();
    assert!(
        matches!(doubt.kind(), ParseErrorKind::Truncated { .. }),
        "{doubt}"
    );
    let endless = [&b"\0\0\0\0\0\0\0\0\0\x01"[..], &[0xFF; 20]].concat();
    let doubt = heap(Skipper::Text, &endless).unwrap();
    assert!(doubt.to_string().contains("is no string length"), "{doubt}");
    let negative = b"\0\0\0\0\0\0\x80\0\0\0";
    let doubt = heap(Skipper::Fixed(1), negative).unwrap();
    assert_eq!(*doubt.kind(), ParseErrorKind::NegativeCount(i32::MIN));
    let huge = b"\0\0\0\0\0\0\x7F\xFF\xFF\xFF";
    let doubt = heap(Skipper::Fixed(u64::MAX), huge).unwrap();
    assert!(
        doubt.to_string().contains("more than a file has"),
        "{doubt}"
    );
}

#[test]
fn offsets_that_no_flink_writes_are_errors() {
    let offsets = |offsets: &[i64]| -> Vec<u8> {
        offsets
            .iter()
            .flat_map(|offset| offset.to_be_bytes())
            .collect()
    };
    let new = |table: &[i64]| {
        let table = offsets(table);
        let layout = KeyGroupLayout {
            key_groups: KeyGroupRange::new(7, 3).unwrap(),
            offsets: Offsets::new(&table),
            length: Some(100),
        };
        CanonicalBody::new(layout, format(false))
            .map(drop)
            .map_err(|error| error.to_string())
    };
    assert_eq!(new(&[0, 10, 99]), Ok(()));
    for (table, message) in [
        (&[10, 20][..], "2 offsets, which is not one per key group"),
        (&[20, 10, 0], "10 is not behind the key group before it"),
        (&[20, 20, 0], "20 is not behind the key group before it"),
        (&[10, -1, 0], "-1 is negative"),
        (&[10, 0, 100], "100 is behind the end of the stream"),
    ] {
        let error = new(table).unwrap_err();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn hostile_changes_are_errors() {
    let read = |bytes: &[u8]| {
        let mut body = ChangeSetBody::new(0, false);
        let mut counts = ChangeCounts::default();
        let pushed = body.push(bytes, &mut counts, |_| ());
        pushed.and_then(|()| body.finish()).unwrap_err().to_string()
    };
    let head = |length: i32| {
        let numbers = [1_i32, 1, -1, length].into_iter();
        numbers.flat_map(i32::to_be_bytes).collect::<Vec<_>>()
    };
    let with = |length: i32, rest: &[u8]| [&head(length)[..], rest].concat();
    assert!(read(&with(2, b"\x01\0")).contains("is too short for a change"));
    assert!(read(&with(3, b"\x09\0\0")).contains("is no operation"));
    assert!(read(&with(-3, b"\x01\0\0")).contains("is -3"));
    assert!(read(&with(4, b"\x08\0\0\0")).contains("metadata of a state needs 7 bytes"));
    assert!(read(&with(i32::MAX, b"\x08\0\0\0")).contains("more than 16777216 bytes"));
    assert!(read(&with(i32::MAX, b"\x01\0\0\0")).contains("needs 2147483644 bytes, 1 remain"));
    assert!(ChangeSetBody::is_compressed(2).is_err());
}
