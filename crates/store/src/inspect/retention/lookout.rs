//! Looking for snapshots again while a plan is carried out.
//!
//! It must cost little, for it is done before each batch, and it must miss nothing: a `_metadata` may
//! appear in any directory, a new one or a known one. Object stores list all of them at once. On
//! local disk, directories that have not changed need not be listed again. Elsewhere, all are.

use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

use futures_util::{StreamExt, stream};

use crate::inspect::walk::{Bases, DEPTH_MAX};
use crate::storage::{Listing, ObjectInfo, Stamp, Storage};
use statescope_analysis::retention::{Inventory, Mark, Refusal, Sighting};
use statescope_format::layout::{METADATA_FILE, is_flink_name};
use statescope_format::location::{FileIdentity, Location};

/// Directories that are listed at a time; the storage bounds the requests themselves.
const LISTINGS_AT_ONCE: usize = 64;
/// From so many files on, an object store is listed directory by directory of the base, side by side.
const FILES_IN_ONE_LISTING: usize = 20_000;

/// The directories below the bases, and when each was looked at.
pub(super) struct Lookout<'l> {
    storage: &'l Storage,
    bases: &'l Bases,
    directories: HashMap<Location, Watched>,
    /// Of the directories as they are at this look. Numbers of those that are gone are given to others.
    identities: HashSet<FileIdentity>,
    /// Which directory each base was when it was surveyed.
    surveyed: Vec<Option<FileIdentity>>,
    /// Other paths of what is looked at.
    aliases: HashSet<Location>,
    files: usize,
}

#[derive(Clone, Default)]
struct Watched {
    depth: usize,
    /// Of the directory, and of the `_metadata` in it, before they were looked at.
    stamps: (Option<Stamp>, Option<Stamp>),
    metadata: Option<Mark>,
    is_listed: bool,
    /// Whether a link or a mount is in it. What that leads to can change, and the directory does not.
    leads_elsewhere: bool,
}

/// A directory that was looked at.
type Looked = (Location, usize, Result<Listing, Refusal>);

impl<'l> Lookout<'l> {
    /// Over all directories that were listed.
    pub(super) fn new(storage: &'l Storage, bases: &'l Bases, inventory: &Inventory) -> Self {
        let mut depths: Vec<usize> = Vec::new();
        let mut directories = HashMap::new();
        for directory in inventory.directories() {
            let above = directory.parent.and_then(|parent| depths.get(parent));
            let depth = above.map_or(0, |depth| depth + 1);
            depths.push(depth);
            let watched = Watched {
                depth,
                ..Watched::default()
            };
            directories.insert(directory.location.clone(), watched);
        }
        Self {
            storage,
            bases,
            directories,
            identities: HashSet::new(),
            surveyed: bases
                .locations()
                .iter()
                .map(|base| inventory.identity_of(base))
                .collect(),
            aliases: inventory
                .aliases()
                .iter()
                .map(|alias| alias.location.clone())
                .collect(),
            files: inventory.file_count(),
        }
    }

    /// Every directory below the bases with a `_metadata`.
    ///
    /// # Errors
    /// When a part of a base cannot be looked into: there may be one in it.
    pub(super) async fn look(&mut self) -> Result<Vec<Sighting>, Vec<Refusal>> {
        let mut seen = Vec::new();
        let mut by_level = false;
        for base in self.bases.locations() {
            match self.all_at_once(base).await? {
                Some(found) => seen.extend(found),
                None => by_level = true,
            }
        }
        if by_level {
            self.look_by_level().await?;
            self.bases_are_the_same().await?;
            let marks = self.directories.iter();
            seen.extend(marks.filter_map(|(directory, watched)| {
                Some(Sighting {
                    directory: directory.clone(),
                    mark: watched.metadata.clone()?,
                })
            }));
        }
        Ok(seen)
    }

    /// Those of an object store; `None` of any other.
    async fn all_at_once(&self, base: &Location) -> Result<Option<Vec<Sighting>>, Vec<Refusal>> {
        let partial = |location: &Location, reason: String| {
            let location = location.clone();
            vec![Refusal::PartialListing { location, reason }]
        };
        let mut parts = vec![base.clone()];
        let mut seen = Vec::new();
        if self.files > FILES_IN_ONE_LISTING && base.local_path().is_none() {
            let listing = self.storage.list(base).await;
            let listing = listing.map_err(|error| partial(base, error.to_string()))?;
            parts = listing
                .directory_names()
                .map(|name| base.join(name))
                .collect();
            seen.extend(metadata_of(base, &listing.files));
        }
        let mut found = stream::iter(parts)
            .map(|part| async move {
                let found = self.storage.find_below(&part, METADATA_FILE).await;
                (part, found)
            })
            .buffer_unordered(LISTINGS_AT_ONCE);
        while let Some((part, found)) = found.next().await {
            match found {
                Ok(Some(files)) => seen.extend(files.iter().map(|file| Sighting {
                    directory: file.location.parent(),
                    mark: mark(file),
                })),
                Ok(None) => return Ok(None),
                // What is below a base may go meanwhile, the base may not.
                Err(error) if error.is_not_found() && part != *base => {}
                Err(error) => return Err(partial(&part, error.to_string())),
            }
        }
        Ok(Some(seen))
    }

