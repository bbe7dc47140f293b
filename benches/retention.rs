//! Planning for a fleet in memory: 1,000 jobs with 50 checkpoints of 200 shared files each, which are
//! 10 million references to 2 million files, against a hash set of the same paths.
//!
//! Prints the time and the memory of each step. Memory is what the process holds more than before.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "it is a benchmark"
)]

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use statescope::model::checkpoint::{OperatorId, OperatorState, OperatorSubtaskState, Subtask};
use statescope::model::handle::{
    HandleAndLocalPath, IncrementalRemoteKeyedStateHandle, KeyGroupRange, KeyedStateHandle,
    StateSize, StreamStateHandle,
};
use statescope::retention::{
    Ask, CloseLook, Decisions, File, Inventory, Mentions, Policy, Reading, Scope, Survey,
    Surveying, build,
};
use statescope::snapshot::references::Base;
use statescope::{JavaStr, Location, UtcSeconds};

const JOBS: usize = 1000;
const CHECKPOINTS: usize = 50;
const SHARED: usize = 200;
/// Files that each checkpoint adds.
const NEW: usize = 40;
const DAY: i64 = 24 * 60 * 60;
const BEGIN: i64 = 1_700_000_000;

fn main() {
    let jobs: Vec<Vec<String>> = (0..JOBS).map(shared_files).collect();
    let files = jobs.iter().map(Vec::len).sum::<usize>();
    println!(
        "{} references to {files} files",
        JOBS * CHECKPOINTS * SHARED
    );

    let (baseline, baseline_bytes) = step("hash set of paths", || hash_set(&jobs));
    assert_eq!(baseline.1.len(), files);
    let baseline = baseline.0;
    let (inventory, inventory_bytes) = step("inventory", || inventory(&jobs));
    let listed = inventory.file_count();
    println!("  {:.0} bytes per file", inventory_bytes / count(listed));
    let ((time, survey), survey_bytes) = step("reachability", || survey(inventory, &jobs));
    let (plan, plan_bytes) = step("plan", || {
        let scope = Scope {
            base: Location::new("s3://bucket/checkpoints"),
            also: Vec::new(),
            store: String::new(),
        };
        build(&survey, &scope, &policy(), now()).expect("a plan")
    });
    println!("  {} of {listed} files go", plan.objects.len());
    println!(
        "reachability takes {:.2} times as long as the hash set, and {:.2} times the memory",
        time.as_secs_f64() / baseline.as_secs_f64(),
        survey_bytes / baseline_bytes,
    );
    println!(
        "all that is planned with: {:.0} MB",
        (inventory_bytes + survey_bytes + plan_bytes) / 1e6
    );
}

fn step<T>(name: &str, work: impl FnOnce() -> T) -> (T, f64) {
    let (before, begun) = (resident(), Instant::now());
    let done = work();
    let bytes = resident() - before;
    println!(
        "{name}: {:.2} s, {:.0} MB",
        begun.elapsed().as_secs_f64(),
        bytes / 1e6
    );
    (done, bytes)
}

/// Bytes of memory that the process holds.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kilobytes.unwrap_or(0.0) * 1024.0
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).expect("few enough"))
}

fn job_directory(job: usize) -> String {
    format!("s3://bucket/checkpoints/{job:032x}")
}

fn shared_files(job: usize) -> Vec<String> {
    let directory = job_directory(job);
    let file = |at: usize| {
        format!(
            "{directory}/shared/{:08x}-1234-4abc-8def-{at:012x}",
            at.wrapping_mul(0x9E37_79B1) & 0xffff_ffff
        )
    };
    (0..SHARED + NEW * (CHECKPOINTS - 1)).map(file).collect()
}

/// The files that a checkpoint mentions.
fn mentioned(files: &[String], checkpoint: usize) -> &[String] {
    &files[NEW * checkpoint..][..SHARED]
}

fn hash_set(jobs: &[Vec<String>]) -> (Duration, HashSet<String>) {
    let begun = Instant::now();
    let mut set: HashSet<String> = HashSet::new();
    for files in jobs {
        for checkpoint in 0..CHECKPOINTS {
            for path in mentioned(files, checkpoint) {
                if !set.contains(path) {
                    set.insert(path.clone());
                }
            }
        }
    }
    (begun.elapsed(), set)
}

