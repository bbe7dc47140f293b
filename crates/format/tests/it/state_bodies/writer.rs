//! Writes bodies as Flink does, and knows what is in them.

use statescope::model::handle::{KeyGroupRange, Offsets};
use statescope::state_file::body::{EntryCounts, KeyGroupLayout, KeyedFormat, Skipper};

use super::random::Random;

/// A stream of keyed state.
pub struct Keyed {
    pub format: KeyedFormat,
    pub key_groups: KeyGroupRange,
    pub offsets: Vec<u8>,
    pub bytes: Vec<u8>,
    /// Entries and bytes by state; of a heap stream, all bytes are `value_bytes`.
    pub states: Vec<EntryCounts>,
}

impl Keyed {
    pub fn layout(&self, with_length: bool) -> KeyGroupLayout<'_> {
        KeyGroupLayout {
            key_groups: self.key_groups,
            offsets: Offsets::new(&self.offsets),
            length: with_length.then_some(self.bytes.len() as u64),
        }
    }

    /// `largest` bounds the length of keys and values.
    pub fn canonical(random: &mut Random, compressed: bool, largest: u64) -> Self {
        let mut stream = Self::empty(random, compressed);
        for key_group in groups(stream.key_groups) {
            if random.between(0, 2) == 0 {
                stream.offsets.extend(0_i64.to_be_bytes());
                continue;
            }
            stream.offset();
            let body = stream.canonical_group(random, key_group, largest);
            stream.store(random, &body);
        }
        stream
    }

    fn empty(random: &mut Random, compressed: bool) -> Self {
        let states = random.between(1, 5);
        let max_parallelism = random.pick(&[128, 4096]);
        let first = random.between(0, 100) as u32;
        let count = random.between(1, 5) as u32;
        Self {
            format: KeyedFormat {
                states: states as u16,
                compressed,
                max_parallelism,
            },
            key_groups: KeyGroupRange::new(first, count).unwrap(),
            offsets: Vec::new(),
            bytes: vec![b'h'; random.between(1, 20) as usize],
            states: vec![EntryCounts::default(); states as usize],
        }
    }

    fn offset(&mut self) {
        self.offsets.extend((self.bytes.len() as u64).to_be_bytes());
    }

    fn store(&mut self, random: &mut Random, body: &[u8]) {
        if self.format.compressed {
            self.bytes.extend(framed(random, body));
        } else {
            self.bytes.extend(body);
        }
    }

    fn canonical_group(&mut self, random: &mut Random, key_group: u32, largest: u64) -> Vec<u8> {
        let states = u64::from(self.format.states);
        let first = random.between(0, states - 1);
        let last = random.between(first, states - 1);
        let mut body = Vec::new();
        for state in first..=last {
            body.extend((state as u16).to_be_bytes());
            let entries = random.between(1, 4);
            for entry in 1..=entries {
                let mut key = if self.format.max_parallelism > 128 {
                    (key_group as u16).to_be_bytes().to_vec()
                } else {
                    vec![key_group as u8]
                };
                key[0] |= if entry == entries { 0x80 } else { 0 };
                key.extend(content(random, largest));
                let value = content(random, largest);
                self.states[state as usize].entries += 1;
                self.states[state as usize].key_bytes += key.len() as u64;
                self.states[state as usize].value_bytes += value.len() as u64;
                for part in [key, value] {
                    body.extend((part.len() as u32).to_be_bytes());
                    body.extend(part);
                }
            }
        }
        body.extend([0xFF; 2]);
        body
    }

    /// The layouts are random; all values follow them.
    pub fn heap(random: &mut Random, compressed: bool) -> (Self, Vec<Skipper>) {
        let mut stream = Self::empty(random, compressed);
        let states = usize::from(stream.format.states);
        let layouts: Vec<_> = (0..states).map(|_| layout(random, 3)).collect();
        for key_group in groups(stream.key_groups) {
            stream.offset();
            stream.bytes.extend(key_group.to_be_bytes());
            let turn = random.between(0, states as u64 - 1) as usize;
            for state in (0..states).map(|state| (state + turn) % states) {
                let mut body = (state as u16).to_be_bytes().to_vec();
                let entries = random.between(0, 3);
                body.extend((entries as u32).to_be_bytes());
                for _ in 0..entries {
                    value(random, &layouts[state], &mut body);
                }
                stream.states[state].entries += entries;
                stream.states[state].value_bytes += body.len() as u64 - 6;
                stream.store(random, &body);
            }
        }
        (stream, layouts)
    }
}

fn groups(range: KeyGroupRange) -> impl Iterator<Item = u32> {
    range.first()..range.first() + range.count()
}

pub fn content(random: &mut Random, largest: u64) -> Vec<u8> {
    let length = random.between(0, largest);
    let byte = random.next_u64() as u8;
    // Neither all the same nor all different: snappy has something to do.
    (0..length).map(|at| byte ^ (at / 7) as u8).collect()
}

