//! Bytes that exist once, however many handles mention them.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;

use crate::references::{Base, Target};
use crate::state::StreamStateHandle;
use crate::summary::sizes::Sum;

/// Distinct files and segments, and inline bytes.
///
/// Big snapshots mention millions of files, so each distinct one costs a handle and a position:
/// the paths stay where they are, in the file's bytes.
pub(super) struct UniqueBytes<'b, 'a> {
    base: &'b Base,
    hasher: RandomState,
    index: HashTable<Slot>,
    files: Vec<StreamStateHandle<'a>>,
    inline: u64,
}

impl<'b, 'a> UniqueBytes<'b, 'a> {
    pub(super) fn new(base: &'b Base) -> Self {
        Self {
            base,
            hasher: RandomState::default(),
            index: HashTable::new(),
            files: Vec::new(),
            inline: 0,
        }
    }

    pub(super) fn add(&mut self, target: Target<'_, 'a>) {
        let stream = match target {
            Target::Inline(bytes) => return self.add_inline(bytes),
            Target::Stream(stream) => stream.physical(),
        };
        let Some(key) = self.base.key(stream) else {
            return self.add_inline(stream.state_size().bytes().unwrap_or_default());
        };
        let Self {
            base,
            hasher,
            index,
            files,
            ..
        } = self;
        let slot = Slot::new(hasher.hash_one(key), files.len());
        let same = |other: &Slot| {
            other.hash == slot.hash
                && files.get(other.position()).and_then(|file| base.key(file)) == Some(key)
        };
        let entry = index.entry(slot.spread(), same, |other| other.spread());
        match entry {
            Entry::Vacant(place) => {
                place.insert(slot);
                files.push(stream.clone());
            }
            // Handles of one file should agree; of those that do not, the largest counts.
            Entry::Occupied(place) => {
                let known = files.get_mut(place.get().position());
                if let Some(known) = known.filter(|known| is_larger(stream, known)) {
                    *known = stream.clone();
                }
            }
        }
    }

    pub(super) fn add_inline(&mut self, bytes: u64) {
        self.inline = self.inline.saturating_add(bytes);
    }

    /// Bytes inside `_metadata`.
    pub(super) fn inline_bytes(&self) -> u64 {
        self.inline
    }

    /// Stored and inline bytes.
    pub(super) fn bytes(&self) -> Option<u64> {
        let mut sum = Sum::default();
        sum.add(Some(self.inline));
        for file in &self.files {
            sum.add(file.state_size().bytes());
        }
        sum.bytes()
    }

    /// Distinct files and segments.
    pub(super) fn files(&self) -> u64 {
        crate::parse::to_u64(self.files.len())
    }
}

/// A position in `files`, with part of the hash: growing the table must not read all paths again.
#[derive(Clone, Copy)]
struct Slot {
    hash: u32,
    position: u32,
}

impl Slot {
    fn new(hash: u64, position: usize) -> Self {
        // A file has fewer handles than bytes, and the bytes are limited to 4 GiB.
        let position = u32::try_from(position).unwrap_or(u32::MAX);
        let [.., a, b, c, d] = hash.to_be_bytes();
        let hash = u32::from_be_bytes([a, b, c, d]);
        Self { hash, position }
    }

    fn position(self) -> usize {
        usize::try_from(self.position).unwrap_or(usize::MAX)
    }

    /// The table looks at the high bits as well as the low ones.
    fn spread(self) -> u64 {
        const GOLDEN_RATIO: u64 = 0x9E37_79B9_7F4A_7C15;
        u64::from(self.hash).wrapping_mul(GOLDEN_RATIO)
    }
}

/// Unknown counts as largest: it must not be forgotten.
fn is_larger(stream: &StreamStateHandle<'_>, known: &StreamStateHandle<'_>) -> bool {
    match (stream.state_size().bytes(), known.state_size().bytes()) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(bytes), Some(known)) => bytes > known,
    }
}
