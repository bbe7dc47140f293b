use crate::inspector::states::Trouble;
use crate::inspector::states::source::Source;
use crate::parse::{ParseError, to_u64};

/// Bytes that are read at a time.
const PIECE: u64 = 4 << 20;

/// Something that is fed the bytes of a stream in order.
pub(super) trait Walker {
    /// Where the next byte lies; `None` when there is nothing more to feed.
    fn position(&self) -> Option<u64>;
    /// Takes the bytes at that position.
    fn push(&mut self, bytes: &[u8]) -> Result<(), ParseError>;
}

/// Feeds a stream of `length` bytes, piece by piece.
pub(super) async fn walk(
    source: &Source<'_, '_>,
    length: u64,
    walker: &mut impl Walker,
) -> Result<(), Trouble> {
    while let Some(position) = walker.position() {
        let end = position.saturating_add(PIECE).min(length);
        if position >= end {
            break;
        }
        let bytes = source.read(position..end).await?;
        walker.push(&bytes)?;
        if to_u64(bytes.len()) < end - position {
            break;
        }
    }
    Ok(())
}
