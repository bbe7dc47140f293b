//! Writes `_metadata` byte by byte: primitives and the skeleton of the body.
//!
//! Every method writes one structure of the format and cites its section of
//! `docs/format.md`. The writer checks nothing beyond Java's own limits, so that tests can
//! also write files that Flink would refuse. State handles are in [`super::handles`], the
//! properties at the end of the file in [`super::properties`].

use super::handles::Stream;

/// Section 2: the first four bytes of every file.
pub const MAGIC: i32 = 0x4960_672D;
/// Section 3.2: the first four bytes of every master state.
pub const MASTER_MAGIC: i32 = 0xC96B_1696_u32.cast_signed();

/// Appends the structures of one metadata version to a buffer.
///
/// The version decides about the skeleton (operators, subtasks, channel handles). Handles
/// that exist in several forms take the form as an argument, because one version can hold
/// several dialects (section 8).
pub struct MetadataWriter {
    bytes: Vec<u8>,
    version: u32,
}

/// A length or count that is filled in once it is known.
#[must_use]
pub struct Slot(usize);

/// What stands before the subtasks of an operator (section 3.3).
pub struct OperatorHead<'a> {
    pub id: [u8; 16],
    /// Written by version 5 and later; empty means none.
    pub name: &'a str,
    /// Written by version 5 and later; empty means none.
    pub uid: &'a str,
    pub parallelism: u32,
    pub max_parallelism: u32,
    /// Written by version 3 and later.
    pub coordinator: Stream<'a>,
}

impl MetadataWriter {
    /// Section 2: magic and version, then the body may follow.
    pub fn new(version: u32, capacity: usize) -> Self {
        let bytes = Vec::with_capacity(capacity);
        let mut writer = Self { bytes, version };
        writer.i32(MAGIC);
        writer.i32(version.cast_signed());
        writer
    }

