use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::quality::RandomState;

use statescope_format::location::{Location, PlaceParts};

/// What stands for a path in sets: eight bytes, from a hash whose seed nobody outside knows.
///
/// Two paths may have the same fingerprint. In the sets of what is needed that keeps a file too
/// many, and never deletes one.
pub type Fingerprint = u64;

/// Makes fingerprints; those of different instances do not go together.
#[derive(Clone, Debug, Default)]
pub struct Fingerprints {
    seed: RandomState,
}

/// The fingerprints of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FilePrint {
    /// Of its path.
    pub path: Fingerprint,
    /// Of the last part of its path alone. Flink draws each name at random, so a file of that name
    /// is that file, or a copy of it, whatever its path looks like.
    pub name: Fingerprint,
}

impl Fingerprints {
    /// The fingerprint of a directory; the same for all spellings of one place.
    pub fn directory(&self, path: &str) -> Fingerprint {
        // Userinfo is not part of a place; it is rare enough to make a copy for.
        if path.contains('@') {
            return self.place(Location::new(path).as_str());
        }
        self.place(path)
    }

    /// The fingerprints of a file in that directory.
    pub fn file(&self, directory: Fingerprint, name: &str) -> FilePrint {
        let name = self.seed.hash_one(name);
        FilePrint {
            path: self.seed.hash_one((directory, name)),
            name,
        }
    }

    /// The fingerprints of a file by its whole path.
    pub fn path(&self, path: &str) -> FilePrint {
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
        self.file(self.directory(directory), name)
    }

    /// The fingerprint of a file's content.
    pub fn content(&self, content: &[u8]) -> Fingerprint {
        self.seed.hash_one(content)
    }

    fn place(&self, path: &str) -> Fingerprint {
        let parts = PlaceParts::of(path.as_bytes());
        let mut hasher = self.seed.build_hasher();
        parts.scheme.hash(&mut hasher);
        // Several slashes count as one, and those at the end not at all.
        for name in parts
            .rest
            .split(|&byte| byte == b'/')
            .filter(|name| !name.is_empty())
        {
            name.hash(&mut hasher);
        }
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_place_have_one_fingerprint() {
        let prints = Fingerprints::default();
        for same in [
            &["/data/x", "file:/data/x", "file:///data//x"][..],
            &[
                "s3://b/c/x",
                "s3a://b/c/x",
                "s3p://b//c/x",
                "s3n://key:pw@b/c/x",
            ],
            &["hdfs://nn:8020/x", "hdfs://me@nn:8020/x"],
        ] {
            for other in same {
                assert_eq!(prints.path(same[0]), prints.path(other), "{other}");
            }
        }
        let in_directory = prints.file(prints.directory("/data/"), "x");
        assert_eq!(in_directory, prints.path("file:/data/x"));
    }

    #[test]
    fn a_copy_elsewhere_has_another_path_and_the_same_name() {
        let prints = Fingerprints::default();
        let (one, other) = (prints.path("s3://b/c/x"), prints.path("s3://b/d/x"));
        assert_ne!(one.path, other.path);
        assert_eq!(one.name, other.name);
        assert_ne!(prints.path("s3://b/x").path, prints.path("/b/x").path);
    }
}
