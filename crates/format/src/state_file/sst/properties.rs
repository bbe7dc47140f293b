use std::ops::Range;

use serde::Serialize;

use crate::reader::{Context, PResult, ParseError, ParseErrorKind, Trace, fail};
use crate::state_file::sst::block::{Block, BlockHandle, Entry};
use crate::state_file::sst::footer::Footer;

/// Set in a file after it was written, when a database takes it in; its checksum stays that of 0.
const GLOBAL_SEQUENCE_NUMBER: &[u8] = b"rocksdb.external_sst_file.global_seqno";
/// RocksDB's `kUnknownColumnFamily`.
const UNKNOWN_COLUMN_FAMILY: u64 = 0x7FFF_FFFF;

const HANDLE: &str = "handle of the properties";

/// RocksDB's `TableProperties`: what the writer of an SST counted. `None` is what it did not record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SstProperties {
    /// Version of the file format, from the footer: 0 to 7.
    pub format_version: u32,
    /// Name of the column family, which in Flink is the name of the state. Bytes that are not
    /// UTF-8 are replaced; Flink writes none.
    pub column_family_name: Option<String>,
    /// Id of the column family in its database.
    pub column_family_id: Option<u64>,
    /// Bytes of all data blocks as they lie in the file, compressed.
    pub data_size: Option<u64>,
    /// Bytes of the index blocks.
    pub index_size: Option<u64>,
    /// Bytes of the filter blocks.
    pub filter_size: Option<u64>,
    /// Bytes of all keys before compression. RocksDB adds 8 bytes to each.
    pub raw_key_size: Option<u64>,
    /// Bytes of all values before compression.
    pub raw_value_size: Option<u64>,
    /// Entries, with deletions of all kinds and merge operands.
    pub num_entries: Option<u64>,
    /// Entries that delete a key or a range of keys.
    pub num_deletions: Option<u64>,
    /// Entries that add to a value, as list state does.
    pub num_merge_operands: Option<u64>,
    /// Deletions of a whole range of keys.
    pub num_range_deletions: Option<u64>,
    /// Data blocks.
    pub num_data_blocks: Option<u64>,
    /// When the file's oldest data was written: seconds since 1970 (UTC).
    pub creation_time: Option<u64>,
    /// When the file itself was made: seconds since 1970 (UTC).
    pub file_creation_time: Option<u64>,
    /// When the oldest key was written: seconds since 1970 (UTC).
    pub oldest_key_time: Option<u64>,
    /// RocksDB's name of the compression of data blocks.
    pub compression_name: Option<String>,
    /// RocksDB's name of the order of keys.
    pub comparator_name: Option<String>,
}

/// Reads the metaindex: where are the properties?
pub(super) fn properties_handle<'a, T: Trace>(
    cx: &mut Context<'_, T>,
    raw: &'a [u8],
    footer: &Footer,
) -> PResult<'a, BlockHandle> {
    let (_, block) = Block::split(cx, raw, footer.metaindex, "metaindex block")?;
    if let Some(kind) = block.mismatch(block.contents, footer) {
        return fail(cx.error(raw, "metaindex block", kind));
    }
    if let Err(kind) = block.check_compression() {
        return fail(cx.error(raw, "metaindex block", kind));
    }
    let mut found = None;
    block.for_each(cx, |cx, entry| {
        // The second name is that of RocksDB's first releases.
        if [&b"rocksdb.properties"[..], b"rocksdb.stats"].contains(&entry.key) {
            let (_, handle) = cx.inside(entry.value, entry.behind, HANDLE, |cx, value| {
                BlockHandle::parse(cx, value, footer.offset, HANDLE)
            })?;
            found = Some(handle);
        }
        Ok(())
    })?;
    match found {
        Some(handle) if !handle.overlaps(footer.metaindex) => Ok((&[], handle)),
        Some(handle) => {
            let kind = ParseErrorKind::InvalidValue {
                value: i64::try_from(handle.offset).unwrap_or(i64::MAX),
                reason: "lies in the metaindex itself: the file is damaged",
            };
            fail(cx.error(raw, HANDLE, kind))
        }
        None => {
            let kind = ParseErrorKind::NotSst("it has no table properties");
            fail(cx.error(raw, HANDLE, kind))
        }
    }
}

