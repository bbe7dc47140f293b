use futures_util::{StreamExt, stream};

use crate::storage::{Storage, StorageErrorKind};
use statescope_analysis::health::files::{NeededFile, Seen};
use statescope_format::location::Scheme;
use statescope_format::reader::to_u64;

/// So many files of stores other than local disk are read a byte of. Permissions there are those of
/// buckets, prefixes and directories, so that a few files speak for many.
const SAMPLE: usize = 64;
/// Files that are opened at a time; the storage bounds the requests themselves.
const AT_ONCE: usize = 16;

/// Proves of files that are there that they can be read, and corrects what was seen of those that
/// cannot. Returns how many can.
pub(super) async fn prove(storage: &Storage, files: &[NeededFile], seen: &mut [Seen]) -> u64 {
    let has_bytes = |seen: &Seen| matches!(seen, Seen::Present(1..));
    let there = files.iter().zip(seen.iter()).enumerate();
    let there = there.filter(|(_, (_, seen))| has_bytes(seen));
    let (local, remote): (Vec<_>, Vec<_>) = there
        .map(|(at, (file, _))| (at, file))
        .partition(|(_, file)| is_local(storage, file));
    let chosen = local.into_iter().chain(sample(&remote));
    let results: Vec<_> = stream::iter(chosen)
        .map(|(at, file)| async move { (at, storage.probe(&file.location).await) })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut opened = 0_usize;
    for (at, result) in results {
        let Some(seen) = seen.get_mut(at) else {
            continue;
        };
        match result {
            Ok(()) => opened += 1,
            Err(error) if error.is_not_found() => *seen = Seen::Missing,
            Err(error) if is_refusal(error.kind()) => {
                *seen = Seen::Unreadable {
                    reason: error.reason(),
                    hint: error.hint(),
                };
            }
            Err(error) => *seen = Seen::Unknown(error.to_string()),
        }
    }
    to_u64(opened)
}

fn is_local(storage: &Storage, file: &NeededFile) -> bool {
    let moved = storage.relocation(&file.location);
    let place = moved.map_or(&file.location, |(_, to)| to);
    place.scheme() == Scheme::File
}

/// Spread evenly over all of them, the first and the last included.
fn sample<T: Copy>(all: &[T]) -> Vec<T> {
    let last = all.len().saturating_sub(1);
    if all.len() <= SAMPLE {
        return all.to_vec();
    }
    let places = (0..SAMPLE).map(|at| at * last / (SAMPLE - 1));
    places.filter_map(|at| all.get(at).copied()).collect()
}

/// Whether the store knows the file and does not give it away.
fn is_refusal(kind: &StorageErrorKind) -> bool {
    matches!(
        kind,
        StorageErrorKind::AccessDenied | StorageErrorKind::BadCredentials | StorageErrorKind::Other
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_has_the_first_and_the_last_and_none_twice() {
        let all: Vec<_> = (0..1000).collect();
        let some = sample(&all);
        assert_eq!(some.len(), SAMPLE);
        assert_eq!((some.first(), some.last()), (Some(&0), Some(&999)));
        assert!(some.is_sorted_by(|a, b| a < b));
        assert_eq!(sample(&[1, 2, 3]), [1, 2, 3]);
    }
}
