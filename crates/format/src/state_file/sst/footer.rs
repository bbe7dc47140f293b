use crate::reader::{Context, PResult, ParseErrorKind, Trace, fail, to_u64};
use crate::state_file::sst::block::BlockHandle;
use crate::state_file::sst::checksum::{self, ChecksumType};

/// RocksDB's `kBlockBasedTableMagicNumber`.
const BLOCK_BASED: u64 = 0x88E2_41B7_85F4_CFF7;
/// Before RocksDB had format versions: the same as LevelDB.
const LEGACY_BLOCK_BASED: u64 = 0xDB47_7524_8B80_FB57;
const PLAIN: [u64; 2] = [0x8242_2296_63BF_9564, 0x4F34_18EB_7A8F_13B8];
const CUCKOO: u64 = 0x9267_89D0_C5F1_7873;
/// Stands where a metaindex handle would be, so that older readers refuse the file.
const EXTENDED_MAGIC: u32 = 0x007A_003E;

const LATEST_VERSION: u32 = 7;
/// Two block handles of at most 20 bytes each.
const HANDLES_LEN: usize = 40;
/// Length of the shortest footer, that of version 0.
pub(super) const LEGACY_LEN: usize = HANDLES_LEN + 8;
const LEN: usize = 1 + HANDLES_LEN + 4 + 8;

/// The last bytes of an SST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Footer {
    /// Where it starts in the file.
    pub(super) offset: u64,
    pub(super) format_version: u32,
    pub(super) checksum: ChecksumType,
    /// Makes the checksums of one file useless in another; 0 before version 6.
    pub(super) base_context: u32,
    pub(super) metaindex: BlockHandle,
}

/// Whether the end of a file is that of a table: its last bytes are the magic number.
pub fn ends_like_table(tail: &[u8]) -> bool {
    let magic = tail.last_chunk::<8>().copied().map(u64::from_le_bytes);
    matches!(magic, Some(BLOCK_BASED | LEGACY_BLOCK_BASED))
}

/// Reads the footer from the end of `tail`, which is the end of the file.
pub(super) fn footer<'a, T: Trace>(
    cx: &mut Context<'_, T>,
    tail: &'a [u8],
    file_size: u64,
) -> PResult<'a, Footer> {
    let (_, magic) = cx.u64_le(last(tail, 8), "magic number")?;
    let length = match magic {
        BLOCK_BASED => LEN,
        LEGACY_BLOCK_BASED => LEGACY_LEN,
        magic => {
            let input = last(tail, 8);
            return fail(cx.error(input, "magic number", not_sst(magic)));
        }
    };
    if tail.len() < length {
        let kind = ParseErrorKind::Truncated {
            needed: to_u64(length),
            remaining: to_u64(tail.len()),
        };
        return fail(cx.error(tail, "footer", kind));
    }
    let input = last(tail, length);
    let offset = file_size.saturating_sub(to_u64(length));
    if magic == LEGACY_BLOCK_BASED {
        let (_, metaindex) = BlockHandle::parse(cx, input, offset, "metaindex handle")?;
        let footer = Footer {
            offset,
            format_version: 0,
            checksum: ChecksumType::Crc32c,
            base_context: 0,
            metaindex,
        };
        return Ok((&[], footer));
    }
    versioned(cx, input, offset)
}

fn versioned<'a, T: Trace>(
    cx: &mut Context<'_, T>,
    input: &'a [u8],
    offset: u64,
) -> PResult<'a, Footer> {
    let (_, format_version) = cx.u32_le(last(input, 12), "format version")?;
    if !(1..=LATEST_VERSION).contains(&format_version) {
        let kind = ParseErrorKind::UnsupportedSstVersion(format_version);
        return fail(cx.error(last(input, 12), "format version", kind));
    }
    let (rest, tag) = cx.tag(input, "checksum type", ChecksumType::name)?;
    // The tag has just been found to have a name.
    let checksum = ChecksumType::of(tag).unwrap_or(ChecksumType::None);
    let (base_context, metaindex) = if format_version < 6 {
        let (_, metaindex) = BlockHandle::parse(cx, rest, offset, "metaindex handle")?;
        (0, metaindex)
    } else {
        let (_, contents) = extended(cx, (input, offset), rest, checksum)?;
        contents
    };
    let footer = Footer {
        offset,
        format_version,
        checksum,
        base_context,
        metaindex,
    };
    Ok((&[], footer))
}

/// The middle of a footer since version 6: the metaindex lies right before it.
fn extended<'a, T: Trace>(
    cx: &mut Context<'_, T>,
    (whole, offset): (&'a [u8], u64),
    input: &'a [u8],
    checksum: ChecksumType,
) -> PResult<'a, (u32, BlockHandle)> {
    let (rest, magic) = cx.u32_le(input, "extended magic number")?;
    if magic != EXTENDED_MAGIC {
        let kind = ParseErrorKind::InvalidValue {
            value: i64::from(magic),
            reason: "is not the mark of a footer of version 6: the file is damaged",
        };
        return fail(cx.error(input, "extended magic number", kind));
    }
    let stored_at = rest;
    let (rest, stored) = cx.u32_le(rest, "footer checksum")?;
    let (rest, base_context) = cx.u32_le(rest, "base context checksum")?;
    let cleared = with_cleared_checksum(whole);
    if let Some(computed) = checksum.of_bytes(&cleared) {
        let computed = computed.wrapping_add(checksum::context(base_context, offset));
        if computed != stored {
            let kind = ParseErrorKind::ChecksumMismatch { stored, computed };
            return fail(cx.error(stored_at, "footer", kind));
        }
    }
    let (rest, size) = cx.u32_le(rest, "metaindex size")?;
    let metaindex = BlockHandle::ending_at(cx, rest, offset, u64::from(size))?;
    Ok((rest, (base_context, metaindex)))
}

/// The checksum covers the footer with zeros where the checksum itself goes.
fn with_cleared_checksum(footer: &[u8]) -> Vec<u8> {
    const CHECKSUM: std::ops::Range<usize> = 5..9;
    let byte = |(at, &byte)| if CHECKSUM.contains(&at) { 0 } else { byte };
    footer.iter().enumerate().map(byte).collect()
}

fn not_sst(magic: u64) -> ParseErrorKind {
    ParseErrorKind::NotSst(match magic {
        CUCKOO => "it is a cuckoo table, not a block-based one",
        magic if PLAIN.contains(&magic) => "it is a plain table, not a block-based one",
        _ => "it does not end with the magic number of a block-based table",
    })
}

fn last(bytes: &[u8], length: usize) -> &[u8] {
    bytes
        .get(bytes.len().saturating_sub(length)..)
        .unwrap_or_default()
}
