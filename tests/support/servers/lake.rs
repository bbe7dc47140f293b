//! Real snapshots in a directory that their paths lead to, planned and applied there.

#![allow(dead_code, reason = "each test uses some of it")]

use std::fs;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use statescope::inspect::retention::{Applied, ApplyRequest, PlanRequest, State, apply, plan};
use statescope::inspect::{self, NoProgress};
use statescope::retention::{NoJournal, Plan, Policy, Refusal};
use statescope::storage::{Settings, Storage};
use statescope::{Location, UtcSeconds};
use tempfile::TempDir;

use crate::snapshots::{Snapshots, directory_of_same_length};
use crate::support::wait;

/// Names as Flink draws them.
pub(crate) const UUIDS: [&str; 3] = [
    "b64485b9-fd06-4d43-8f81-5903f0df4111",
    "fa7cef6e-5bd8-47e9-b9d4-bda4061e1a38",
    "1d778c7a-655f-4115-ae42-747ba53890c6",
];

/// Two checkpoints of one job, `chk-3` and `chk-4`, with shared files.
pub(crate) const INCREMENTAL: &str = "flink-1.20.5/checkpoint-rocksdb-incremental";
/// A month after the files of the fixtures.
pub(crate) const NOW: i64 = 2_081_291_200;
pub(crate) const NOW_TEXT: &str = "2035-12-15T00:26:40Z";
pub(crate) const DAY: i64 = 24 * 60 * 60;

/// Real snapshots in a directory that their paths lead to.
pub(crate) struct Lake {
    pub(crate) directory: TempDir,
    pub(crate) snapshots: Snapshots,
    pub(crate) storage: Storage,
}

impl Lake {
    pub(crate) fn of(scenario: &str) -> Self {
        let directory = directory_of_same_length();
        let snapshots = Snapshots::of_scenario(scenario);
        let root = directory.path().to_str().unwrap();
        snapshots.below(root).write(directory.path());
        Self {
            directory,
            snapshots,
            storage: Storage::new(Settings::new()),
        }
    }

    pub(crate) fn path(&self, key: &str) -> PathBuf {
        self.directory.path().join(key)
    }

    pub(crate) fn base(&self, key: &str) -> Location {
        Location::new(self.path(key).to_str().unwrap())
    }

    /// The directory of the only snapshot of that name.
    pub(crate) fn snapshot(&self, name: &str) -> PathBuf {
        self.path(self.snapshots.directory(name))
    }

    pub(crate) fn request(&self) -> PlanRequest {
        PlanRequest {
            base: self.base("checkpoints"),
            also: Vec::new(),
            policy: Policy {
                keep_last: Some(1),
                ..Policy::default()
            },
            knows: false,
            now: UtcSeconds::from_unix(NOW),
        }
    }

    pub(crate) fn plan(&self, request: &PlanRequest) -> Result<Plan, Vec<Refusal>> {
        wait(plan(&self.storage, request, &NoProgress)).expect("a base that is there")
    }

    pub(crate) fn apply(&self, plan: &Plan) -> Applied {
        self.apply_as(plan, &apply_request())
    }

    pub(crate) fn apply_as(&self, plan: &Plan, request: &ApplyRequest) -> Applied {
        let mut journal = NoJournal;
        let applied = apply(&self.storage, plan, request, &mut journal, &NoProgress);
        wait(applied).expect("a base that is there")
    }

    /// Every file below the directory.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut directories = vec![self.directory.path().to_owned()];
        while let Some(directory) = directories.pop() {
            for entry in fs::read_dir(directory).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => directories.push(path),
                    false => files.push(path),
                }
            }
        }
        files.sort();
        files
    }

    pub(crate) fn is_whole(&self, snapshot: &Path) -> bool {
        let location = Location::new(snapshot.to_str().unwrap());
        wait(async {
            let loaded = inspect::load(&self.storage, &location).await.unwrap();
            let verified = inspect::verify(&self.storage, &loaded, &NoProgress).await;
            let (check, _) = verified.unwrap();
            assert!(check.needed > 0);
            check.missing == 0
        })
    }
}

pub(crate) fn apply_request() -> ApplyRequest {
    ApplyRequest {
        dry_run: false,
        quarantine: None,
        rate: NonZeroU32::new(1_000_000).unwrap(),
        knows: false,
        now: UtcSeconds::from_unix(NOW + 60),
    }
}

pub(crate) fn set_time(path: &Path, seconds: i64) {
    let time = UNIX_EPOCH + Duration::from_secs(seconds.try_into().unwrap());
    let file = fs::File::options().append(true).open(path).unwrap();
    file.set_modified(time).unwrap();
}

pub(crate) fn numbers<T>(result: Result<T, Vec<Refusal>>) -> Vec<u8> {
    let refusals = result.err().expect("a refusal");
    refusals.iter().map(Refusal::number).collect()
}

/// The numbers of what was refused, after a look that nothing was touched.
pub(crate) fn refused(lake: &Lake, plan: &Plan) -> Vec<u8> {
    let before = lake.files();
    let applied = lake.apply(plan);
    assert_eq!(lake.files(), before, "something was touched");
    assert_eq!(applied.count(State::Deleted), 0);
    applied.refusals.iter().map(Refusal::number).collect()
}

pub(crate) fn write_at(path: &Path, seconds: i64) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, "x").unwrap();
    set_time(path, seconds);
}
