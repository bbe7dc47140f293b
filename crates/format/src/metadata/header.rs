//! Magic number and version (`Checkpoints.loadCheckpointMetadata`, docs/format.md 2).

use crate::model::checkpoint::MetadataVersion;
use crate::reader::{Context, PResult, ParseErrorKind, Trace, fail};

const MAGIC: u32 = 0x4960_672D;

/// Bytes of the header: enough to tell a `_metadata` file from anything else.
pub const HEADER_BYTES: usize = 8;

/// False when no file that begins with `bytes` can be a `_metadata` file.
pub fn starts_like_metadata(bytes: &[u8]) -> bool {
    let magic = MAGIC.to_be_bytes();
    bytes.starts_with(&magic) || magic.starts_with(bytes)
}

pub(super) fn header<'a, T: Trace, G>(
    cx: &mut Context<'_, T, G>,
    input: &'a [u8],
) -> PResult<'a, MetadataVersion> {
    if input.is_empty() {
        return fail(cx.error(input, "header", ParseErrorKind::Empty));
    }
    if !starts_like_metadata(input) {
        let kind = ParseErrorKind::NotMetadata(looks_like(input));
        return fail(cx.error(input, "magic number", kind));
    }
    let (rest, _) = cx.magic(input, "magic number")?;
    let (body, version) = cx.i32(rest, "metadata version")?;
    match MetadataVersion::from_number(version) {
        Some(version) => Ok((body, version)),
        None => {
            let reason = unreadable(version);
            let kind = ParseErrorKind::UnsupportedVersion { version, reason };
            fail(cx.error(rest, "metadata version", kind))
        }
    }
}

fn unreadable(version: i32) -> &'static str {
    match version {
        0 => "is from Flink 1.1, which no release since 1.2 reads",
        1 => "is from Flink 1.2, which no release since 1.11 reads",
        8.. => "is not known: written by a newer Flink, or damaged",
        _ => "does not exist: the file is damaged",
    }
}

/// What people point at by mistake.
fn looks_like(input: &[u8]) -> &'static str {
    const TEXT_SAMPLE: usize = 64;
    let sample = input.get(..TEXT_SAMPLE).unwrap_or(input);
    let is_text = |byte: &u8| byte.is_ascii_graphic() || byte.is_ascii_whitespace();
    if input.starts_with(&[0xAC, 0xED]) {
        "it is a Java object stream, such as an HA completedCheckpoint file; \
         point at the _metadata of the checkpoint directory instead"
    } else if input.starts_with(&[0x1F, 0x8B]) {
        "it is gzip data; unpack it first"
    } else if sample.iter().all(|&byte| byte == 0) {
        "it starts with zeros; the upload may not have finished"
    } else if sample.iter().all(is_text) {
        "it is a text file"
    } else {
        "it starts with other bytes; is it a state file?"
    }
}
