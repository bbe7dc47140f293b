use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::layout::{DirectoryKind, METADATA_FILE, directory_kind, is_flink_name};
use crate::location::Location;
use crate::storage::{Listing, Storage, StorageError};

/// Directories below the base are followed so many levels deep. Flink's own layouts need two.
const DEPTH_MAX: usize = 8;
/// So many directories are listed at most: symbolic links may lead in circles.
const LISTINGS_MAX: usize = 20_000;

/// A directory that holds a snapshot, or should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The directory.
    pub directory: Location,
    /// What its name says it is.
    pub kind: DirectoryKind,
}

/// A place that could not be looked into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The place.
    pub location: Location,
    /// Why.
    pub reason: String,
}

/// What there is below a base.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The snapshots' directories, by path.
    pub candidates: Vec<Candidate>,
    /// Places that could not be looked into: what they hold is not known.
    pub unreadable: Vec<Unreadable>,
    /// Entries that no path can name, which no Flink writes.
    pub skipped: u64,
}

/// Finds the directories of snapshots at and below `base`, at any level of Flink's layouts.
///
/// Only directories are listed, one level each, and none of those that hold a snapshot or shared
/// files: a job's checkpoints cost the pages of one listing. The caller names the base's store with
/// it, so it may be asked.
///
/// # Errors
/// When the base itself cannot be listed.
pub async fn discover(storage: &Storage, base: &Location) -> Result<Discovery, StorageError> {
    storage.trust(base);
    let mut found = Discovery::default();
    let mut listings = FuturesUnordered::new();
    let list = |directory: Location, depth: usize| async move {
        let listing = storage.list(&directory).await;
        (directory, depth, listing)
    };
    listings.push(list(base.clone(), 0));
    let mut listed = 1;
    while let Some((directory, depth, listing)) = listings.next().await {
        match listing {
            Ok(listing) => {
                for deeper in found.look_into(&directory, &listing) {
                    if depth >= DEPTH_MAX {
                        found.give_up(deeper, format!("more than {DEPTH_MAX} levels deep"));
                    } else if listed >= LISTINGS_MAX {
                        found.give_up(deeper, format!("more than {LISTINGS_MAX} directories"));
                    } else {
                        listed += 1;
                        listings.push(list(deeper, depth + 1));
                    }
                }
            }
            Err(error) if depth == 0 => return Err(error),
            // Deleted since its parent was listed.
            Err(error) if error.is_not_found() => {}
            Err(error) => found.give_up(directory, error.to_string()),
        }
    }
    found.arrange();
    Ok(found)
}

impl Discovery {
    /// Adds what was found elsewhere; a directory that is below both is one.
    pub(super) fn add(&mut self, other: Self) {
        self.candidates.extend(other.candidates);
        self.arrange();
        self.unreadable.extend(other.unreadable);
        self.skipped += other.skipped;
    }

    /// Sorts by place, so that different names of one directory meet, and keeps one of each.
    fn arrange(&mut self) {
        self.candidates
            .sort_by_cached_key(|candidate| candidate.directory.place());
        self.candidates
            .dedup_by(|a, b| a.directory.place() == b.directory.place());
    }

    fn give_up(&mut self, location: Location, reason: String) {
        self.unreadable.push(Unreadable { location, reason });
    }

    /// Notes the snapshots that a listing shows; returns the directories to look into.
    fn look_into(&mut self, directory: &Location, listing: &Listing) -> Vec<Location> {
        self.skipped += listing.skipped;
        for (name, reason) in &listing.unknown {
            self.give_up(directory.join(name), reason.clone());
        }
        for (name, what) in listing.without_content() {
            if is_flink_name(name) {
                self.give_up(directory.join(name), format!("it is {what}"));
            }
        }
        let kind = directory_kind(directory.file_name());
        let has_metadata = listing
            .files
            .iter()
            .any(|file| file.name() == METADATA_FILE);
        let named_as_snapshot = is_snapshot(kind);
        if has_metadata || named_as_snapshot {
            self.candidates.push(Candidate {
                directory: directory.clone(),
                kind,
            });
        }
        if named_as_snapshot {
            return Vec::new();
        }
        // Only beside checkpoints are these names Flink's own.
        let is_job = kind == DirectoryKind::Job
            || listing
                .directory_names()
                .any(|name| matches!(directory_kind(name), DirectoryKind::Checkpoint(_)));
        let mut deeper = Vec::new();
        for name in listing.directory_names() {
            let directory = directory.join(name);
            match directory_kind(name) {
                kind if is_snapshot(kind) => self.candidates.push(Candidate { directory, kind }),
                DirectoryKind::Shared | DirectoryKind::TaskOwned if is_job => {}
                _ => deeper.push(directory),
            }
        }
        deeper
    }
}

fn is_snapshot(kind: DirectoryKind) -> bool {
    matches!(
        kind,
        DirectoryKind::Checkpoint(_) | DirectoryKind::Savepoint
    )
}
