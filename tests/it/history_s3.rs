//! Histories on an S3 server: the commands as a user runs them, and many of them at once.

#![cfg(all(feature = "history", feature = "s3", feature = "cli", unix))]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use crate::history_suite;
use crate::program;
use crate::series;
use crate::servers;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, thread};

use history_suite::JOBS;
use program::{Program, Run};
use serde_json::Value;
use series::{real_checkpoints, set_time};
use servers::s3::{ACCESS_KEY, S3Server, SECRET_KEY, put_file};
use statescope::Limits;
use statescope::growth::history::decode;

const BASE: &str = "s3://flink/checkpoints";
const HISTORY: &str = "s3://flink/history";

/// A server with the checkpoints of a job that was restarted once.
async fn lake() -> (S3Server, Program) {
    let server = S3Server::start().await;
    let base = server.bucket().join("checkpoints");
    for checkpoint in real_checkpoints() {
        let key = format!("{}/_metadata", checkpoint.directory);
        put_file(&base, &key, &checkpoint.content);
        set_time(&base.join(key), checkpoint.time);
    }
    let program = Program::new()
        .with("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .with("AWS_REGION", "eu-central-1")
        .with_secret("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .with("AWS_ENDPOINT_URL", &server.endpoint());
    (server, program)
}

/// Everything below a directory.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.append(&mut files(&path)),
            false => found.push(path),
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_is_read_back_and_compacted() {
    let (_server, program) = lake().await;
    history_suite::run(&program, BASE, HISTORY);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_days_of_the_job_that_is_asked_for_are_read() {
    let (server, program) = lake().await;
    let recorded = program.run(&["growth", BASE, "--record", HISTORY]);
    assert_eq!(recorded.code, Some(0), "{recorded:?}");
    server.guard().take_seen();
    let wanted = ["growth", "--history", HISTORY, "--job-id", JOBS[1]];
    let run = program.run(&wanted);
    assert_eq!(run.code, Some(0), "{run:?}");
    let mut seen = server.guard().take_seen();
    seen.sort_unstable();
    // The job and two days; a file in each.
    let expected = [["GetObject"; 2].as_slice(), &["ListObjectsV2"; 3]].concat();
    assert_eq!(seen, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_that_cannot_be_written_is_named() {
    let (server, program) = lake().await;
    let record = |history: &str| program.run(&["growth", BASE, "--record", history]);
    let run = record("s3://nothing/history");
    assert!(run.error(6).contains("s3://nothing/history/"), "{run:?}");
    assert!(run.error(6).contains("no such bucket"), "{run:?}");
    server
        .guard()
        .allow(|operation, _| operation != "PutObject");
    let run = record(HISTORY);
    let expected = "cannot write s3://flink/history/job=";
    assert!(run.error(6).starts_with(expected), "{run:?}");
    assert!(run.error(6).contains("access denied"), "{run:?}");
    assert!(!server.bucket().join("history").exists());
}

/// What was seen of each checkpoint, in the order of their numbers. What is new in it depends on
/// what else a run has seen.
fn points(run: &Run) -> Vec<Value> {
    let data = run.data(0);
    let jobs = data["jobs"].as_array().unwrap();
    let series = jobs
        .iter()
        .flat_map(|job| job["series"].as_array().unwrap());
    let mut points: Vec<Value> = series.cloned().collect();
    for point in &mut points {
        point["new_bytes"].take();
    }
    points.sort_by_key(|point| point["checkpoint_id"].as_u64());
    points
}

#[tokio::test(flavor = "multi_thread")]
async fn many_programs_at_once_lose_nothing_and_count_nothing_twice() {
    let (server, program) = lake().await;
    let run = |arguments: &[String]| {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        program.run(&arguments)
    };
    let words = |words: &[&str]| -> Vec<String> { words.iter().map(|&word| word.into()).collect() };
    let places: Vec<String> = real_checkpoints()
        .iter()
        .map(|checkpoint| format!("{BASE}/{}", checkpoint.directory))
        .collect();
    let record = |places: &[String]| -> Vec<String> {
        let record = words(&["--record", HISTORY, "--json"]);
        [&words(&["growth"])[..], places, &record].concat()
    };
    let read = words(&["growth", "--history", HISTORY, "--json"]);
    let compact = words(&["history", "compact", HISTORY]);

    // One of each partition: of a directory that appears just then, the server says what S3 does not.
    let first = [0, 16, 23].map(|at| places[at].clone());
    let before = points(&run(&record(&first)));
    // Each writer sees some of what others see, two of them the same, and another one starts when
    // there are files of several to merge.
    let mut programs = Vec::new();
    for from in (0..=24).step_by(4) {
        programs.push(record(&places[from..from + 8]));
        programs.push(record(&places[from..from + 8]));
        programs.push(record(&places[from + 2..from + 7]));
        programs.push(compact.clone());
        programs.push(read.clone());
    }
    thread::scope(|scope| {
        for arguments in &programs {
            let (before, run) = (&before, &run);
            scope.spawn(move || {
                let run = run(arguments);
                // A reader that compactions overtook again and again says so.
                if arguments[1] == "--history" && run.code == Some(7) {
                    return;
                }
                assert_eq!(run.code, Some(0), "{arguments:?}: {run:?}");
                if arguments[1] == "--history" {
                    let seen = points(&run);
                    let numbers: BTreeSet<_> = seen.iter().map(Value::to_string).collect();
                    assert_eq!(numbers.len(), seen.len(), "twice: {seen:?}");
                    assert!(before.iter().all(|point| seen.contains(point)), "{seen:?}");
                }
            });
        }
    });

    let expected = points(&program.run(&["growth", BASE, "--json"]));
    assert_eq!(expected.len(), 32);
    assert_eq!(points(&run(&read)), expected);
    let directory = server.bucket().join("history");
    for file in files(&directory) {
        decode(&fs::read(&file).unwrap().into(), &Limits::default()).unwrap();
    }
    assert_eq!(run(&compact).code, Some(0));
    assert_eq!(points(&run(&read)), expected);
    // Two jobs, of which the second runs past midnight.
    let files = files(&directory);
    assert_eq!(files.len(), 3, "{files:?}");
    let rows = files
        .iter()
        .flat_map(|file| decode(&fs::read(file).unwrap().into(), &Limits::default()).unwrap());
    let mut keys: Vec<_> = rows.map(|row| row.key().unwrap()).collect();
    let count = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), count);
}

#[tokio::test(flavor = "multi_thread")]
async fn eight_programs_that_record_the_same_all_end_well() {
    let (_server, program) = lake().await;
    let checkpoints = real_checkpoints();
    // One of each partition.
    let first = [0, 16, 23].map(|at| format!("{BASE}/{}", checkpoints[at].directory));
    let first: Vec<&str> = first.iter().map(String::as_str).collect();
    history_suite::eight_at_once(&program, BASE, &format!("{BASE}/history"), &first);
}
