use std::ops::Range;

use crate::reader::{Context, PResult, ParseError, ParseErrorKind, Trace, fail, to_u64};
use crate::state_file::sst::checksum;
use crate::state_file::sst::footer::Footer;

/// Behind each block: its compression and its checksum.
const TRAILER_LEN: u64 = 1 + 4;
/// Metaindex and properties take a few kB; what users add to them hardly more.
const MAX_BLOCK_LEN: u64 = 16 << 20;

/// RocksDB's `BlockHandle`: where a block lies, without its trailer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BlockHandle {
    pub(super) offset: u64,
    size: u64,
}

impl BlockHandle {
    /// Reads a handle of a block that ends, with its trailer, at `end` or before.
    pub(super) fn parse<'a, T: Trace>(
        cx: &mut Context<'_, T>,
        input: &'a [u8],
        end: u64,
        field: &'static str,
    ) -> PResult<'a, Self> {
        let (rest, offset) = cx.varint(input, field)?;
        let (rest, size) = cx.varint(rest, field)?;
        if size > MAX_BLOCK_LEN {
            return fail(cx.error(input, field, too_long()));
        }
        let handle = Self { offset, size };
        match offset.checked_add(size + TRAILER_LEN) {
            Some(block_end) if block_end <= end => Ok((rest, handle)),
            _ => {
                let kind = ParseErrorKind::InvalidValue {
                    value: i64::try_from(offset).unwrap_or(i64::MAX),
                    reason: "is not the start of a block of this file: it is damaged or cut short",
                };
                fail(cx.error(input, field, kind))
            }
        }
    }

    /// The block of `size` bytes that ends, with its trailer, at `end`.
    pub(super) fn ending_at<T: Trace>(
        cx: &Context<'_, T>,
        input: &[u8],
        end: u64,
        size: u64,
    ) -> Result<Self, nom::Err<ParseError>> {
        const FIELD: &str = "metaindex size";
        if size > MAX_BLOCK_LEN {
            return Err(nom::Err::Failure(cx.error(input, FIELD, too_long())));
        }
        match end.checked_sub(size + TRAILER_LEN) {
            Some(offset) => Ok(Self { offset, size }),
            None => {
                let kind = ParseErrorKind::CountTooLarge {
                    count: size,
                    needed: size + TRAILER_LEN,
                    remaining: end,
                };
                Err(nom::Err::Failure(cx.error(input, FIELD, kind)))
            }
        }
    }

    /// The bytes of the block and its trailer.
    pub(super) fn range(self) -> Range<u64> {
        self.offset..self.offset + self.size + TRAILER_LEN
    }

    pub(super) fn overlaps(self, other: Self) -> bool {
        self.range().start < other.range().end && other.range().start < self.range().end
    }
}

fn too_long() -> ParseErrorKind {
    ParseErrorKind::LimitReached {
        what: "bytes in a block of properties",
        limit: MAX_BLOCK_LEN,
    }
}

/// A block without its trailer, and how to tell that it is whole.
pub(super) struct Block<'a> {
    pub(super) contents: &'a [u8],
    trailer: &'a [u8],
    compression: u8,
    stored: u32,
    offset: u64,
}

