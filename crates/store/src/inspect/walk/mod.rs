//! The one walk that finds what is below bases: for lists, plans, their confirmation and the runs that
//! carry them out. A snapshot is where a `_metadata` is, at any depth and in any directory.

mod bases;

use std::collections::{HashMap, VecDeque};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::storage::{Listing, Storage, StorageError};
use statescope_format::layout::{DirectoryKind, directory_kind};
use statescope_format::location::{FileIdentity, Location};
use statescope_format::reader::to_u64;

pub(super) use bases::Bases;

/// Directories below a base are followed so many levels deep. Flink's own layouts need six.
pub(super) const DEPTH_MAX: usize = 16;
/// What a walk may hold in memory: names of files and directories, and what is known of each.
const HELD_MAX: u64 = 512 << 20;
/// Listings that are under way at a time; the storage bounds the requests themselves.
const LISTINGS_AT_ONCE: usize = 64;
/// What a directory takes while it waits for its turn, besides its path, and what it takes to know it
/// again.
const WAITING_BYTES: u64 = 160;
const KNOWN_BYTES: u64 = 48;

/// How far a walk may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bound {
    bytes: u64,
    /// Whether a base that is not there holds nothing.
    bases_may_be_missing: bool,
}

impl Bound {
    /// For lists and plans.
    pub(super) fn usual() -> Self {
        Self {
            bytes: HELD_MAX,
            bases_may_be_missing: false,
        }
    }

    /// The same where bases may not be there.
    pub(super) fn of_bases_that_may_be_missing(may_be_missing: bool) -> Self {
        Self {
            bases_may_be_missing: may_be_missing,
            ..Self::usual()
        }
    }

    /// For carrying out a plan: what was just within the bound may have grown since.
    pub(super) fn of_run() -> Self {
        Self {
            bytes: HELD_MAX + HELD_MAX / 4,
            ..Self::usual()
        }
    }
}

/// A directory that is found, and its entries.
pub(super) struct Found<'w> {
    pub(super) location: &'w Location,
    /// The number that the visitor gave to the directory it is in; `None` for a base.
    pub(super) parent: Option<usize>,
    /// Position of the base that it is below.
    pub(super) base: usize,
    /// Whether it is behind a symbolic link, and belongs to another place.
    pub(super) is_behind_link: bool,
    /// Whether there is a `chk-N` beside it.
    pub(super) beside_checkpoints: bool,
    pub(super) listing: &'w Listing,
}

/// What is made of what a walk finds.
pub(super) trait Visitor {
    /// Takes in a directory; returns a number for it.
    fn directory(&mut self, found: &Found<'_>) -> usize;

    /// A directory that was taken in is here too: behind a link, mounted, or in a circle.
    fn alias(&mut self, location: Location, of: usize);

    /// Something that could not be looked into.
    fn unread(&mut self, location: Location, reason: String);

    /// Bytes that it holds in memory.
    fn held_bytes(&self) -> u64;

    /// Whether no more need be found.
    fn is_enough(&self) -> bool {
        false
    }
}

/// A directory that is to be listed.
struct Task {
    location: Location,
    parent: Option<usize>,
    depth: usize,
    base: usize,
    is_link: bool,
    is_behind_link: bool,
    beside_checkpoints: bool,
    /// What its own entry says.
    identity: Option<FileIdentity>,
    /// The device of the directory it is in.
    device: Option<u64>,
}

/// A directory that was taken in.
#[derive(Clone, Copy)]
struct Known {
    number: usize,
    mount: Option<u64>,
    is_behind_link: bool,
}

struct Walk<'w, V> {
    storage: &'w Storage,
    bases: &'w Bases,
    bound: Bound,
    visitor: &'w mut V,
    waiting: VecDeque<Task>,
    /// Links wait until all else was seen, so that what they lead to goes by its own path.
    links: VecDeque<Task>,
    waiting_bytes: u64,
    known: HashMap<FileIdentity, Known>,
}

/// Lists every directory below the bases, each once, several at a time.
///
/// # Errors
/// When a base itself cannot be listed, when there is too much below it, and when it reaches into a
/// file system of the kernel. What cannot be listed further down is told to the visitor.
pub(super) async fn walk<V: Visitor>(
    storage: &Storage,
    bases: &Bases,
    bound: Bound,
    visitor: &mut V,
) -> Result<(), StorageError> {
    let mut walk = Walk {
        storage,
        bases,
        bound,
        visitor,
        waiting: VecDeque::new(),
        links: VecDeque::new(),
        waiting_bytes: 0,
        known: HashMap::new(),
    };
    // Bases that are only read come first: what is below both is only read, too.
    for (at, location) in bases.locations().iter().enumerate().rev() {
        if bases.root(location) == Some(at) {
            walk.waiting.push_back(Task {
                location: location.clone(),
                parent: None,
                depth: 0,
                base: at,
                is_link: false,
                is_behind_link: false,
                beside_checkpoints: false,
                identity: None,
                device: None,
            });
            walk.run().await?;
        }
    }
    while let Some(link) = walk.links.pop_front() {
        walk.waiting_bytes -= link.held_bytes();
        if walk.visitor.is_enough() {
            break;
        }
        walk.waiting_bytes += link.held_bytes();
        walk.waiting.push_back(link);
        walk.run().await?;
    }
    Ok(())
}

