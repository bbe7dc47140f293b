//! A history gives back what was recorded, whoever recorded it and however often.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]
#![cfg(feature = "history")]

#[cfg(all(feature = "cli", unix))]
use crate::history_suite;
#[cfg(all(feature = "cli", unix))]
use crate::program;
use crate::series;
use crate::support;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use object_store::memory::InMemory;
use statescope::growth::history::{compaction, decode};
use statescope::growth::{
    ClassBytes, FileClass, Observation, OperatorObservation, StateObservation,
};
use statescope::inspect::{self, NoProgress, Recalled, Recorded};
use statescope::model::checkpoint::{OperatorId, StateSlot};
use statescope::snapshot::summary::SnapshotKind;
use statescope::storage::{RequestKind, Settings, Storage};
use statescope::{Limits, Location};
use support::wait;

const DAY_MS: i64 = 86_400_000;
/// 2026-09-01.
const START_MS: i64 = 1_788_220_800_000;

fn job(number: u64) -> String {
    format!("{number:032x}")
}

/// One snapshot a day.
fn snapshot(job_id: &str, number: u64) -> Observation {
    let mut classes = ClassBytes::default();
    classes.set(FileClass::Shared, Some(1000 * number));
    classes.set(FileClass::Channel, None);
    Observation {
        location: Location::new(format!("s3://bucket/checkpoints/{job_id}/chk-{number}")),
        job_id: Some(job_id.to_owned()),
        checkpoint_id: number,
        kind: Some(SnapshotKind::Checkpoint),
        time_ms: START_MS + number as i64 * DAY_MS,
        metadata_bytes: 5000 + number,
        state_bytes: Some(1000 * number),
        checkpointed_bytes: Some(17),
        unique_bytes: None,
        new_bytes: Some(3),
        inline_bytes: 12,
        file_count: 4,
        small_file_count: 1,
        operators: vec![OperatorObservation {
            operator_id: OperatorId::of_uid("my-keyed"),
            uid: Some("my \"keyed\"\n😀".to_owned()),
            name: None,
            parallelism: 4,
            classes,
            checkpointed_bytes: None,
            union_bytes: Some(0),
            largest_subtask: Some((3, 700)),
            states: None,
        }],
    }
}

fn with_states(mut seen: Observation) -> Observation {
    let state = |name: &str| StateObservation {
        name: name.to_owned(),
        slot: StateSlot::ManagedKeyed,
        bytes: Some(7),
        entries: None,
    };
    seen.operators[0].states = Some(vec![state("a"), state("b")]);
    seen
}

/// A history in memory, with a count of requests.
struct History {
    storage: Storage,
    place: Location,
    settings: Settings,
}

impl History {
    fn new() -> Self {
        let settings = Settings::new();
        let storage = Storage::new(settings.clone());
        let place = Location::new("s3://bucket/history");
        storage.set_store(&place, Arc::new(InMemory::new()));
        Self {
            storage,
            place,
            settings,
        }
    }

    async fn record(&self, seen: &[Observation]) -> Recorded {
        let recorded = inspect::record(&self.storage, &self.place, seen, &NoProgress);
        recorded.await.expect("a history")
    }

    async fn recall(&self, jobs: Option<Vec<String>>, since_ms: Option<i64>) -> Vec<Observation> {
        let jobs = match jobs {
            Some(jobs) => jobs,
            None => inspect::recorded_jobs(&self.storage, &self.place)
                .await
                .expect("a history"),
        };
        let of_jobs = recall(&self.storage, &self.place, jobs, since_ms).await;
        all_read(of_jobs)
    }
}

/// What a history holds of each of the jobs.
async fn recall(
    storage: &Storage,
    place: &Location,
    jobs: Vec<String>,
    since_ms: Option<i64>,
) -> Vec<Recalled> {
    let mut of_jobs = Vec::new();
    let mut each = |of_job| of_jobs.push(of_job);
    inspect::recall(storage, place, jobs, since_ms, &NoProgress, &mut each)
        .await
        .expect("a history");
    of_jobs
}

/// All of a history, none of whose files is damaged.
fn recalled(storage: &Storage, place: &Location) -> Vec<Observation> {
    wait(async {
        let jobs = inspect::recorded_jobs(storage, place).await;
        let of_jobs = recall(storage, place, jobs.expect("a history"), None).await;
        sorted(all_read(of_jobs))
    })
}

