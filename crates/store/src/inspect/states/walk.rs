use crate::inspect::states::Trouble;
use crate::inspect::states::source::Source;
use statescope_format::reader::{ParseError, to_u64};

/// Bytes that are read at a time.
const PIECE: u64 = 4 << 20;

/// Feeds a stream of `length` bytes to `body`, piece by piece: `position` says where the next byte
/// lies, or that nothing more is wanted; `push` takes the bytes from there on.
pub(super) async fn walk<B>(
    source: &Source<'_, '_>,
    length: u64,
    body: &mut B,
    position: impl Fn(&B) -> Option<u64>,
    mut push: impl FnMut(&mut B, &[u8]) -> Result<(), ParseError>,
) -> Result<(), Trouble> {
    while let Some(start) = position(body) {
        let end = start.saturating_add(PIECE).min(length);
        if start >= end {
            break;
        }
        let bytes = source.read(start..end).await?;
        push(body, &bytes)?;
        if to_u64(bytes.len()) < end - start {
            break;
        }
    }
    Ok(())
}
