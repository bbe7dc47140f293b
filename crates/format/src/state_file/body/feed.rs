use crate::reader::{ParseError, ParseErrorKind, to_u64};

/// What a grammar wants to read next.
#[derive(Clone, Copy, Debug)]
pub(super) struct Want {
    field: &'static str,
    shape: Shape,
    /// Whether the structure may also end here.
    or_end: bool,
}

#[derive(Clone, Copy, Debug)]
enum Shape {
    /// A big-endian number of so many bytes, at most 8.
    Word(u8),
    /// A number in groups of seven bits, lowest first, each but the last with the high bit set.
    Varint,
    /// So many bytes that are not looked at.
    Skip(u64),
    /// So many characters of a `StringValue`: each is such a group of bytes.
    Characters(u64),
    /// Nothing: the structure is complete.
    Nothing,
}

impl Want {
    pub(super) const NOTHING: Self = Self::new("", Shape::Nothing);

    const fn new(field: &'static str, shape: Shape) -> Self {
        Self {
            field,
            shape,
            or_end: false,
        }
    }

    pub(super) const fn word(width: u8, field: &'static str) -> Self {
        Self::new(field, Shape::Word(width))
    }

    pub(super) const fn varint(field: &'static str) -> Self {
        Self::new(field, Shape::Varint)
    }

    pub(super) const fn skip(length: u64, field: &'static str) -> Self {
        Self::new(field, Shape::Skip(length))
    }

    pub(super) const fn characters(count: u64, field: &'static str) -> Self {
        Self::new(field, Shape::Characters(count))
    }

    /// The same, unless the bytes end before it.
    pub(super) const fn or_end(self) -> Self {
        Self {
            or_end: true,
            ..self
        }
    }
}

/// A reader that is told what it asked for and says what it wants next.
///
/// That turns the order of a format inside out, so that it can be read from pieces of any size
/// without holding more than one number.
pub(super) trait Grammar {
    /// `value` is the number that was wanted, or 0 for what was skipped; it started at `at`.
    fn next(&mut self, value: u64, at: u64) -> Result<Want, ParseError>;

    /// Bytes that were skipped, for grammars that keep some.
    fn skipped(&mut self, _: &[u8]) {}
}

/// Where in the file a piece of bytes is.
#[derive(Clone, Copy)]
pub(super) enum Place {
    /// As it is in the file, from here on; the structure must end at `end`, where that is known.
    Plain { at: u64, end: Option<u64> },
    /// Decompressed from the chunk that starts here.
    Chunk(u64),
}

impl Place {
    fn at(self, consumed: usize) -> u64 {
        match self {
            Self::Plain { at, .. } => at.saturating_add(to_u64(consumed)),
            Self::Chunk(at) => at,
        }
    }
}

/// Feeds a [`Grammar`] from pieces.
pub(super) struct Feed {
    want: Want,
    /// Where the bytes of the current want began.
    since: u64,
    /// Bytes of it that were read.
    have: u64,
    value: u64,
}

/// A length that Flink writes in at most five such bytes.
const VARINT_BYTES: u64 = 5;

impl Feed {
    pub(super) fn new(first: Want) -> Self {
        Self {
            want: first,
            since: 0,
            have: 0,
            value: 0,
        }
    }

    /// True when the grammar wants nothing more.
    pub(super) fn is_done(&self) -> bool {
        matches!(self.want.shape, Shape::Nothing)
    }

