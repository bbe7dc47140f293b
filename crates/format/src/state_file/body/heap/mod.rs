mod framed;
mod plain;
mod tally;

use self::framed::FramedBlocks;
use self::plain::PlainBlocks;
use self::tally::Tally;
use super::canonical::KeyedFormat;
use super::feed::{Feed, Grammar, Place, Want};
use super::key_groups::{Group, Groups, KeyGroupLayout, Span};
use super::numbers::invalid;
use super::skipper::Skipper;
use crate::reader::{ParseError, to_u64};

/// What one state holds, as far as it can be told. A missing figure is not 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeapCounts {
    /// Entries: one per key and namespace, one per timer. A map is one entry.
    pub entries: Option<u64>,
    /// Bytes of namespaces, keys and values. Not compressed.
    pub bytes: Option<u64>,
    /// Bytes that the state's blocks take up in the stream, their heads included.
    pub stored_bytes: Option<u64>,
}

impl HeapCounts {
    const NONE: Self = Self {
        entries: Some(0),
        bytes: Some(0),
        stored_bytes: Some(0),
    };

    fn plus(self, other: Self) -> Self {
        let sum = |a: Option<u64>, b: Option<u64>| a?.checked_add(b?);
        Self {
            entries: sum(self.entries, other.entries),
            bytes: sum(self.bytes, other.bytes),
            stored_bytes: sum(self.stored_bytes, other.stored_bytes),
        }
    }
}

/// What one key group of a heap stream holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeapKeyGroup {
    /// The key group.
    pub key_group: u32,
    /// Bytes that it takes up in the stream.
    pub stored_bytes: u64,
    /// One per state, by number.
    pub states: Vec<HeapCounts>,
}

/// What a heap stream holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeapResult {
    /// One per state, by number; a figure is there when every key group told it.
    pub states: Vec<HeapCounts>,
    /// The first place where the layouts did not fit what was found. Either the bytes are
    /// damaged or a serializer writes something else than expected: nothing is told of the key
    /// groups where that happened.
    pub doubt: Option<ParseError>,
}

/// Counts what a stream of the heap backend holds, fed in pieces (docs/state-files.md 4.2; Flink's
/// `HeapSnapshotStrategy`).
///
/// A compressed stream tells everything by itself. In one that is not, blocks follow each other
/// without a length; they are stepped over by the states' layouts, up to the first state whose
/// layout is not known. That state's entries are still told, and its bytes too if it is the last.
pub struct HeapBody<'a> {
    groups: Groups<Box<dyn Iterator<Item = Span> + Send + 'a>>,
    reader: Reader<'a>,
}

impl<'a> HeapBody<'a> {
    /// A reader for a stream; an error when the offsets cannot be those of one.
    ///
    /// `layouts` is one per state, by number: namespace, key and value of an entry one behind the
    /// other, or the element of a priority queue. Where it is shorter, layouts are not known.
    pub fn new(
        layout: KeyGroupLayout<'a>,
        format: KeyedFormat,
        layouts: &'a [Option<Skipper>],
    ) -> Result<Self, ParseError> {
        let spans: Box<dyn Iterator<Item = Span> + Send + 'a> = Box::new(layout.spans(None)?);
        let blocks = if format.compressed {
            Blocks::Framed(FramedBlocks::new())
        } else {
            Blocks::Plain(PlainBlocks::new(layouts))
        };
        let mut reader = Reader {
            key_group: 0,
            end: None,
            id: Feed::new(Want::NOTHING),
            tally: Tally::new(format.states),
            blocks,
            totals: vec![HeapCounts::NONE; usize::from(format.states)],
            doubt: None,
        };
        Ok(Self {
            groups: Groups::new(spans, &mut reader)?,
            reader,
        })
    }

    /// Position in the stream of the byte that comes next; `None` when there is none.
    pub fn position(&self) -> Option<u64> {
        self.groups.position()
    }

