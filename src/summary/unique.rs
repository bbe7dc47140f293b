//! Bytes that exist once, however many handles mention them.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use std::hash::BuildHasher;

use crate::references::{Base, Target};
use crate::state::StreamStateHandle;
use crate::summary::sizes::Sum;

/// Distinct files and segments, and inline bytes. Holds one reference per file, not its path:
/// big snapshots mention millions.
pub(super) struct UniqueBytes<'b, 'm, 'a> {
    base: &'b Base,
    hasher: FixedState,
    seen: HashTable<&'m StreamStateHandle<'a>>,
    stored: Sum,
    inline: u64,
}

impl<'b, 'm, 'a> UniqueBytes<'b, 'm, 'a> {
    pub(super) fn new(base: &'b Base) -> Self {
        Self {
            base,
            hasher: FixedState::default(),
            seen: HashTable::new(),
            stored: Sum::default(),
            inline: 0,
        }
    }

    /// Makes room for that many files, so that the table grows once.
    pub(super) fn reserve(&mut self, files: usize) {
        let hash = |stream: &&StreamStateHandle<'a>| self.hasher.hash_one(self.base.key(stream));
        self.seen.reserve(files, hash);
    }

    pub(super) fn add(&mut self, target: Target<'m, 'a>) {
        let stream = match target {
            Target::Inline(bytes) => {
                self.inline = self.inline.saturating_add(bytes);
                return;
            }
            Target::Stream(stream) => stream,
        };
        let size = stream.physical().state_size().bytes();
        let Some(key) = self.base.key(stream) else {
            self.inline = self.inline.saturating_add(size.unwrap_or_default());
            return;
        };
        let hash = |key| self.hasher.hash_one(key);
        let entry = self.seen.entry(
            hash(Some(key)),
            |seen| self.base.key(seen) == Some(key),
            |seen| hash(self.base.key(seen)),
        );
        match entry {
            Entry::Vacant(place) => {
                place.insert(stream);
                self.stored.add(size);
            }
            // Handles of one file should agree; of those that do not, the largest counts.
            Entry::Occupied(mut place) => {
                let known = place.get().physical().state_size().bytes();
                if known.is_some() && size > known {
                    self.stored.remove(known);
                    self.stored.add(size);
                    *place.get_mut() = stream;
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
        let stored = self.stored.bytes()?;
        Some(stored.saturating_add(self.inline))
    }

    /// Distinct files and segments.
    pub(super) fn files(&self) -> u64 {
        crate::parse::to_u64(self.seen.len())
    }
}
