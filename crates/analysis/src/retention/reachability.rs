use std::collections::HashSet;

use foldhash::fast::RandomState;

use crate::retention::fingerprint::{FilePrint, Fingerprint};
use crate::retention::mentions::{LedTo, Mentioned};

/// Everything that some snapshots need. Grows with the number of distinct files, not with the number
/// of handles or snapshots that mention them.
#[derive(Clone, Debug, Default)]
pub struct Reachable {
    paths: HashSet<Fingerprint, RandomState>,
    names: HashSet<Fingerprint, RandomState>,
    directories: HashSet<Fingerprint, RandomState>,
}

/// Why a file is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// A snapshot mentions its path.
    Path,
    /// A snapshot mentions the directory of merged files that it is in.
    Directory,
    /// A snapshot mentions a file of that name at another path: the base goes by another name there,
    /// the files were copied, or a claimed file is misplaced (FLINK-39964).
    Name,
}

impl Reachable {
    /// Adds what a snapshot mentions, and what that leads to.
    pub fn add(&mut self, mentioned: &Mentioned) {
        for file in &mentioned.files {
            self.add_file(*file);
        }
        self.directories.extend(&mentioned.directories);
        self.add_led_to(&mentioned.led_to);
    }

    /// Adds what symbolic links lead to that a snapshot mentions.
    pub(super) fn add_led_to(&mut self, led_to: &LedTo) {
        for file in &led_to.files {
            self.add_file(*file);
        }
        self.directories.extend(&led_to.directories);
    }

    /// Adds a file.
    pub fn add_file(&mut self, file: FilePrint) {
        if self.paths.insert(file.path) {
            self.names.insert(file.name);
        }
    }

    /// Why a file in that directory is needed; `None` if it is not.
    pub fn need(&self, directory: Fingerprint, file: FilePrint) -> Option<Need> {
        if self.paths.contains(&file.path) {
            Some(Need::Path)
        } else if self.directories.contains(&directory) {
            Some(Need::Directory)
        } else {
            self.names.contains(&file.name).then_some(Need::Name)
        }
    }

    /// Whether nothing is needed.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.directories.is_empty()
    }

    /// Whether a snapshot mentions exactly this path.
    pub fn mentions(&self, file: FilePrint) -> bool {
        self.paths.contains(&file.path)
    }
}