fn inventory(jobs: &[Vec<String>]) -> Inventory {
    let mut inventory = Inventory::default();
    let base = Location::new("s3://bucket/checkpoints");
    let base = inventory.add_directory(base, None, true, false);
    for (job, files) in jobs.iter().enumerate() {
        let location = Location::new(job_directory(job));
        let job = inventory.add_directory(location.clone(), Some(base), true, false);
        let shared = inventory.add_directory(location.join("shared"), Some(job), true, true);
        for path in files {
            add(
                &mut inventory,
                shared,
                path.rsplit('/').next().expect("a name"),
                BEGIN,
            );
        }
        for number in 0..CHECKPOINTS {
            let chk = location.join(&format!("chk-{}", number + 1));
            let chk = inventory.add_directory(chk, Some(job), true, true);
            let days = i64::try_from(number).expect("few enough") * DAY;
            add(&mut inventory, chk, "_metadata", BEGIN + days);
        }
    }
    inventory
}

fn add(inventory: &mut Inventory, directory: usize, name: &str, modified: i64) {
    let added = inventory.add_file(
        directory,
        &File {
            name,
            bytes: 1 << 20,
            modified: Some(UtcSeconds::from_unix(modified)),
            settled: Some(UtcSeconds::from_unix(modified)),
            etag: Some("\"d41d8cd98f00b204e9800998ecf8427e\""),
            revision: None,
        },
    );
    assert!(added);
}

fn now() -> UtcSeconds {
    UtcSeconds::from_unix(BEGIN + 60 * DAY)
}

fn policy() -> Policy {
    Policy {
        keep_last: Some(10),
        ..Policy::default()
    }
}

/// Reads every checkpoint; the time without the making of the handles.
fn survey(inventory: Inventory, jobs: &[Vec<String>]) -> (Duration, Survey) {
    let policy = policy();
    let mut surveying = Surveying::new(inventory, Decisions::Policy(&policy), now());
    let prints = surveying.prints().clone();
    let by_directory: HashMap<String, usize> =
        (0..JOBS).map(|job| (job_directory(job), job)).collect();
    let (mut time, mut read) = (Duration::ZERO, 0);
    loop {
        match surveying.next_ask() {
            Ask::Read(snapshots) => {
                for (at, directory) in snapshots {
                    let job = by_directory[directory.parent().as_str()];
                    let number = directory.file_name().trim_start_matches("chk-");
                    let number: usize = number.parse().expect("a number");
                    let operator = operator(mentioned(&jobs[job], number - 1));
                    let base = Base::new(Some(directory));
                    let begun = Instant::now();
                    let mut nobody = |_: &str, _| false;
                    let mut mentions = Mentions::new(&prints, &base, &mut nobody);
                    mentions.operator(&operator);
                    surveying.read(at, Reading::Read(mentions.finish()));
                    time += begun.elapsed();
                    read += 1;
                }
            }
            Ask::LookClosely(snapshots) => {
                for (at, _) in snapshots {
                    surveying.looked_closely(at, CloseLook::Whole);
                }
            }
            Ask::ListAgain | Ask::Nothing => break,
        }
    }
    println!("  {:.2} s of it for {read} snapshots", time.as_secs_f64());
    (time, surveying.finish(None).expect("a survey"))
}

fn operator(paths: &[String]) -> OperatorState<'_> {
    let text = |text: &'static str| JavaStr::new(text.as_bytes()).expect("text");
    let shared = paths.iter().map(|path| HandleAndLocalPath {
        local_path: JavaStr::new(b"000001.sst").expect("text"),
        handle: StreamStateHandle::File {
            path: JavaStr::new(path.as_bytes()).expect("text"),
            size: StateSize::UNKNOWN,
        },
    });
    let handle = KeyedStateHandle::Incremental(Box::new(IncrementalRemoteKeyedStateHandle {
        checkpoint_id: 1,
        backend_id: text("backend"),
        key_groups: KeyGroupRange::new(0, 128).expect("a range"),
        checkpointed_size: StateSize::UNKNOWN,
        meta: StreamStateHandle::EmptySegment,
        shared: shared.collect(),
        private: Vec::new(),
        state_handle_id: None,
    }));
    let state = OperatorSubtaskState {
        managed_keyed: Some(Box::new(handle)),
        ..OperatorSubtaskState::default()
    };
    OperatorState {
        id: OperatorId::of_uid("keyed"),
        uid: None,
        name: None,
        parallelism: 1,
        max_parallelism: 128,
        coordinator: None,
        fully_finished: false,
        subtasks: vec![Subtask::running(0, state)],
    }
}