    pub fn version(&self) -> u32 {
        self.version
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    // Primitives: section 1.

    pub fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub fn i8(&mut self, value: i8) {
        self.bytes.push(value.cast_unsigned());
    }

    pub fn u16(&mut self, value: u16) {
        self.bytes.extend_from_slice(&value.to_be_bytes());
    }

    pub fn i32(&mut self, value: i32) {
        self.bytes.extend_from_slice(&value.to_be_bytes());
    }

    pub fn i64(&mut self, value: i64) {
        self.bytes.extend_from_slice(&value.to_be_bytes());
    }

    /// Sections 1.1 and 6.1: a Java boolean.
    pub fn bool(&mut self, value: bool) {
        self.u8(u8::from(value));
    }

    /// Bytes without a length.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// The `i32` before a list or a byte array.
    pub fn count(&mut self, count: usize) {
        self.i32(int(count));
    }

    /// An `i32` length, then the bytes.
    pub fn sized(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.raw(bytes);
    }

    /// A size or a position: an `i64` that is never negative here.
    pub fn size(&mut self, size: u64) {
        self.i64(size.cast_signed());
    }

    /// A count and that many `i64` values, as offsets are stored everywhere.
    pub fn offsets(&mut self, offsets: &[i64]) {
        self.count(offsets.len());
        for &offset in offsets {
            self.i64(offset);
        }
    }

    /// Section 1.2: a string as `writeUTF` stores it.
    pub fn utf(&mut self, text: &str) {
        if text.is_ascii() && !text.as_bytes().contains(&0) {
            self.u16(utf_length(text.len()));
            self.raw(text.as_bytes());
        } else {
            self.utf_units(text.encode_utf16());
        }
    }

    /// Section 1.2: UTF-16 units, which may be lone surrogates, as `writeUTF` stores them.
    pub fn utf_units(&mut self, units: impl Iterator<Item = u16>) {
        let start = self.len();
        self.u16(0);
        for unit in units {
            let low_six = (unit & 0x3F) as u8 | 0x80;
            match unit {
                0x0001..=0x007F => self.u8(unit as u8),
                0x0000 | 0x0080..=0x07FF => self.raw(&[(unit >> 6) as u8 | 0xC0, low_six]),
                0x0800..=0xFFFF => self.raw(&[
                    (unit >> 12) as u8 | 0xE0,
                    ((unit >> 6) & 0x3F) as u8 | 0x80,
                    low_six,
                ]),
            }
        }
        let length = utf_length(self.len() - start - 2);
        self.bytes[start..start + 2].copy_from_slice(&length.to_be_bytes());
    }

    /// Reserves an `i32` for [`Self::fill`] or [`Self::fill_length`].
    pub fn slot(&mut self) -> Slot {
        let slot = Slot(self.len());
        self.i32(0);
        slot
    }

    /// Puts a count into a reserved place.
    pub fn fill(&mut self, Slot(start): Slot, count: usize) {
        self.bytes[start..start + 4].copy_from_slice(&int(count).to_be_bytes());
    }

    /// Puts the number of bytes written since the reservation into the reserved place.
    pub fn fill_length(&mut self, slot: Slot) {
        let length = self.len() - slot.0 - 4;
        self.fill(slot, length);
    }

    // Body: section 3.

    /// Section 3.1: the checkpoint id and the number of master states.
    pub fn body(&mut self, checkpoint_id: i64, master_states: usize) {
        self.i64(checkpoint_id);
        self.count(master_states);
    }

    /// Section 3.2.
    pub fn master_state(&mut self, version: i32, name: &str, state: &[u8]) {
        self.i32(MASTER_MAGIC);
        let block = self.slot();
        self.i32(version);
        self.utf(name);
        self.sized(state);
        self.fill_length(block);
    }

    /// Section 3.3, up to but without the number of subtasks.
    pub fn operator(&mut self, head: &OperatorHead<'_>) {
        if self.version >= 5 {
            self.utf(head.name);
            self.utf(head.uid);
        }
        self.raw(&head.id);
        self.i32(head.parallelism.cast_signed());
        self.i32(head.max_parallelism.cast_signed());
        if self.version >= 3 {
            self.stream(&head.coordinator);
        } else {
            self.i32(1);
        }
    }

    /// Section 3.3: what a fully finished operator has instead of subtasks (version 3 on).
    pub fn fully_finished(&mut self) {
        self.i32(-1);
    }

    /// Section 3.3: a finished subtask, which has no state (version 3 on).
    pub fn finished_subtask(&mut self, index: u32) {
        self.i32(-index.cast_signed() - 1);
    }

    /// Sections 3.3 and 3.4: the index of a subtask and what precedes its four state slots.
    ///
    /// There follow two operator slots, two keyed slots, the channel lists and the end.
    pub fn subtask(&mut self, index: u32) {
        self.i32(index.cast_signed());
        if self.version == 2 {
            self.i64(-1);
            self.i32(0);
        }
    }

    /// Section 3.4: an operator slot, either empty or followed by one operator handle.
    pub fn operator_slot(&mut self, used: bool) {
        self.i32(i32::from(used));
    }

    /// Section 3.4: both channel lists of a subtask without channel state, and its end.
    pub fn no_channels(&mut self) {
        self.no_channel_lists();
        self.end_subtask(None);
    }

    /// Section 3.4: both channel lists of a subtask without channel state.
    pub fn no_channel_lists(&mut self) {
        if self.version >= 3 {
            self.i32(0);
            self.i32(0);
        }
    }

    /// Section 3.4: what follows the channel lists from version 7 on, the checkpoint whose state it
    /// is if that is an earlier one.
    pub fn end_subtask(&mut self, origin: Option<i64>) {
        if self.version >= 7 {
            self.bool(origin.is_some());
            if let Some(checkpoint) = origin {
                self.i64(checkpoint);
            }
        }
    }

    /// Section 3.4: a subtask without any state.
    pub fn stateless_subtask(&mut self, index: u32) {
        self.subtask(index);
        self.operator_slot(false);
        self.operator_slot(false);
        self.no_keyed();
        self.no_keyed();
        self.no_channels();
    }
}

fn int(value: usize) -> i32 {
    i32::try_from(value).expect("Java's counts are positive ints")
}

fn utf_length(bytes: usize) -> u16 {
    u16::try_from(bytes).expect("writeUTF takes at most 65,535 bytes")
}
