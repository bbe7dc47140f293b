//! What a Parquet file asks for before anything of it is decoded. A reader of Parquet makes room for
//! as many values as the file says there are; a file of a hundred bytes can say "two billion".
//!
//! Footer and page headers are structures of Thrift's compact protocol. They are walked here without
//! an allocation, and their counts are held against the bytes that there are.

use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaData;

use statescope_format::Limits;

/// Structures inside structures: Parquet nests five deep.
const DEPTH: u32 = 16;
/// Structures, numbers and texts in the lists of a footer: 32 columns in each row group.
const LISTED: usize = 100_000;
/// The end of a file: the footer's length, and the mark.
const TAIL: usize = 8;

/// Holds the lists of the footer against its bytes.
pub(super) fn check_footer(file: &[u8]) -> Result<(), ParquetError> {
    let length = file.len().checked_sub(TAIL).and_then(|at| {
        let bytes = file.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(u32::from_le_bytes(bytes)).ok()
    });
    // What is no Parquet at all is for its reader to say.
    let footer = length.and_then(|length| {
        let end = file.len().checked_sub(TAIL)?;
        file.get(end.checked_sub(length)?..end)
    });
    let Some(footer) = footer else {
        return Ok(());
    };
    let mut walk = Walk::new(footer);
    walk.structure(DEPTH, &mut |_, _| {})
        .ok_or_else(|| refused("its footer holds more than it can"))
}

/// Holds the pages of every column against the limits.
pub(super) fn check_pages(
    file: &[u8],
    metadata: &ParquetMetaData,
    limits: &Limits,
) -> Result<(), ParquetError> {
    for group in metadata.row_groups() {
        let rows = usize::try_from(group.num_rows()).unwrap_or(usize::MAX);
        if rows > limits.history_rows {
            return Err(too_many_rows(limits));
        }
        for column in group.columns() {
            let (start, length) = column.byte_range();
            let chunk = usize::try_from(start).ok().and_then(|start| {
                let end = start.checked_add(usize::try_from(length).ok()?)?;
                file.get(start..end)
            });
            let chunk = chunk.ok_or_else(|| refused("a column lies outside of it"))?;
            check_chunk(chunk, limits)?;
        }
    }
    Ok(())
}

fn check_chunk(mut chunk: &[u8], limits: &Limits) -> Result<(), ParquetError> {
    while !chunk.is_empty() {
        let mut page = Page::default();
        let mut walk = Walk::new(chunk);
        walk.structure(DEPTH, &mut |path, value| page.note(path, value))
            .ok_or_else(|| refused("a page has no header"))?;
        let size = |value: Option<i64>| value.and_then(|value| usize::try_from(value).ok());
        let (inflated, stored) = size(page.inflated)
            .zip(size(page.stored))
            .ok_or_else(|| refused("a page does not say its size"))?;
        if inflated > limits.history_page_bytes {
            let limit = limits.history_page_bytes;
            return Err(refused(&format!("a page of more than {limit} bytes")));
        }
        // The shortest text takes the four bytes of its length.
        let values = size(page.dictionary_values).unwrap_or(usize::MAX);
        if page.kind == Some(DICTIONARY) && values > inflated / 4 {
            return Err(refused("a dictionary holds more than it can"));
        }
        let rest = walk.rest();
        chunk = rest
            .get(stored..)
            .ok_or_else(|| refused("a page ends behind its column"))?;
    }
    Ok(())
}

pub(super) fn too_many_rows(limits: &Limits) -> ParquetError {
    refused(&format!("more than {} rows", limits.history_rows))
}

pub(super) fn refused(what: &str) -> ParquetError {
    ParquetError::General(format!("{what}: refused (docs/limits.md)"))
}

/// What a page header says of sizes (parquet.thrift: `PageHeader`).
#[derive(Default)]
struct Page {
    kind: Option<i64>,
    inflated: Option<i64>,
    stored: Option<i64>,
    dictionary_values: Option<i64>,
}

/// `PageType.DICTIONARY_PAGE`.
const DICTIONARY: i64 = 2;

impl Page {
    fn note(&mut self, path: &[i64], value: i64) {
        match path {
            [1] => self.kind = Some(value),
            [2] => self.inflated = Some(value),
            [3] => self.stored = Some(value),
            // `DictionaryPageHeader.num_values`.
            [7, 1] => self.dictionary_values = Some(value),
            _ => {}
        }
    }
}

/// Steps over values of the compact protocol. `None` is an end where none may be.
struct Walk<'a> {
    rest: &'a [u8],
    listed: usize,
    /// The numbers of the fields that lead to where it is.
    path: Vec<i64>,
}

/// The types of the compact protocol that have to be told apart.
mod kind {
    pub(super) const TRUE: u8 = 1;
    pub(super) const FALSE: u8 = 2;
    pub(super) const BYTE: u8 = 3;
    pub(super) const SHORT: u8 = 4;
    pub(super) const LONG: u8 = 6;
    pub(super) const DOUBLE: u8 = 7;
    pub(super) const BINARY: u8 = 8;
    pub(super) const LIST: u8 = 9;
    pub(super) const SET: u8 = 10;
    pub(super) const STRUCT: u8 = 12;
}

