use byteorder::{BigEndian, ByteOrder};

use super::numbers::invalid;
use crate::model::handle::{DistributionMode, StateMetaInfo};
use crate::reader::{ParseError, ParseErrorKind, to_u64};
use crate::state_file::snappy::{Framed, Piece, Sink};

/// What one operator state takes up in its stream. A missing figure is not 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperatorStateCounts {
    /// Elements of list and union state; `None` for broadcast state, whose entries are inside its
    /// only block: see [`broadcast_entries`].
    pub elements: Option<u64>,
    /// Bytes of all elements in the stream, compressed or not; `None` when the state is the last
    /// one in a stream of unknown length.
    pub bytes: Option<u64>,
    /// Bytes of the smallest element (list and union state).
    pub smallest: Option<u64>,
    /// Bytes of the largest element (list and union state).
    pub largest: Option<u64>,
    /// Where the state begins; `None` when it is empty.
    pub start: Option<u64>,
    /// Where it ends: the end of the stream for the last one.
    pub end: Option<u64>,
}

/// What the states of one stream take up, in the order of `states`: an element runs from its
/// offset to the next one (docs/state-files.md 4.5; Flink's `DefaultOperatorStateBackendSnapshotStrategy`).
///
/// `first` is where the head of the stream ends, `length` the length of the stream. In a
/// compressed stream an identifier of ten bytes follows the head; it belongs to no state.
/// An error when Flink cannot have written the offsets; its offset is the one in the table.
pub fn operator_states(
    states: &[StateMetaInfo<'_>],
    first: u64,
    length: Option<u64>,
) -> Result<Vec<OperatorStateCounts>, ParseError> {
    let mut starts: Vec<(u64, usize)> = Vec::with_capacity(states.len());
    for (index, state) in states.iter().enumerate() {
        let broadcast = state.mode == DistributionMode::Broadcast;
        if broadcast && state.offsets.len() != 1 {
            let count = i64::try_from(state.offsets.len()).unwrap_or(i64::MAX);
            return Err(bad_offset(count, 0, "offsets for broadcast state, not 1"));
        }
        if let Some(offset) = state.offsets.iter().next() {
            starts.push((position(offset)?, index));
        }
    }
    // Elements without bytes share an offset: of two such states, the one that ends first is first.
    starts.sort_by_key(|&(start, index)| {
        let last = states
            .get(index)
            .and_then(|state| state.offsets.iter().last());
        (start, last)
    });
    let mut counts: Vec<_> = states.iter().map(empty).collect();
    let ends = starts.iter().skip(1).map(|&(start, _)| Some(start));
    let mut least = first;
    for (&(start, index), end) in starts.iter().zip(ends.chain([length])) {
        if start < least {
            let start = i64::try_from(start).unwrap_or(i64::MAX);
            let reason = "lies inside what is before it";
            return Err(bad_offset(start, least, reason));
        }
        let (Some(state), Some(counts)) = (states.get(index), counts.get_mut(index)) else {
            continue;
        };
        least = measure(state, end, counts)?;
    }
    Ok(counts)
}

fn empty(state: &StateMetaInfo<'_>) -> OperatorStateCounts {
    OperatorStateCounts {
        elements: (state.mode != DistributionMode::Broadcast).then_some(0),
        bytes: Some(0),
        smallest: None,
        largest: None,
        start: None,
        end: None,
    }
}

/// Fills in one state that has elements; returns the position of the last one.
fn measure(
    state: &StateMetaInfo<'_>,
    end: Option<u64>,
    counts: &mut OperatorStateCounts,
) -> Result<u64, ParseError> {
    let mut starts = state.offsets.iter();
    let mut start = position(starts.next().unwrap_or_default())?;
    let (mut smallest, mut largest) = (None, None);
    let mut element = |from: u64, to: u64| {
        let Some(bytes) = to.checked_sub(from) else {
            let offset = i64::try_from(from).unwrap_or(i64::MAX);
            let reason = "is behind the position that comes next";
            return Err(bad_offset(offset, from, reason));
        };
        smallest = Some(smallest.map_or(bytes, |least: u64| least.min(bytes)));
        largest = Some(largest.map_or(bytes, |most: u64| most.max(bytes)));
        Ok(())
    };
    counts.start = Some(start);
    for next in starts {
        let next = position(next)?;
        element(start, next)?;
        start = next;
    }
    if let Some(end) = end {
        element(start, end)?;
    }
    counts.end = end;
    counts.bytes = end.zip(counts.start).map(|(end, start)| end - start);
    if state.mode != DistributionMode::Broadcast {
        counts.elements = Some(to_u64(state.offsets.len()));
        // Without the last element, neither is known.
        counts.smallest = smallest.filter(|_| end.is_some());
        counts.largest = largest.filter(|_| end.is_some());
    }
    Ok(start)
}

fn position(offset: i64) -> Result<u64, ParseError> {
    u64::try_from(offset).map_err(|_| bad_offset(offset, 0, "is negative, which is no position"))
}

#[cold]
fn bad_offset(value: i64, at: u64, reason: &'static str) -> ParseError {
    invalid(value, at, "operator state offset", reason)
}

/// How many entries a broadcast state has: the number at its start.
///
/// `block` begins at `start`, the state's position, and may be cut off anywhere behind the first
/// 76,490 bytes, the most that a compressed chunk takes, or four if it is not `compressed`.
pub fn broadcast_entries(block: &[u8], start: u64, compressed: bool) -> Result<u64, ParseError> {
    let mut first = First::default();
    if compressed {
        // The identifier is in front of the first state only.
        Framed::continued(start).push(block, &mut first)?;
    } else {
        first.piece(Piece::Data(block), start)?;
    }
    match first.bytes.first_chunk::<4>() {
        Some(count) => {
            super::numbers::length(u64::from(BigEndian::read_u32(count)), start, "entry count")
        }
        None => {
            let kind = ParseErrorKind::Truncated {
                needed: 4,
                remaining: to_u64(first.bytes.len()),
            };
            Err(ParseError::new(kind, start, "entry count"))
        }
    }
}

/// Keeps the first bytes that come.
#[derive(Default)]
struct First {
    bytes: Vec<u8>,
}

impl Sink for First {
    fn piece(&mut self, piece: Piece<'_>, _: u64) -> Result<(), ParseError> {
        if let Piece::Data(data) = piece {
            let missing = 4_usize.saturating_sub(self.bytes.len());
            self.bytes.extend(data.iter().take(missing));
        }
        Ok(())
    }
}
