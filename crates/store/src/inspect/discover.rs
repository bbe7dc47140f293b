use std::collections::HashSet;

use crate::inspect::walk::{Bases, Bound, Found, Visitor, walk};
use crate::storage::{Storage, StorageError};
use statescope_format::layout::{DirectoryKind, METADATA_FILE, directory_kind, is_flink_name};
use statescope_format::location::Location;
use statescope_format::reader::to_u64;

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
#[non_exhaustive]
pub struct Discovery {
    /// The snapshots' directories, by path.
    pub candidates: Vec<Candidate>,
    /// Places that could not be looked into: what they hold is not known.
    pub unreadable: Vec<Unreadable>,
    /// Entries that no path can name, which no Flink writes.
    pub skipped: u64,
}

/// What a walk finds of snapshots.
#[derive(Default)]
struct Finder {
    found: Discovery,
    directories: usize,
    /// Other paths of directories.
    aliases: HashSet<Location>,
    held: u64,
}

/// Finds the directories of snapshots at and below `bases`: those with a `_metadata`, wherever they
/// are, and those that are named as snapshots.
///
/// Every directory is listed once, whatever paths lead to it. The caller names the base's store with
/// it, so it may be asked.
///
/// # Errors
/// When a base itself cannot be listed, or has too much in it.
pub async fn discover(storage: &Storage, base: &Location) -> Result<Discovery, StorageError> {
    discover_all(storage, std::slice::from_ref(base), false).await
}

/// The same for several bases; a directory below two of them is one. With `may_be_missing`, a base
/// that is not there holds nothing.
pub(super) async fn discover_all(
    storage: &Storage,
    bases: &[Location],
    may_be_missing: bool,
) -> Result<Discovery, StorageError> {
    for base in bases {
        storage.trust(base);
    }
    let mut finder = Finder::default();
    let bound = Bound::of_bases_that_may_be_missing(may_be_missing);
    walk(storage, &Bases::as_given(bases), bound, &mut finder).await?;
    let Finder {
        mut found, aliases, ..
    } = finder;
    found
        .candidates
        .retain(|candidate| !aliases.contains(&candidate.directory));
    // Different names of one place meet, and one of each is kept.
    found
        .candidates
        .sort_by_cached_key(|candidate| candidate.directory.place());
    found
        .candidates
        .dedup_by(|a, b| a.directory.place() == b.directory.place());
    Ok(found)
}

impl Finder {
    fn candidate(&mut self, directory: Location, kind: DirectoryKind) {
        self.held += CANDIDATE_BYTES + to_u64(directory.as_str().len());
        self.found.candidates.push(Candidate { directory, kind });
    }
}

/// What a candidate takes besides its path.
const CANDIDATE_BYTES: u64 = 64;

impl Visitor for Finder {
    fn directory(&mut self, found: &Found<'_>) -> usize {
        let Found {
            location, listing, ..
        } = found;
        self.found.skipped += listing.skipped;
        for (name, reason) in &listing.unknown {
            self.unread(location.join(name), reason.clone());
        }
        for (name, what) in listing.without_content() {
            if is_flink_name(name) {
                self.unread(location.join(name), format!("it is {what}"));
            }
        }
        let kind = directory_kind(location.file_name());
        let is_metadata = |name: &str| name == METADATA_FILE;
        let has_metadata = listing.files.iter().any(|file| is_metadata(file.name()));
        if has_metadata || is_snapshot(kind) {
            self.candidate((*location).clone(), kind);
        }
        // They are candidates even if they cannot be listed; what is behind links may be elsewhere too.
        for entry in listing.directories.iter().filter(|entry| !entry.is_link) {
            let kind = directory_kind(&entry.name);
            if is_snapshot(kind) {
                self.candidate(location.join(&entry.name), kind);
            }
        }
        self.directories += 1;
        self.directories - 1
    }

    fn alias(&mut self, location: Location, _: usize) {
        self.held += CANDIDATE_BYTES + to_u64(location.as_str().len());
        self.aliases.insert(location);
    }

    fn unread(&mut self, location: Location, reason: String) {
        self.held += CANDIDATE_BYTES + to_u64(location.as_str().len() + reason.len());
        self.found.unreadable.push(Unreadable { location, reason });
    }

    fn held_bytes(&self) -> u64 {
        self.held
    }
}

fn is_snapshot(kind: DirectoryKind) -> bool {
    matches!(
        kind,
        DirectoryKind::Checkpoint(_) | DirectoryKind::Savepoint
    )
}
