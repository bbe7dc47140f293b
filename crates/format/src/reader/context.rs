use byteorder::{BigEndian, ByteOrder};
use nom::bytes::complete::take;

use crate::JavaStr;
use crate::model::checkpoint::OperatorId;
use crate::reader::{FieldValue, Limits, ParseError, ParseErrorKind, Trace};

/// What each parser returns: the rest of the input and the value, or a located error.
pub(crate) type PResult<'a, O> = nom::IResult<&'a [u8], O, ParseError>;

/// A parser's failure. Nothing here backtracks: a wrong byte ends the parse where it is.
#[cold]
pub(crate) fn fail<'a, O>(error: ParseError) -> PResult<'a, O> {
    Err(nom::Err::Failure(error))
}

/// Carried through a parse: where we are, how deep, what is allowed, who listens.
///
/// Its methods here read the primitives of docs/format.md 1, those in `little_endian` what RocksDB
/// writes. Each names its field, which serves the
/// error message and the dump alike.
pub(crate) struct Context<'t, T, G = ()> {
    /// Length of the whole input.
    total: usize,
    /// Bytes of the input behind the block that is being read.
    behind: usize,
    depth: u32,
    pub(crate) limits: Limits,
    pub(crate) trace: &'t mut T,
    /// What the grammar at hand has to remember.
    pub(crate) grammar: G,
}

impl<'t, T: Trace, G> Context<'t, T, G> {
    pub(crate) fn new(total: usize, limits: Limits, trace: &'t mut T, grammar: G) -> Self {
        Self {
            total,
            behind: 0,
            depth: 0,
            limits,
            trace,
            grammar,
        }
    }

    /// Position of `input` from the start of the file.
    #[inline]
    pub(crate) fn offset(&self, input: &[u8]) -> u64 {
        let remaining = input.len() + self.behind;
        u64::try_from(self.total.saturating_sub(remaining)).unwrap_or(u64::MAX)
    }

    /// An error about the field at `input`.
    #[cold]
    pub(crate) fn error(
        &self,
        input: &[u8],
        field: &'static str,
        kind: ParseErrorKind,
    ) -> ParseError {
        ParseError::new(kind, self.offset(input), field)
    }

    #[inline]
    pub(super) fn traced(
        &mut self,
        input: &[u8],
        rest: &[u8],
        field: &'static str,
        value: FieldValue<'_>,
    ) {
        let (start, end) = (self.offset(input), self.offset(rest));
        self.trace.field(start, end, field, value);
    }

