//! `list` finds every snapshot below a base and never passes over what it could not see.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use crate::support;

use std::fs;
use std::path::PathBuf;

use statescope::Location;
use statescope::inspect::{self, NoProgress, SnapshotList, SnapshotStatus};
use statescope::storage::{Settings, Storage};
use support::wait;

const JOB: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn snapshots_are_found_at_any_level_of_flinks_layouts() {
    let base = Base::new();
    let at = [
        format!("{JOB}/chk-1"),
        "no-job-level/chk-7".to_owned(),
        "savepoints/savepoint-1a2b3c-0123456789ab".to_owned(),
        "renamed/before the upgrade".to_owned(),
        format!("a/b/c/d/{JOB}/chk-2"),
        // Only beside checkpoints do these names mean what they mean to Flink.
        format!("shared/flink/{JOB}/chk-3"),
        format!("taskowned/{JOB}/chk-4"),
    ];
    at.iter().for_each(|directory| base.snapshot(directory));
    let mut expected: Vec<_> = at.to_vec();
    expected.sort();
    assert_eq!(base.found(), expected);
    for directory in at {
        let only = base.list_below(&directory);
        assert_eq!(only.snapshots.len(), 1, "{directory} given as the base");
    }
}

#[test]
fn snapshots_are_found_wherever_they_lie() {
    let base = Base::new();
    let mut expected = vec![
        format!("{JOB}/chk-1"),
        format!("{JOB}/chk-1/savepoint-1a2b3c-0123456789ab"),
        format!("{JOB}/shared/{JOB}/chk-2"),
        "no-job-level/chk-2".to_owned(),
        "no-job-level/taskowned/deep".to_owned(),
        "savepoints/copies/of/last/year/chk-7".to_owned(),
    ];
    expected
        .iter()
        .for_each(|directory| base.snapshot(directory));
    expected.sort();
    assert_eq!(base.found(), expected);
}

#[cfg(unix)]
#[test]
fn a_directory_with_several_names_is_listed_once() {
    let base = Base::new();
    base.snapshot(&format!("{JOB}/chk-1"));
    // In a circle, beside itself, and before and after it in the order of names.
    for (link, to) in [
        ("0-first", JOB),
        ("zz-last", JOB),
        ("circle", "."),
        (&format!("{JOB}/up"), ".."),
        (&format!("{JOB}/chk-9"), "chk-1"),
    ] {
        std::os::unix::fs::symlink(to, base.path(link)).expect("a link");
    }
    let list = base.list();
    assert_eq!(list.snapshots.len(), 1, "{:?}", list.snapshots);
    assert!(list.unreadable_directories.is_empty());
}

#[cfg(target_os = "linux")]
#[test]
fn file_systems_of_the_kernel_are_not_searched() {
    for base in ["/", "/proc"] {
        let storage = Storage::new(Settings::new());
        let bases = [statescope::Location::new(base)];
        let list = wait(inspect::list(&storage, &bases, false, &NoProgress));
        let error = list.expect_err("an error").to_string();
        assert!(error.contains("a file system of the kernel"), "{error}");
    }
}

#[test]
fn a_stray_metadata_file_hides_nothing() {
    let base = Base::new();
    base.snapshot("");
    base.snapshot("job/chk-1");
    assert_eq!(base.found(), ["", "job/chk-1"]);
}

#[test]
fn unfinished_aborted_and_broken_snapshots_are_told_apart() {
    let base = Base::new();
    base.snapshot("job/chk-2");
    base.directory("job/chk-1");
    base.directory("job/chk-3");
    base.directory("savepoint-1a2b3c-0123456789ab");
    base.file("job/chk-4/_metadata", b"no metadata");
    let list = base.list();
    let status = |directory: &str| {
        let path = base.path(directory);
        let of =
            |entry: &&inspect::SnapshotEntry| path == std::path::Path::new(entry.location.as_str());
        list.snapshots.iter().find(of).expect("an entry").status
    };
    assert_eq!(status("job/chk-1"), SnapshotStatus::Aborted);
    assert_eq!(status("job/chk-2"), SnapshotStatus::Complete);
    assert_eq!(status("job/chk-3"), SnapshotStatus::InProgress);
    assert_eq!(status("job/chk-4"), SnapshotStatus::Invalid);
    assert_eq!(
        status("savepoint-1a2b3c-0123456789ab"),
        SnapshotStatus::Aborted
    );
    assert_eq!(list.not_read().len(), 1);
}

