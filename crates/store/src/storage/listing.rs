use std::time::SystemTime;

use statescope_format::location::{FileIdentity, Location, Revision};

/// A file and what its store knows of it. Of a symbolic link, that is what it leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Where it is.
    pub location: Location,
    /// Bytes.
    pub size: u64,
    /// When it was written last, where the store says so.
    pub modified: Option<SystemTime>,
    /// Since when it is there as it is, where the store says so. On local disk this is the latest of
    /// the times of its content, of its inode and of its birth: a copy that keeps the times of its
    /// source is new all the same. Ages count from here.
    pub settled: Option<SystemTime>,
    /// The store's mark of this content, where it has one.
    pub etag: Option<String>,
    /// Which file it is, on local disk.
    pub identity: Option<FileIdentity>,
    /// Whether it is still the file that it was, on local disk and HDFS.
    pub revision: Option<Revision>,
    /// Where the path is a symbolic link, the file that it leads to in the end.
    pub link_target: Option<Location>,
}

/// A directory as the listing of the one that it is in shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DirectoryInfo {
    /// The last part of its path.
    pub name: String,
    /// Which directory it is, on local disk; of a symbolic link, the one that it leads to.
    pub identity: Option<FileIdentity>,
    /// Whether the name is a symbolic link to a directory.
    pub is_link: bool,
}

impl ObjectInfo {
    /// The last part of the path.
    pub fn name(&self) -> &str {
        self.location.file_name()
    }
}

/// One directory level.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// Files directly in the directory, by name.
    pub files: Vec<ObjectInfo>,
    /// The directories directly in it, by name.
    pub directories: Vec<DirectoryInfo>,
    /// Which directory this is, on local disk.
    pub identity: Option<FileIdentity>,
    /// The mount that it is on, where the system tells: a directory may be mounted at several places.
    pub mount: Option<u64>,
    /// Entries left out because no path can name them: empty or relative parts, control
    /// characters in object stores, local names that no text can stand for. Flink writes none.
    pub skipped: u64,
    /// Whether some of the names are symbolic links, wherever they lead.
    pub has_links: bool,
    /// Names of symbolic links with nothing behind them, sorted.
    pub dangling: Vec<String>,
    /// Names of what is neither file nor directory, or leads to such: devices, pipes, sockets. Sorted.
    pub special: Vec<String>,
    /// Entries of which the store did not say what they are, with the reason.
    pub unknown: Vec<(String, String)>,
}

impl Listing {
    /// Whether there is nothing in the directory.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
            && self.directories.is_empty()
            && self.skipped == 0
            && self.dangling.is_empty()
            && self.special.is_empty()
            && self.unknown.is_empty()
    }

    /// Entries that hold nothing, with what they are. Most do not matter; one that has a name that is
    /// looked for does.
    pub fn without_content(&self) -> impl Iterator<Item = (&str, &'static str)> {
        let dangling = self.dangling.iter();
        let dangling =
            dangling.map(|name| (name.as_str(), "a symbolic link with nothing behind it"));
        let special = self.special.iter();
        dangling.chain(special.map(|name| (name.as_str(), "neither a file nor a directory")))
    }

    /// The names of the directories directly in it, sorted.
    pub fn directory_names(&self) -> impl Iterator<Item = &str> {
        self.directories.iter().map(|found| found.name.as_str())
    }

    /// The listing in its documented order, without the empty objects that only mark directories.
    pub(super) fn arranged(mut self) -> Self {
        for file in &self.files {
            if let Some(name) = marked_by_suffix(file) {
                self.directories.push(DirectoryInfo::named(name));
            }
        }
        self.directories
            .sort_unstable_by(|a, b| a.name.cmp(&b.name));
        self.directories.dedup_by(|a, b| a.name == b.name);
        let Self {
            files, directories, ..
        } = &mut self;
        files.retain(|file| {
            let marks = file.size == 0
                && (marked_by_suffix(file).is_some() || is_in(directories, file.name()));
            !marks
        });
        files.sort_unstable_by(|a, b| a.location.as_str().cmp(b.location.as_str()));
        self
    }
}

impl DirectoryInfo {
    /// A directory of which only the name is known.
    pub(super) fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }
}

/// The directory that an object written by old Hadoop clients stands for.
fn marked_by_suffix(file: &ObjectInfo) -> Option<&str> {
    let name = file.name().strip_suffix("_$folder$")?;
    (file.size == 0 && !name.is_empty()).then_some(name)
}

fn is_in(sorted: &[DirectoryInfo], name: &str) -> bool {
    sorted
        .binary_search_by(|other| other.name.as_str().cmp(name))
        .is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, size: u64) -> ObjectInfo {
        ObjectInfo {
            location: Location::new("s3://b/dir").join(name),
            size,
            modified: None,
            settled: None,
            etag: None,
            identity: None,
            revision: None,
            link_target: None,
        }
    }

    #[test]
    fn markers_are_directories_and_not_files() {
        let listing = Listing {
            files: vec![
                file("old_$folder$", 0),
                file("chk-1", 0),
                file("empty", 0),
                file("b", 1),
                file("kept_$folder$", 2),
            ],
            directories: ["shared", "chk-1"].map(DirectoryInfo::named).to_vec(),
            ..Listing::default()
        }
        .arranged();
        let names: Vec<_> = listing.files.iter().map(ObjectInfo::name).collect();
        assert_eq!(names, ["b", "empty", "kept_$folder$"]);
        let directories: Vec<_> = listing.directory_names().collect();
        assert_eq!(directories, ["chk-1", "old", "shared"]);
    }
}
