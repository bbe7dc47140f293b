use super::HeapCounts;
use crate::reader::ParseError;
use crate::state_file::body::feed::Want;
use crate::state_file::body::numbers::{invalid, length};

/// What is in front of a block: `u16` number of the state, `i32` count of entries, read as one.
pub(super) const HEAD: Want = Want::word(HEAD_WIDTH, STATE);
const HEAD_WIDTH: u8 = 6;
const STATE: &str = "state number";
const COUNT: &str = "entry count";

/// One state's part of a key group.
#[derive(Clone, Copy)]
pub(super) struct Block {
    pub(super) state: usize,
    pub(super) entries: u64,
    /// Where it starts in the file.
    pub(super) start: u64,
}

/// What was seen of one key group, in which every state has one block.
pub(super) struct Tally {
    number_of_states: usize,
    /// One per state; nothing is known of those whose block was not seen.
    pub(super) counts: Vec<HeapCounts>,
    seen: usize,
}

impl Tally {
    pub(super) fn new(states: u16) -> Self {
        Self {
            number_of_states: usize::from(states),
            counts: Vec::new(),
            seen: 0,
        }
    }

    /// Starts over, knowing nothing.
    pub(super) fn begin(&mut self) {
        self.counts.clear();
        self.counts
            .resize(self.number_of_states, HeapCounts::default());
        self.seen = 0;
    }

    /// True when the block that was begun last is the last one.
    pub(super) fn is_last(&self) -> bool {
        self.seen == self.number_of_states
    }

    /// A block with this head, which started at `at`. It is an error for a state to have two.
    pub(super) fn block(&mut self, head: u64, at: u64) -> Result<Block, ParseError> {
        let state = head >> 32;
        let entries = length(head & u64::from(u32::MAX), at, COUNT)?;
        let index = usize::try_from(state).unwrap_or(usize::MAX);
        let invalid = |reason| {
            let state = i64::try_from(state).unwrap_or(i64::MAX);
            invalid(state, at, STATE, reason)
        };
        let Some(counts) = self.counts.get_mut(index) else {
            return Err(invalid("is not the number of a state in the header"));
        };
        if counts.entries.is_some() {
            return Err(invalid("is there twice in a key group"));
        }
        counts.entries = Some(entries);
        self.seen += 1;
        Ok(Block {
            state: index,
            entries,
            start: at,
        })
    }

    /// Says where a block turned out to end, and how many bytes it has, head included.
    pub(super) fn ends(&mut self, block: Block, end: u64, bytes: u64) {
        if let Some(counts) = self.counts.get_mut(block.state) {
            counts.bytes = Some(bytes.saturating_sub(u64::from(HEAD_WIDTH)));
            counts.stored_bytes = Some(end.saturating_sub(block.start));
        }
    }

    /// An error unless all states were seen.
    pub(super) fn complete(&self, at: u64) -> Result<(), ParseError> {
        if self.is_last() {
            return Ok(());
        }
        let value = i64::try_from(self.seen).unwrap_or(i64::MAX);
        let reason = "blocks in a key group, which is not one per state";
        Err(invalid(value, at, STATE, reason))
    }
}
