use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::layout::{DirectoryKind, METADATA_FILE, directory_kind};
use crate::location::Location;
use crate::storage::{Listing, Storage, StorageError};

/// Directories below the base are followed so many levels deep. Flink's own layouts need two.
const DEPTH_MAX: usize = 8;

/// A directory that holds a snapshot, or should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The directory.
    pub directory: Location,
    /// What its name says it is.
    pub kind: DirectoryKind,
    /// True where a listing has shown the metadata file; otherwise it has to be asked for.
    pub has_metadata: bool,
}

/// What there is below a base.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The snapshots' directories, by path.
    pub candidates: Vec<Candidate>,
    /// Directories that could not be listed: what they hold is not known.
    pub unreadable: Vec<StorageError>,
    /// Entries that no path can name, which no Flink writes.
    pub skipped: u64,
}

/// Finds the directories of snapshots at and below `base`, at any level of Flink's layouts.
///
/// Only directories are listed, one level each, and none of those that hold a snapshot or shared
/// files: a job's checkpoints cost the pages of one listing.
///
/// # Errors
/// When the base itself cannot be listed.
pub async fn discover(storage: &Storage, base: &Location) -> Result<Discovery, StorageError> {
    let mut found = Discovery::default();
    let mut listings = FuturesUnordered::new();
    let list = |directory: Location, depth: usize| async move {
        let listing = storage.list(&directory).await;
        (directory, depth, listing)
    };
    listings.push(list(base.clone(), 0));
    while let Some((directory, depth, listing)) = listings.next().await {
        match listing {
            Ok(listing) => {
                found.skipped += listing.skipped;
                for deeper in found.look_into(&directory, &listing) {
                    if depth < DEPTH_MAX {
                        listings.push(list(deeper, depth + 1));
                    }
                }
            }
            Err(error) if depth == 0 => return Err(error),
            // Deleted since its parent was listed.
            Err(error) if error.is_not_found() => {}
            Err(error) => found.unreadable.push(error),
        }
    }
    found
        .candidates
        .sort_by(|a, b| a.directory.as_str().cmp(b.directory.as_str()));
    Ok(found)
}

impl Discovery {
    /// Adds what was found elsewhere; a directory that is below both is one.
    pub(super) fn add(&mut self, other: Self) {
        self.candidates.extend(other.candidates);
        self.candidates
            .sort_by(|a, b| a.directory.as_str().cmp(b.directory.as_str()));
        self.candidates
            .dedup_by(|a, b| a.directory.place() == b.directory.place());
        self.unreadable.extend(other.unreadable);
        self.skipped += other.skipped;
    }

    /// Notes the snapshots that a listing shows; returns the directories to look into.
    fn look_into(&mut self, directory: &Location, listing: &Listing) -> Vec<Location> {
        let kind = directory_kind(directory.file_name());
        let has_metadata = listing
            .files
            .iter()
            .any(|file| file.name() == METADATA_FILE);
        let is_snapshot = matches!(
            kind,
            DirectoryKind::Checkpoint(_) | DirectoryKind::Savepoint
        );
        if has_metadata || is_snapshot {
            self.candidates.push(Candidate {
                directory: directory.clone(),
                kind,
                has_metadata,
            });
            return Vec::new();
        }
        let mut deeper = Vec::new();
        for name in &listing.directories {
            let directory = directory.join(name);
            match directory_kind(name) {
                kind @ (DirectoryKind::Checkpoint(_) | DirectoryKind::Savepoint) => {
                    self.candidates.push(Candidate {
                        directory,
                        kind,
                        has_metadata: false,
                    });
                }
                DirectoryKind::Shared | DirectoryKind::TaskOwned => {}
                DirectoryKind::Job | DirectoryKind::Other => deeper.push(directory),
            }
        }
        deeper
    }
}
