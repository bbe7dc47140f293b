use crate::model::handle::{KeyGroupRange, Offsets};
use crate::reader::{ParseError, ParseErrorKind, to_u64};

/// How a stream of keyed state is cut up: what the handle says, and how long the stream is.
#[derive(Clone, Copy, Debug)]
pub struct KeyGroupLayout<'a> {
    /// The key groups of the handle.
    pub key_groups: KeyGroupRange,
    /// Where each starts.
    pub offsets: Offsets<'a>,
    /// Length of the stream in bytes, where it is known. Without it, the last key group ends
    /// where the bytes end, and a stream that was cut short may not be noticed.
    pub length: Option<u64>,
}

/// Where one key group lies in the stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) key_group: u32,
    pub(super) start: u64,
    /// `None` for the last one of a stream of unknown length.
    pub(super) end: Option<u64>,
}

impl<'a> KeyGroupLayout<'a> {
    /// The key groups that have data, first to last. `without_data` tells the offset of one
    /// that has none.
    ///
    /// Flink writes them one behind the other. Anything else is an error, whose offset is the one
    /// in the table.
    pub(super) fn spans(
        self,
        without_data: Option<i64>,
    ) -> Result<impl Iterator<Item = Span> + use<'a>, ParseError> {
        if to_u64(self.offsets.len()) != u64::from(self.key_groups.count()) {
            return Err(invalid(
                i64::try_from(self.offsets.len()).unwrap_or(i64::MAX),
                0,
                "offsets, which is not one per key group",
            ));
        }
        let mut least = 0;
        for offset in self.offsets.iter() {
            if Some(offset) == without_data {
                continue;
            }
            let start = u64::try_from(offset)
                .map_err(|_| invalid(offset, 0, "is negative, which is no position"))?;
            if start < least {
                return Err(invalid(
                    offset,
                    start,
                    "is not behind the key group before it",
                ));
            }
            if self.length.is_some_and(|length| start >= length) {
                return Err(invalid(offset, start, "is behind the end of the stream"));
            }
            least = start.saturating_add(1);
        }
        let length = self.length;
        let mut starts = (self.key_groups.first()..)
            .zip(self.offsets.iter())
            .filter(move |(_, offset)| Some(*offset) != without_data)
            .filter_map(|(key_group, offset)| Some((key_group, u64::try_from(offset).ok()?)))
            .peekable();
        Ok(std::iter::from_fn(move || {
            let (key_group, start) = starts.next()?;
            let end = starts.peek().map(|(_, start)| *start).or(length);
            Some(Span {
                key_group,
                start,
                end,
            })
        }))
    }
}

#[cold]
fn invalid(value: i64, at: u64, reason: &'static str) -> ParseError {
    let kind = ParseErrorKind::InvalidValue { value, reason };
    ParseError::new(kind, at, "key group offset")
}

/// What a format does with the bytes of one key group.
pub(super) trait Group {
    /// A key group begins.
    fn begin(&mut self, span: Span) -> Result<(), ParseError>;
    /// More of its bytes, from position `at` on.
    fn bytes(&mut self, bytes: &[u8], at: u64) -> Result<(), ParseError>;
    /// It ends at `at`.
    fn end(&mut self, span: Span, at: u64) -> Result<(), ParseError>;
}

/// Takes a stream apart into key groups.
pub(super) struct Groups<I> {
    spans: I,
    current: Option<Span>,
    position: u64,
}

impl<I: Iterator<Item = Span>> Groups<I> {
    pub(super) fn new(mut spans: I, group: &mut impl Group) -> Result<Self, ParseError> {
        let current = spans.next();
        if let Some(span) = current {
            group.begin(span)?;
        }
        Ok(Self {
            spans,
            position: current.map_or(0, |span| span.start),
            current,
        })
    }

    /// Where the next byte to be fed lies in the stream; `None` when there is nothing to feed.
    pub(super) fn position(&self) -> Option<u64> {
        self.current.map(|_| self.position)
    }

    /// Feeds the bytes at `position()`; `done` is told of each key group that is complete.
    pub(super) fn push<G: Group>(
        &mut self,
        mut bytes: &[u8],
        group: &mut G,
        mut done: impl FnMut(&mut G, Span, u64),
    ) -> Result<(), ParseError> {
        while !bytes.is_empty() {
            let Some(span) = self.current else {
                let kind = ParseErrorKind::BlockNotConsumed(to_u64(bytes.len()));
                return Err(ParseError::new(kind, self.position, "keyed state"));
            };
            let room = span.end.map_or(u64::MAX, |end| end - self.position);
            let take = usize::try_from(room).map_or(bytes.len(), |room| room.min(bytes.len()));
            let (part, rest) = bytes.split_at_checked(take).unwrap_or((bytes, &[]));
            group.bytes(part, self.position)?;
            self.position += to_u64(part.len());
            bytes = rest;
            if span.end == Some(self.position) {
                self.complete(span, group, &mut done)?;
            }
        }
        Ok(())
    }

    /// The stream ends here.
    pub(super) fn finish<G: Group>(
        &mut self,
        group: &mut G,
        mut done: impl FnMut(&mut G, Span, u64),
    ) -> Result<(), ParseError> {
        let Some(span) = self.current else {
            return Ok(());
        };
        if let Some(end) = span.end {
            let kind = ParseErrorKind::Truncated {
                needed: end - span.start,
                remaining: self.position - span.start,
            };
            return Err(ParseError::new(kind, span.start, "key group"));
        }
        self.complete(span, group, &mut done)
    }

    fn complete<G: Group>(
        &mut self,
        span: Span,
        group: &mut G,
        done: &mut impl FnMut(&mut G, Span, u64),
    ) -> Result<(), ParseError> {
        group.end(span, self.position)?;
        done(group, span, self.position - span.start);
        self.current = self.spans.next();
        match self.current {
            Some(next) => group.begin(next),
            None => Ok(()),
        }
    }
}
