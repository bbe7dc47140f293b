use std::time::SystemTime;

use crate::location::Location;

/// A file and what its store knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Where it is.
    pub location: Location,
    /// Bytes.
    pub size: u64,
    /// When it was written last, where the store says so.
    pub modified: Option<SystemTime>,
    /// The store's mark of this content, where it has one.
    pub etag: Option<String>,
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
    /// Names of the directories directly in it, sorted.
    pub directories: Vec<String>,
    /// Entries left out because no path can name them: empty or relative parts, control
    /// characters in object stores, local names that are not UTF-8. Flink writes none of these.
    pub skipped: u64,
    /// Entries of which the store did not say what they are, with the reason.
    pub unknown: Vec<(String, String)>,
}

impl Listing {
    /// Whether there is nothing in the directory.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
            && self.directories.is_empty()
            && self.skipped == 0
            && self.unknown.is_empty()
    }

    /// The listing in its documented order, without the empty objects that only mark directories.
    pub(super) fn arranged(mut self) -> Self {
        for file in &self.files {
            if let Some(name) = marked_by_suffix(file) {
                self.directories.push(name.to_owned());
            }
        }
        self.directories.sort_unstable();
        self.directories.dedup();
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

/// The directory that an object written by old Hadoop clients stands for.
fn marked_by_suffix(file: &ObjectInfo) -> Option<&str> {
    let name = file.name().strip_suffix("_$folder$")?;
    (file.size == 0 && !name.is_empty()).then_some(name)
}

fn is_in(sorted: &[String], name: &str) -> bool {
    sorted
        .binary_search_by(|other| other.as_str().cmp(name))
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
            etag: None,
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
            directories: vec!["shared".to_owned(), "chk-1".to_owned()],
            skipped: 0,
            unknown: Vec::new(),
        }
        .arranged();
        let names: Vec<_> = listing.files.iter().map(ObjectInfo::name).collect();
        assert_eq!(names, ["b", "empty", "kept_$folder$"]);
        assert_eq!(listing.directories, ["chk-1", "old", "shared"]);
    }
}
