//! A history in a store, as the commands write, read and compact it.

#![allow(dead_code, reason = "each test uses some of it")]
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "it is a test")]

use serde_json::Value;

use crate::program::Program;

/// A job, and what it was after a restart.
pub(crate) const JOBS: [&str; 2] = [
    "5dcec9c5bc650e3e3682b5a7268d5ca8",
    "f9bbe12559cd3c4d6b178213676ddd62",
];

/// What the commands do in any store: `base` holds the checkpoints, and there is no `history` yet.
pub(crate) fn run(program: &Program, base: &str, history: &str) {
    let expected = growth(program, &[base]).0;
    assert_eq!(expected["snapshot_count"], 32);
    let first: Vec<_> = (1..5)
        .map(|n| format!("{base}/{}/chk-{n}", JOBS[0]))
        .collect();
    let first: Vec<_> = first.iter().map(String::as_str).collect();
    let (seen, said) = growth(program, &[&first[..], &["--record", history]].concat());
    assert_eq!(seen["snapshot_count"], 4);
    assert!(said.contains(" new rows in 1 files"), "{said}");
    let record = [base, "--record", history];
    let (seen, said) = growth(program, &record);
    assert!(seen == expected);
    // Two jobs, of which the second runs past midnight.
    assert!(said.contains(" new rows in 3 files"), "{said}");
    let nothing_new = "recorded 0 new rows in 0 files";
    assert!(growth(program, &record).1.contains(nothing_new));
    only_wanted_jobs(program, base, history);
    for [partitions, files] in [[1, 2], [0, 0]] {
        let alone = growth(program, &["--history", history]).0;
        assert!(alone == expected, "before {files} files went");
        let both = growth(program, &[base, "--history", history]).0;
        assert!(both == expected, "before {files} files went");
        let compacted = program.run(&["history", "compact", history, "--json"]);
        let merged = serde_json::json!({ "partitions": partitions, "files": files });
        assert_eq!(compacted.data(0), merged);
    }
    assert!(growth(program, &record).1.contains(nothing_new));
}

fn only_wanted_jobs(program: &Program, base: &str, history: &str) {
    let of_history = ["--history", history, "--job-id", JOBS[1]];
    for places in [&[][..], &[base], &[&format!("{base}/{}", JOBS[0])]] {
        let (seen, _) = growth(program, &[places, &of_history].concat());
        assert_eq!(seen["snapshot_count"], 16, "{places:?}");
        assert_eq!(seen["jobs"][0]["job_ids"], serde_json::json!([JOBS[1]]));
    }
    let both = [&of_history[..], &["--job-id", JOBS[0]]].concat();
    let (seen, _) = growth(program, &both);
    assert_eq!(seen["jobs"][0]["job_ids"], serde_json::json!(JOBS));
    let unknown = program.run(&["growth", "--history", history, "--job-id", "5dcec9"]);
    assert!(unknown.error(5).contains("\"5dcec9\""), "{unknown:?}");
    for wrong in [&["--job-id", "a/.."][..], &["--job-id", ""]] {
        let run = program.run(&[&["growth", "--history", history], wrong].concat());
        assert_eq!(run.code, Some(2), "{run:?}");
    }
}

/// The result without what only snapshots tell that are there, and what was said besides.
pub(crate) fn growth(program: &Program, arguments: &[&str]) -> (Value, String) {
    let run = program.run(&[&["growth", "--by", "state", "--json"], arguments].concat());
    let mut data = run.data(0);
    data["locations"].take();
    for job in data["jobs"].as_array_mut().unwrap() {
        job["retained_bytes"].take();
        for operator in job["operators"].as_array_mut().unwrap() {
            // Of an operator without any state, a history does not say that it was looked into.
            if operator["states"] == serde_json::json!([]) {
                operator["states"].take();
            }
        }
    }
    (data, run.stderr)
}

/// Eight programs that record the same at once: each ends well, whether it was first or not, and
/// together they have recorded everything. `history` lies below `base`, where each also sees what the
/// others are just writing.
///
/// `first` are recorded before: of a directory that appears just then, the test server for S3 says what
/// S3 does not.
pub(crate) fn eight_at_once(program: &Program, base: &str, history: &str, first: &[&str]) {
    let expected = growth(program, &[base]).0;
    for round in 0..4 {
        let history = format!("{history}/{round}");
        if !first.is_empty() {
            growth(program, &[first, &["--record", &history]].concat());
        }
        let runs = std::thread::scope(|scope| {
            let record = || program.run(&["growth", base, "--by", "state", "--record", &history]);
            let started: Vec<_> = (0..8).map(|_| scope.spawn(record)).collect();
            let ended = started.into_iter().map(|run| run.join().unwrap());
            ended.collect::<Vec<_>>()
        });
        for run in runs {
            assert_eq!(run.code, Some(0), "{run:?}");
            assert!(run.stderr.starts_with("note: recorded "), "{run:?}");
        }
        let recorded = growth(program, &["--history", &history]).0;
        assert_eq!(
            recorded["snapshot_count"], expected["snapshot_count"],
            "round {round}"
        );
    }
}