impl Task {
    fn held_bytes(&self) -> u64 {
        WAITING_BYTES + to_u64(self.location.as_str().len())
    }
}

impl<V: Visitor> Walk<'_, V> {
    /// Lists what waits, and what is below.
    async fn run(&mut self) -> Result<(), StorageError> {
        let storage = self.storage;
        let list = |task: Task| async move {
            let listing = storage.list(&task.location).await;
            (task, listing)
        };
        let mut listings = FuturesUnordered::new();
        loop {
            while listings.len() < LISTINGS_AT_ONCE
                && let Some(task) = self.waiting.pop_front()
            {
                self.waiting_bytes = self.waiting_bytes.saturating_sub(task.held_bytes());
                // Whatever leads here a second time is behind a link.
                match self.seen_behind_link(&task) {
                    Some(number) => self.visitor.alias(task.location, number),
                    None => listings.push(list(task)),
                }
            }
            let Some((task, listing)) = listings.next().await else {
                return Ok(());
            };
            match listing {
                Ok(listing) => self.take(&task, &listing).await?,
                Err(error) if task.depth == 0 => {
                    if !(self.bound.bases_may_be_missing && error.is_not_found()) {
                        return Err(error);
                    }
                }
                // Deleted since its parent was listed.
                Err(error) if error.is_not_found() => {}
                Err(error) => self.visitor.unread(task.location, error.to_string()),
            }
            if self.visitor.is_enough() {
                return Ok(());
            }
        }
    }

    fn seen_behind_link(&self, task: &Task) -> Option<usize> {
        let known = self.known.get(&task.identity?)?;
        task.is_behind_link.then_some(known.number)
    }

    async fn take(&mut self, task: &Task, listing: &Listing) -> Result<(), StorageError> {
        let device = listing.identity.map(|identity| identity.device);
        if device.is_some()
            && device != task.device
            && self.storage.is_kernels(&task.location).await
        {
            return Err(self.refuse(
                &task.location,
                "it is a file system of the kernel, with no snapshots in it; \
                 give the directory that the checkpoints or savepoints are in",
            ));
        }
        if let Some(known) = listing.identity.and_then(|this| self.known.get(&this)) {
            // Within one mount, nothing but a link leads to a directory a second time. Where it seems
            // so, the file system does not number its files.
            let is_new = listing.mount.is_some()
                && listing.mount == known.mount
                && !task.is_behind_link
                && !known.is_behind_link;
            if !is_new {
                let number = known.number;
                self.visitor.alias(task.location.clone(), number);
                return Ok(());
            }
        }
        let number = self.visitor.directory(&Found {
            location: &task.location,
            parent: task.parent,
            base: task.base,
            is_behind_link: task.is_behind_link,
            beside_checkpoints: task.beside_checkpoints,
            listing,
        });
        if let Some(identity) = listing.identity {
            self.known.insert(
                identity,
                Known {
                    number,
                    mount: listing.mount,
                    is_behind_link: task.is_behind_link,
                },
            );
        }
        self.deeper(task, listing, number);
        let held =
            self.visitor.held_bytes() + self.waiting_bytes + KNOWN_BYTES * to_u64(self.known.len());
        if held > self.bound.bytes {
            let base = self.bases.locations().get(task.base);
            let most = self.bound.bytes >> 20;
            return Err(self.refuse(
                base.unwrap_or(&task.location),
                &format!(
                    "too much is below it: the names of its files and directories take more than \
                     {most} MiB of memory; give a directory further down, one job or group of jobs \
                     at a time"
                ),
            ));
        }
        Ok(())
    }

    /// Puts the directories in a directory in line.
    fn deeper(&mut self, task: &Task, listing: &Listing, number: usize) {
        let is_checkpoint =
            |name: &str| matches!(directory_kind(name), DirectoryKind::Checkpoint(_));
        let beside_checkpoints = listing.directory_names().any(is_checkpoint);
        for entry in &listing.directories {
            let location = task.location.join(&entry.name);
            if self.bases.root(&location).is_some() {
                continue;
            }
            if task.depth >= DEPTH_MAX {
                let reason = format!("more than {DEPTH_MAX} levels deep");
                self.visitor.unread(location, reason);
                continue;
            }
            self.push(Task {
                location,
                parent: Some(number),
                depth: task.depth + 1,
                base: task.base,
                is_link: entry.is_link,
                is_behind_link: task.is_behind_link || entry.is_link,
                beside_checkpoints,
                identity: entry.identity,
                device: listing.identity.map(|identity| identity.device),
            });
        }
    }

    fn push(&mut self, task: Task) {
        self.waiting_bytes += task.held_bytes();
        match task.is_link {
            true => self.links.push_back(task),
            false => self.waiting.push_back(task),
        }
    }

    fn refuse(&self, location: &Location, said: &str) -> StorageError {
        StorageError::not_searched(location, said)
    }
}