    /// `length` bytes, not traced.
    #[inline]
    pub(super) fn slice<'a>(
        &self,
        input: &'a [u8],
        length: usize,
        field: &'static str,
    ) -> PResult<'a, &'a [u8]> {
        take::<usize, &[u8], ()>(length)(input).or_else(|_| {
            let kind = ParseErrorKind::Truncated {
                needed: to_u64(length),
                remaining: to_u64(input.len()),
            };
            fail(self.error(input, field, kind))
        })
    }

    #[inline]
    pub(crate) fn u8<'a>(&mut self, input: &'a [u8], field: &'static str) -> PResult<'a, u8> {
        let (rest, raw) = self.slice(input, 1, field)?;
        let value = raw.first().copied().unwrap_or_default();
        self.traced(input, rest, field, FieldValue::Int(i64::from(value)));
        Ok((rest, value))
    }

    #[inline]
    pub(crate) fn u16<'a>(&mut self, input: &'a [u8], field: &'static str) -> PResult<'a, u16> {
        let (rest, raw) = self.slice(input, 2, field)?;
        let value = BigEndian::read_u16(raw);
        self.traced(input, rest, field, FieldValue::Int(i64::from(value)));
        Ok((rest, value))
    }

    #[inline]
    pub(crate) fn i32<'a>(&mut self, input: &'a [u8], field: &'static str) -> PResult<'a, i32> {
        let (rest, raw) = self.slice(input, 4, field)?;
        let value = BigEndian::read_i32(raw);
        self.traced(input, rest, field, FieldValue::Int(i64::from(value)));
        Ok((rest, value))
    }

    #[inline]
    pub(crate) fn i64<'a>(&mut self, input: &'a [u8], field: &'static str) -> PResult<'a, i64> {
        let (rest, raw) = self.slice(input, 8, field)?;
        let value = BigEndian::read_i64(raw);
        self.traced(input, rest, field, FieldValue::Int(value));
        Ok((rest, value))
    }

    /// A number that marks a place in the format.
    #[inline]
    pub(crate) fn magic<'a>(&mut self, input: &'a [u8], field: &'static str) -> PResult<'a, u32> {
        let (rest, raw) = self.slice(input, 4, field)?;
        let value = BigEndian::read_u32(raw);
        self.traced(input, rest, field, FieldValue::Magic(value));
        Ok((rest, value))
    }

    /// Any non-zero byte is true, as in `DataInput.readBoolean`.
    #[inline]
    pub(crate) fn bool<'a>(&mut self, input: &'a [u8], field: &'static str) -> PResult<'a, bool> {
        let (rest, raw) = self.slice(input, 1, field)?;
        let value = raw != [0];
        self.traced(input, rest, field, FieldValue::Bool(value));
        Ok((rest, value))
    }

    /// A type tag; `name` says what it stands for in this place, and `None` is an error.
    #[inline]
    pub(crate) fn tag<'a>(
        &mut self,
        input: &'a [u8],
        field: &'static str,
        name: impl FnOnce(u8) -> Option<&'static str>,
    ) -> PResult<'a, u8> {
        let (rest, raw) = self.slice(input, 1, field)?;
        let tag = raw.first().copied().unwrap_or_default();
        match name(tag) {
            Some(name) => {
                self.traced(input, rest, field, FieldValue::Tag(tag, name));
                Ok((rest, tag))
            }
            None => fail(self.error(input, field, ParseErrorKind::UnknownTag { tag })),
        }
    }

    /// `length` bytes that are not looked into here.
    #[inline]
    pub(crate) fn bytes<'a>(
        &mut self,
        input: &'a [u8],
        length: usize,
        field: &'static str,
    ) -> PResult<'a, &'a [u8]> {
        let (rest, raw) = self.slice(input, length, field)?;
        if length > 0 {
            self.traced(input, rest, field, FieldValue::Bytes(raw));
        }
        Ok((rest, raw))
    }

    /// A string of `DataOutput.writeUTF` (docs/format.md 1.2).
    #[inline]
    pub(crate) fn utf<'a>(
        &mut self,
        input: &'a [u8],
        field: &'static str,
    ) -> PResult<'a, JavaStr<'a>> {
        let (rest, length) = self.slice(input, 2, field)?;
        let (rest, raw) = self.slice(rest, usize::from(BigEndian::read_u16(length)), field)?;
        match JavaStr::new(raw) {
            Ok(text) => {
                self.traced(input, rest, field, FieldValue::Str(text));
                Ok((rest, text))
            }
            Err(_) => fail(self.error(input, field, ParseErrorKind::InvalidString)),
        }
    }

    /// The 16 bytes of an `OperatorID` (docs/format.md 1.3).
    #[inline]
    pub(crate) fn operator_id<'a>(
        &mut self,
        input: &'a [u8],
        field: &'static str,
    ) -> PResult<'a, OperatorId> {
        let (rest, raw) = self.slice(input, 16, field)?;
        let id = OperatorId::from_bytes(raw.try_into().unwrap_or_default());
        self.traced(input, rest, field, FieldValue::Id(id));
        Ok((rest, id))
    }

    /// A string where Flink writes the empty one for "none".
    #[inline]
    pub(crate) fn optional_utf<'a>(
        &mut self,
        input: &'a [u8],
        field: &'static str,
    ) -> PResult<'a, Option<JavaStr<'a>>> {
        let (rest, text) = self.utf(input, field)?;
        Ok((rest, (!text.is_empty()).then_some(text)))
    }

    /// A number that cannot be negative.
    #[inline]
    pub(crate) fn unsigned<'a>(
        &mut self,
        input: &'a [u8],
        field: &'static str,
    ) -> PResult<'a, u32> {
        let (rest, value) = self.i32(input, field)?;
        match u32::try_from(value) {
            Ok(value) => Ok((rest, value)),
            Err(_) => fail(self.error(input, field, ParseErrorKind::NegativeCount(value))),
        }
    }

    /// A count of elements of which each takes at least `element_min` bytes.
    #[inline]
    pub(crate) fn count<'a>(
        &mut self,
        input: &'a [u8],
        field: &'static str,
        element_min: usize,
    ) -> PResult<'a, usize> {
        let (rest, count) = self.i32(input, field)?;
        self.bounded(input, rest, field, count, element_min)
    }

    /// Checks a count that was read at `input` against what is left in `rest`.
    #[inline]
    pub(crate) fn bounded<'a>(
        &mut self,
        input: &'a [u8],
        rest: &'a [u8],
        field: &'static str,
        count: i32,
        element_min: usize,
    ) -> PResult<'a, usize> {
        let Ok(count) = usize::try_from(count) else {
            return fail(self.error(input, field, ParseErrorKind::NegativeCount(count)));
        };
        let needed = count.saturating_mul(element_min);
        if needed > rest.len() {
            let kind = ParseErrorKind::CountTooLarge {
                count: to_u64(count),
                needed: to_u64(needed),
                remaining: to_u64(rest.len()),
            };
            return fail(self.error(input, field, kind));
        }
        Ok((rest, count))
    }

    /// An `i32` length and that many bytes.
    #[inline]
    pub(crate) fn block<'a>(
        &mut self,
        input: &'a [u8],
        length: &'static str,
        field: &'static str,
    ) -> PResult<'a, &'a [u8]> {
        let (rest, length) = self.count(input, length, 1)?;
        self.bytes(rest, length, field)
    }

    /// `count` 64-bit numbers, kept as they are; the caller has checked the count.
    #[inline]
    pub(crate) fn table<'a>(
        &mut self,
        input: &'a [u8],
        count: usize,
        field: &'static str,
    ) -> PResult<'a, crate::model::handle::Offsets<'a>> {
        let (rest, raw) = self.slice(input, count.saturating_mul(8), field)?;
        if count > 0 {
            self.traced(input, rest, field, FieldValue::Table(count));
        }
        Ok((rest, crate::model::handle::Offsets::new(raw)))
    }

    /// `count` elements, each with its index in the trace and in errors.
    #[inline]
    pub(crate) fn list<'a, O>(
        &mut self,
        mut input: &'a [u8],
        count: usize,
        node: &'static str,
        mut element: impl FnMut(&mut Self, &'a [u8]) -> PResult<'a, O>,
    ) -> PResult<'a, Vec<O>> {
        let mut elements = Vec::new();
        for index in 0..count {
            if elements.len() == elements.capacity() {
                reserve(&mut elements, count);
            }
            let (rest, value) = self.at(node, Some(index), |cx| element(cx, input))?;
            elements.push(value);
            input = rest;
        }
        Ok((input, elements))
    }

    /// Runs `parser` for a structure that errors and the trace shall name.
    #[inline]
    pub(crate) fn at<'a, O>(
        &mut self,
        node: &'static str,
        index: Option<usize>,
        parser: impl FnOnce(&mut Self) -> PResult<'a, O>,
    ) -> PResult<'a, O> {
        self.trace.enter(node, index);
        match parser(self) {
            Ok(parsed) => {
                self.trace.leave();
                Ok(parsed)
            }
            Err(error) => Err(error.map(|error| error.within(node, index))),
        }
    }

    /// Runs `parser`; its errors say which of its kind the structure is.
    #[inline]
    pub(crate) fn labelled<'a, O>(
        &mut self,
        label: impl FnOnce() -> String,
        parser: impl FnOnce(&mut Self) -> PResult<'a, O>,
    ) -> PResult<'a, O> {
        parser(self).map_err(|error| error.map(|error| error.labelled(label())))
    }

    /// Runs `parser` one level deeper, or fails at the limit.
    #[inline]
    pub(crate) fn nested<'a, O>(
        &mut self,
        input: &'a [u8],
        limit: u32,
        what: &'static str,
        parser: impl FnOnce(&mut Self) -> PResult<'a, O>,
    ) -> PResult<'a, O> {
        if self.depth >= limit {
            let limit = u64::from(limit);
            return fail(self.error(input, what, ParseErrorKind::LimitReached { what, limit }));
        }
        self.depth += 1;
        let parsed = parser(self);
        self.depth -= 1;
        parsed
    }

    /// Runs `parser` over `block`, which it must use up; `behind` is the input after the block.
    pub(crate) fn inside<'a, O>(
        &mut self,
        block: &'a [u8],
        behind: &'a [u8],
        field: &'static str,
        parser: impl FnOnce(&mut Self, &'a [u8]) -> PResult<'a, O>,
    ) -> PResult<'a, O> {
        let outer = self.behind;
        self.behind += behind.len();
        let parsed = match parser(self, block) {
            Ok(([], value)) => Ok((behind, value)),
            Ok((rest, _)) => {
                let kind = ParseErrorKind::BlockNotConsumed(to_u64(rest.len()));
                fail(self.error(rest, field, kind))
            }
            Err(error) => Err(error),
        };
        self.behind = outer;
        parsed
    }
}

/// The outcome of a whole parse of `total` bytes. No parser here is a streaming one, so nom never
/// asks for more.
pub(crate) fn finish<O>(result: PResult<'_, O>, total: usize) -> Result<(&[u8], O), ParseError> {
    result.map_err(|error| match error {
        nom::Err::Error(error) | nom::Err::Failure(error) => error,
        nom::Err::Incomplete(_) => {
            let kind = ParseErrorKind::Truncated {
                needed: to_u64(total).saturating_add(1),
                remaining: to_u64(total),
            };
            ParseError::new(kind, 0, "input")
        }
    })
}

/// A length in memory as the number that sizes are.
pub fn to_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// Room for more elements: doubling, so that a lying count costs no more than what was really
/// read, and never past `count`, so that an honest one wastes nothing.
#[cold]
fn reserve<O>(elements: &mut Vec<O>, count: usize) {
    const FIRST: usize = 1024;
    let wanted = elements.capacity().max(FIRST).min(count - elements.len());
    elements.reserve_exact(wanted);
}
