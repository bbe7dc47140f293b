//! Bytes that exist once, however many handles mention them.

use std::hash::BuildHasher;

use foldhash::fast::RandomState;

use crate::snapshot::references::{Base, Target};
use statescope_format::model::handle::StreamStateHandle;
use statescope_format::reader::to_u64;

/// So many mentions are gathered before repeated ones are thrown out for the first time.
const GATHERED_MIN: usize = 1 << 22;

/// Distinct files and segments, and inline bytes.
///
/// Big snapshots mention millions of files, nearly all of them once. So mentions are gathered in
/// order, and repeated ones found by sorting their hashes: a table of all files would not fit the
/// processor's caches, and takes several times as long.
pub(super) struct UniqueBytes<'b, 'a> {
    base: &'b Base,
    hasher: RandomState,
    mentions: Vec<StreamStateHandle<'a>>,
    /// Part of the hash of each mention in the high half, its position in the low half.
    hashes: Vec<u64>,
    /// Mentions are gathered up to this number.
    gathered_max: usize,
    inline: u64,
}

impl<'b, 'a> UniqueBytes<'b, 'a> {
    pub(super) fn new(base: &'b Base) -> Self {
        Self {
            base,
            hasher: RandomState::default(),
            mentions: Vec::new(),
            hashes: Vec::new(),
            gathered_max: GATHERED_MIN,
            inline: 0,
        }
    }

    pub(super) fn add(&mut self, target: Target<'_, 'a>) {
        let stream = match target {
            Target::Inline(bytes) => return self.add_inline(bytes),
            Target::Stream(stream) => stream.physical(),
        };
        let Some(key) = self.base.key(stream) else {
            return self.add_inline(stream.state_size().bytes().unwrap_or_default());
        };
        if self.mentions.len() >= self.gathered_max {
            self.throw_out_repeated();
            self.hash_again();
            self.gathered_max = GATHERED_MIN.max(self.mentions.len() * 2);
        }
        let hash = self.hasher.hash_one(key);
        self.hashes.push(tagged(hash, self.mentions.len()));
        self.mentions.push(stream.clone());
    }

    pub(super) fn add_inline(&mut self, bytes: u64) {
        self.inline = self.inline.saturating_add(bytes);
    }

    /// What was gathered.
    pub(super) fn finish(mut self) -> Unique {
        self.throw_out_repeated();
        let mut stored = Some(0_u64);
        for file in &self.mentions {
            let size = file.state_size().bytes();
            stored = stored.zip(size).map(|(sum, size)| sum.saturating_add(size));
        }
        Unique {
            bytes: stored.map(|stored| stored.saturating_add(self.inline)),
            inline_bytes: self.inline,
            files: to_u64(self.mentions.len()),
        }
    }

    /// Keeps one mention of each file: of those that disagree on the size, the largest.
    fn throw_out_repeated(&mut self) {
        self.hashes.sort_unstable();
        let mut repeated = Vec::new();
        for alike in self.hashes.chunk_by(|a, b| same_hash(*a, *b)) {
            if alike.len() > 1 {
                self.repeated_among(alike, &mut repeated);
            }
        }
        if repeated.is_empty() {
            return;
        }
        repeated.sort_unstable();
        let mut next = repeated.into_iter().peekable();
        let mut at = 0;
        self.mentions.retain(|_| {
            let keep = next.next_if_eq(&at).is_none();
            at += 1;
            keep
        });
    }

    /// Positions have changed.
    fn hash_again(&mut self) {
        self.hashes.clear();
        for (at, mention) in self.mentions.iter().enumerate() {
            if let Some(key) = self.base.key(mention) {
                self.hashes.push(tagged(self.hasher.hash_one(key), at));
            }
        }
    }

    /// Adds the positions of mentions that others in `alike` make superfluous.
    fn repeated_among(&self, alike: &[u64], repeated: &mut Vec<usize>) {
        // Different files rarely have the same hash, so this holds hardly ever more than one.
        let mut kept: Vec<(usize, &StreamStateHandle<'a>)> = Vec::new();
        for &hash in alike {
            let at = position(hash);
            let Some(mention) = self.mentions.get(at) else {
                continue;
            };
            let key = self.base.key(mention);
            match kept
                .iter_mut()
                .find(|(_, known)| self.base.key(known) == key)
            {
                None => kept.push((at, mention)),
                Some(known) if is_larger(mention, known.1) => {
                    repeated.push(known.0);
                    *known = (at, mention);
                }
                Some(_) => repeated.push(at),
            }
        }
    }
}

/// The figures of [`UniqueBytes`].
pub(super) struct Unique {
    /// Stored and inline bytes; `None` where a file's size is not recorded.
    pub(super) bytes: Option<u64>,
    /// Bytes inside `_metadata`.
    pub(super) inline_bytes: u64,
    /// Distinct files and segments.
    pub(super) files: u64,
}

/// Positions need 32 bits: a file has fewer handles than bytes, and at most 4 GiB of those.
fn tagged(hash: u64, position: usize) -> u64 {
    (hash & !u64::from(u32::MAX)) | (to_u64(position) & u64::from(u32::MAX))
}

fn position(tagged: u64) -> usize {
    usize::try_from(tagged & u64::from(u32::MAX)).unwrap_or(usize::MAX)
}

fn same_hash(a: u64, b: u64) -> bool {
    a >> 32 == b >> 32
}

/// Unknown counts as largest: it must not be forgotten.
fn is_larger(stream: &StreamStateHandle<'_>, known: &StreamStateHandle<'_>) -> bool {
    match (stream.state_size().bytes(), known.state_size().bytes()) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(bytes), Some(known)) => bytes > known,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statescope_format::JavaStr;
    use statescope_format::model::handle::StateSize;

    fn file(path: &str, size: i64) -> StreamStateHandle<'_> {
        StreamStateHandle::File {
            path: JavaStr::new(path.as_bytes()).unwrap(),
            size: StateSize::from_wire(size).unwrap(),
        }
    }

    fn unique(mentions: &[StreamStateHandle<'_>], gathered_max: usize) -> Unique {
        let base = Base::default();
        let mut unique = UniqueBytes::new(&base);
        unique.gathered_max = gathered_max;
        for mention in mentions {
            unique.add(Target::Stream(mention));
        }
        unique.add_inline(7);
        unique.finish()
    }

    #[test]
    fn a_file_counts_once_with_the_largest_size_that_any_handle_gives() {
        let mentions = [
            file("s3://b/x", 10),
            file("/y", 5),
            file("s3a://b/x", 12),
            file("/y", 5),
        ];
        let unique = unique(&mentions, GATHERED_MIN);
        assert_eq!(
            (unique.bytes, unique.files, unique.inline_bytes),
            (Some(24), 2, 7)
        );
    }

    #[test]
    fn an_unknown_size_makes_the_sum_unknown() {
        let unique = unique(&[file("/x", 10), file("/x", -1)], GATHERED_MIN);
        assert_eq!((unique.bytes, unique.files), (None, 1));
    }

    #[test]
    fn throwing_out_in_between_changes_nothing() {
        let paths: Vec<_> = (0..500).map(|i| format!("/f/{}", i * 7919 % 97)).collect();
        let mentions: Vec<_> = paths.iter().map(|path| file(path, 3)).collect();
        for gathered_max in [1, 2, 50, 499, 500] {
            let unique = unique(&mentions, gathered_max);
            assert_eq!((unique.bytes, unique.files), (Some(97 * 3 + 7), 97));
        }
    }
}
