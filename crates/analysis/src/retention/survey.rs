use std::collections::{HashMap, HashSet};

use crate::retention::fingerprint::{FilePrint, Fingerprint, Fingerprints};
use crate::retention::inventory::Inventory;
use crate::retention::kinship::Kinship;
use crate::retention::reachability::Reachable;
use crate::retention::watch::Mark;
use crate::retention::{KeepReason, Snapshot};
use statescope_format::layout::METADATA_FILE;

/// Everything that was listed and read below the bases, and what is to become of the snapshots.
#[derive(Debug)]
pub struct Survey {
    /// What is there.
    pub inventory: Inventory,
    /// The complete snapshots, by directory.
    pub records: Vec<Record>,
    /// What the snapshots that stay need.
    pub live: Reachable,
    /// What the snapshots that go mention.
    pub dying: Reachable,
    /// Files outside the bases that any of them mentions, with the bytes that handles record.
    pub outside: HashMap<FilePrint, u64>,
    /// Directories whose snapshots an earlier run of the plan has deleted, or this one will.
    pub ended: HashSet<String>,
    /// What all fingerprints were made with.
    pub prints: Fingerprints,
}

/// A snapshot, and what is known of it.
#[derive(Clone, Debug)]
pub struct Record {
    /// The snapshot.
    pub snapshot: Snapshot,
    /// Its metadata as it was listed.
    pub mark: Mark,
    /// Why it is kept; without a reason it goes.
    pub reasons: Vec<KeepReason>,
    /// The first file that it needs and that is not there as it should be.
    pub missing: Option<String>,
    /// Whether a close look found all its files; `None` where nobody had to look.
    pub whole: Option<Wholeness>,
    /// Whose it is; `None` until it was read.
    pub kinship: Option<Kinship>,
    /// The fingerprint of its metadata.
    pub(super) content: Option<Fingerprint>,
    /// Whether it was gone when it was to be read.
    pub(super) gone: bool,
}

/// What a close look at a snapshot's files found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wholeness {
    /// Each file is there and long enough.
    Whole,
    /// One is not: [`Record::missing`].
    Broken,
    /// Of one nobody could tell.
    Unknown,
}

impl Record {
    /// A snapshot of which nothing is known but its listing.
    pub(super) fn new(snapshot: Snapshot, mark: Mark) -> Self {
        Self {
            snapshot,
            mark,
            reasons: Vec::new(),
            missing: None,
            whole: None,
            kinship: None,
            content: None,
            gone: false,
        }
    }

    /// Whether it goes.
    pub fn goes(&self) -> bool {
        self.reasons.is_empty()
    }

    /// Whether nothing is known that would keep Flink from starting from it.
    pub(super) fn may_be_whole(&self) -> bool {
        self.missing.is_none() && !matches!(self.whole, Some(Wholeness::Broken))
    }

    /// As [`may_be_whole`](Self::may_be_whole), and nothing was in doubt.
    pub(super) fn seems_whole(&self) -> bool {
        self.may_be_whole() && self.whole != Some(Wholeness::Unknown)
    }

    pub(super) fn keep(&mut self, reason: KeepReason) {
        self.reasons.push(reason);
        self.reasons.sort_unstable();
        self.reasons.dedup();
    }
}

/// The complete snapshots that an inventory shows, by directory: each directory with a `_metadata`.
pub(super) fn complete_snapshots(inventory: &Inventory) -> Vec<Record> {
    let mut records: Vec<Record> = inventory
        .directories()
        .iter()
        .filter_map(|directory| {
            let metadata = directory.file(METADATA_FILE)?;
            let location = directory.location.clone();
            let snapshot = Snapshot::new(
                location,
                metadata.modified,
                directory.touchable && !directory.is_link(METADATA_FILE),
            );
            Some(Record::new(snapshot, Mark::of(&metadata)))
        })
        .collect();
    records.sort_by(|a, b| {
        let path = |record: &Record| record.snapshot.directory.as_str().to_owned();
        path(a).cmp(&path(b))
    });
    records
}

/// Positions of snapshots by their directories' paths.
pub(super) fn by_directory(records: &[Record]) -> HashMap<&str, usize> {
    let records = records.iter().enumerate();
    records
        .map(|(at, record)| (record.snapshot.directory.as_str(), at))
        .collect()
}