    /// Lists what has changed, and what is new below it.
    async fn look_by_level(&mut self) -> Result<(), Vec<Refusal>> {
        let mut to_list = self.changed().await;
        while !to_list.is_empty() {
            let storage = self.storage;
            let listings: Vec<Looked> = stream::iter(to_list)
                .map(|(directory, depth)| async move {
                    let listing = match storage.list(&directory).await {
                        Err(error) if error.is_not_found() && depth > 0 => Ok(None),
                        Err(error) => Err(Refusal::PartialListing {
                            location: directory.clone(),
                            reason: error.to_string(),
                        }),
                        Ok(listing) => Ok(Some(listing)),
                    };
                    (directory, depth, listing)
                })
                .buffer_unordered(LISTINGS_AT_ONCE)
                .filter_map(|(directory, depth, listing)| async move {
                    Some((directory, depth, listing.transpose()?))
                })
                .collect()
                .await;
            to_list = Vec::new();
            let listed = listings
                .iter()
                .filter_map(|(_, _, listing)| listing.as_ref().ok());
            self.identities
                .extend(listed.filter_map(|listing| listing.identity));
            for (directory, depth, listing) in listings {
                let listing = listing.map_err(|refusal| vec![refusal])?;
                to_list.extend(self.take(directory, depth, &listing)?);
            }
        }
        Ok(())
    }

    /// Where a base was moved away, nothing below it shows what is in it now.
    async fn bases_are_the_same(&self) -> Result<(), Vec<Refusal>> {
        let locations = self.bases.locations();
        let now = self.storage.identities(locations).await;
        let pairs = locations.iter().zip(self.surveyed.iter().zip(now));
        let moved = pairs.filter(|(_, (surveyed, now))| surveyed.is_some() && *surveyed != now);
        let refusals: Vec<Refusal> = moved
            .map(|(location, _)| Refusal::PartialListing {
                location: location.clone(),
                reason: "it is not the directory that it was when the run began: it was moved, \
                         or a link or a mount on the way to it was changed"
                    .to_owned(),
            })
            .collect();
        match refusals.is_empty() {
            true => Ok(()),
            false => Err(refusals),
        }
    }

    /// The directories that may hold something new. Their stamps are taken before they are listed, so
    /// that what comes between is seen the next time.
    async fn changed(&mut self) -> Vec<(Location, usize)> {
        let locations: Vec<Location> = self.directories.keys().cloned().collect();
        let metadata: Vec<Location> = locations
            .iter()
            .map(|location| location.join(METADATA_FILE))
            .collect();
        let of_directories = self.storage.stamps(&locations).await;
        let of_metadata = self.storage.stamps(&metadata).await;
        let mut changed = Vec::new();
        self.identities.clear();
        for (location, stamps) in locations
            .into_iter()
            .zip(of_directories.into_iter().zip(of_metadata))
        {
            let Some(watched) = self.directories.get_mut(&location) else {
                continue;
            };
            let has_settled =
                stamps.0.is_some() && (watched.metadata.is_none() || stamps.1.is_some());
            let is_the_same = watched.is_listed && has_settled && watched.stamps == stamps;
            if is_the_same && !watched.leads_elsewhere {
                self.identities
                    .extend(stamps.0.map(|stamp| stamp.identity()));
            } else {
                watched.stamps = stamps;
                // One that is gone shows nothing.
                watched.metadata = None;
                watched.is_listed = false;
                changed.push((location, watched.depth));
            }
        }
        changed
    }

    /// Takes in a listing; returns the directories in it that are new.
    fn take(
        &mut self,
        directory: Location,
        depth: usize,
        listing: &Listing,
    ) -> Result<Vec<(Location, usize)>, Vec<Refusal>> {
        let refuse = |location: Location, reason: String| {
            Err(vec![Refusal::PartialListing { location, reason }])
        };
        if listing.skipped > 0 {
            return refuse(
                directory,
                format!(
                    "{} entries have names that no path can have",
                    listing.skipped
                ),
            );
        }
        if let Some((name, reason)) = listing.unknown.first() {
            return refuse(directory.join(name), reason.clone());
        }
        let mut odd = listing.without_content();
        if let Some((name, what)) = odd.find(|(name, _)| is_flink_name(name)) {
            return refuse(directory.join(name), format!("it is {what}"));
        }
        let mut new = Vec::new();
        let mut leads_elsewhere = listing.has_links;
        for entry in &listing.directories {
            let location = directory.join(&entry.name);
            if self.directories.contains_key(&location) || self.bases.root(&location).is_some() {
                continue;
            }
            // Links and mounts may lead elsewhere now.
            let is_other_path = entry.is_link || self.aliases.contains(&location);
            if is_other_path && self.is_elsewhere_too(entry.identity) {
                leads_elsewhere = true;
                continue;
            }
            if depth >= DEPTH_MAX {
                return refuse(location, format!("more than {DEPTH_MAX} levels deep"));
            }
            new.push((location, depth + 1));
        }
        let metadata = listing
            .files
            .iter()
            .find(|file| file.name() == METADATA_FILE);
        let watched = self.directories.entry(directory).or_default();
        watched.depth = depth;
        watched.metadata = metadata.map(mark);
        watched.is_listed = true;
        watched.leads_elsewhere = leads_elsewhere;
        Ok(new)
    }

    /// Whether what a link leads to is looked at by its own path.
    fn is_elsewhere_too(&self, identity: Option<FileIdentity>) -> bool {
        identity.is_some_and(|identity| self.identities.contains(&identity))
    }
}

fn metadata_of(directory: &Location, files: &[ObjectInfo]) -> Option<Sighting> {
    let metadata = files.iter().find(|file| file.name() == METADATA_FILE)?;
    Some(Sighting {
        directory: directory.clone(),
        mark: mark(metadata),
    })
}

fn mark(file: &ObjectInfo) -> Mark {
    Mark {
        bytes: file.size,
        modified: file.modified.map(|modified: SystemTime| modified.into()),
        etag: file.etag.clone(),
        revision: file.revision.map(|revision| revision.whole),
    }
}
