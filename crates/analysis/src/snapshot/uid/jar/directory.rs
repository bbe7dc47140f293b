//! How many entries a jar says that it has (APPNOTE.TXT 4.3.14 to 4.3.16). A reader of zip files
//! makes room for all of them before it sees the first.

use std::io::{self, Read, Seek, SeekFrom};

/// The end of a directory, with the longest comment, and in front of it the record for more than
/// 65,535 entries and what leads there.
const TAIL: u64 = 22 + 65_535 + LOCATOR + RECORD;
const LOCATOR: u64 = 20;
const RECORD: u64 = 56;

const END: &[u8] = b"PK\x05\x06";
const LOCATOR_MARK: &[u8] = b"PK\x06\x07";
const RECORD_MARK: &[u8] = b"PK\x06\x06";

/// Whether there are no more than `limit` entries, as far as the jar's end says. A record for more
/// than 65,535 of them that lies elsewhere than right before its end, where every tool writes it,
/// may say anything, and is refused.
///
/// # Errors
/// Those of the reader.
pub(super) fn has_at_most<R: Read + Seek>(jar: &mut R, limit: u64) -> io::Result<bool> {
    let length = jar.seek(SeekFrom::End(0))?;
    let from = length.saturating_sub(TAIL);
    jar.seek(SeekFrom::Start(from))?;
    let mut tail = Vec::new();
    jar.take(TAIL).read_to_end(&mut tail)?;
    let locator = usize::try_from(LOCATOR).unwrap_or_default();
    let ends = (locator..tail.len()).filter(|&at| starts(&tail, at, END));
    let mut locators = ends
        .map(|end| end - locator)
        .filter(|&at| starts(&tail, at, LOCATOR_MARK));
    Ok(locators.all(|at| record_has_at_most(&tail, from, at, limit)))
}

fn record_has_at_most(tail: &[u8], from: u64, locator: usize, limit: u64) -> bool {
    let record = locator.checked_sub(usize::try_from(RECORD).unwrap_or_default());
    let Some(record) = record.filter(|&at| starts(tail, at, RECORD_MARK)) else {
        return false;
    };
    let is_meant =
        u64::try_from(record).is_ok_and(|at| number(tail, locator + 8) == from.checked_add(at));
    is_meant && number(tail, record + 32).is_some_and(|entries| entries <= limit)
}

fn starts(bytes: &[u8], at: usize, mark: &[u8]) -> bool {
    bytes.get(at..).is_some_and(|rest| rest.starts_with(mark))
}

fn number(bytes: &[u8], at: usize) -> Option<u64> {
    let bytes = bytes.get(at..)?.first_chunk()?;
    Some(u64::from_le_bytes(*bytes))
}
