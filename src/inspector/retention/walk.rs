use std::collections::HashSet;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::layout::{DirectoryKind, directory_kind, is_flink_name};
use crate::location::{Location, Scheme};
use crate::retention::{File, Inventory, Refusal};
use crate::storage::{Listing, Storage, StorageError};

/// Directories below a base are followed so many levels deep. Flink's own layouts need four.
const DEPTH_MAX: usize = 8;
/// So many directories are listed at most.
const DIRECTORIES_MAX: usize = 5_000_000;

/// The bases: below the first, files may go; the others are only read.
#[derive(Clone, Debug)]
pub(super) struct Bases {
    roots: Vec<(Scheme, Vec<u8>)>,
    locations: Vec<Location>,
    first: Location,
}

/// What a walk found, and what it could not look into.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pub(super) inventory: Inventory,
    pub(super) refusals: Vec<Refusal>,
}

/// A directory that is to be listed.
struct Task {
    location: Location,
    parent: Option<usize>,
    depth: usize,
    touchable: bool,
    beside_checkpoints: bool,
}

impl Bases {
    pub(super) fn new(storage: &Storage, base: &Location, also: &[Location]) -> Self {
        // Whoever may have files deleted there may have them looked at.
        for location in std::iter::once(base).chain(also) {
            storage.trust(location);
        }
        let locations: Vec<_> = std::iter::once(base)
            .chain(also)
            .map(|location| storage.absolute(location))
            .collect();
        let roots = locations.iter().map(plain).collect();
        Self {
            roots,
            locations,
            first: base.clone(),
        }
    }

    /// Whether a place is in one of them.
    pub(super) fn contain(&self, path: &str) -> bool {
        let (scheme, path) = plain(&Location::new(path));
        self.roots.iter().any(|(of, root)| {
            let below = path.strip_prefix(root.as_slice());
            *of == scheme && below.is_some_and(|rest| rest.starts_with(b"/"))
        })
    }

    /// The base in which files may go.
    pub(super) fn first(&self) -> &Location {
        &self.first
    }

    /// The base that a directory is, by position.
    fn root(&self, location: &Location) -> Option<usize> {
        let place = plain(location);
        // One that is given both ways is only read.
        self.roots.iter().rposition(|root| *root == place)
    }
}

/// The place of a directory. Several slashes count as one, and those at the end not at all, as when
/// it is opened.
fn plain(location: &Location) -> (Scheme, Vec<u8>) {
    let (scheme, path) = location.place();
    let mut plain = Vec::with_capacity(path.len());
    for (at, name) in path.split(|&byte| byte == b'/').enumerate() {
        if at == 0 {
            plain.extend(name);
        } else if !name.is_empty() {
            plain.push(b'/');
            plain.extend(name);
        }
    }
    (scheme, plain)
}

/// Lists every directory below the bases, each once, several at a time.
///
/// # Errors
/// When a base itself cannot be listed. What cannot be listed further down is a refusal.
pub(super) async fn walk(storage: &Storage, bases: &Bases) -> Result<Walk, StorageError> {
    let mut walk = Walk::default();
    let mut seen = HashSet::new();
    let mut tasks = FuturesUnordered::new();
    let list = |task: Task| async move {
        let listing = storage.list(&task.location).await;
        // A link leads to where other paths lead too: what is below it is only read.
        let is_link = task.depth > 0 && storage.is_link(&task.location).await;
        (task, is_link, listing)
    };
    for (at, location) in bases.locations.iter().enumerate() {
        let is_first = seen.insert(plain(location));
        if is_first {
            tasks.push(list(Task {
                location: location.clone(),
                parent: None,
                depth: 0,
                touchable: bases.root(location) == Some(0) && at == 0,
                beside_checkpoints: false,
            }));
        }
    }
    while let Some((mut task, is_link, listing)) = tasks.next().await {
        task.touchable &= !is_link;
        match listing {
            Ok(listing) => {
                for deeper in walk.directory(&task, &listing) {
                    let is_new = bases.root(&deeper.location).is_none()
                        && seen.insert(plain(&deeper.location));
                    if !is_new {
                        continue;
                    }
                    if deeper.depth > DEPTH_MAX || seen.len() > DIRECTORIES_MAX {
                        let reason = format!(
                            "more than {DEPTH_MAX} levels deep, or {DIRECTORIES_MAX} directories"
                        );
                        walk.refuse(deeper.location, reason);
                    } else {
                        tasks.push(list(deeper));
                    }
                }
            }
            Err(error) if task.depth == 0 => return Err(error),
            // Deleted since its parent was listed.
            Err(error) if error.is_not_found() => {}
            Err(error) => walk.refuse(task.location, error.to_string()),
        }
    }
    Ok(walk)
}

impl Walk {
    /// Takes in a listing; returns the directories to list next.
    fn directory(&mut self, task: &Task, listing: &Listing) -> Vec<Task> {
        let Task {
            location,
            parent,
            touchable,
            beside_checkpoints,
            depth,
        } = task;
        let at = self.inventory.add_directory(
            location.clone(),
            *parent,
            *touchable,
            *beside_checkpoints,
        );
        for file in &listing.files {
            let added = self.inventory.add_file(
                at,
                &File {
                    name: file.name(),
                    bytes: file.size,
                    modified: file.modified.map(Into::into),
                    etag: file.etag.as_deref(),
                },
            );
            if !added {
                self.refuse(location.clone(), "too many names".to_owned());
            }
        }
        if listing.skipped > 0 {
            let reason = format!(
                "{} entries have names that no path can have",
                listing.skipped
            );
            self.refuse(location.clone(), reason);
        }
        for (name, reason) in &listing.unknown {
            self.refuse(location.join(name), reason.clone());
        }
        for (name, what) in listing.without_content() {
            if is_flink_name(name) {
                self.refuse(location.join(name), format!("it is {what}"));
            }
        }
        let is_checkpoint =
            |name: &str| matches!(directory_kind(name), DirectoryKind::Checkpoint(_));
        let beside_checkpoints = listing.directory_names().any(is_checkpoint);
        let deeper = listing.directory_names().map(|name| Task {
            location: location.join(name),
            parent: Some(at),
            depth: depth + 1,
            touchable: *touchable,
            beside_checkpoints,
        });
        deeper.collect()
    }

    fn refuse(&mut self, location: Location, reason: String) {
        self.refusals
            .push(Refusal::PartialListing { location, reason });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Settings;

    #[test]
    fn a_base_is_known_however_its_slashes_are_written() {
        let storage = Storage::new(Settings::new());
        let base = Location::new("s3://b/c");
        let bases = Bases::new(&storage, &base, &[Location::new("s3a://b//c/d//")]);
        assert_eq!(bases.root(&Location::new("s3://b/c/d")), Some(1));
        assert_eq!(bases.root(&Location::new("s3://b/c/e")), None);
        for (path, inside) in [
            ("s3://b//c///x", true),
            ("s3://b/c", false),
            ("s3://b/cc/x", false),
        ] {
            assert_eq!(bases.contain(path), inside, "{path}");
        }
        let root = Bases::new(&storage, &Location::new("/"), &[]);
        assert!(root.contain("file:///x"));
    }
}