#[test]
fn a_file_that_flink_refuses_is_not_complete() {
    let base = Base::new();
    let refused =
        PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/cli/data/refused/_metadata");
    base.file("job/chk-1/_metadata", &fs::read(refused).expect("an input"));
    let list = base.list();
    assert_eq!(list.snapshots[0].status, SnapshotStatus::Invalid);
    assert!(list.snapshots[0].error.is_some());
    assert_eq!(list.not_read().len(), 1);
}

#[cfg(unix)]
#[test]
fn what_could_not_be_looked_into_is_said() {
    let base = Base::new();
    base.snapshot("job/chk-1");
    std::os::unix::fs::symlink("/nowhere", base.path("job/chk-2")).expect("a link");
    let deep = "d/".repeat(17);
    base.snapshot(&format!("{deep}chk-3"));
    let list = base.list();
    let reasons = list.unreadable_directories.join("\n");
    assert!(reasons.contains("chk-2"), "{reasons}");
    assert!(reasons.contains("levels deep"), "{reasons}");
    assert_eq!(list.not_read().len(), 2);
}

#[test]
fn checkpoints_go_by_their_numbers_whatever_the_times_of_their_copies() {
    let base = Base::new();
    for number in [10, 9, 11] {
        base.snapshot(&format!("job/chk-{number}"));
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let list = base.list();
    let names: Vec<_> = list
        .snapshots
        .iter()
        .map(|entry| entry.location.file_name())
        .collect();
    assert_eq!(names, ["chk-11", "chk-10", "chk-9"]);
}

#[test]
fn a_missing_base_is_an_error_unless_it_was_only_configured() {
    let base = Base::new();
    base.snapshot("checkpoints/chk-1");
    let there = base.location("checkpoints");
    let missing = base.location("savepoints");
    let list = |may_be_missing| {
        let storage = Storage::new(Settings::new());
        let bases = [there.clone(), missing.clone()];
        wait(inspect::list(&storage, &bases, may_be_missing, &NoProgress))
    };
    assert!(list(false).expect_err("an error").is_not_found());
    assert_eq!(list(true).expect("a list").snapshots.len(), 1);
}

#[test]
fn a_directory_below_two_bases_is_listed_once() {
    let base = Base::new();
    base.snapshot("a/chk-1");
    base.snapshot("a/chk-2");
    let (outer, inner) = (base.location(""), base.location("a"));
    let file_uri = Location::new(format!("file:{inner}"));
    let storage = Storage::new(Settings::new());
    let bases = [outer, inner, file_uri];
    let list = wait(inspect::list(&storage, &bases, false, &NoProgress)).expect("a list");
    assert_eq!(list.snapshots.len(), 2);
}

struct Base(tempfile::TempDir);

impl Base {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    fn path(&self, below: &str) -> PathBuf {
        match below {
            "" => self.0.path().to_owned(),
            below => self.0.path().join(below),
        }
    }

    fn location(&self, below: &str) -> Location {
        Location::new(self.path(below).to_str().expect("a path"))
    }

    fn directory(&self, below: &str) {
        fs::create_dir_all(self.path(below)).expect("a directory");
    }

    fn file(&self, below: &str, bytes: &[u8]) {
        let path = self.path(below);
        fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
        fs::write(path, bytes).expect("a file");
    }

    fn snapshot(&self, below: &str) {
        let fixture = support::testdata().join("synthetic/v2-flink1.10.3/_metadata");
        let bytes = fs::read(fixture).expect("a fixture");
        let name = format!("{below}/_metadata");
        self.file(name.trim_start_matches('/'), &bytes);
    }

    fn list_below(&self, below: &str) -> SnapshotList {
        let storage = Storage::new(Settings::new());
        let bases = [self.location(below)];
        wait(inspect::list(&storage, &bases, false, &NoProgress)).expect("a list")
    }

    fn list(&self) -> SnapshotList {
        self.list_below("")
    }

    /// The directories of what was found, below the base, sorted; all must be complete.
    fn found(&self) -> Vec<String> {
        let list = self.list();
        assert_eq!(list.not_read(), []);
        let below = |entry: &inspect::SnapshotEntry| {
            assert_eq!(entry.status, SnapshotStatus::Complete, "{}", entry.location);
            let path = PathBuf::from(entry.location.as_str());
            let below = path.strip_prefix(self.0.path()).expect("below the base");
            below.to_str().expect("a path").to_owned()
        };
        let mut found: Vec<_> = list.snapshots.iter().map(below).collect();
        found.sort();
        found
    }
}