impl<'a> Walk<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            listed: 0,
            path: Vec::new(),
        }
    }

    fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// A structure's fields; `each` is told of numbers that are in no list.
    fn structure(&mut self, depth: u32, each: &mut dyn FnMut(&[i64], i64)) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let mut number = 0_i64;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            number = match head >> 4 {
                0 => self.zigzag()?,
                step => number.checked_add(step.into())?,
            };
            self.path.push(number);
            match head & 0x0F {
                kind::TRUE | kind::FALSE => {}
                kind::SHORT..=kind::LONG => {
                    let value = self.zigzag()?;
                    each(&self.path, value);
                }
                other => self.value(other, depth, each)?,
            }
            self.path.pop();
        }
    }

    fn value(&mut self, kind: u8, depth: u32, each: &mut dyn FnMut(&[i64], i64)) -> Option<()> {
        match kind {
            kind::TRUE..=kind::BYTE => self.byte().map(drop),
            kind::SHORT..=kind::LONG => self.varint().map(drop),
            kind::DOUBLE => self.skip(8),
            kind::BINARY => {
                let length = self.varint()?;
                self.skip(length)
            }
            kind::LIST | kind::SET => self.list(depth, each),
            kind::STRUCT => self.structure(depth, each),
            // Parquet has no maps.
            _ => None,
        }
    }

    fn list(&mut self, depth: u32, each: &mut dyn FnMut(&[i64], i64)) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => self.varint()?,
            count => count.into(),
        };
        let count = usize::try_from(count).ok()?;
        self.listed = self.listed.checked_add(count)?;
        // Every value takes a byte at least.
        if count > self.rest.len() || self.listed > LISTED {
            return None;
        }
        (0..count).try_for_each(|_| self.value(head & 0x0F, depth, each))
    }

    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn skip(&mut self, length: u64) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(length).ok()?..)?;
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn zigzag(&mut self) -> Option<i64> {
        let value = self.varint()?;
        // The lowest bit is the sign.
        Some((value >> 1).cast_signed() ^ -((value & 1).cast_signed()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::growth::history::rows::Row;
    use crate::growth::history::{decode, encode};

    const TWO_BILLION: [u8; 5] = [0xFF, 0xFF, 0xFF, 0xFF, 0x0F];

    fn file_of(footer: &[u8]) -> Vec<u8> {
        let length = u32::try_from(footer.len()).unwrap().to_le_bytes();
        [b"PAR1", footer, &length, b"PAR1"].concat()
    }

    #[test]
    fn a_footer_that_claims_more_than_it_has_is_refused() {
        // Field 2, a list of structures, of which there are none.
        let schema = [&[0x29, 0xFC][..], &TWO_BILLION].concat();
        // Field 5, a list of pairs of texts; a text that goes on behind the end.
        let pairs = [&[0x59, 0x1C, 0x18][..], &TWO_BILLION].concat();
        let deep = [0x2C; 4096];
        for footer in [&schema[..], &pairs, &deep, &[0x1D]] {
            let file = file_of(footer);
            assert!(check_footer(&file).is_err(), "{footer:?}");
            assert!(decode(&file.into(), &Limits::default()).is_err());
        }
        let many = [&[0x29, 0xF3, 0xC1, 0x84, 0x3D][..], &[1; 1_000_001]].concat();
        assert!(check_footer(&file_of(&many)).is_err());
    }

    #[test]
    fn a_page_that_claims_more_than_it_has_is_refused() {
        let limits = Limits::default();
        let dictionary = |values: &[u8]| {
            let head = [0x15, 0x04, 0x15, 0xC8, 0x01, 0x15, 0x00, 0x4C, 0x15];
            [&head[..], values, &[0, 0]].concat()
        };
        assert!(check_chunk(&dictionary(&[0x32]), &limits).is_ok());
        assert!(check_chunk(&dictionary(&TWO_BILLION), &limits).is_err());
        let inflated = [&[0x15, 0x00, 0x15][..], &TWO_BILLION, &[0x15, 0, 0]].concat();
        assert!(check_chunk(&inflated, &limits).is_err());
        let longer_than_the_column = [0x15, 0x00, 0x15, 0x02, 0x15, 0x02, 0];
        assert!(check_chunk(&longer_than_the_column, &limits).is_err());
    }

    #[test]
    fn rows_texts_and_pages_have_limits() {
        let row = Row {
            texts: std::array::from_fn(|_| Some("text".to_owned())),
            ..Row::default()
        };
        let file = encode(&vec![row; 2_000]).unwrap();
        let whole = Limits::default();
        assert_eq!(decode(&file.clone().into(), &whole).unwrap().len(), 2_000);
        for (limits, problem) in [
            (
                Limits {
                    history_rows: 1_999,
                    ..whole
                },
                "more than 1999 rows",
            ),
            (
                Limits {
                    history_text_bytes: 10_000,
                    ..whole
                },
                "texts of more than 10000 bytes",
            ),
            (
                Limits {
                    history_page_bytes: 4,
                    ..whole
                },
                "a page of more than 4 bytes",
            ),
            (
                Limits {
                    history_bytes: 100,
                    ..whole
                },
                "more than 100 bytes",
            ),
        ] {
            let error = decode(&file.clone().into(), &limits)
                .unwrap_err()
                .to_string();
            assert!(error.contains(problem), "{error}");
        }
    }

    #[test]
    fn rows_that_take_no_bytes_count_too() {
        // A few bytes of run lengths stand for all of them.
        let file = encode(&vec![Row::default(); 20_000]).unwrap();
        assert!(file.len() < 20_000);
        let limits = Limits {
            history_rows: 10_000,
            ..Limits::default()
        };
        assert!(decode(&file.into(), &limits).is_err());
    }
}
