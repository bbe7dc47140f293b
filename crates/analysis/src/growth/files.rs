//! Files that several snapshots mention, as hashes: each takes 16 bytes, however long its path.

use std::collections::HashMap;
use std::hash::BuildHasher;

use foldhash::quality::RandomState;

use crate::growth::lineage::{JobSeries, run_of};
use crate::growth::observation::Observation;
use crate::snapshot::references::Base;
use statescope_format::model::handle::StreamStateHandle;

/// Hashes places of files; a file has the same hash in every snapshot that mentions it.
#[derive(Clone, Debug, Default)]
pub struct FileHasher(RandomState);

/// A file and its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StoredFile {
    hash: u64,
    /// [`UNKNOWN`] where the handle does not record it: then the largest, so that it is not lost.
    bytes: u64,
}

/// No file is so large.
const UNKNOWN: u64 = u64::MAX;

impl FileHasher {
    /// `None` for bytes inside the metadata.
    pub(super) fn hash(&self, base: &Base, stream: &StreamStateHandle<'_>) -> Option<StoredFile> {
        Some(StoredFile {
            hash: self.0.hash_one(base.place(stream)?),
            bytes: stream.physical().state_size().bytes().unwrap_or(UNKNOWN),
        })
    }
}

/// The distinct files of one snapshot.
#[derive(Clone, Debug, Default)]
pub struct SnapshotFiles(Vec<StoredFile>);

impl SnapshotFiles {
    pub(super) fn new(mut mentions: Vec<StoredFile>) -> Self {
        mentions.sort_unstable_by(|a, b| b.cmp(a));
        // Of mentions that disagree on the size, the largest.
        mentions.dedup_by_key(|file| file.hash);
        mentions.shrink_to_fit();
        Self(mentions)
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.0.len() as u64
    }

    /// Their bytes; `None` where a file's size is not recorded.
    pub fn bytes(&self) -> Option<u64> {
        sum(self.0.iter().map(|file| file.bytes))
    }

    pub(super) fn below(&self, bytes: u64) -> u64 {
        self.0.iter().filter(|file| file.bytes < bytes).count() as u64
    }
}

/// The distinct files of several snapshots: what is on the bill.
#[derive(Clone, Debug, Default)]
pub struct RetainedFiles {
    sizes: HashMap<u64, u64, RandomState>,
    inline_bytes: u64,
    snapshots: u64,
}

impl RetainedFiles {
    /// Adds a snapshot. Returns the bytes that no snapshot before it mentions: `None` for the
    /// first, of which that is not known, and where a size is not recorded.
    pub fn add(&mut self, files: &SnapshotFiles, inline_bytes: u64) -> Option<u64> {
        let mut new = Some(inline_bytes);
        for file in &files.0 {
            if !self.sizes.contains_key(&file.hash) {
                new = new.filter(|_| file.bytes != UNKNOWN);
                new = new.map(|new| new.saturating_add(file.bytes));
            }
            self.put(file.hash, file.bytes);
        }
        self.inline_bytes = self.inline_bytes.saturating_add(inline_bytes);
        self.snapshots += 1;
        new.filter(|_| self.snapshots > 1)
    }

    /// Adds the files of others.
    pub fn join(&mut self, other: Self) {
        for (hash, bytes) in other.sizes {
            self.put(hash, bytes);
        }
        self.inline_bytes = self.inline_bytes.saturating_add(other.inline_bytes);
        self.snapshots += other.snapshots;
    }

    /// Bytes of all of them, and of the state inside metadata; `None` where a file's size is not
    /// recorded.
    pub fn bytes(&self) -> Option<u64> {
        let stored = sum(self.sizes.values().copied())?;
        Some(stored.saturating_add(self.inline_bytes))
    }

    fn put(&mut self, hash: u64, bytes: u64) {
        let known = self.sizes.entry(hash).or_default();
        *known = bytes.max(*known);
    }
}

/// Retained files by the run of the job that they belong to.
#[derive(Clone, Debug, Default)]
pub struct RetainedByRun(HashMap<String, RetainedFiles>);

impl RetainedByRun {
    /// Adds the files of a snapshot; those of a run must be added in the order of their numbers.
    /// Returns what [`RetainedFiles::add`] does.
    pub fn add(&mut self, seen: &Observation, files: &SnapshotFiles) -> Option<u64> {
        let run = self.0.entry(run_of(seen)).or_default();
        run.add(files, seen.inline_bytes)
    }

    /// Takes the files of a job out. `None` where none of its snapshots is there.
    pub fn take(&mut self, series: &JobSeries) -> Option<RetainedFiles> {
        let mut all: Option<RetainedFiles> = None;
        let mut before = None;
        for seen in &series.observations {
            let run = run_of(seen);
            if before.as_ref() != Some(&run)
                && let Some(files) = self.0.remove(&run)
            {
                all.get_or_insert_default().join(files);
            }
            before = Some(run);
        }
        all
    }
}

fn sum(sizes: impl Iterator<Item = u64>) -> Option<u64> {
    let mut sum = 0_u64;
    for bytes in sizes {
        if bytes == UNKNOWN {
            return None;
        }
        sum = sum.saturating_add(bytes);
    }
    Some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(files: &[(u64, u64)]) -> SnapshotFiles {
        let file = |&(hash, bytes)| StoredFile { hash, bytes };
        SnapshotFiles::new(files.iter().map(file).collect())
    }

    #[test]
    fn a_file_of_several_snapshots_is_on_the_bill_once() {
        let mut retained = RetainedFiles::default();
        let first = files(&[(1, 10), (2, 20), (1, 12)]);
        assert_eq!(
            (first.count(), first.bytes(), first.below(15)),
            (2, Some(32), 1)
        );
        assert_eq!(retained.add(&first, 5), None);
        assert_eq!(retained.add(&files(&[(2, 20), (3, 30)]), 1), Some(31));
        assert_eq!(retained.bytes(), Some(68));
        let mut other = RetainedFiles::default();
        other.add(&files(&[(3, 30), (4, 1)]), 0);
        retained.join(other);
        assert_eq!(retained.bytes(), Some(69));
    }

    #[test]
    fn a_size_that_is_not_recorded_makes_the_sum_unknown() {
        let mut retained = RetainedFiles::default();
        retained.add(&files(&[(1, 10)]), 0);
        assert_eq!(retained.add(&files(&[(2, UNKNOWN)]), 0), None);
        assert_eq!(retained.bytes(), None);
    }
}
