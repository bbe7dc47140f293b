use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::inspect::walk::{Bases, Bound, Found, Visitor, walk};
use crate::storage::{Listing, Storage, StorageError};
use statescope_analysis::retention::{
    Aliases, File, Fingerprint, Fingerprints, Inventory, Refusal,
};
use statescope_format::layout::{METADATA_FILE, is_flink_name};
use statescope_format::location::Location;
use statescope_format::time::UtcSeconds;

/// So many refusals say that nothing will come of it.
const REFUSALS_MAX: usize = 20;

/// Everything below the bases, and what could not be looked into.
#[derive(Debug, Default)]
pub(super) struct Everything {
    pub(super) inventory: Inventory,
    pub(super) refusals: Vec<Refusal>,
    /// The mount that the first base is on.
    mount: Mount,
}

/// What a directory is mounted with; the device, where the system does not number its mounts.
#[derive(Clone, Copy, Debug, Default)]
struct Mount {
    number: Option<u64>,
    device: Option<u64>,
}

impl Mount {
    fn of(listing: &Listing) -> Self {
        Self {
            number: listing.mount,
            device: listing.identity.map(|identity| identity.device),
        }
    }

    fn is_that_of(self, other: Self) -> bool {
        match (self.number, other.number) {
            (Some(this), Some(other)) => this == other,
            _ => self.device == other.device,
        }
    }
}

/// Lists everything below the bases.
///
/// # Errors
/// When a base itself cannot be listed, or has too much in it. What cannot be listed further down is
/// a refusal.
pub(super) async fn list_everything(
    storage: &Storage,
    bases: &Bases,
    bound: Bound,
) -> Result<Everything, StorageError> {
    let mut everything = Everything::default();
    walk(storage, bases, bound, &mut everything).await?;
    Ok(everything)
}

impl Visitor for Everything {
    fn directory(&mut self, found: &Found<'_>) -> usize {
        let Found {
            location, listing, ..
        } = *found;
        // What is behind a link or on another mount belongs to another place, and is only read.
        if found.base == 0 && found.parent.is_none() {
            self.mount = Mount::of(listing);
        }
        let touchable =
            found.base == 0 && !found.is_behind_link && Mount::of(listing).is_that_of(self.mount);
        let at = self.inventory.add_directory(
            location.clone(),
            found.parent,
            touchable,
            found.beside_checkpoints,
        );
        self.inventory.identify(at, listing.identity);
        for file in &listing.files {
            if let Some(target) = &file.link_target {
                self.inventory.add_link(at, file.name(), target.clone());
            }
            let added = self.inventory.add_file(
                at,
                &File {
                    name: file.name(),
                    bytes: file.size,
                    modified: file.modified.map(Into::into),
                    settled: file.settled.map(Into::into),
                    etag: file.etag.as_deref(),
                    revision: file.revision.map(|revision| match file.name() {
                        METADATA_FILE => revision.whole,
                        _ => revision.lasting(),
                    }),
                },
            );
            if !added {
                self.unread(location.clone(), "too many names".to_owned());
            }
        }
        self.inventory.directory_is_whole(at);
        if listing.skipped > 0 {
            let reason = format!(
                "{} entries have names that no path can have",
                listing.skipped
            );
            self.unread(location.clone(), reason);
        }
        for (name, reason) in &listing.unknown {
            self.unread(location.join(name), reason.clone());
        }
        for (name, what) in listing.without_content() {
            if is_flink_name(name) {
                self.unread(location.join(name), format!("it is {what}"));
            }
        }
        at
    }

    fn alias(&mut self, location: Location, of: usize) {
        if let Some(directory) = self.inventory.directories().get(of) {
            let listed_as = directory.location.clone();
            self.inventory.add_alias(location, listed_as);
        }
    }

    fn unread(&mut self, location: Location, reason: String) {
        self.refusals
            .push(Refusal::PartialListing { location, reason });
    }

    fn held_bytes(&self) -> u64 {
        self.inventory.held_bytes()
    }

    fn is_enough(&self) -> bool {
        self.refusals.len() >= REFUSALS_MAX
    }
}

/// The size of every file that was listed.
pub(super) struct Listed {
    sizes: HashMap<Fingerprint, u64, RandomState>,
    aliases: Aliases,
    pub(super) begun: UtcSeconds,
}

impl Listed {
    /// The files of an inventory that was begun at that time.
    pub(super) fn new(inventory: &Inventory, prints: &Fingerprints, begun: UtcSeconds) -> Self {
        let seed = RandomState::default();
        let mut sizes = HashMap::with_capacity_and_hasher(inventory.file_count(), seed);
        for directory in inventory.directories() {
            let print = prints.directory(directory.location.as_str());
            for file in directory.files() {
                sizes.insert(prints.file(print, file.name).path, file.bytes);
            }
        }
        Self {
            sizes,
            aliases: inventory.aliases().clone(),
            begun,
        }
    }

    /// The path that a place was listed under, if it goes by another.
    pub(super) fn listed_as(&self, path: &str) -> Location {
        self.aliases.listed_as(&Location::new(path))
    }

    /// The size of a file, if it was listed.
    pub(super) fn size(&self, path: Fingerprint) -> Option<u64> {
        self.sizes.get(&path).copied()
    }
}
