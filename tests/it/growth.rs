//! `growth` names what grows, and nothing else: series with known answers, and the files of real
//! Flink.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use crate::series;
use crate::support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use series::{HOUR_MS, MIB, checkpoint, random, real_series, with, written_at};
use statescope::Location;
use statescope::finding::{Finding, FindingKind, GrowthFinding};
use statescope::growth::trend::TrendClass;
use statescope::growth::{
    FileClass, FileHasher, JobGrowth, Limits, Observation, Observer, OperatorObservation,
    StateObservation,
};
use statescope::inspect::{self, Collected, NoProgress};
use statescope::metadata;
use statescope::model::checkpoint::{OperatorId, StateSlot};
use statescope::snapshot::references::Base;
use statescope::snapshot::summary::{Detail, SnapshotKind, summarize};
use statescope::storage::{Settings, Storage};

const JOB: &str = "0123456789abcdef0123456789abcdef";
const NEXT_JOB: &str = "fedcba9876543210fedcba9876543210";

#[test]
fn sizes_are_those_of_show_for_every_fixture() {
    for file in support::metadata_files() {
        let bytes = fs::read(&file).expect("a fixture");
        let parsed = metadata::parse(&bytes).expect("metadata");
        let directory = Location::new(file.parent().unwrap().to_str().unwrap());
        let base = Base::new(Some(directory));
        let shown = summarize(&parsed, "", 0, &base, Detail::Operators);
        let hasher = FileHasher::default();
        let mut observer = Observer::new(&base, &hasher);
        for operator in &parsed.metadata.operator_states {
            observer.operator(operator);
        }
        let seen = observer.finish();
        let name = support::short(&file);
        assert_eq!(seen.state_bytes, shown.state_bytes, "{name}");
        assert_eq!(seen.checkpointed_bytes, shown.checkpointed_bytes, "{name}");
        assert_eq!(seen.inline_bytes, shown.inline_bytes, "{name}");
        assert_eq!(seen.files.count(), shown.file_count, "{name}");
        let unique = seen.files.bytes().map(|bytes| bytes + seen.inline_bytes);
        assert_eq!(unique, shown.unique_bytes, "{name}");
        for operator in &shown.operators {
            let same = |seen: &&OperatorObservation| seen.operator_id == operator.operator_id;
            let seen = seen.operators.iter().find(same).expect("the operator");
            assert_eq!(seen.classes.total(), operator.state_bytes, "{name}");
            assert_eq!(seen.checkpointed_bytes, operator.checkpointed_bytes);
            let largest = seen.largest_subtask.map(|(_, bytes)| bytes);
            let expected = operator.largest_subtask_bytes.filter(|&bytes| bytes > 0);
            assert_eq!(largest.filter(|&bytes| bytes > 0), expected, "{name}");
        }
    }
}

/// A healthy job with one operator that grows by 10 MiB an hour: its `sink` is noisy, its `window`
/// follows the hours of the day.
fn guilty(job: &str, numbers: impl Iterator<Item = u64>) -> Vec<Observation> {
    let operators = |n: u64| {
        let wave = (n as f64 / 24.0 * std::f64::consts::TAU).sin() * 100.0;
        let window = 500 * MIB + (wave + 100.0) as u64 * MIB;
        vec![
            with("dedup", &[(FileClass::Shared, (200 + 10 * n) * MIB)]),
            with("window", &[(FileClass::Shared, window)]),
            with("sink", &[(FileClass::Operator, 90 * MIB + random(n, MIB))]),
            with("source", &[(FileClass::Operator, 4000 + n * 3)]),
        ]
    };
    numbers.map(|n| checkpoint(job, n, operators(n))).collect()
}

fn judged(observations: Vec<Observation>, limits: &Limits) -> (Vec<JobGrowth>, Vec<Finding>) {
    let mut jobs = Vec::new();
    let mut findings = Vec::new();
    for series in statescope::growth::jobs(observations) {
        let (job, mut found) = statescope::growth::growth(&series, limits).expect("snapshots");
        jobs.push(job);
        findings.append(&mut found);
    }
    (jobs, findings)
}

