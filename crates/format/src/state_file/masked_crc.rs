use crc::{CRC_32_ISCSI, Crc, Table};

/// Sixteen bytes a step: streams of state are read at the speed of their disk.
const CRC32C: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);

/// A CRC32C as LevelDB, RocksDB and the framing format of Snappy store it: rotated, and moved by a
/// constant, so that a checksum of bytes that hold a checksum is no trouble.
pub(super) fn masked_crc32c(bytes: &[u8]) -> u32 {
    const DELTA: u32 = 0xa282_ead8;
    CRC32C.checksum(bytes).rotate_right(15).wrapping_add(DELTA)
}