    /// Reads `bytes` as far as the grammar goes; returns how many were used.
    #[inline]
    pub(super) fn push(
        &mut self,
        bytes: &[u8],
        place: Place,
        grammar: &mut impl Grammar,
    ) -> Result<usize, ParseError> {
        let mut rest = bytes;
        loop {
            let at = place.at(bytes.len() - rest.len());
            if self.have == 0 {
                self.since = at;
                self.check(place)?;
            }
            match self.want.shape {
                Shape::Nothing => break,
                Shape::Word(width) => {
                    while self.have < u64::from(width)
                        && let Some((byte, tail)) = rest.split_first()
                    {
                        self.value = self.value << 8 | u64::from(*byte);
                        self.have += 1;
                        rest = tail;
                    }
                    if self.have < u64::from(width) {
                        break;
                    }
                }
                Shape::Varint => match self.varint(&mut rest)? {
                    true => {}
                    false => break,
                },
                Shape::Skip(length) => {
                    let missing = length - self.have;
                    let taken = usize::try_from(missing).map_or(rest.len(), |n| n.min(rest.len()));
                    let (skipped, tail) = rest.split_at_checked(taken).unwrap_or((rest, &[]));
                    grammar.skipped(skipped);
                    self.have += to_u64(taken);
                    rest = tail;
                    if self.have < length {
                        break;
                    }
                }
                Shape::Characters(count) => {
                    rest = self.characters(rest, count);
                    if self.value < count {
                        break;
                    }
                    self.value = 0;
                }
            }
            let value = std::mem::take(&mut self.value);
            self.have = 0;
            self.want = grammar.next(value, self.since)?;
        }
        Ok(bytes.len() - rest.len())
    }

    /// The bytes end here; an error unless the grammar has all it wants.
    pub(super) fn finish(&self, position: u64) -> Result<(), ParseError> {
        if self.want.or_end && self.have == 0 {
            return Ok(());
        }
        let needed = match self.want.shape {
            Shape::Nothing => return Ok(()),
            Shape::Word(width) => u64::from(width),
            Shape::Varint => self.have + 1,
            Shape::Skip(length) => length,
            Shape::Characters(count) => self.have + (count - self.value),
        };
        let at = if self.have == 0 { position } else { self.since };
        Err(self.truncated(needed, self.have, at))
    }

    /// Refuses at once what cannot fit before the end, as far as that is known.
    fn check(&self, place: Place) -> Result<(), ParseError> {
        let Place::Plain { end: Some(end), .. } = place else {
            return Ok(());
        };
        let needed = match self.want.shape {
            Shape::Nothing => return Ok(()),
            Shape::Word(width) => u64::from(width),
            Shape::Varint => 1,
            Shape::Skip(length) => length,
            Shape::Characters(count) => count,
        };
        let remaining = end.saturating_sub(self.since);
        if needed > remaining && !(self.want.or_end && remaining == 0) {
            return Err(self.truncated(needed, remaining, self.since));
        }
        Ok(())
    }

    #[cold]
    fn truncated(&self, needed: u64, remaining: u64, at: u64) -> ParseError {
        let kind = ParseErrorKind::Truncated { needed, remaining };
        ParseError::new(kind, at, self.want.field)
    }

    /// True when the number is complete.
    fn varint(&mut self, rest: &mut &[u8]) -> Result<bool, ParseError> {
        while let Some((byte, tail)) = rest.split_first() {
            *rest = tail;
            self.value |= u64::from(byte & 0x7F) << (7 * self.have);
            self.have += 1;
            if byte & 0x80 == 0 {
                return Ok(true);
            }
            if self.have == VARINT_BYTES {
                let kind = ParseErrorKind::InvalidValue {
                    value: i64::try_from(self.value).unwrap_or(i64::MAX),
                    reason: "is no string length",
                };
                return Err(ParseError::new(kind, self.since, self.want.field));
            }
        }
        Ok(false)
    }

    /// Counts in `self.value` the characters that are complete.
    fn characters<'b>(&mut self, bytes: &'b [u8], count: u64) -> &'b [u8] {
        let mut used = 0;
        for byte in bytes {
            if self.value == count {
                break;
            }
            used += 1;
            self.value += u64::from(byte & 0x80 == 0);
        }
        self.have += to_u64(used);
        bytes.get(used..).unwrap_or_default()
    }
}
