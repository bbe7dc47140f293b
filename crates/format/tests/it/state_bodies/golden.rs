//! Compressed streams by Flink 2.3.0's own classes (`SnappyStreamCompressionDecorator`,
//! `CompressibleFSDataOutputStream`).

use statescope::JavaStr;
use statescope::model::handle::{DistributionMode, KeyGroupRange, Offsets, StateMetaInfo};
use statescope::state_file::body::{
    CanonicalBody, EntryCounts, HeapBody, HeapCounts, KeyGroupLayout, KeyedFormat,
    broadcast_entries, operator_states,
};

/// Key group 3: state 1 with 20 entries of 17 bytes, state 0 with none.
const HEAP: &str = "\
    00000003ff060000734e61507059009c0000cfa119a4da0218000100000014003a010000071110011e010115\
    110002010e04000019110003010e2e11000004010e2e11000005010e2e11000006010e2e1100115e11080400\
    08011f2e22000009010e2e1100000a010e2e1100000b010e2e1100000c010e2e1100000d010e2e1100000e01\
    0e2e1100000f010e2e11000010010e2e11000011010e2e11000012010e2e110020130000000000000007ff06\
    0000734e61507059010a00002c99979b000000000000";

/// Key group 3: state 0 with 10 entries, each a key of 10 bytes and a value of 8.
const CANONICAL: &str = "\
    ff060000734e6150705900620000392b054d880200000101040a030106110100080d0908070000191a000101\
    15521a000002621a00055652340000046234000005621a000006621a0001a9566800057d0505040000052704\
    0a83010a480000000900000000080000000000000007ffff";

/// Behind the four bytes "head": elements of 1, 11 and 21 longs, then 20 pairs of longs.
const OPERATOR: &str = "\
    68656164ff060000734e61507059010c00009d9c454f00000000000000070012000069539b06580000090100\
    070907fe08001908001700009d0507e4a8010000090100070907fe0800fe080066080000770000786cd5a3c4\
    0210000000140036010000080d0f00010d08111000023a100000033a100000043a100000053a100000063a10\
    0000073a10001168110800093a2000000a3a1000000b3a1000000c3a1000000d3a1000000e3a1000000f3a10\
    0000103a100000113a100000123a100020130000000000000008";

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<_> = hex.chars().filter(|c| !c.is_whitespace()).collect();
    let byte = |pair: &[char]| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

const FORMAT: KeyedFormat = KeyedFormat {
    states: 2,
    compressed: true,
    max_parallelism: 128,
};

/// The stream behind one byte of head, so that the offset is not 0.
fn layout(stream: &[u8]) -> KeyGroupLayout<'static> {
    KeyGroupLayout {
        key_groups: KeyGroupRange::new(3, 1).unwrap(),
        offsets: Offsets::new(&[0, 0, 0, 0, 0, 0, 0, 1]),
        length: Some(stream.len() as u64 + 1),
    }
}

#[test]
fn a_compressed_heap_key_group_is_one_framed_stream_per_state() {
    let stream = bytes(HEAP);
    let mut body = HeapBody::new(layout(&stream), FORMAT, &[]).unwrap();
    body.push(&stream, drop).unwrap();
    let none = HeapCounts {
        entries: Some(0),
        bytes: Some(0),
        stored_bytes: Some(24),
    };
    let twenty = HeapCounts {
        entries: Some(20),
        bytes: Some(20 * 17),
        stored_bytes: Some(stream.len() as u64 - 4 - 24),
    };
    assert_eq!(body.finish(drop).unwrap().states, [none, twenty]);
}

#[test]
fn a_compressed_canonical_key_group_is_one_framed_stream() {
    let stream = bytes(CANONICAL);
    let mut body = CanonicalBody::new(layout(&stream), FORMAT).unwrap();
    body.push(&stream, drop).unwrap();
    let ten = EntryCounts {
        entries: 10,
        key_bytes: 100,
        value_bytes: 80,
    };
    let states = body.finish(drop).unwrap();
    assert_eq!(states, [ten, EntryCounts::default()]);
}

#[test]
fn compressed_operator_state_is_one_framed_stream_with_offsets_of_chunks() {
    let stream = bytes(OPERATOR);
    let offsets: Vec<u8> = [14_u64, 30, 52]
        .into_iter()
        .flat_map(u64::to_be_bytes)
        .collect();
    let broadcast = 79_u64.to_be_bytes();
    let state = |name: &'static str, mode, offsets| StateMetaInfo {
        name: JavaStr::new(name.as_bytes()).unwrap(),
        mode,
        offsets: Offsets::new(offsets),
    };
    let states = [
        state("b", DistributionMode::Broadcast, &broadcast[..]),
        state("l", DistributionMode::SplitDistribute, &offsets),
    ];
    let length = stream.len() as u64;
    let counts = operator_states(&states, 4, Some(length)).unwrap();
    assert_eq!(
        (counts[0].elements, counts[0].bytes),
        (None, Some(length - 79))
    );
    assert_eq!(
        (counts[1].elements, counts[1].bytes),
        (Some(3), Some(79 - 14))
    );
    assert_eq!(
        (counts[1].smallest, counts[1].largest),
        (Some(16), Some(27))
    );
    assert_eq!(broadcast_entries(&stream[79..], 79, true), Ok(20));
}
