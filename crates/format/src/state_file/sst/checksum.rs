use twox_hash::{XxHash3_64, XxHash32, XxHash64};

use crate::state_file::masked_crc::masked_crc32c;

/// RocksDB's `ChecksumType`: how the blocks of a file are guarded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChecksumType {
    None,
    Crc32c,
    XxHash32,
    XxHash64,
    Xxh3,
}

impl ChecksumType {
    pub(super) fn of(tag: u8) -> Option<Self> {
        Some(match tag {
            0 => Self::None,
            1 => Self::Crc32c,
            2 => Self::XxHash32,
            3 => Self::XxHash64,
            4 => Self::Xxh3,
            _ => return None,
        })
    }

    pub(super) fn name(tag: u8) -> Option<&'static str> {
        Self::of(tag).map(|checksum| match checksum {
            Self::None => "no checksums",
            Self::Crc32c => "CRC32C",
            Self::XxHash32 => "xxHash32",
            Self::XxHash64 => "xxHash64",
            Self::Xxh3 => "XXH3",
        })
    }

    /// The checksum of `bytes`; `None` for files without checksums.
    pub(super) fn of_bytes(self, bytes: &[u8]) -> Option<u32> {
        Some(match self {
            Self::None => return None,
            Self::Crc32c => masked_crc32c(bytes),
            Self::XxHash32 => XxHash32::oneshot(0, bytes),
            Self::XxHash64 => low(XxHash64::oneshot(0, bytes)),
            Self::Xxh3 => match bytes.split_last() {
                None => 0,
                Some((&last, bytes)) => low(XxHash3_64::oneshot(bytes)) ^ spread(last),
            },
        })
    }
}

/// What is added to a checksum for its place in the file; 0 for the formats without that.
pub(super) fn context(base: u32, offset: u64) -> u32 {
    if base == 0 {
        return 0;
    }
    base ^ low(offset).wrapping_add(low(offset >> 32))
}

/// The last byte of a block, its compression, is not hashed by XXH3 but mixed in.
fn spread(last: u8) -> u32 {
    u32::from(last).wrapping_mul(0x6B90_83D9)
}

fn low(value: u64) -> u32 {
    u32::try_from(value & 0xFFFF_FFFF).unwrap_or_default()
}
