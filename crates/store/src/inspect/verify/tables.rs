use futures_util::{StreamExt, stream};

use crate::storage::Storage;
use statescope_analysis::health::files::{NeededFile, Seen};
use statescope_format::state_file::sst::ends_like_table;

/// The longest end of a table that is looked at.
const END: u64 = 64;
/// So many tables are looked at: where more have other sizes than recorded, those beyond count as
/// damaged.
const TABLES_MAX: usize = 10_000;
const AT_ONCE: usize = 16;

/// Looks at the ends of tables whose sizes are not those that are recorded: RocksDB goes by what it
/// wrote down itself, so that a whole table is right whatever the metadata records.
pub(super) async fn look_at_ends(storage: &Storage, files: &[NeededFile], seen: &mut [Seen]) {
    let others = files.iter().zip(seen.iter()).enumerate();
    let others = others.filter_map(|(at, (file, seen))| match *seen {
        Seen::Present(bytes) if file.exact && file.bytes.is_some_and(|known| known != bytes) => {
            Some((at, file, bytes))
        }
        _ => None,
    });
    let others: Vec<_> = others.take(TABLES_MAX).collect();
    let whole: Vec<_> = stream::iter(others)
        .map(|(at, file, bytes)| async move {
            let end = bytes.saturating_sub(END)..bytes;
            let end = storage.read_range(&file.location, end).await;
            (at, bytes, end.is_ok_and(|end| ends_like_table(&end)))
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    for (at, bytes, is_whole) in whole {
        if let (true, Some(seen)) = (is_whole, seen.get_mut(at)) {
            *seen = Seen::Whole(bytes);
        }
    }
}
