//! `@latest`, `@latest~N` and `@chk-N` find the snapshot that is meant, or say why not.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use crate::support;

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use statescope::inspect::Pointer;
use statescope::storage::{Settings, Storage};
use statescope::{Error, Location};

#[test]
fn the_latest_is_the_newest_that_is_complete_and_can_be_read() {
    let base = Base::new();
    base.snapshot("job/chk-8", 100);
    base.snapshot("job/chk-9", 200);
    base.snapshot("savepoints/savepoint-1a2b3c-0123456789ab", 150);
    fs::create_dir_all(base.path("job/chk-11")).expect("a directory");
    base.file("job/chk-10/_metadata", b"not metadata", 300);
    assert_eq!(base.resolve("@latest"), "job/chk-9");
    assert_eq!(
        base.resolve("@latest~1"),
        "savepoints/savepoint-1a2b3c-0123456789ab"
    );
    assert_eq!(base.resolve("@latest~2"), "job/chk-8");
    assert!(matches!(base.fails("@latest~3"), Error::NoSnapshot { .. }));
}

#[test]
fn numbers_beat_times_within_a_job_because_copies_have_times_of_their_own() {
    let base = Base::new();
    base.snapshot("job/chk-9", 500);
    base.snapshot("job/chk-10", 100);
    base.snapshot("other/chk-3", 50);
    assert_eq!(base.resolve("@latest"), "job/chk-10");
    assert_eq!(base.resolve("@latest~1"), "job/chk-9");
    assert_eq!(base.resolve("@latest~2"), "other/chk-3");
}

#[test]
fn a_checkpoint_is_found_by_its_number_unless_two_jobs_have_it() {
    let base = Base::new();
    base.snapshot("one/chk-1", 100);
    base.snapshot("one/chk-2", 100);
    base.snapshot("two/chk-2", 100);
    assert_eq!(base.resolve("@chk-1"), "one/chk-1");
    assert!(matches!(base.fails("@chk-2"), Error::Ambiguous { .. }));
    assert!(matches!(base.fails("@chk-3"), Error::NoSnapshot { .. }));
}

#[test]
fn a_newest_snapshot_that_the_store_does_not_deliver_is_not_passed_over() {
    let base = Base::new();
    base.snapshot("job/chk-1", 100);
    base.file("job/chk-2/_metadata", &[0; 4096], 200);
    let mut settings = Settings::new();
    settings.max_object_bytes = 4000;
    let error = base
        .resolve_with(settings, "@latest")
        .expect_err("an error");
    assert!(matches!(error, Error::Storage(_)), "{error}");
}

struct Base(tempfile::TempDir);

impl Base {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    fn path(&self, below: &str) -> std::path::PathBuf {
        self.0.path().join(below)
    }

    /// A real snapshot, written so many seconds after a fixed time.
    fn snapshot(&self, directory: &str, seconds: u64) {
        let fixture = support::testdata().join("synthetic/v2-flink1.10.3/_metadata");
        let bytes = fs::read(fixture).expect("a fixture");
        self.file(&format!("{directory}/_metadata"), &bytes, seconds);
    }

    fn file(&self, name: &str, bytes: &[u8], seconds: u64) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).expect("a directory");
        fs::write(&path, bytes).expect("a file");
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000 + seconds);
        let file = fs::File::options().write(true).open(&path).expect("a file");
        file.set_modified(time).expect("a time");
    }

    fn resolve_with(&self, settings: Settings, pointer: &str) -> Result<Location, Error> {
        let text = format!("{}{pointer}", self.0.path().display());
        let pointer = Pointer::parse(&text).expect("a pointer");
        support::wait(pointer.resolve(&Storage::new(settings)))
    }

    fn resolve(&self, pointer: &str) -> String {
        let found = self
            .resolve_with(Settings::new(), pointer)
            .expect("a snapshot");
        let base = self.0.path().to_str().expect("a path");
        let below = found.as_str().strip_prefix(base).expect("below the base");
        below.trim_start_matches('/').to_owned()
    }

    fn fails(&self, pointer: &str) -> Error {
        let found = self.resolve_with(Settings::new(), pointer);
        found.expect_err("an error")
    }
}