    /// Reads the bytes at [`position`](Self::position); `done` gets each key group that is
    /// complete.
    pub fn push(
        &mut self,
        bytes: &[u8],
        mut done: impl FnMut(HeapKeyGroup),
    ) -> Result<(), ParseError> {
        self.groups
            .push(bytes, &mut self.reader, |reader, span, stored| {
                done(reader.take(span, stored));
            })
    }

    /// Whether the content of the key group that was read last said where it ends, so that a cut in
    /// it would have shown.
    pub fn tells_its_end(&self) -> bool {
        match &self.reader.blocks {
            Blocks::Plain(blocks) => blocks.tells_its_end(),
            // A block is known to end only by what comes behind it.
            Blocks::Framed(_) => false,
        }
    }

    /// The stream is over: what all key groups told. An error if it is cut short.
    pub fn finish(mut self, mut done: impl FnMut(HeapKeyGroup)) -> Result<HeapResult, ParseError> {
        self.groups
            .finish(&mut self.reader, |reader, span, stored| {
                done(reader.take(span, stored));
            })?;
        Ok(HeapResult {
            states: self.reader.totals,
            doubt: self.reader.doubt,
        })
    }
}

/// Reads the number of the key group, which is never compressed, and leaves the rest to others.
struct Reader<'s> {
    key_group: u32,
    end: Option<u64>,
    id: Feed,
    tally: Tally,
    blocks: Blocks<'s>,
    totals: Vec<HeapCounts>,
    doubt: Option<ParseError>,
}

enum Blocks<'s> {
    Plain(PlainBlocks<'s>),
    Framed(FramedBlocks),
}

impl Group for Reader<'_> {
    fn begin(&mut self, span: Span) -> Result<(), ParseError> {
        self.key_group = span.key_group;
        self.end = span.end;
        self.id = Feed::new(Want::word(KEY_GROUP_WIDTH, KEY_GROUP));
        self.tally.begin();
        let first = span.start.saturating_add(u64::from(KEY_GROUP_WIDTH));
        match &mut self.blocks {
            Blocks::Plain(blocks) => blocks.begin(),
            Blocks::Framed(blocks) => blocks.begin(first),
        }
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8], at: u64) -> Result<(), ParseError> {
        let end = self.end;
        let mut used = 0;
        if !self.id.is_done() {
            let place = Place::Plain { at, end };
            used = self.id.push(bytes, place, &mut Id(self.key_group))?;
        }
        let bytes = bytes.get(used..).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(());
        }
        match &mut self.blocks {
            Blocks::Plain(blocks) => {
                let at = at.saturating_add(to_u64(used));
                blocks.push(bytes, Place::Plain { at, end }, &mut self.tally);
                Ok(())
            }
            Blocks::Framed(blocks) => blocks.push(bytes, &mut self.tally),
        }
    }

    fn end(&mut self, _: Span, at: u64) -> Result<(), ParseError> {
        self.id.finish(at)?;
        match &mut self.blocks {
            Blocks::Plain(blocks) => {
                if let Err(error) = blocks.end(at, &mut self.tally) {
                    self.tally.begin();
                    self.doubt.get_or_insert(error);
                }
                Ok(())
            }
            Blocks::Framed(blocks) => blocks.end(at, &mut self.tally),
        }
    }
}

impl Reader<'_> {
    fn take(&mut self, span: Span, stored_bytes: u64) -> HeapKeyGroup {
        let states = std::mem::take(&mut self.tally.counts);
        for (total, counts) in self.totals.iter_mut().zip(&states) {
            *total = total.plus(*counts);
        }
        HeapKeyGroup {
            key_group: span.key_group,
            stored_bytes,
            states,
        }
    }
}

const KEY_GROUP: &str = "key group number";
const KEY_GROUP_WIDTH: u8 = 4;

/// The number in front of a key group, which must be its own.
struct Id(u32);

impl Grammar for Id {
    fn next(&mut self, value: u64, at: u64) -> Result<Want, ParseError> {
        if value == u64::from(self.0) {
            return Ok(Want::NOTHING);
        }
        let value = i64::try_from(value).unwrap_or(i64::MAX);
        let reason = "is not the key group that starts here";
        Err(invalid(value, at, KEY_GROUP, reason))
    }
}