fn all_read(of_jobs: Vec<Recalled>) -> Vec<Observation> {
    let mut all = Vec::new();
    for mut of_job in of_jobs {
        assert_eq!(of_job.not_read, []);
        all.append(&mut of_job.observations);
    }
    all
}

fn sorted(mut observations: Vec<Observation>) -> Vec<Observation> {
    observations.sort_by_cached_key(|seen| (seen.location.to_string(), seen.time_ms));
    observations
}

#[test]
fn what_real_flink_wrote_comes_back_as_it_was() {
    let storage = Storage::new(Settings::new());
    let base = [Location::new(
        support::testdata().join("flink-2.1.3").to_str().unwrap(),
    )];
    let collected = wait(inspect::collect(&storage, &base, true, &NoProgress)).expect("fixtures");
    let seen = collected.observations;
    assert!(seen.len() > 10);
    let directory = tempfile::tempdir().expect("a directory");
    let place = Location::new(directory.path().join("a/history").to_str().unwrap());
    let recorded = wait(inspect::record(&storage, &place, &seen, &NoProgress)).expect("a place");
    assert!(
        recorded.rows > recorded.files && recorded.files > 3,
        "{recorded:?}"
    );
    // Of an operator without any state, nothing says whether it was looked into.
    let mut expected = sorted(seen);
    for operator in expected.iter_mut().flat_map(|seen| &mut seen.operators) {
        operator.states = operator.states.take().filter(|states| !states.is_empty());
        if let Some(states) = &mut operator.states {
            states.sort_by_key(|state| (state.slot.name(), state.name.clone()));
        }
    }
    assert_eq!(recalled(&storage, &place), expected);
}

#[test]
fn recording_twice_changes_nothing() {
    wait(async {
        let history = History::new();
        let seen: Vec<_> = (0..5).map(|n| snapshot(&job(1), n)).collect();
        let first = history.record(&seen).await;
        assert_eq!(first, Recorded { rows: 10, files: 5 });
        assert_eq!(history.record(&seen).await, Recorded::default());
        assert_eq!(
            sorted(history.recall(None, None).await),
            sorted(seen.clone())
        );
        let more: Vec<_> = (3..7).map(|n| snapshot(&job(1), n)).collect();
        assert_eq!(history.record(&more).await, Recorded { rows: 4, files: 2 });
        assert_eq!(history.recall(None, None).await.len(), 7);
    });
}

#[test]
fn states_that_are_looked_into_later_are_added() {
    wait(async {
        let history = History::new();
        let plain = snapshot(&job(1), 1);
        history.record(std::slice::from_ref(&plain)).await;
        let told = with_states(plain.clone());
        assert_eq!(history.record(std::slice::from_ref(&told)).await.rows, 2);
        assert_eq!(history.recall(None, None).await.first(), Some(&told));
        assert_eq!(history.record(&[plain]).await, Recorded::default());
        assert_eq!(history.recall(None, None).await, [told]);
    });
}

#[test]
fn writers_at_the_same_time_lose_nothing_and_count_nothing_twice() {
    wait(async {
        let history = History::new();
        // Each sees some of the others' snapshots, all in one partition.
        let all: Vec<_> = (0..40)
            .map(|n| Observation {
                time_ms: START_MS + n as i64 * 60_000,
                ..snapshot(&job(1), n)
            })
            .collect();
        let writers = (0..8).map(|writer| {
            let seen: Vec<_> = all.iter().skip(writer * 4).take(12).cloned().collect();
            let history = &history;
            async move { history.record(&seen).await }
        });
        futures_util::future::join_all(writers).await;
        assert_eq!(sorted(history.recall(None, None).await), sorted(all));
    });
}

#[test]
fn only_the_partitions_that_are_wanted_are_read() {
    wait(async {
        let history = History::new();
        let seen: Vec<_> = (0..50)
            .flat_map(|number| (0..10).map(move |day| snapshot(&job(number), day)))
            .collect();
        history.record(&seen).await;
        let counts = history.settings.counts.clone();
        let before = |kind| counts.of(kind);
        let (lists, gets) = (before(RequestKind::List), before(RequestKind::Get));
        let of_one = history.recall(Some(vec![job(7)]), None).await;
        assert_eq!(of_one.len(), 10);
        assert_eq!(counts.of(RequestKind::List) - lists, 11);
        assert_eq!(counts.of(RequestKind::Get) - gets, 10);
        let gets = counts.of(RequestKind::Get);
        let since = START_MS + 8 * DAY_MS + 1;
        let late = history.recall(Some(vec![job(7)]), Some(since)).await;
        assert_eq!(late.len(), 1);
        assert_eq!(counts.of(RequestKind::Get) - gets, 2);
        assert_eq!(
            history.recall(Some(vec!["nobody".to_owned()]), None).await,
            []
        );
    });
}

