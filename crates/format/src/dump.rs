//! Every byte of a file with its meaning.

use serde::Serialize;

use crate::location::shown;
use crate::reader::{FieldValue, Trace, to_u64};

/// One field of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ByteRange {
    /// Its first byte.
    pub start: u64,
    /// The byte behind its last.
    pub end: u64,
    /// The structures around it, outermost first, such as `operator 3`.
    pub within: Vec<String>,
    /// Its name.
    pub field: &'static str,
    /// Its value in words; for bytes, the first few in hex.
    pub value: String,
}

/// Turns a parse into byte ranges and checks that no byte is left out or told twice.
pub struct Annotator<F> {
    within: Vec<String>,
    next: u64,
    gap: Option<Gap>,
    each: F,
}

/// A place that the parser skipped or read twice: a bug of the parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("bytes {expected} to {found} are not accounted for: this is a bug, please report it")]
pub struct Gap {
    /// Where the next field should have begun.
    pub expected: u64,
    /// Where it began.
    pub found: u64,
}

impl<F: FnMut(ByteRange)> Annotator<F> {
    /// Calls `each` for every field.
    pub fn new(each: F) -> Self {
        Self {
            within: Vec::new(),
            next: 0,
            gap: None,
            each,
        }
    }

    /// How many bytes were accounted for.
    pub fn accounted_bytes(&self) -> u64 {
        self.next
    }

    /// Whether the fields told so far follow each other without gap.
    ///
    /// # Errors
    /// The first gap.
    pub fn contiguous(&self) -> Result<(), Gap> {
        self.gap.map_or(Ok(()), Err)
    }

    /// Whether the fields make up the whole of a file of `length` bytes.
    ///
    /// # Errors
    /// The first gap.
    pub fn complete(&self, length: usize) -> Result<(), Gap> {
        self.contiguous()?;
        if self.next == to_u64(length) {
            return Ok(());
        }
        Err(Gap {
            expected: self.next,
            found: to_u64(length),
        })
    }
}

impl<F: FnMut(ByteRange)> Trace for Annotator<F> {
    fn field(&mut self, start: u64, end: u64, field: &'static str, value: FieldValue<'_>) {
        if start != self.next && self.gap.is_none() {
            self.gap = Some(Gap {
                expected: self.next,
                found: start,
            });
        }
        self.next = end;
        (self.each)(ByteRange {
            start,
            end,
            within: self.within.clone(),
            field,
            value: describe(value),
        });
    }

    fn enter(&mut self, node: &'static str, index: Option<usize>) {
        self.within.push(match index {
            Some(index) => format!("{node} {index}"),
            None => node.to_owned(),
        });
    }

    fn leave(&mut self) {
        self.within.pop();
    }
}

fn describe(value: FieldValue<'_>) -> String {
    match value {
        FieldValue::Int(value) => value.to_string(),
        FieldValue::Magic(value) => format!("{value:#010x}"),
        FieldValue::Tag(tag, name) => format!("{tag} ({name})"),
        FieldValue::Bool(value) => value.to_string(),
        FieldValue::Str(text) => format!("{:?}", shown(&text.to_str())),
        FieldValue::Id(id) => id.to_string(),
        FieldValue::Table(count) => format!("{count} numbers of 8 bytes"),
        FieldValue::Bytes(bytes) => hex(bytes),
    }
}

fn hex(bytes: &[u8]) -> String {
    const SHOWN: usize = 16;
    let shown: Vec<_> = bytes
        .iter()
        .take(SHOWN)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let more = if bytes.len() > SHOWN { " ..." } else { "" };
    format!("{}{more}", shown.join(" "))
}
