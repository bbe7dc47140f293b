//! What is there: every directory and file below the bases, as listings show them.
//!
//! There may be millions of files, so names are kept end to end in one text per directory: a file
//! takes 40 bytes, its name and its ETag.

use crate::retention::place::{Place, place_of};
use statescope_format::location::{FileIdentity, Location};
use statescope_format::reader::to_u64;
use statescope_format::time::UtcSeconds;

/// All directories below the bases, each after the one that it is in.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    directories: Vec<Directory>,
    aliases: Aliases,
    link_targets: Vec<Location>,
    held: u64,
}

/// Other paths of directories that were listed.
#[derive(Clone, Debug, Default)]
pub struct Aliases(Vec<Alias>);

/// A directory that was listed under another path: a link to it, a mount, or a way round in a circle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// Where it is, too.
    pub location: Location,
    /// The path that it was listed under.
    pub listed_as: Location,
}

/// One directory and the files directly in it.
#[derive(Clone, Debug)]
pub struct Directory {
    /// Where it is.
    pub location: Location,
    /// Whether something may be deleted in it.
    pub touchable: bool,
    /// Position of the directory that it is in, unless it is a base.
    pub parent: Option<usize>,
    /// Which directory it is, on local disk.
    pub identity: Option<FileIdentity>,
    /// Names in it that are symbolic links to files, sorted.
    links: Vec<String>,
    pub(super) place: Place,
    texts: String,
    files: Vec<Entry>,
}

/// A file; its name and ETag are in the directory's text, up to these positions.
#[derive(Clone, Copy, Debug)]
struct Entry {
    name_end: u32,
    etag_end: u32,
    bytes: u64,
    /// [`UNKNOWN`] where the store does not say.
    modified: i64,
    /// The same.
    settled: i64,
    /// 0 where the store does not say.
    revision: u64,
}

/// What a file takes besides its name and ETag.
const FILE_BYTES: u64 = 40;
/// What a directory takes besides its path.
const DIRECTORY_BYTES: u64 = 160;

const UNKNOWN: i64 = i64::MIN;

/// A file as a listing shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File<'i> {
    /// The last part of its path.
    pub name: &'i str,
    /// Its size.
    pub bytes: u64,
    /// When it was written last, where the store says so.
    pub modified: Option<UtcSeconds>,
    /// Since when it is there as it is, where the store says so: never before it was written, and later
    /// where it came as a copy that has kept its time.
    pub settled: Option<UtcSeconds>,
    /// The store's mark of this content, where it has one.
    pub etag: Option<&'i str>,
    /// By what it is known again to the last digit of its times, where the store has no ETag.
    pub revision: Option<u64>,
}

impl Inventory {
    /// Adds a directory below `parent`; returns its position. `beside_checkpoints` says whether
    /// there is a `chk-N` beside it.
    pub fn add_directory(
        &mut self,
        location: Location,
        parent: Option<usize>,
        touchable: bool,
        beside_checkpoints: bool,
    ) -> usize {
        let path = location.as_str().trim_end_matches('/');
        let mut above: Vec<&str> = path.split('/').collect();
        let name = above.pop().unwrap_or_default();
        let place = place_of(&above, name, beside_checkpoints);
        self.held += DIRECTORY_BYTES + to_u64(location.as_str().len());
        self.directories.push(Directory {
            location,
            touchable,
            parent,
            identity: None,
            links: Vec::new(),
            place,
            texts: String::new(),
            files: Vec::new(),
        });
        self.directories.len() - 1
    }

    /// Adds a file to a directory. False if it cannot be held: the directory is not known, or names
    /// of 4 GiB are in it.
    #[must_use]
    pub fn add_file(&mut self, directory: usize, file: &File<'_>) -> bool {
        let Some(directory) = self.directories.get_mut(directory) else {
            return false;
        };
        let texts = &mut directory.texts;
        let end = |texts: &String| u32::try_from(texts.len()).ok();
        texts.push_str(file.name);
        let name_end = end(texts);
        texts.push_str(file.etag.unwrap_or_default());
        let (Some(name_end), Some(etag_end)) = (name_end, end(texts)) else {
            return false;
        };
        self.held += FILE_BYTES + to_u64(file.name.len() + file.etag.unwrap_or_default().len());
        directory.files.push(Entry {
            name_end,
            etag_end,
            bytes: file.bytes,
            modified: seconds(file.modified),
            settled: seconds(file.settled),
            revision: file.revision.unwrap_or(0),
        });
        true
    }

    /// Notes which directory it is that was listed.
    pub fn identify(&mut self, directory: usize, identity: Option<FileIdentity>) {
        if let Some(directory) = self.directories.get_mut(directory) {
            directory.identity = identity;
        }
    }

