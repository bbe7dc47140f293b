//! The constants of the Java Object Serialization Specification, chapter 6.4.2.

pub(super) const MAGIC_AND_VERSION: u32 = 0xACED_0005;
/// The first back reference.
pub(super) const BASE_HANDLE: u32 = 0x7E_0000;

pub(super) const NULL: u8 = 0x70;
pub(super) const REFERENCE: u8 = 0x71;
pub(super) const CLASS_DESC: u8 = 0x72;
pub(super) const OBJECT: u8 = 0x73;
pub(super) const STRING: u8 = 0x74;
pub(super) const ARRAY: u8 = 0x75;
pub(super) const CLASS: u8 = 0x76;
pub(super) const BLOCK_DATA: u8 = 0x77;
pub(super) const END_BLOCK_DATA: u8 = 0x78;
pub(super) const RESET: u8 = 0x79;
pub(super) const BLOCK_DATA_LONG: u8 = 0x7A;
pub(super) const EXCEPTION: u8 = 0x7B;
pub(super) const LONG_STRING: u8 = 0x7C;
pub(super) const PROXY_CLASS_DESC: u8 = 0x7D;
pub(super) const ENUM: u8 = 0x7E;

pub(super) const SC_WRITE_METHOD: u8 = 0x01;
pub(super) const SC_SERIALIZABLE: u8 = 0x02;
pub(super) const SC_EXTERNALIZABLE: u8 = 0x04;
pub(super) const SC_BLOCK_DATA: u8 = 0x08;

pub(super) fn tag_name(tag: u8) -> Option<&'static str> {
    Some(match tag {
        NULL => "null",
        REFERENCE => "reference",
        CLASS_DESC => "class descriptor",
        OBJECT => "object",
        STRING => "string",
        ARRAY => "array",
        CLASS => "class",
        BLOCK_DATA => "block data",
        END_BLOCK_DATA => "end of block data",
        RESET => "reset",
        BLOCK_DATA_LONG => "long block data",
        EXCEPTION => "exception",
        LONG_STRING => "long string",
        PROXY_CLASS_DESC => "proxy class descriptor",
        ENUM => "enum constant",
        _ => return None,
    })
}
