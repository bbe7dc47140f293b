//! Real snapshots as files that can be put into any store, with paths that lead there.

#![allow(dead_code, reason = "each test uses some of it")]

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Where the fixtures' absolute paths begin.
const WRITTEN_BELOW: &str = "file:/data/flink";

/// What the generator put beside the files of a snapshot.
const BESIDE: [&str; 3] = ["flink.json", "plan.json", "states.json"];

/// The releases whose fixtures have their state files.
pub(crate) const WITH_FILES: [&str; 3] = ["flink-1.14.6", "flink-1.20.5", "flink-2.3.0"];

/// Files by key, in the directories that Flink had: `checkpoints`, `savepoints`, `changelog`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshots {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

impl Snapshots {
    /// All scenarios of a release, side by side.
    pub(crate) fn of_release(release: &str) -> Self {
        let mut snapshots = Self::default();
        for entry in std::fs::read_dir(testdata().join(release)).unwrap() {
            snapshots.add(&entry.unwrap().path());
        }
        assert!(snapshots.directories().len() > 10, "{release}");
        snapshots
    }

    /// One scenario, such as `flink-2.3.0/unaligned`.
    pub(crate) fn of_scenario(scenario: &str) -> Self {
        let mut snapshots = Self::default();
        snapshots.add(&testdata().join(scenario));
        assert!(!snapshots.directories().is_empty(), "{scenario}");
        snapshots
    }

    fn add(&mut self, scenario: &Path) {
        for entry in std::fs::read_dir(scenario).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            match name.as_str() {
                "changelog" => self.collect(&path, "changelog"),
                _ if name.starts_with("savepoint-") => {
                    self.collect(&path, &format!("savepoints/{name}"));
                }
                _ => self.collect(&path, &format!("checkpoints/{name}")),
            }
        }
    }

    fn collect(&mut self, directory: &Path, key: &str) {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            let key = format!("{key}/{name}");
            if path.is_dir() {
                self.collect(&path, &key);
            } else if !BESIDE.contains(&name) {
                self.files.insert(key, std::fs::read(&path).unwrap());
            }
        }
    }

    /// The directories of the snapshots.
    pub(crate) fn directories(&self) -> Vec<&str> {
        self.files
            .keys()
            .filter_map(|key| key.strip_suffix("/_metadata"))
            .collect()
    }

    /// The only snapshot whose directory has that name.
    pub(crate) fn directory(&self, name: &str) -> &str {
        let found: Vec<_> = self
            .directories()
            .into_iter()
            .filter(|directory| directory.ends_with(&format!("/{name}")))
            .collect();
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        found[0]
    }

    /// The same with paths below `root`, which must have 16 characters, for lengths in the
    /// metadata must not change.
    pub(crate) fn below(&self, root: &str) -> Self {
        self.with_paths(&[(WRITTEN_BELOW, root)])
    }

    /// The same with paths below a place, whose directories have other, shorter names.
    pub(crate) fn with_paths(&self, stand_ins: &[(&str, &str)]) -> Self {
        let mut files = self.files.clone();
        for (key, content) in &mut files {
            if key.ends_with("/_metadata") {
                for (from, to) in stand_ins {
                    replace(content, from.as_bytes(), to.as_bytes());
                }
            }
        }
        Self { files }
    }

    /// Writes the files, all with times that any store can keep: newer checkpoints are younger.
    pub(crate) fn write(&self, directory: &Path) {
        for (key, content) in &self.files {
            let path = directory.join(key);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, content).unwrap();
            set_time(&path, key);
        }
    }
}

/// When a file was written, by the number of its checkpoint. It is in the future, for a file is not
/// older than the last change of its inode.
pub(crate) fn time_of(key: &str) -> SystemTime {
    let number = key.split('/').find_map(|part| part.strip_prefix("chk-"));
    let minutes: u64 = number.map_or(0, |number| number.parse().unwrap());
    SystemTime::UNIX_EPOCH + Duration::from_secs(2_078_691_200 + 60 * minutes)
}

pub(crate) fn set_time(path: &Path, key: &str) {
    let file = std::fs::File::options().write(true).open(path).unwrap();
    file.set_modified(time_of(key)).unwrap();
}

/// A directory whose path is as long as what it stands for.
pub(crate) fn directory_of_same_length() -> tempfile::TempDir {
    tempfile::Builder::new()
        .prefix("s")
        .rand_bytes(WRITTEN_BELOW.len() - "/tmp/s".len())
        .tempdir_in("/tmp")
        .unwrap()
}

fn replace(content: &mut [u8], from: &[u8], to: &[u8]) {
    assert_eq!(
        from.len(),
        to.len(),
        "lengths in the metadata must not change"
    );
    let mut at = 0;
    while let Some(found) = content[at..]
        .windows(from.len())
        .position(|part| part == from)
    {
        content[at + found..][..to.len()].copy_from_slice(to);
        at += found + to.len();
    }
}

fn testdata() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}
