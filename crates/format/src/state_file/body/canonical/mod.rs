mod records;

use self::records::{END_OF_KEY_GROUP, Records};
use super::feed::{Feed, Place, Want};
use super::key_groups::{Group, Groups, KeyGroupLayout, Span};
use super::numbers::invalid;
use crate::reader::{ParseError, to_u64};
use crate::state_file::snappy::{Framed, Piece, Sink};

/// What the head of a keyed stream says about its body.
#[derive(Clone, Copy, Debug)]
pub struct KeyedFormat {
    /// How many states there are; a state's number is its place in the list.
    pub states: u16,
    /// Whether the body is compressed with snappy.
    pub compressed: bool,
    /// The job's maximum parallelism: says how many bytes of a key are its key group.
    pub max_parallelism: u32,
}

/// What one state holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EntryCounts {
    /// Records: one per key and namespace, one per map entry, one per timer.
    pub entries: u64,
    /// Bytes of the keys, the key group's prefix and the namespace included. Not compressed.
    pub key_bytes: u64,
    /// Bytes of the values. Not compressed.
    pub value_bytes: u64,
}

impl EntryCounts {
    /// Width of a record's two lengths.
    const LENGTHS: u64 = 8;

    /// Bytes of whole records: keys, values and their lengths. In a stream that is not
    /// compressed, that is what the state takes up.
    pub fn bytes(&self) -> u64 {
        (self.entries.saturating_mul(Self::LENGTHS))
            .saturating_add(self.key_bytes)
            .saturating_add(self.value_bytes)
    }

    fn add(&mut self, other: Self) {
        self.entries += other.entries;
        self.key_bytes += other.key_bytes;
        self.value_bytes += other.value_bytes;
    }
}

/// What one key group of a canonical stream holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanonicalKeyGroup {
    /// The key group.
    pub key_group: u32,
    /// Bytes that it takes up in the stream, compressed or not.
    pub stored_bytes: u64,
    /// The states that have entries, in the order of the stream, each once.
    pub states: Vec<(u16, EntryCounts)>,
}

/// Counts what a canonical stream holds, fed in pieces (docs/state-files.md 4.1; Flink's
/// `FullSnapshotAsyncWriter`).
///
/// Memory: one chunk of snappy, and one counter per state.
///
/// ```
/// use statescope_format::model::handle::{KeyGroupRange, Offsets};
/// use statescope_format::state_file::body::{CanonicalBody, KeyGroupLayout, KeyedFormat};
///
/// // Key group 5 holds one entry of state 0: key 5 'k', value 'v'.
/// let stream = *b"head\0\0\0\0\0\x02\x85k\0\0\0\x01v\xFF\xFF";
/// let layout = KeyGroupLayout {
///     key_groups: KeyGroupRange::new(5, 1).expect("a range"),
///     offsets: Offsets::new(&[0, 0, 0, 0, 0, 0, 0, 4]),
///     length: Some(19),
/// };
/// let format = KeyedFormat { states: 1, compressed: false, max_parallelism: 128 };
/// let mut body = CanonicalBody::new(layout, format)?;
/// assert_eq!(body.position(), Some(4));
/// body.push(&stream[4..10], drop)?;
/// body.push(&stream[10..], |group| assert_eq!(group.key_group, 5))?;
/// let states = body.finish(drop)?;
/// assert_eq!((states[0].entries, states[0].bytes()), (1, 11));
/// # Ok::<(), statescope_format::ParseError>(())
/// ```
pub struct CanonicalBody<'a> {
    groups: Groups<Box<dyn Iterator<Item = Span> + Send + 'a>>,
    decoder: Decoder,
}

impl<'a> CanonicalBody<'a> {
    /// The offset of a key group without entries.
    const WITHOUT_DATA: i64 = 0;

    /// A reader for a stream; an error when the offsets cannot be those of one.
    pub fn new(layout: KeyGroupLayout<'a>, format: KeyedFormat) -> Result<Self, ParseError> {
        let spans = layout.spans(Some(Self::WITHOUT_DATA))?;
        let spans: Box<dyn Iterator<Item = Span> + Send + 'a> = Box::new(spans);
        let mut decoder = Decoder {
            framed: format.compressed.then(|| Framed::new(0)),
            reader: Reader {
                feed: Feed::new(Want::NOTHING),
                records: Records::new(format),
            },
            end: None,
        };
        Ok(Self {
            groups: Groups::new(spans, &mut decoder)?,
            decoder,
        })
    }

    /// Position in the stream of the byte that comes next; `None` when there is none.
    pub fn position(&self) -> Option<u64> {
        self.groups.position()
    }

    /// Reads the bytes at [`position`](Self::position); `done` gets each key group that is
    /// complete. Errors carry the position in the stream, of the compressed chunk where there is
    /// one.
    pub fn push(
        &mut self,
        bytes: &[u8],
        mut done: impl FnMut(CanonicalKeyGroup),
    ) -> Result<(), ParseError> {
        self.groups
            .push(bytes, &mut self.decoder, |decoder, span, stored| {
                done(decoder.reader.records.take(span, stored));
            })
    }

    /// The stream is over: the counts of all states, by number. An error if it is cut short.
    pub fn finish(
        mut self,
        mut done: impl FnMut(CanonicalKeyGroup),
    ) -> Result<Vec<EntryCounts>, ParseError> {
        self.groups
            .finish(&mut self.decoder, |decoder, span, stored| {
                done(decoder.reader.records.take(span, stored));
            })?;
        Ok(self.decoder.reader.records.totals)
    }
}

struct Decoder {
    framed: Option<Framed>,
    reader: Reader,
    end: Option<u64>,
}

impl Group for Decoder {
    fn begin(&mut self, span: Span) -> Result<(), ParseError> {
        if let Some(framed) = &mut self.framed {
            framed.restart(span.start);
        }
        self.end = span.end;
        self.reader.feed = Feed::new(self.reader.records.begin(span.key_group));
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8], at: u64) -> Result<(), ParseError> {
        match &mut self.framed {
            Some(framed) => framed.push(bytes, &mut self.reader),
            None => {
                let place = Place::Plain { at, end: self.end };
                self.reader.read(bytes, place, at)
            }
        }
    }

    fn end(&mut self, _: Span, at: u64) -> Result<(), ParseError> {
        if let Some(framed) = &self.framed {
            framed.finish()?;
        }
        self.reader.feed.finish(at)
    }
}

struct Reader {
    feed: Feed,
    records: Records,
}

impl Reader {
    fn read(&mut self, bytes: &[u8], place: Place, at: u64) -> Result<(), ParseError> {
        let used = self.feed.push(bytes, place, &mut self.records)?;
        if used == bytes.len() {
            return Ok(());
        }
        // How many there are is not said: it depends on how the stream is cut into pieces.
        let at = match place {
            Place::Plain { .. } => at.saturating_add(to_u64(used)),
            Place::Chunk(_) => at,
        };
        let reason = "ends the key group, but more bytes follow before the next one: damaged";
        Err(invalid(
            i64::from(END_OF_KEY_GROUP),
            at,
            "state number",
            reason,
        ))
    }
}

impl Sink for Reader {
    fn piece(&mut self, piece: Piece<'_>, at: u64) -> Result<(), ParseError> {
        match piece {
            Piece::Start => Ok(()),
            Piece::Data(data) => self.read(data, Place::Chunk(at), at),
        }
    }
}
