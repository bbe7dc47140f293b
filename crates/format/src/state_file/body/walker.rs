use super::feed::{Feed, Grammar, Place, Want};
use super::numbers::{invalid, length};
use super::skipper::Skipper;
use crate::reader::{ParseError, to_u64};

/// Steps over values, one number at a time, so that it can stop anywhere and go on later.
#[derive(Default)]
pub(super) struct Walker<'s> {
    /// What is still to do, the innermost last. As deep as the layout, however large the value.
    stack: Vec<Task<'s>>,
}

/// Where a walk is.
pub(super) enum Walk {
    /// Read this and come back.
    Want(Want),
    /// All values are behind.
    Done,
    /// A value of unknown layout.
    Unknown,
}

enum Task<'s> {
    Value(&'s Skipper),
    Each(&'s [Skipper]),
    Repeat(u64, &'s Skipper),
    /// Fields of a row; the bits of the mask say which are null.
    Masked(Mask<'s>),
    /// Fields of a POJO that are still to come.
    Fields(&'s [Skipper]),
    /// A number was asked for.
    Read(Read<'s>),
}

enum Read<'s> {
    TextLength,
    UnitCount(u64),
    ElementCount(&'s Skipper),
    Flag {
        present: bool,
        value: &'s Skipper,
        padding: u64,
    },
    Side(&'s Skipper, &'s Skipper),
    MaskByte(Mask<'s>),
    PojoFlags(&'s [Skipper], &'s [Option<Skipper>]),
    SubclassTag(&'s [Option<Skipper>]),
    FieldIsNull(&'s Skipper),
    BigLength {
        has_scale: bool,
    },
}

struct Mask<'s> {
    fields: &'s [Skipper],
    /// Bits to come before the first field's.
    leading: u8,
    /// Nulls of the fields, in order.
    nulls: Vec<bool>,
}

/// The flags of `PojoSerializer`.
const POJO_NULL: u64 = 1;
const POJO_EXACT: u64 = 2;
const POJO_SUBCLASS: u64 = 4;
const POJO_TAGGED_SUBCLASS: u64 = 8;

impl<'s> Walker<'s> {
    /// Starts over, with nothing to do.
    pub(super) fn clear(&mut self) {
        self.stack.clear();
    }

    /// Starts over, with `count` values of one layout.
    pub(super) fn begin(&mut self, count: u64, layout: &'s Skipper) {
        self.stack.clear();
        self.stack.push(Task::Repeat(count, layout));
    }

    /// Goes on; `value` is the number that was wanted, if one was.
    pub(super) fn next(&mut self, value: u64, at: u64) -> Result<Walk, ParseError> {
        while let Some(task) = self.stack.pop() {
            let want = match task {
                Task::Value(layout) => self.value(layout),
                Task::Each(parts) => {
                    if let Some((first, rest)) = parts.split_first() {
                        self.stack.push(Task::Each(rest));
                        self.stack.push(Task::Value(first));
                    }
                    None
                }
                Task::Repeat(count, layout) => self.repeat(count, layout, at)?,
                Task::Masked(mask) => {
                    self.masked_fields(&mask);
                    None
                }
                Task::Fields(fields) => fields.split_first().map(|(first, rest)| {
                    self.stack.push(Task::Fields(rest));
                    self.read(Read::FieldIsNull(first), Want::word(1, "null flag"))
                }),
                Task::Read(read) => match self.was_read(read, value, at)? {
                    Walk::Want(want) => Some(want),
                    Walk::Done => None,
                    Walk::Unknown => return Ok(Walk::Unknown),
                },
            };
            if let Some(want) = want {
                return Ok(Walk::Want(want));
            }
        }
        Ok(Walk::Done)
    }

    fn read(&mut self, read: Read<'s>, want: Want) -> Want {
        self.stack.push(Task::Read(read));
        want
    }

    /// Values of one size are stepped over together: a count costs no time without bytes.
    fn repeat(
        &mut self,
        count: u64,
        layout: &'s Skipper,
        at: u64,
    ) -> Result<Option<Want>, ParseError> {
        if count == 0 {
            return Ok(None);
        }
        if let Some(size) = layout.fixed_size() {
            return Ok(Some(skip(count, size, at)?));
        }
        self.stack.push(Task::Repeat(count - 1, layout));
        self.stack.push(Task::Value(layout));
        Ok(None)
    }

    fn value(&mut self, layout: &'s Skipper) -> Option<Want> {
        Some(match layout {
            Skipper::Masked {
                leading_bits: 0,
                fields,
            } if fields.is_empty() => return None,
            Skipper::Fixed(bytes) => Want::skip(*bytes, "value"),
            Skipper::Text => self.read(Read::TextLength, Want::varint("text length")),
            Skipper::Counted { unit } => {
                self.read(Read::UnitCount(*unit), Want::word(4, "value length"))
            }
            Skipper::List(element) => {
                self.read(Read::ElementCount(element), Want::word(4, "element count"))
            }
            Skipper::Sequence(parts) => {
                self.stack.push(Task::Each(parts));
                return None;
            }
            Skipper::Flagged {
                present,
                value,
                padding,
            } => {
                let flag = Read::Flag {
                    present: *present,
                    value,
                    padding: *padding,
                };
                self.read(flag, Want::word(1, "flag"))
            }
            Skipper::Either(left, right) => {
                self.read(Read::Side(left, right), Want::word(1, "side"))
            }
            Skipper::Masked {
                leading_bits,
                fields,
            } => {
                self.stack.push(Task::Read(Read::MaskByte(Mask {
                    fields,
                    leading: *leading_bits,
                    nulls: Vec::new(),
                })));
                Want::word(1, "null mask")
            }
            Skipper::Pojo { fields, subclasses } => self.read(
                Read::PojoFlags(fields, subclasses),
                Want::word(1, "POJO flags"),
            ),
            Skipper::BigInteger => self.big(false),
            Skipper::BigDecimal => self.big(true),
        })
    }

    fn big(&mut self, has_scale: bool) -> Want {
        self.read(
            Read::BigLength { has_scale },
            Want::word(4, "number length"),
        )
    }

    fn was_read(&mut self, read: Read<'s>, value: u64, at: u64) -> Result<Walk, ParseError> {
        Ok(match read {
            Read::TextLength => match value.checked_sub(1) {
                None => Walk::Done,
                Some(characters) => Walk::Want(Want::characters(characters, "text")),
            },
            Read::UnitCount(unit) => {
                let count = length(value, at, "value length")?;
                Walk::Want(skip(count, unit, at)?)
            }
            Read::ElementCount(element) => {
                let count = length(value, at, "element count")?;
                self.push(Task::Repeat(count, element))
            }
            Read::Flag {
                present,
                value: inner,
                padding,
            } => {
                if boolean(value, at)? == present {
                    self.push(Task::Value(inner))
                } else {
                    Walk::Want(Want::skip(padding, "padding"))
                }
            }
            Read::Side(left, right) => {
                let side = if boolean(value, at)? { left } else { right };
                self.push(Task::Value(side))
            }
            Read::MaskByte(mask) => self.mask_byte(mask, value),
            Read::PojoFlags(fields, subclasses) => self.pojo(value, at, fields, subclasses)?,
            Read::SubclassTag(subclasses) => {
                let subclass = usize::try_from(value)
                    .ok()
                    .and_then(|tag| subclasses.get(tag));
                match subclass {
                    Some(Some(subclass)) => self.push(Task::Value(subclass)),
                    _ => Walk::Unknown,
                }
            }
            Read::FieldIsNull(field) => {
                if boolean(value, at)? {
                    Walk::Done
                } else {
                    self.push(Task::Value(field))
                }
            }
            Read::BigLength { has_scale } => {
                const NULL: u64 = 0;
                const AROUND: u64 = 4;
                let number = length(value, at, "number length")?.saturating_sub(AROUND);
                let scale = if has_scale && value != NULL { 4 } else { 0 };
                Walk::Want(Want::skip(number.saturating_add(scale), "number"))
            }
        })
    }

    fn push(&mut self, task: Task<'s>) -> Walk {
        self.stack.push(task);
        Walk::Done
    }

    fn pojo(
        &mut self,
        flags: u64,
        at: u64,
        fields: &'s [Skipper],
        subclasses: &'s [Option<Skipper>],
    ) -> Result<Walk, ParseError> {
        match flags {
            POJO_NULL => Ok(Walk::Done),
            POJO_EXACT => Ok(self.push(Task::Fields(fields))),
            POJO_TAGGED_SUBCLASS => {
                let want = Want::word(1, "subclass tag");
                Ok(Walk::Want(self.read(Read::SubclassTag(subclasses), want)))
            }
            // Named by its class: which serializer it has is not told here.
            POJO_SUBCLASS => Ok(Walk::Unknown),
            _ => {
                let value = i64::try_from(flags).unwrap_or(i64::MAX);
                let reason = "are no flags that Flink writes in front of a POJO";
                Err(invalid(value, at, "POJO flags", reason))
            }
        }
    }

    /// `MaskUtils`: eight bits per byte, the highest first.
    fn mask_byte(&mut self, mut mask: Mask<'s>, byte: u64) -> Walk {
        for bit in (0..8).rev() {
            if mask.leading > 0 {
                mask.leading -= 1;
            } else if mask.nulls.len() < mask.fields.len() {
                mask.nulls.push(byte >> bit & 1 == 1);
            }
        }
        if mask.leading > 0 || mask.nulls.len() < mask.fields.len() {
            return Walk::Want(self.read(Read::MaskByte(mask), Want::word(1, "null mask")));
        }
        self.push(Task::Masked(mask))
    }

    fn masked_fields(&mut self, mask: &Mask<'s>) {
        for (field, is_null) in mask.fields.iter().zip(&mask.nulls).rev() {
            if !is_null {
                self.stack.push(Task::Value(field));
            }
        }
    }
}

impl Skipper {
    /// How many bytes the value at the start of `bytes` takes; `None` where its layout is only
    /// known up to some point. `at` is the position of `bytes` in the file, for errors.
    pub fn skip(&self, bytes: &[u8], at: u64) -> Result<Option<u64>, ParseError> {
        let mut one = One {
            walker: Walker::default(),
            unknown: false,
        };
        one.walker.begin(1, self);
        let end = at.saturating_add(to_u64(bytes.len()));
        let place = Place::Plain { at, end: Some(end) };
        let mut feed = Feed::new(Want::skip(0, "value"));
        let used = feed.push(bytes, place, &mut one)?;
        feed.finish(end)?;
        Ok((!one.unknown).then_some(to_u64(used)))
    }
}

/// A single value.
struct One<'s> {
    walker: Walker<'s>,
    unknown: bool,
}

impl Grammar for One<'_> {
    fn next(&mut self, value: u64, at: u64) -> Result<Want, ParseError> {
        let walk = self.walker.next(value, at)?;
        self.unknown = matches!(walk, Walk::Unknown);
        Ok(match walk {
            Walk::Want(want) => want,
            Walk::Done | Walk::Unknown => Want::NOTHING,
        })
    }
}

fn skip(count: u64, size: u64, at: u64) -> Result<Want, ParseError> {
    match count.checked_mul(size) {
        Some(bytes) => Ok(Want::skip(bytes, "values")),
        None => Err(invalid(
            i64::MAX,
            at,
            "values",
            "bytes are more than a file has",
        )),
    }
}

/// Flink writes 0 or 1; anything else shows that something else is there.
fn boolean(value: u64, at: u64) -> Result<bool, ParseError> {
    match value {
        0 => Ok(false),
        1 => Ok(true),
        _ => {
            let value = i64::try_from(value).unwrap_or(i64::MAX);
            Err(invalid(value, at, "flag", "is neither 0 nor 1"))
        }
    }
}