impl<'a> Block<'a> {
    /// Splits the bytes of [`BlockHandle::range`]; the checksum is not looked at yet.
    pub(super) fn split<T: Trace>(
        cx: &mut Context<'_, T>,
        raw: &'a [u8],
        handle: BlockHandle,
        field: &'static str,
    ) -> PResult<'a, Self> {
        let length = usize::try_from(handle.size).unwrap_or(usize::MAX);
        let (trailer, contents) = cx.bytes(raw, length, field)?;
        let (rest, compression) = cx.u8(trailer, "compression")?;
        let (rest, stored) = cx.u32_le(rest, "checksum")?;
        let block = Self {
            contents,
            trailer,
            compression,
            stored,
            offset: handle.offset,
        };
        Ok((rest, block))
    }

    /// What is wrong if these are not the contents that were written.
    pub(super) fn mismatch(&self, contents: &[u8], footer: &Footer) -> Option<ParseErrorKind> {
        let guarded = [contents, &[self.compression]].concat();
        let computed = footer.checksum.of_bytes(&guarded)?;
        let context = checksum::context(footer.base_context, self.offset);
        let computed = computed.wrapping_add(context);
        let stored = self.stored;
        (computed != stored).then_some(ParseErrorKind::ChecksumMismatch { stored, computed })
    }

    /// RocksDB compresses neither metaindex nor properties.
    pub(super) fn check_compression(&self) -> Result<(), ParseErrorKind> {
        match self.compression {
            0 => Ok(()),
            compression => Err(ParseErrorKind::UnsupportedCompression(compression_name(
                compression,
            ))),
        }
    }

    /// Calls `entry` with each key, its value, and what lies behind the value in the block.
    pub(super) fn for_each<T: Trace>(
        &self,
        cx: &mut Context<'_, T>,
        entry: impl FnMut(&mut Context<'_, T>, Entry<'_, 'a>) -> Result<(), nom::Err<ParseError>>,
    ) -> Result<(), nom::Err<ParseError>> {
        let parsed = cx.inside(self.contents, self.trailer, "block", |cx, contents| {
            let (entries, restarts) = split_restarts(cx, contents)?;
            let (_, ()) = cx.inside(entries, restarts, "block", |cx, input| {
                all_entries(cx, input, entry)
            })?;
            Ok((&[] as &[u8], ()))
        });
        parsed.map(drop)
    }
}

/// One key and value of a block.
pub(super) struct Entry<'k, 'a> {
    pub(super) key: &'k [u8],
    pub(super) value: &'a [u8],
    /// Where in the block the value starts.
    pub(super) position: usize,
    /// The entries behind this one.
    pub(super) behind: &'a [u8],
}

/// At the end of a block: a table of places where a reader may begin, and their number.
fn split_restarts<'a, T: Trace>(
    cx: &mut Context<'_, T>,
    contents: &'a [u8],
) -> Result<(&'a [u8], &'a [u8]), nom::Err<ParseError>> {
    const FIELD: &str = "number of restart points";
    let number_at = contents.len().saturating_sub(4);
    let number = contents.get(number_at..).unwrap_or_default();
    let (_, count) = cx.u32_le(number, FIELD)?;
    let table_len = usize::try_from(count)
        .unwrap_or(usize::MAX)
        .saturating_mul(4);
    let split = number_at
        .checked_sub(table_len)
        .and_then(|at| contents.split_at_checked(at));
    split.ok_or_else(|| {
        let kind = ParseErrorKind::CountTooLarge {
            count: u64::from(count),
            needed: to_u64(table_len),
            remaining: to_u64(number_at),
        };
        nom::Err::Failure(cx.error(number, FIELD, kind))
    })
}

/// A key repeats the start of the one before it only by its length. Keys so built are never longer
/// than the block, since each adds bytes of its own.
fn all_entries<'a, T: Trace>(
    cx: &mut Context<'_, T>,
    mut input: &'a [u8],
    mut entry: impl FnMut(&mut Context<'_, T>, Entry<'_, 'a>) -> Result<(), nom::Err<ParseError>>,
) -> PResult<'a, ()> {
    let mut key = Vec::new();
    let length = input.len();
    while !input.is_empty() {
        let (rest, shared) = cx.varint_length(input, "shared key length")?;
        if shared > key.len() {
            let kind = ParseErrorKind::CountTooLarge {
                count: to_u64(shared),
                needed: to_u64(shared),
                remaining: to_u64(key.len()),
            };
            return fail(cx.error(input, "shared key length", kind));
        }
        let (rest, own) = cx.varint_length(rest, "key length")?;
        let (rest, value) = cx.varint_length(rest, "value length")?;
        let (rest, own) = cx.bytes(rest, own, "key")?;
        let (behind, value) = cx.bytes(rest, value, "value")?;
        key.truncate(shared);
        key.extend_from_slice(own);
        let entered = Entry {
            key: &key,
            value,
            position: length - behind.len() - value.len(),
            behind,
        };
        entry(cx, entered)?;
        input = behind;
    }
    Ok((input, ()))
}

fn compression_name(compression: u8) -> &'static str {
    match compression {
        0 => "none",
        1 => "Snappy",
        2 => "zlib",
        3 => "bzip2",
        4 => "LZ4",
        5 => "LZ4HC",
        6 => "XPRESS",
        7 | 0x40 => "Zstandard",
        _ => "unknown",
    }
}
