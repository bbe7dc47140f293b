use std::collections::{HashMap, HashSet};

use crate::layout::METADATA_FILE;
use crate::retention::fingerprint::Fingerprints;
use crate::retention::inventory::Inventory;
use crate::retention::reachability::Reachable;
use crate::retention::{KeepReason, Snapshot};

/// Everything that was listed and read below the bases, and what is to become of the snapshots.
#[derive(Debug)]
pub struct Survey {
    /// What is there.
    pub inventory: Inventory,
    /// The complete snapshots, by directory.
    pub snapshots: Vec<Snapshot>,
    /// Why each of them is kept; those without a reason go.
    pub reasons: Vec<Vec<KeepReason>>,
    /// Of each, the first file that it needs and that is not there.
    pub missing: Vec<Option<String>>,
    /// What the snapshots that stay need.
    pub live: Reachable,
    /// What the snapshots that go mention.
    pub dying: Reachable,
    /// Directories whose snapshots an earlier run of the plan has deleted, or this one will.
    pub ended: HashSet<String>,
    /// What all fingerprints were made with.
    pub prints: Fingerprints,
}

impl Survey {
    /// Whether a snapshot goes.
    pub fn goes(&self, snapshot: usize) -> bool {
        self.reasons.get(snapshot).is_some_and(Vec::is_empty)
    }
}

/// The complete snapshots that an inventory shows, by directory: each directory with a `_metadata`.
pub fn complete_snapshots(inventory: &Inventory) -> Vec<Snapshot> {
    let mut snapshots: Vec<Snapshot> = inventory
        .directories()
        .iter()
        .filter_map(|directory| {
            let metadata = directory.file(METADATA_FILE)?;
            let location = directory.location.clone();
            Some(Snapshot::new(
                location,
                metadata.modified,
                directory.touchable,
            ))
        })
        .collect();
    snapshots.sort_by(|a, b| a.directory.as_str().cmp(b.directory.as_str()));
    snapshots
}

/// Positions of snapshots by their directories' paths.
pub(super) fn by_directory(snapshots: &[Snapshot]) -> HashMap<&str, usize> {
    let snapshots = snapshots.iter().enumerate();
    snapshots
        .map(|(at, snapshot)| (snapshot.directory.as_str(), at))
        .collect()
}