    /// Notes that a file is a symbolic link, and what it leads to in the end.
    pub fn add_link(&mut self, directory: usize, name: &str, target: Location) {
        if let Some(directory) = self.directories.get_mut(directory) {
            self.held += to_u64(name.len() + target.as_str().len()) + DIRECTORY_BYTES;
            let at = directory.links.partition_point(|link| link.as_str() < name);
            directory.links.insert(at, name.to_owned());
            self.link_targets.push(target);
        }
    }

    /// What symbolic links lead to.
    pub fn link_targets(&self) -> &[Location] {
        &self.link_targets
    }

    /// Notes another path of a directory that is listed.
    pub fn add_alias(&mut self, location: Location, listed_as: Location) {
        let texts = location.as_str().len() + listed_as.as_str().len();
        self.held += DIRECTORY_BYTES + to_u64(texts);
        self.aliases.0.push(Alias {
            location,
            listed_as,
        });
    }

    /// The other paths of directories.
    pub fn aliases(&self) -> &Aliases {
        &self.aliases
    }

    /// Which directory is at a place that was listed, by this path or by another.
    pub fn identity_of(&self, location: &Location) -> Option<FileIdentity> {
        let listed_as = self.aliases.listed_as(location);
        let mut directories = self.directories.iter();
        directories
            .find(|directory| directory.location == *location || directory.location == listed_as)?
            .identity
    }

    /// Gives back the room that the files of a directory did not need.
    pub fn directory_is_whole(&mut self, directory: usize) {
        if let Some(directory) = self.directories.get_mut(directory) {
            directory.texts.shrink_to_fit();
            directory.files.shrink_to_fit();
        }
    }

    /// Bytes of memory that all of it takes.
    pub fn held_bytes(&self) -> u64 {
        self.held
    }

    /// The directories, each after the one that it is in.
    pub fn directories(&self) -> &[Directory] {
        &self.directories
    }

    /// How many files there are.
    pub fn file_count(&self) -> usize {
        self.directories
            .iter()
            .map(|directory| directory.files.len())
            .sum()
    }
}

impl Aliases {
    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Alias> {
        self.0.iter()
    }

    /// The path that a place was listed under, if it goes by another.
    pub fn listed_as(&self, location: &Location) -> Location {
        let path = location.as_str();
        let path = path.strip_prefix("file://").unwrap_or(path);
        let path = path.strip_prefix("file:").unwrap_or(path);
        let of = self.0.iter().find_map(|alias| {
            let below = path.strip_prefix(alias.location.as_str())?;
            (below.is_empty() || below.starts_with('/'))
                .then(|| format!("{}{below}", alias.listed_as.as_str()))
        });
        of.map_or_else(|| location.clone(), Location::new)
    }
}

impl Directory {
    /// The files directly in it, in the order of the listing.
    pub fn files(&self) -> impl Iterator<Item = File<'_>> {
        let mut begin = 0;
        self.files.iter().map(move |entry| {
            let text = |from: u32, to: u32| {
                let range = usize::try_from(from).ok()?..usize::try_from(to).ok()?;
                self.texts.get(range)
            };
            let name = text(begin, entry.name_end).unwrap_or_default();
            let etag = text(entry.name_end, entry.etag_end).filter(|etag| !etag.is_empty());
            begin = entry.etag_end;
            File {
                name,
                bytes: entry.bytes,
                modified: time(entry.modified),
                settled: time(entry.settled),
                etag,
                revision: (entry.revision != 0).then_some(entry.revision),
            }
        })
    }

    /// Whether the file of that name is a symbolic link.
    pub fn is_link(&self, name: &str) -> bool {
        let links = &self.links;
        links
            .binary_search_by(|link| link.as_str().cmp(name))
            .is_ok()
    }

    /// The file of that name.
    pub fn file(&self, name: &str) -> Option<File<'_>> {
        self.files().find(|file| file.name == name)
    }
}

fn seconds(time: Option<UtcSeconds>) -> i64 {
    time.map_or(UNKNOWN, UtcSeconds::unix)
}

fn time(seconds: i64) -> Option<UtcSeconds> {
    (seconds != UNKNOWN).then(|| UtcSeconds::from_unix(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_back_as_they_went_in() {
        let mut inventory = Inventory::default();
        let at = inventory.add_directory(Location::new("/c"), None, true, false);
        let files = [
            File {
                name: "a",
                bytes: 1,
                modified: None,
                settled: Some(UtcSeconds::from_unix(7)),
                etag: Some("x"),
                revision: Some(3),
            },
            File {
                name: "",
                bytes: 0,
                modified: Some(UtcSeconds::from_unix(-5)),
                settled: None,
                etag: None,
                revision: None,
            },
            File {
                name: "über",
                bytes: u64::MAX,
                modified: None,
                settled: None,
                etag: Some("\"é\""),
                revision: Some(u64::MAX),
            },
        ];
        for file in &files {
            assert!(inventory.add_file(at, file));
        }
        assert_eq!(
            inventory.directories()[at].files().collect::<Vec<_>>(),
            files
        );
        assert!(!inventory.add_file(at + 1, &files[0]));
        assert_eq!(inventory.file_count(), 3);
    }
}
