use crate::inspect::states::Trouble;
use crate::inspect::states::source::Source;
use statescope_format::reader::to_u64;
use statescope_format::state_file::StateFileHead;
use statescope_format::{Limits, ParseError};

/// Most heads are smaller.
const FIRST: u64 = 16 << 10;
/// Each further look at a head that is larger takes so many times as much.
const GROWTH: u64 = 8;
/// No head is larger: 32,767 states of 500 bytes each.
const LARGEST: u64 = 16 << 20;
/// Behind a serializer that is not known, the next state is not looked for further than this.
const LARGEST_UNKNOWN: u64 = 1 << 20;

/// Reads the head of a stream, in as few bytes as may do. `is_enough` is asked whether it tells all
/// that it should: behind a serializer that is not known, more bytes may show more.
pub(super) async fn head(
    source: &Source<'_, '_>,
    parse: fn(&[u8], Limits) -> Result<StateFileHead, ParseError>,
    is_enough: impl Fn(&StateFileHead) -> bool,
) -> Result<StateFileHead, Trouble> {
    match head_within(source, parse, &is_enough).await {
        // Recorded sizes may be wrong: the file decides.
        Err(trouble) => match source.if_recorded_wrong().await {
            Some(other) => head_within(&other, parse, &is_enough).await,
            None => Err(trouble),
        },
        read => read,
    }
}

async fn head_within(
    source: &Source<'_, '_>,
    parse: fn(&[u8], Limits) -> Result<StateFileHead, ParseError>,
    is_enough: &impl Fn(&StateFileHead) -> bool,
) -> Result<StateFileHead, Trouble> {
    let length = source.length().await?;
    let mut wanted = FIRST;
    loop {
        let bytes = source.read(0..wanted.min(length)).await?;
        let is_all = to_u64(bytes.len()) >= length;
        let parsed = parse(&bytes, Limits::default());
        let limit = match &parsed {
            Err(error) if error.is_short() => LARGEST,
            Ok(head) if !is_enough(head) => LARGEST_UNKNOWN,
            _ => return Ok(parsed?),
        };
        if is_all || wanted >= limit {
            return Ok(parsed?);
        }
        wanted = wanted.saturating_mul(GROWTH);
    }
}
