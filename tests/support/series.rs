//! Series of snapshots: made up, and those of real Flink.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]
#![allow(clippy::expect_used, clippy::unwrap_used, reason = "tests may fail")]

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use statescope::Location;
use statescope::growth::{ClassBytes, FileClass, Observation, OperatorObservation};
use statescope::model::checkpoint::OperatorId;
use statescope::snapshot::summary::SnapshotKind;

pub const MIB: u64 = 1 << 20;
pub const HOUR_MS: i64 = 3_600_000;
/// 2026-09-01.
pub const START_MS: i64 = 1_788_220_800_000;

/// An operator without a byte.
pub fn operator(uid: &str) -> OperatorObservation {
    OperatorObservation {
        operator_id: OperatorId::of_uid(uid),
        uid: Some(uid.to_owned()),
        name: None,
        parallelism: 8,
        classes: ClassBytes::default(),
        checkpointed_bytes: Some(0),
        union_bytes: Some(0),
        largest_subtask: None,
        states: None,
    }
}

pub fn with(uid: &str, bytes: &[(FileClass, u64)]) -> OperatorObservation {
    let mut operator = operator(uid);
    for &(class, bytes) in bytes {
        operator.classes.set(class, Some(bytes));
    }
    operator
}

/// A checkpoint an hour.
pub fn checkpoint(job: &str, number: u64, operators: Vec<OperatorObservation>) -> Observation {
    let mut operators = operators;
    operators.sort_by_key(|operator| operator.operator_id);
    let sizes = operators.iter().map(|operator| operator.classes.total());
    let state_bytes = sizes.sum::<Option<u64>>();
    Observation {
        location: Location::new(format!("s3://bucket/checkpoints/{job}/chk-{number}")),
        job_id: Some(job.to_owned()),
        checkpoint_id: number,
        kind: Some(SnapshotKind::Checkpoint),
        time_ms: START_MS + number as i64 * HOUR_MS,
        metadata_bytes: 20_000,
        state_bytes,
        checkpointed_bytes: Some(MIB),
        unique_bytes: state_bytes,
        new_bytes: None,
        inline_bytes: 0,
        file_count: 40,
        small_file_count: 0,
        operators,
    }
}

/// A number below `below` that looks random.
pub fn random(seed: u64, below: u64) -> u64 {
    let mut x = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x ^= x >> 32;
    x = x.wrapping_mul(0xd6e8_feb8_6659_fd93);
    (x ^ (x >> 32)) % below
}

/// A metadata file of real Flink, and when it was written.
pub struct RealCheckpoint {
    /// `<job>/chk-<number>`.
    pub directory: String,
    /// The metadata file.
    pub content: Vec<u8>,
    /// An hour after the one before: files of a checkout have other times.
    pub time: SystemTime,
}

/// The checkpoints of a job that was restarted once, in order.
pub fn real_checkpoints() -> Vec<RealCheckpoint> {
    let mut found = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/growth");
    for job in fs::read_dir(root).expect("the fixture") {
        let job = job.expect("a job").path();
        let id = job.file_name().unwrap().to_str().unwrap();
        for file in fs::read_dir(&job).expect("a directory") {
            let file = file.expect("a file").path();
            let name = file.file_stem().unwrap().to_str().unwrap();
            let number = name.strip_prefix("chk-").unwrap().parse().unwrap();
            found.push(RealCheckpoint {
                directory: format!("{id}/{name}"),
                content: fs::read(&file).expect("a file"),
                time: after(number),
            });
        }
    }
    found.sort_by_key(|checkpoint| checkpoint.time);
    assert_eq!(found.len(), 32);
    found
}

/// Writes them as Flink would have.
pub fn real_series(base: &Path) {
    for checkpoint in real_checkpoints() {
        let directory = base.join(checkpoint.directory);
        fs::create_dir_all(&directory).expect("a directory");
        let file = directory.join("_metadata");
        fs::write(&file, checkpoint.content).expect("a file");
        set_time(&file, checkpoint.time);
    }
}

/// Sets a file's time to so many hours after the start.
pub fn written_at(file: &Path, hours: u64) {
    set_time(file, after(hours));
}

/// So many hours after the start.
fn after(hours: u64) -> SystemTime {
    let start = SystemTime::UNIX_EPOCH + Duration::from_millis(START_MS as u64);
    start + Duration::from_secs(hours * 3600)
}

pub fn set_time(file: &Path, time: SystemTime) {
    let file = fs::File::options().write(true).open(file);
    file.expect("the file").set_modified(time).expect("a time");
}