/// Reads the properties out of their block.
pub(super) fn properties<'a, T: Trace>(
    cx: &mut Context<'_, T>,
    raw: &'a [u8],
    handle: BlockHandle,
    footer: &Footer,
) -> PResult<'a, SstProperties> {
    const FIELD: &str = "properties block";
    let (_, block) = Block::split(cx, raw, handle, FIELD)?;
    if let Some(kind) = block.mismatch(block.contents, footer)
        && !was_taken_in(cx, &block, footer)
    {
        return fail(cx.error(raw, FIELD, kind));
    }
    if let Err(kind) = block.check_compression() {
        return fail(cx.error(raw, FIELD, kind));
    }
    let mut properties = SstProperties {
        format_version: footer.format_version,
        ..SstProperties::default()
    };
    block.for_each(cx, |cx, entry| properties.set(cx, &entry))?;
    Ok((&[], properties))
}

/// Whether the block is whole but for the sequence number that was set later.
fn was_taken_in<T: Trace>(cx: &mut Context<'_, T>, block: &Block<'_>, footer: &Footer) -> bool {
    let Ok(Some(number)) = global_sequence_number(cx, block) else {
        return false;
    };
    let mut contents = block.contents.to_vec();
    if let Some(number) = contents.get_mut(number) {
        number.fill(0);
    }
    block.mismatch(&contents, footer).is_none()
}

/// Where in the block the sequence number lies.
fn global_sequence_number<T: Trace>(
    cx: &mut Context<'_, T>,
    block: &Block<'_>,
) -> Result<Option<Range<usize>>, nom::Err<ParseError>> {
    let mut number = None;
    block.for_each(cx, |_, entry| {
        if entry.key == GLOBAL_SEQUENCE_NUMBER && entry.value.len() == 8 {
            number = Some(entry.position..entry.position + 8);
        }
        Ok(())
    })?;
    Ok(number)
}

impl SstProperties {
    /// Names that are not listed here are of no use to Flink's users.
    fn set<T: Trace>(
        &mut self,
        cx: &mut Context<'_, T>,
        entry: &Entry<'_, '_>,
    ) -> Result<(), nom::Err<ParseError>> {
        let (field, target) = match entry.key {
            b"rocksdb.data.size" => ("data size", &mut self.data_size),
            b"rocksdb.index.size" => ("index size", &mut self.index_size),
            b"rocksdb.filter.size" => ("filter size", &mut self.filter_size),
            b"rocksdb.raw.key.size" => ("raw key size", &mut self.raw_key_size),
            b"rocksdb.raw.value.size" => ("raw value size", &mut self.raw_value_size),
            b"rocksdb.num.entries" => ("number of entries", &mut self.num_entries),
            b"rocksdb.deleted.keys" => ("number of deletions", &mut self.num_deletions),
            b"rocksdb.merge.operands" => ("number of merge operands", &mut self.num_merge_operands),
            b"rocksdb.num.range-deletions" => {
                ("number of range deletions", &mut self.num_range_deletions)
            }
            b"rocksdb.num.data.blocks" => ("number of data blocks", &mut self.num_data_blocks),
            b"rocksdb.column.family.id" => ("column family id", &mut self.column_family_id),
            b"rocksdb.creation.time" => ("creation time", &mut self.creation_time),
            b"rocksdb.file.creation.time" => ("file creation time", &mut self.file_creation_time),
            b"rocksdb.oldest.key.time" => ("oldest key time", &mut self.oldest_key_time),
            b"rocksdb.column.family.name" => {
                self.column_family_name = text(entry.value);
                return Ok(());
            }
            b"rocksdb.compression" => {
                self.compression_name = text(entry.value);
                return Ok(());
            }
            b"rocksdb.comparator" => {
                self.comparator_name = text(entry.value);
                return Ok(());
            }
            _ => return Ok(()),
        };
        let (_, value) = cx.inside(entry.value, entry.behind, field, |cx, value| {
            cx.varint(value, field)
        })?;
        let unknown = match field {
            "column family id" => value == UNKNOWN_COLUMN_FAMILY,
            "creation time" | "file creation time" | "oldest key time" => value == 0,
            _ => false,
        };
        *target = (!unknown).then_some(value);
        Ok(())
    }
}

fn text(value: &[u8]) -> Option<String> {
    (!value.is_empty()).then(|| String::from_utf8_lossy(value).into_owned())
}
