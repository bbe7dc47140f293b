use super::{CanonicalKeyGroup, EntryCounts, KeyedFormat};
use crate::reader::ParseError;
use crate::state_file::body::feed::{Grammar, Want};
use crate::state_file::body::key_groups::Span;
use crate::state_file::body::numbers::{invalid, length, signed};

/// In place of a state number: the key group is over.
pub(super) const END_OF_KEY_GROUP: u16 = 0xFFFF;
/// In a key's first byte: a state number follows the record.
const LAST_OF_STATE: u64 = 0x80;

/// The records of one key group.
pub(super) struct Records {
    prefix: u8,
    key_group: u32,
    state: u16,
    step: Step,
    last_of_state: bool,
    /// One per state; zero where the key group had none so far.
    counts: Vec<EntryCounts>,
    /// The states of this key group, in order.
    seen: Vec<u16>,
    pub(super) totals: Vec<EntryCounts>,
}

#[derive(Clone, Copy)]
enum Step {
    State,
    KeyLength,
    KeyGroup { key_length: u64 },
    Key,
    ValueLength,
    Value,
}

impl Records {
    pub(super) fn new(format: KeyedFormat) -> Self {
        let none = vec![EntryCounts::default(); usize::from(format.states)];
        Self {
            prefix: if format.max_parallelism > 128 { 2 } else { 1 },
            key_group: 0,
            state: 0,
            step: Step::State,
            last_of_state: false,
            counts: none.clone(),
            seen: Vec::new(),
            totals: none,
        }
    }

    pub(super) fn begin(&mut self, key_group: u32) -> Want {
        self.key_group = key_group;
        self.step = Step::State;
        // No record was read before the first state of the key group.
        self.last_of_state = false;
        self.wanted()
    }

    pub(super) fn take(&mut self, span: Span, stored_bytes: u64) -> CanonicalKeyGroup {
        let mut states = Vec::with_capacity(self.seen.len());
        for state in self.seen.drain(..) {
            if let Some(counts) = self.counts.get_mut(usize::from(state)) {
                states.push((state, std::mem::take(counts)));
            }
        }
        for (state, counts) in &states {
            if let Some(total) = self.totals.get_mut(usize::from(*state)) {
                total.add(*counts);
            }
        }
        CanonicalKeyGroup {
            key_group: span.key_group,
            stored_bytes,
            states,
        }
    }

    fn wanted(&self) -> Want {
        match self.step {
            Step::State => Want::word(2, "state number"),
            Step::KeyLength => Want::word(4, "key length"),
            Step::KeyGroup { .. } => Want::word(self.prefix, "key group of the key"),
            Step::Key => Want::skip(0, "key"),
            Step::ValueLength => Want::word(4, "value length"),
            Step::Value => Want::skip(0, "value"),
        }
    }

    fn count(&mut self, add: EntryCounts) {
        if let Some(counts) = self.counts.get_mut(usize::from(self.state)) {
            counts.add(add);
        }
    }

    /// A state number; `None` at the end of the key group.
    fn state(&mut self, value: u64, at: u64) -> Result<Option<Step>, ParseError> {
        let number = u16::try_from(value).unwrap_or(END_OF_KEY_GROUP);
        let Some(counts) = self.counts.get(usize::from(number)) else {
            if number == END_OF_KEY_GROUP && self.last_of_state {
                return Ok(None);
            }
            let reason = "is not the number of a state in the header";
            return Err(invalid(i64::from(number), at, "state number", reason));
        };
        if counts.entries == 0 {
            self.seen.push(number);
        }
        self.state = number;
        Ok(Some(Step::KeyLength))
    }

    fn key_group(&mut self, value: u64, at: u64) -> Result<(), ParseError> {
        let flag = LAST_OF_STATE << (8 * (self.prefix - 1));
        self.last_of_state = value & flag != 0;
        let key_group = value & !flag;
        if key_group != u64::from(self.key_group) {
            let reason = "is not the key group that starts here";
            let value = i64::try_from(key_group).unwrap_or(i64::MAX);
            return Err(invalid(value, at, "key group of the key", reason));
        }
        Ok(())
    }
}

impl Grammar for Records {
    fn next(&mut self, value: u64, at: u64) -> Result<Want, ParseError> {
        let (step, want) = match self.step {
            Step::State => match self.state(value, at)? {
                Some(step) => (step, None),
                None => return Ok(Want::NOTHING),
            },
            Step::KeyLength => {
                let key_length = length(value, at, "key length")?;
                if key_length < u64::from(self.prefix) {
                    let reason = "is too short to hold the key group";
                    return Err(invalid(signed(value), at, "key length", reason));
                }
                (Step::KeyGroup { key_length }, None)
            }
            Step::KeyGroup { key_length } => {
                self.key_group(value, at)?;
                self.count(EntryCounts {
                    entries: 1,
                    key_bytes: key_length,
                    value_bytes: 0,
                });
                let rest = key_length - u64::from(self.prefix);
                (Step::Key, Some(Want::skip(rest, "key")))
            }
            Step::Key => (Step::ValueLength, None),
            Step::ValueLength => {
                let value_bytes = length(value, at, "value length")?;
                self.count(EntryCounts {
                    value_bytes,
                    ..EntryCounts::default()
                });
                (Step::Value, Some(Want::skip(value_bytes, "value")))
            }
            Step::Value if self.last_of_state => (Step::State, None),
            Step::Value => (Step::KeyLength, None),
        };
        self.step = step;
        Ok(want.unwrap_or_else(|| self.wanted()))
    }
}
