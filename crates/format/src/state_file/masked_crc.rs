/// The checksum of Snappy's framed format and of RocksDB: CRC32C, rotated and shifted, because
/// CRCs of data that holds CRCs are weak.
pub(super) fn masked_crc32c(bytes: &[u8]) -> u32 {
    const DELTA: u32 = 0xA282_EAD8;
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(DELTA)
}
