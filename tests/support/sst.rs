//! Makes the end of an SST: properties, metaindex, footer. What would lie before it, the data, is
//! only counted.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

/// Footer versions 1 to 5, with CRC32C.
const MAGIC: u64 = 0x88E2_41B7_85F4_CFF7;
const CRC32C: u8 = 1;

/// The end of an SST whose data take `data_len` bytes.
pub fn end_of_sst(data_len: u64, properties: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let properties = properties
        .iter()
        .map(|(name, value)| (name.as_bytes(), value.as_slice()));
    let properties = guarded(&block(properties), 0);
    let handle = handle(data_len, &properties);
    let metaindex = guarded(&block([(&b"rocksdb.properties"[..], &handle[..])]), 0);
    let metaindex_handle = self::handle(data_len + length(&properties), &metaindex);
    [properties, metaindex, footer(5, &metaindex_handle)].concat()
}

/// Properties of a state's SST, as numbers are written.
pub fn properties(state: &str, numbers: &[(&'static str, u64)]) -> Vec<(&'static str, Vec<u8>)> {
    let mut properties: Vec<_> = numbers
        .iter()
        .map(|&(name, number)| (name, varint(number)))
        .collect();
    properties.push(("rocksdb.column.family.name", state.as_bytes().to_vec()));
    properties.sort();
    properties
}

pub fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(u8::try_from(number & 0x7F).expect("7 bits") | 0x80);
        number >>= 7;
    }
    bytes.push(u8::try_from(number).expect("7 bits"));
    bytes
}

/// A block without trailer: keys in full, one restart point.
pub fn block<'a>(entries: impl IntoIterator<Item = (&'a [u8], &'a [u8])>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (key, value) in entries {
        bytes.push(0);
        bytes.extend(varint(length(key)));
        bytes.extend(varint(length(value)));
        bytes.extend([key, value].concat());
    }
    bytes.extend([0_u32, 1].map(u32::to_le_bytes).concat());
    bytes
}

/// A block with its trailer.
pub fn guarded(block: &[u8], compression: u8) -> Vec<u8> {
    let guarded = [block, &[compression]].concat();
    let crc = crc::Crc::<u32>::new(&crc::CRC_32_ISCSI).checksum(&guarded);
    let masked = crc.rotate_right(15).wrapping_add(0xA282_EAD8);
    [guarded, masked.to_le_bytes().to_vec()].concat()
}

/// The handle of a block with its trailer that starts at `offset`.
pub fn handle(offset: u64, guarded: &[u8]) -> Vec<u8> {
    [varint(offset), varint(length(guarded) - 5)].concat()
}

pub fn footer(version: u32, metaindex_handle: &[u8]) -> Vec<u8> {
    let mut footer = vec![CRC32C];
    footer.extend(metaindex_handle);
    // The handle of the index, which nobody asks for.
    footer.extend([0, 0]);
    footer.resize(41, 0);
    footer.extend(version.to_le_bytes());
    footer.extend(MAGIC.to_le_bytes());
    footer
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).expect("a length")
}
