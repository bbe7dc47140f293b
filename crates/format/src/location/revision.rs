/// Which file or directory of this machine's disks something is, whatever path leads to it. Other
/// stores have no such thing: there, a file is its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileIdentity {
    /// The number of the file system.
    pub device: u64,
    /// The number of the file in it.
    pub inode: u64,
}

/// By what a file is known to be the one that was seen, unchanged: hashes of its identity, its size and
/// its times to the last digit. Those of one process go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision {
    /// With the time of the last change of its inode, which nobody can set.
    pub whole: u64,
    /// Without it: it also changes when one of several names of the file is removed.
    pub content: u64,
    /// Whether the file has other names.
    pub has_other_names: bool,
}

impl Revision {
    /// Of a file; times are seconds and nanoseconds.
    pub fn new(
        identity: FileIdentity,
        size: u64,
        modified: (i64, i64),
        changed: (i64, i64),
        has_other_names: bool,
    ) -> Self {
        let content = (identity, size, modified);
        Self {
            whole: hash(&(content, changed)),
            content: hash(&content),
            has_other_names,
        }
    }

    /// What stays the same while other names of the file are removed.
    pub fn lasting(self) -> u64 {
        match self.has_other_names {
            true => self.content,
            false => self.whole,
        }
    }

    /// Whether the file is the one that was seen.
    pub fn is(self, seen: u64) -> bool {
        seen == self.whole || seen == self.content
    }
}

fn hash(of: &impl std::hash::Hash) -> u64 {
    use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

    BuildHasherDefault::<DefaultHasher>::default().hash_one(of)
}