fn parquet_files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.append(&mut parquet_files(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

#[test]
fn files_are_partitioned_whole_and_named_by_their_content() {
    let directory = tempfile::tempdir().expect("a directory");
    let storage = Storage::new(Settings::new());
    let place = Location::new(directory.path().to_str().unwrap());
    let seen = [snapshot(&job(1), 0), snapshot(&job(2), 1)];
    wait(inspect::record(&storage, &place, &seen, &NoProgress)).expect("a place");
    let files = parquet_files(directory.path());
    let below: BTreeSet<_> = files
        .iter()
        .map(|file| {
            file.parent()
                .unwrap()
                .strip_prefix(directory.path())
                .unwrap()
                .to_owned()
        })
        .collect();
    let expected = [
        format!("job={}/date=2026-09-01", job(1)),
        format!("job={}/date=2026-09-02", job(2)),
    ];
    assert_eq!(below, expected.iter().map(PathBuf::from).collect());
    let other = tempfile::tempdir().expect("a directory");
    let place = Location::new(other.path().to_str().unwrap());
    wait(inspect::record(&storage, &place, &seen, &NoProgress)).expect("a place");
    let names = |files: &[PathBuf]| -> Vec<_> {
        let names = files
            .iter()
            .map(|file| file.file_name().unwrap().to_owned());
        names.collect()
    };
    assert_eq!(names(&files), names(&parquet_files(other.path())));
}

#[test]
fn a_damaged_file_is_told_and_the_others_are_read() {
    let directory = tempfile::tempdir().expect("a directory");
    let storage = Storage::new(Settings::new());
    let place = Location::new(directory.path().to_str().unwrap());
    let seen: Vec<_> = (0..4).map(|n| snapshot(&job(1), n)).collect();
    wait(inspect::record(&storage, &place, &seen, &NoProgress)).expect("a place");
    let files = parquet_files(directory.path());
    let whole = fs::read(&files[1]).expect("a file");
    for length in 0..whole.len() {
        assert!(
            decode(&whole[..length].to_vec().into(), &Limits::default()).is_err(),
            "{length} bytes"
        );
    }
    fs::write(&files[1], &whole[..whole.len() / 2]).expect("a file");
    // What others put there is not looked at.
    fs::write(files[0].with_file_name("_SUCCESS"), b"").expect("a file");
    let of_jobs = wait(recall(&storage, &place, vec![job(1)], None));
    assert_eq!(of_jobs[0].observations.len(), 3);
    assert_eq!(of_jobs[0].not_read.len(), 1);
    // Recording again puts back what the damaged file does not hold.
    let recorded = wait(inspect::record(&storage, &place, &seen, &NoProgress)).expect("a place");
    assert_eq!(recorded.files, 1);
}

/// A flipped bit in a number is still Parquet.
#[test]
fn a_file_whose_content_is_not_that_of_its_name_is_told_and_not_merged() {
    let directory = tempfile::tempdir().expect("a directory");
    let storage = Storage::new(Settings::new());
    let place = Location::new(directory.path().to_str().unwrap());
    let seen = hourly_runs(&storage, &place, 4);
    let file = &parquet_files(directory.path())[0];
    let whole = fs::read(file).expect("a file");
    let mut changed = 0;
    for at in (0..whole.len()).step_by(37) {
        let mut flipped = whole.clone();
        flipped[at] ^= 4;
        fs::write(file, &flipped).expect("a file");
        changed += usize::from(decode(&flipped.into(), &Limits::default()).is_ok());
        let mut damaged = Vec::new();
        let mut each = |mut recalled: inspect::Recalled| damaged.append(&mut recalled.not_read);
        let jobs = [job(0), job(1)];
        wait(inspect::recall(
            &storage,
            &place,
            jobs,
            None,
            &NoProgress,
            &mut each,
        ))
        .expect("files");
        assert_eq!(damaged.len(), 1, "byte {at}");
    }
    assert!(changed > 0, "each flip was no Parquet");
    let compacted = wait(inspect::compact(&storage, &place, &NoProgress)).expect("a history");
    // Of the other job.
    assert_eq!((compacted.partitions, compacted.not_read.len()), (1, 1));
    // Recording again makes it good: the same rows are the same file.
    wait(inspect::record(&storage, &place, &seen, &NoProgress)).expect("a place");
    assert_eq!(fs::read(file).expect("a file"), whole);
}

/// Runs of an hour each, so that a day has many files.
fn hourly_runs(storage: &Storage, place: &Location, runs: u64) -> Vec<Observation> {
    let mut all = Vec::new();
    for number in 0..runs {
        let seen = Observation {
            time_ms: START_MS + number as i64 * 3_600_000,
            ..with_states(snapshot(&job(number % 2), number))
        };
        wait(inspect::record(
            storage,
            place,
            std::slice::from_ref(&seen),
            &NoProgress,
        ))
        .expect("a place");
        all.push(seen);
    }
    sorted(all)
}

#[test]
fn compaction_leaves_one_file_per_partition_and_all_rows() {
    let directory = tempfile::tempdir().expect("a directory");
    let storage = Storage::new(Settings::new());
    let place = Location::new(directory.path().to_str().unwrap());
    let seen = hourly_runs(&storage, &place, 30);
    assert_eq!(parquet_files(directory.path()).len(), 30);
    let compacted = wait(inspect::compact(&storage, &place, &NoProgress)).expect("a history");
    assert_eq!((compacted.partitions, compacted.files), (4, 30));
    assert_eq!(parquet_files(directory.path()).len(), 4);
    assert_eq!(recalled(&storage, &place), seen);
    let again = wait(inspect::compact(&storage, &place, &NoProgress)).expect("a history");
    assert_eq!((again.partitions, again.files), (0, 0));
    // What a compacted file holds is not recorded again.
    let recorded = wait(inspect::record(&storage, &place, &seen, &NoProgress)).expect("a place");
    assert_eq!(recorded, Recorded::default());
}

#[test]
fn a_crash_at_any_step_of_a_compaction_loses_nothing_and_counts_nothing_twice() {
    let directory = tempfile::tempdir().expect("a directory");
    let storage = Storage::new(Settings::new());
    let place = Location::new(directory.path().to_str().unwrap());
    let seen = hourly_runs(&storage, &place, 12);
    let of_job: Vec<_> = parquet_files(directory.path())
        .into_iter()
        .filter(|file| file.to_str().unwrap().contains(&job(0)))
        .collect();
    let partition = of_job[0].parent().unwrap().to_owned();
    let files = of_job.iter().map(|file| {
        let rows =
            decode(&fs::read(file).expect("a file").into(), &Limits::default()).expect("rows");
        (file.file_name().unwrap().to_str().unwrap().to_owned(), rows)
    });
    let merged = compaction(files.collect())
        .expect("rows")
        .expect("several files");
    assert_eq!(merged.superfluous.len(), 6);
    // Its steps, in the order in which `compact` takes them.
    assert_eq!(recalled(&storage, &place), seen);
    fs::write(partition.join(&merged.name), &merged.content).expect("a file");
    assert_eq!(recalled(&storage, &place), seen);
    for name in &merged.superfluous {
        fs::remove_file(partition.join(name)).expect("a file");
        assert_eq!(recalled(&storage, &place), seen);
        // After the crash, others record and compact.
        let recorded = inspect::record(&storage, &place, &seen, &NoProgress);
        assert_eq!(wait(recorded).expect("a place"), Recorded::default());
    }
    wait(inspect::compact(&storage, &place, &NoProgress)).expect("a history");
    assert_eq!(recalled(&storage, &place), seen);
}

#[test]
fn a_partition_with_a_damaged_file_is_not_compacted() {
    let directory = tempfile::tempdir().expect("a directory");
    let storage = Storage::new(Settings::new());
    let place = Location::new(directory.path().to_str().unwrap());
    hourly_runs(&storage, &place, 8);
    let files = parquet_files(directory.path());
    fs::write(&files[0], b"PAR1 and nothing else").expect("a file");
    let compacted = wait(inspect::compact(&storage, &place, &NoProgress)).expect("a history");
    assert_eq!((compacted.partitions, compacted.not_read.len()), (1, 1));
    assert!(files[..4].iter().all(|file| file.exists()));
}

#[cfg(feature = "cli")]
fn growth(arguments: &[&str]) -> serde_json::Value {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_statescope"))
        .arg("growth")
        .args(arguments)
        .args(["--quiet", "--json"])
        .output()
        .expect("the binary");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    serde_json::from_slice::<serde_json::Value>(&output.stdout).expect("JSON")["data"].take()
}

/// Flink deletes the checkpoints of the job before, and a history still has them.
#[cfg(feature = "cli")]
#[test]
fn of_a_restored_job_the_history_of_the_one_before_is_found() {
    let directory = tempfile::tempdir().expect("a directory");
    let base = directory.path().join("base");
    let history = directory.path().join("history");
    series::real_series(&base);
    let [base_of_both, history] = [&base, &history].map(|path| path.to_str().unwrap());
    let both = growth(&[base_of_both, "--record", history]);
    // Another job that ended at the same time, and one long before.
    let storage = Storage::new(Settings::new());
    let others: Vec<_> = (0..3)
        .flat_map(|n| {
            [
                snapshot(&job(1), n),
                Observation {
                    time_ms: n as i64,
                    ..snapshot(&job(2), n)
                },
            ]
        })
        .collect();
    wait(inspect::record(
        &storage,
        &Location::new(history),
        &others,
        &NoProgress,
    ))
    .expect("a place");
    fs::remove_dir_all(base.join("5dcec9c5bc650e3e3682b5a7268d5ca8")).expect("a directory");

    let joined = growth(&[base_of_both, "--history", history]);
    let only = &joined["jobs"].as_array().expect("jobs")[..];
    assert_eq!(only.len(), 1);
    assert_eq!(only[0]["job_ids"], both["jobs"][0]["job_ids"]);
    assert_eq!(only[0]["total"], both["jobs"][0]["total"]);
    assert_eq!(joined["snapshot_count"], 32);
    // All of the history are three jobs.
    let all = growth(&["--history", history]);
    assert_eq!(all["jobs"].as_array().map(Vec::len), Some(3));
    // Before the first checkpoint there need be no history, either.
    let empty = directory.path().join("empty");
    fs::create_dir(&empty).expect("a directory");
    let nothing = growth(&[empty.to_str().unwrap(), "--history", "/there/is/none"]);
    assert_eq!(nothing["snapshot_count"], 0);
}

/// Whatever is recorded, in whatever order and however often, is there once.
#[test]
fn recording_is_idempotent_in_any_order() {
    wait(async {
        for round in 0..30_u64 {
            let history = History::new();
            let all: Vec<_> = (0..12).map(|n| snapshot(&job(n % 3), n)).collect();
            let mut wanted = BTreeSet::new();
            for run in 0..6 {
                let pick = |n: usize| series::random(round * 100 + run * 12 + n as u64, 3) > 0;
                let mut seen: Vec<_> = (0..all.len()).filter(|&n| pick(n)).collect();
                seen.sort_by_key(|&n| series::random(round + n as u64, 1 << 40));
                wanted.extend(seen.iter().copied());
                let seen: Vec<_> = seen.into_iter().map(|n| all[n].clone()).collect();
                history.record(&seen).await;
                if run % 3 == 2 {
                    let compacted = inspect::compact(&history.storage, &history.place, &NoProgress);
                    compacted.await.expect("a history");
                }
            }
            let expected = wanted.into_iter().map(|n| all[n].clone()).collect();
            assert_eq!(
                sorted(history.recall(None, None).await),
                sorted(expected),
                "{round}"
            );
        }
    });
}

#[cfg(all(feature = "cli", unix))]
#[test]
fn eight_programs_that_record_the_same_all_end_well() {
    let directory = tempfile::tempdir().expect("a directory");
    let base = directory.path().join("checkpoints");
    for checkpoint in series::real_checkpoints() {
        let place = base.join(&checkpoint.directory);
        fs::create_dir_all(&place).expect("a directory");
        fs::write(place.join("_metadata"), &checkpoint.content).expect("a file");
        series::set_time(&place.join("_metadata"), checkpoint.time);
    }
    let base = base.to_str().expect("UTF-8");
    let program = program::Program::new();
    history_suite::eight_at_once(&program, base, &format!("{base}/history"), &[]);
}
