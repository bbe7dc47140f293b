use crate::JavaStr;
use crate::model::checkpoint::OperatorId;

/// Follows a parser through the input: told of every field, in order, with no byte left out.
///
/// The parsers are generic over it, so a reader without a trace pays nothing and an annotated dump
/// can never disagree with the parser.
pub trait Trace {
    /// Bytes `start..end` of the input were read as `field`.
    fn field(&mut self, start: u64, end: u64, field: &'static str, value: FieldValue<'_>);
    /// A structure begins; `index` is its place in a list.
    fn enter(&mut self, node: &'static str, index: Option<usize>);
    /// The structure ends.
    fn leave(&mut self);
}

/// Listens to nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoTrace;

impl Trace for NoTrace {
    #[inline(always)]
    fn field(&mut self, _: u64, _: u64, _: &'static str, _: FieldValue<'_>) {}
    #[inline(always)]
    fn enter(&mut self, _: &'static str, _: Option<usize>) {}
    #[inline(always)]
    fn leave(&mut self) {}
}

/// What a field held.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FieldValue<'a> {
    /// A number.
    Int(i64),
    /// A magic number.
    Magic(u32),
    /// A type tag and what it stands for.
    Tag(u8, &'static str),
    /// A truth value.
    Bool(bool),
    /// A string with its length.
    Str(JavaStr<'a>),
    /// An operator id.
    Id(OperatorId),
    /// Bytes that are not looked into.
    Bytes(&'a [u8]),
    /// A table of that many 64-bit numbers.
    Table(usize),
}