/// The only job and what was noticed: code, and uid or state.
fn only(observations: Vec<Observation>) -> (JobGrowth, Vec<(&'static str, Option<String>)>) {
    let (mut jobs, findings) = judged(observations, &Limits::default());
    assert_eq!(jobs.len(), 1, "jobs");
    (jobs.remove(0), codes(&findings))
}

fn codes(findings: &[Finding]) -> Vec<(&'static str, Option<String>)> {
    let place = |finding: &Finding| {
        let place = &finding.place;
        place.state.clone().or_else(|| place.uid.clone())
    };
    let findings = findings.iter();
    findings
        .map(|finding| (finding.kind.code(), place(finding)))
        .collect()
}

fn named(code: &'static str, name: &str) -> (&'static str, Option<String>) {
    (code, Some(name.to_owned()))
}

#[test]
fn the_operator_that_grows_is_named_and_no_other() {
    let (job, found) = only(guilty(JOB, 0..200));
    assert_eq!(
        found,
        [
            named("state-bloat", "dedup"),
            named("never-shrinks", "dedup")
        ]
    );
    let first = &job.operators[0];
    assert_eq!(first.label(), "dedup");
    let per_day = first.trend.per_day.unwrap() as f64 / MIB as f64;
    assert!((per_day - 240.0).abs() < 3.0, "{per_day}");
    assert!((first.share_of_growth.unwrap() - 1.0).abs() < 0.1);
    assert_eq!(job.total.class, TrendClass::Linear);
    for other in &job.operators[1..] {
        assert_ne!(other.trend.class, TrendClass::Stepwise, "{}", other.label());
        assert!(other.share_of_growth.unwrap() < 0.01, "{}", other.label());
    }
    assert_eq!(job.classes[0].class, FileClass::Shared);
}

#[test]
fn the_order_of_observations_does_not_matter_and_neither_do_repeated_ones() {
    let plain = guilty(JOB, 0..60);
    let expected = serde_json::to_value(only(plain.clone()).0).expect("JSON");
    for seed in 0..5 {
        let mut mixed = plain.clone();
        mixed.extend(
            plain
                .iter()
                .filter(|seen| seen.checkpoint_id % 3 == seed % 3)
                .cloned(),
        );
        let mut at = mixed.len();
        while at > 1 {
            mixed.swap(at - 1, random(seed * 1000 + at as u64, at as u64) as usize);
            at -= 1;
        }
        assert_eq!(serde_json::to_value(only(mixed).0).expect("JSON"), expected);
    }
}

#[test]
fn a_restored_job_goes_on_under_its_new_id() {
    let mut observations = guilty(JOB, 0..60);
    observations.extend(guilty(NEXT_JOB, 61..120));
    let (job, found) = only(observations);
    assert_eq!(job.job_ids, [JOB, NEXT_JOB]);
    assert_eq!(job.snapshot_count, 119);
    assert_eq!(found[0], named("state-bloat", "dedup"));
    let per_hour = job.operators[0].trend.per_hour.unwrap();
    assert!((per_hour - 10 * MIB as i64).abs() < MIB as i64 / 10);
}

#[test]
fn jobs_that_run_side_by_side_or_have_other_operators_stay_apart() {
    let mut observations = guilty(JOB, 0..60);
    observations.extend(guilty(NEXT_JOB, 30..90));
    assert_eq!(judged(observations, &Limits::default()).0.len(), 2);

    let mut observations = guilty(JOB, 0..60);
    let other = |n| checkpoint(NEXT_JOB, n, vec![with("other", &[(FileClass::Keyed, MIB)])]);
    observations.extend((61..90).map(other));
    assert_eq!(judged(observations, &Limits::default()).0.len(), 2);

    // Counting from 1 again, it was started without state.
    let mut observations = guilty(JOB, 0..60);
    let mut fresh = guilty(NEXT_JOB, 1..60);
    fresh
        .iter_mut()
        .for_each(|seen| seen.time_ms += 100 * HOUR_MS);
    observations.extend(fresh);
    assert_eq!(judged(observations, &Limits::default()).0.len(), 2);

    // Two that it could continue.
    let mut observations = guilty(JOB, 0..60);
    observations.extend(guilty(NEXT_JOB, 0..60));
    observations.extend(guilty(&"a".repeat(32), 61..90));
    assert_eq!(judged(observations, &Limits::default()).0.len(), 3);
}

#[test]
fn savepoints_belong_to_their_job_and_do_not_tilt_it() {
    let mut observations = guilty(JOB, 0..100);
    for number in [40_u64, 97, 99] {
        let mut savepoint = observations[number as usize].clone();
        let name = format!("s3://bucket/savepoints/savepoint-012345-0123456789{number:02}");
        savepoint.location = Location::new(name);
        savepoint.job_id = None;
        savepoint.kind = Some(SnapshotKind::Savepoint);
        savepoint.checkpoint_id = number + 1000;
        savepoint.time_ms += HOUR_MS / 2;
        savepoint.state_bytes = savepoint.state_bytes.map(|bytes| bytes * 30);
        observations.push(savepoint);
    }
    let (job, found) = only(observations);
    assert_eq!(job.snapshot_count, 103);
    assert_eq!(job.total.points, 100);
    assert_eq!(found[0], named("state-bloat", "dedup"));
    let per_hour = job.total.per_hour.unwrap() / MIB as i64;
    assert!((8..13).contains(&per_hour), "{per_hour} MiB an hour");
}

#[test]
fn a_clock_that_goes_back_changes_no_order() {
    let mut observations = guilty(JOB, 0..100);
    for seen in &mut observations[40..50] {
        seen.time_ms -= 300 * HOUR_MS;
    }
    observations[70].time_ms += 100_000 * HOUR_MS;
    let (job, found) = only(observations);
    assert_eq!(job.misplaced_times, 11);
    let numbers: Vec<_> = job.series.iter().map(|point| point.checkpoint_id).collect();
    assert_eq!(numbers, (0..100).collect::<Vec<_>>());
    assert_eq!(found[0], named("state-bloat", "dedup"));
    let per_hour = job.operators[0].trend.per_hour.unwrap();
    assert!((per_hour - 10 * MIB as i64).abs() < MIB as i64);
}

#[test]
fn missing_snapshots_and_operators_change_nothing() {
    let mut observations = guilty(JOB, 0..150);
    observations
        .retain(|seen| seen.checkpoint_id % 7 != 3 && !(80..110).contains(&seen.checkpoint_id));
    for seen in observations.iter_mut().step_by(5) {
        seen.operators
            .retain(|op| op.uid.as_deref() != Some("sink"));
    }
    let (job, found) = only(observations);
    assert_eq!(found[0], named("state-bloat", "dedup"));
    assert!(
        found
            .iter()
            .all(|(_, name)| name.as_deref() == Some("dedup")),
        "{found:?}"
    );
    let sink = job
        .operators
        .iter()
        .find(|op| op.label() == "sink")
        .unwrap();
    assert!(sink.values.contains(&None));
}

#[test]
fn few_snapshots_are_called_few() {
    for count in 1..8 {
        let (job, found) = only(guilty(JOB, 0..count));
        assert_eq!(found, [("too-few-points", None)], "{count}");
        assert_eq!(job.total.class, TrendClass::TooFewPoints);
        assert_eq!((job.total.per_day, job.total.confidence), (None, None));
    }
    assert!(statescope::growth::jobs(Vec::new()).is_empty());
}

#[test]
fn healthy_jobs_have_no_findings() {
    let shapes: [fn(u64) -> u64; 4] = [
        |_| 500 * MIB,
        |n| 500 * MIB + random(n, 30 * MIB),
        |n| 300 * MIB + (n % 13) * 20 * MIB,
        |n| 800 * MIB - 800 * MIB / (n / 5 + 1),
    ];
    for (at, shape) in shapes.into_iter().enumerate() {
        let numbers = 0..24 * 8;
        let observations =
            numbers.map(|n| checkpoint(JOB, n, vec![with("a", &[(FileClass::Shared, shape(n))])]));
        assert_eq!(only(observations.collect()).1, [], "shape {at}");
    }
}

#[test]
fn in_flight_data_is_no_state() {
    let numbers = 0..100_u64;
    let observations = numbers.map(|n| {
        let channel = (FileClass::Channel, 10 * MIB * n);
        checkpoint(
            JOB,
            n,
            vec![with("map", &[channel, (FileClass::Keyed, 300 * MIB)])],
        )
    });
    let (job, found) = only(observations.collect());
    assert_eq!(found, [("in-flight-data", None)]);
    assert_eq!(job.classes[1].class, FileClass::Channel);
    assert!(job.classes[1].share_of_growth.unwrap() > 0.9);
}

#[test]
fn coordinators_and_union_lists_have_findings_of_their_own() {
    let observations = (0..100_u64).map(|n| {
        let source = with("source", &[(FileClass::Coordinator, MIB * (n + 1))]);
        let mut sink = with("sink", &[(FileClass::Operator, 2 * MIB * (n + 1))]);
        sink.union_bytes = Some(2 * MIB * (n + 1));
        checkpoint(JOB, n, vec![source, sink])
    });
    let (_, found) = only(observations.collect());
    let found: BTreeSet<_> = found.into_iter().collect();
    let expected = [
        named("coordinator-growth", "source"),
        named("union-state-growth", "sink"),
    ];
    assert_eq!(found, BTreeSet::from(expected));
}

#[test]
fn one_subtask_that_grows_is_named() {
    let observations = (0..100_u64).map(|n| {
        let mut op = with("join", &[(FileClass::Shared, 800 * MIB + 9 * MIB * n)]);
        op.largest_subtask = Some((5, 100 * MIB + 8 * MIB * n));
        checkpoint(JOB, n, vec![op])
    });
    let (_, findings) = judged(observations.collect(), &Limits::default());
    let skew = findings
        .iter()
        .find(|finding| finding.kind.code() == "skew-growth");
    let skew = skew.expect("the finding");
    assert_eq!(skew.place.subtask, Some(5));
    let FindingKind::Growth(GrowthFinding::SkewGrowth { percent, .. }) = skew.kind else {
        panic!("{skew:?}");
    };
    assert!((85..93).contains(&percent));
}

#[test]
fn metadata_small_files_and_steps_are_noticed() {
    let observations = (0..100_u64).map(|n| {
        let bytes = (300 + 200 * (n / 40)) * MIB;
        let mut seen = checkpoint(JOB, n, vec![with("map", &[(FileClass::Keyed, bytes)])]);
        seen.metadata_bytes = MIB + n * 100_000;
        seen.file_count = 5000;
        seen.small_file_count = 4000;
        seen
    });
    let (_, found) = only(observations.collect());
    let expected = [
        ("metadata-bloat", None),
        ("small-files", None),
        named("stepwise-growth", "map"),
    ];
    assert_eq!(found, expected);
}

#[test]
fn of_an_operator_that_was_looked_into_the_state_is_named() {
    let observations = (0..100_u64).map(|n| {
        let state = |name: &str, bytes| StateObservation {
            name: name.to_owned(),
            slot: StateSlot::ManagedKeyed,
            bytes: Some(bytes),
            entries: None,
        };
        let mut op = with("join", &[(FileClass::Shared, 800 * MIB + 9 * MIB * n)]);
        op.states = Some(vec![
            state("never-cleared", 100 * MIB + 9 * MIB * n),
            state("with-ttl", 700 * MIB + random(n, 5 * MIB)),
        ]);
        checkpoint(JOB, n, vec![op])
    });
    let (job, found) = only(observations.collect());
    let expected = [
        named("state-bloat", "never-cleared"),
        named("never-shrinks", "never-cleared"),
    ];
    assert_eq!(found, expected);
    let states = job.operators[0].states.as_ref().unwrap();
    assert_eq!(states[0].name, "never-cleared");
}

#[test]
fn limits_are_judged() {
    let of = |limits: Limits| {
        let (_, findings) = judged(guilty(JOB, 0..240), &limits);
        let mut codes: Vec<_> = findings.iter().map(|finding| finding.kind.code()).collect();
        codes.retain(|code| code.starts_with("limit") || code.starts_with("rate"));
        codes
    };
    let none = Limits::default();
    assert_eq!(of(none.clone()), Vec::<&str>::new());
    let bytes = |mib: u64, within_hours| Limits {
        bytes: Some(mib * MIB),
        within_hours,
        ..none.clone()
    };
    assert_eq!(of(bytes(2000, None)), ["limit-reached"]);
    assert_eq!(of(bytes(5000, None)), Vec::<&str>::new());
    assert_eq!(of(bytes(5000, Some(24 * 14))), ["limit-near"]);
    assert_eq!(of(bytes(5000, Some(24 * 2))), Vec::<&str>::new());
    let rate = |text: &str| Limits {
        rate: Some(text.parse().expect("a rate")),
        ..none.clone()
    };
    assert_eq!(of(rate("200MiB/day")), ["rate-exceeded"]);
    assert_eq!(of(rate("300MiB/day")), Vec::<&str>::new());
    assert_eq!(of(rate("5%/day")), ["rate-exceeded"]);
    assert_eq!(of(rate("20%/day")), Vec::<&str>::new());
}

#[test]
fn a_limit_on_sizes_that_are_not_known_is_not_kept() {
    let mut observations = guilty(JOB, 0..24);
    for seen in &mut observations {
        seen.state_bytes = None;
    }
    let limits = Limits {
        bytes: Some(5000 * MIB),
        ..Limits::default()
    };
    let (_, findings) = judged(observations, &limits);
    let mut codes = findings.iter().map(|finding| finding.kind.code());
    assert!(codes.any(|code| code == "limit-not-judged"));
}

fn collect(base: &Path) -> Collected {
    let storage = Storage::new(Settings::new());
    let base = [Location::new(base.to_str().expect("UTF-8"))];
    support::wait(inspect::collect(&storage, &base, false, &NoProgress)).expect("a directory")
}

/// Puts a fixture there, written so many hours after the start.
fn put(directory: &Path, fixture: &str, hours: u64) {
    fs::create_dir_all(directory).expect("a directory");
    let file = directory.join("_metadata");
    fs::copy(support::testdata().join(fixture).join("_metadata"), &file).expect("a fixture");
    written_at(&file, hours);
}

const INCREMENTAL: &str =
    "flink-1.20.5/checkpoint-rocksdb-incremental/88bb6bc496e2af35485e95cb38f98287/chk-4";

#[test]
fn files_of_several_snapshots_are_on_the_bill_once() {
    let base = tempfile::tempdir().expect("a directory");
    let job = base.path().join(JOB);
    for number in 1..=3 {
        put(&job.join(format!("chk-{number}")), INCREMENTAL, number);
    }
    fs::create_dir_all(job.join("chk-4")).expect("a directory");
    fs::create_dir_all(job.join("chk-9")).expect("a directory");
    fs::write(job.join("chk-9/_metadata"), b"no metadata").expect("a file");
    let mut collected = collect(base.path());
    assert_eq!(collected.not_read.len(), 1, "{:?}", collected.not_read);
    let jobs = statescope::growth::jobs(collected.observations);
    assert_eq!(jobs.len(), 1);
    let seen = &jobs[0].observations;
    assert_eq!(seen.len(), 3);
    assert_eq!(seen[1].time_ms - seen[0].time_ms, HOUR_MS);
    // Shared files have absolute paths, which all three mention; those of each checkpoint are
    // relative to it.
    let unique = seen[0].unique_bytes.expect("sizes");
    assert_eq!(seen[0].new_bytes, None);
    let own = seen[1].new_bytes.expect("sizes");
    assert_eq!(seen[2].new_bytes, Some(own));
    assert!(own < unique / 2, "{own} of {unique}");
    let retained = collected.retained.take(&jobs[0]).expect("files").bytes();
    assert_eq!(retained, Some(unique + 2 * own));
}

#[test]
fn of_a_real_job_exactly_the_state_that_is_never_cleared_is_named() {
    let base = tempfile::tempdir().expect("a directory");
    real_series(base.path());
    let storage = Storage::new(Settings::new());
    let place = [Location::new(base.path().to_str().unwrap())];
    let collected = inspect::collect(&storage, &place, true, &NoProgress);
    let collected = support::wait(collected).expect("a directory");
    assert_eq!(collected.not_read, []);
    let by_operator: Vec<_> = collected
        .observations
        .iter()
        .cloned()
        .map(|mut seen| {
            seen.operators
                .iter_mut()
                .for_each(|operator| operator.states = None);
            seen
        })
        .collect();

    let (job, found) = only(collected.observations);
    assert_eq!(job.job_ids.len(), 2, "the restored job goes on");
    assert_eq!(job.snapshot_count, 32);
    assert_eq!(found[0], named("state-bloat", "seen"), "{found:?}");
    assert!(
        found
            .iter()
            .all(|(_, name)| name.as_deref() == Some("seen")),
        "{found:?}"
    );
    let first = &job.operators[0];
    assert_eq!(first.operator_id, OperatorId::of_uid("dedup"));
    assert_eq!(first.trend.class, TrendClass::Linear);
    let states = first.states.as_ref().expect("states");
    assert_eq!(states[0].name, "seen");
    for other in &states[1..] {
        assert!(
            !other.trend.class.grows(),
            "{}: {:?}",
            other.name,
            other.trend
        );
    }
    for other in &job.operators[1..] {
        assert!(
            !other.trend.class.grows(),
            "{}: {:?}",
            other.operator_id,
            other.trend
        );
    }

    // Without a look inside, its operator.
    let (_, findings) = judged(by_operator, &Limits::default());
    let named: BTreeSet<_> = findings
        .iter()
        .map(|finding| finding.place.operator_id)
        .collect();
    assert_eq!(named, BTreeSet::from([Some(OperatorId::of_uid("dedup"))]));
}