/// Any kind of layout, with others inside.
pub fn layout(random: &mut Random, depth: u32) -> Skipper {
    let kind = random.between(0, if depth == 0 { 4 } else { 12 });
    match kind {
        0 => return Skipper::Fixed(random.between(0, 9)),
        1 => return Skipper::Text,
        2 => {
            return Skipper::Counted {
                unit: random.between(1, 8),
            };
        }
        3 => return Skipper::BigInteger,
        4 => return Skipper::BigDecimal,
        _ => {}
    }
    let [one, other, third] = [(); 3].map(|()| layout(random, depth - 1));
    match kind {
        5 => Skipper::List(Box::new(one)),
        6 => Skipper::Sequence(vec![one, other, third]),
        7 => Skipper::map(one, other),
        8 => Skipper::array(one),
        9 => Skipper::Flagged {
            present: random.between(0, 1) == 1,
            value: Box::new(one),
            padding: random.between(0, 9),
        },
        10 => Skipper::Either(Box::new(one), Box::new(other)),
        11 => Skipper::Masked {
            leading_bits: random.pick(&[0, 2]),
            fields: vec![one, other, third, Skipper::Fixed(1), Skipper::Text]
                .into_iter()
                .cycle()
                .take(random.between(0, 12) as usize)
                .collect(),
        },
        _ => Skipper::Pojo {
            fields: vec![one, other],
            subclasses: vec![None, Some(third)],
        },
    }
}

/// Any value of a layout.
pub fn value(random: &mut Random, layout: &Skipper, out: &mut Vec<u8>) {
    let coin = random.between(0, 1) == 1;
    match layout {
        Skipper::Fixed(bytes) => out.extend(std::iter::repeat_n(0xAB, *bytes as usize)),
        Skipper::Text => text(random, out),
        Skipper::Counted { unit } => {
            let count = random.between(0, 5);
            out.extend((count as u32).to_be_bytes());
            out.extend(vec![0xCD; (count * unit) as usize]);
        }
        Skipper::List(element) => {
            let count = random.between(0, 3);
            out.extend((count as u32).to_be_bytes());
            for _ in 0..count {
                value(random, element, out);
            }
        }
        Skipper::Sequence(parts) => {
            for part in parts {
                value(random, part, out);
            }
        }
        Skipper::Flagged {
            present,
            value: inner,
            padding,
        } => {
            out.push(u8::from(coin));
            if coin == *present {
                value(random, inner, out);
            } else {
                out.extend(vec![0; *padding as usize]);
            }
        }
        Skipper::Either(left, right) => {
            out.push(u8::from(coin));
            value(random, if coin { left } else { right }, out);
        }
        Skipper::Masked {
            leading_bits,
            fields,
        } => {
            let nulls: Vec<_> = fields.iter().map(|_| random.between(0, 1) == 1).collect();
            let mut bits = vec![false; usize::from(*leading_bits)];
            bits.extend(&nulls);
            for byte in bits.chunks(8) {
                let set = byte.iter().enumerate().filter(|(_, bit)| **bit);
                out.push(set.map(|(at, _)| 0x80 >> at).sum());
            }
            if bits.is_empty() {
                return;
            }
            for (field, null) in fields.iter().zip(nulls) {
                if !null {
                    value(random, field, out);
                }
            }
        }
        Skipper::Pojo { fields, subclasses } => match random.between(0, 2) {
            0 => out.push(1),
            1 => {
                out.push(2);
                for field in fields {
                    let null = random.between(0, 1) == 1;
                    out.push(u8::from(null));
                    if !null {
                        value(random, field, out);
                    }
                }
            }
            _ => {
                out.extend([8, 1]);
                value(random, subclasses[1].as_ref().unwrap(), out);
            }
        },
        Skipper::BigInteger => drop(big_integer(random, out)),
        Skipper::BigDecimal => {
            if big_integer(random, out) {
                out.extend([0; 4]);
            }
        }
    }
}

/// False for null.
fn big_integer(random: &mut Random, out: &mut Vec<u8>) -> bool {
    let head = random.between(0, 9) as u32;
    out.extend(head.to_be_bytes());
    out.extend(vec![0x11; head.saturating_sub(4) as usize]);
    head != 0
}

/// `StringValue.writeString`.
fn text(random: &mut Random, out: &mut Vec<u8>) {
    let length = random.pick(&[0, 1, 5, 126, 127, 300]);
    group(length, out);
    for _ in 1..length {
        group(random.pick(&[0, 0x41, 0x7F, 0x80, 0x3FFF, 0xFFFF]), out);
    }
}

fn group(mut value: u32, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Snappy's framing, with chunks of all kinds.
pub fn framed(random: &mut Random, body: &[u8]) -> Vec<u8> {
    let mut out = IDENTIFIER.to_vec();
    let mut rest = body;
    while !rest.is_empty() {
        let take = random.between(1, rest.len().min(65_536) as u64) as usize;
        let (data, tail) = rest.split_at(take);
        rest = tail;
        match random.between(0, 3) {
            0 => chunk(&mut out, 0x01, data, data),
            1 => {
                out.extend([0x80 + random.between(0, 0x7E) as u8, 3, 0, 0, 1, 2, 3]);
                chunk(&mut out, 0x01, data, data);
            }
            _ => {
                let compressed = snap::raw::Encoder::new().compress_vec(data).unwrap();
                chunk(&mut out, 0x00, data, &compressed);
            }
        }
    }
    out
}

pub const IDENTIFIER: &[u8] = b"\xFF\x06\0\0sNaPpY";

pub fn chunk(out: &mut Vec<u8>, kind: u8, data: &[u8], stored: &[u8]) {
    let length = stored.len() as u32 + 4;
    out.push(kind);
    out.extend(&length.to_le_bytes()[..3]);
    let checksum = crc::Crc::<u32>::new(&crc::CRC_32_ISCSI)
        .checksum(data)
        .rotate_right(15)
        .wrapping_add(0xA282_EAD8);
    out.extend(checksum.to_le_bytes());
    out.extend(stored);
}
