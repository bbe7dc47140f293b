//! What leaves a verdict open, what decides it, and that a lock file says yes.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use crate::support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use serde_json::Value;
use statescope::finding::Severity;
use statescope::health::check::{Check, Question, Verdict};
use statescope::restore::diff::FieldValue;
use statescope::restore::job::JobDescription;
use statescope::restore::{RestoreOptions, by_uids, restore};
use statescope::snapshot::summary::{OperatorSummary, SnapshotSummary};
use support::snapshots::{Snapshot, of_matrix};
use support::{metadata_files, moved, testdata};

/// Every fixture whose state files are all kept, with its states.
fn intact_snapshots() -> Vec<(PathBuf, Snapshot)> {
    let matrix = testdata().join("restore");
    let mut snapshots = Vec::new();
    let not_of_jobs = ["synthetic", "growth", "sst"].map(|name| testdata().join(name));
    for file in metadata_files() {
        if not_of_jobs
            .iter()
            .any(|directory| file.starts_with(directory))
        {
            continue;
        }
        let snapshot = match file.strip_prefix(&matrix) {
            Ok(below) => {
                let mut parts = below
                    .components()
                    .map(|part| part.as_os_str().to_str().unwrap());
                let release = parts.next().unwrap().strip_prefix("flink-").unwrap();
                let root: PathBuf = file
                    .components()
                    .take(matrix.components().count() + 3)
                    .collect();
                of_matrix(release, &root, &file)
            }
            Err(_) => Snapshot::read(&file, &moved::storage_of(&file)),
        };
        let unread = |operator: &statescope::snapshot::summary::OperatorSummary| {
            operator
                .states
                .unread
                .as_ref()
                .is_none_or(|unread| !unread.is_empty())
        };
        if !snapshot.summary.operators.iter().any(unread) {
            snapshots.push((file, snapshot));
        }
    }
    snapshots
}

/// What a job from a snapshot writes is a lock file: the snapshot fits it, and nothing is left to
/// warn of, whatever the state is made of.
#[test]
fn every_snapshot_restores_into_the_job_that_is_described_from_it() {
    let mut compared = 0;
    let mut problems = Vec::new();
    for (file, snapshot) in intact_snapshots() {
        let described = JobDescription::from_snapshot(&snapshot.summary);
        let text = serde_json::to_string(&described).expect("JSON");
        let read: JobDescription = serde_json::from_str(&text).expect("a description");
        assert_eq!(read, described, "{}", file.display());
        read.check().expect("a job");
        for job in [read, described.of_a_test()] {
            let report = restore(&snapshot.summary, &job, RestoreOptions::default());
            let bad = report
                .findings
                .iter()
                .filter(|f| f.kind.severity() >= Severity::Warning);
            let bad: Vec<_> = bad.map(|finding| finding.kind.code()).collect();
            if report.verdict() != Some(Verdict::Restorable) || !bad.is_empty() {
                problems.push(format!(
                    "{}: {:?} {bad:?}",
                    file.display(),
                    report.verdict()
                ));
            }
        }
        compared += 1;
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert!(compared > 300, "{compared}");
}

/// Whoever describes another job does not profit from where the description came from.
#[test]
fn a_lock_file_that_was_edited_is_compared_like_any_other() {
    let matrix = testdata().join("restore/flink-2.3.0/base");
    let root = matrix.join("kryo");
    let snapshot = of_matrix("2.3.0", &root, &root.join("_metadata"));
    let described = JobDescription::from_snapshot(&snapshot.summary);
    let verdict =
        |job: &JobDescription| restore(&snapshot.summary, job, RestoreOptions::default()).verdict();
    assert_eq!(verdict(&described), Some(Verdict::Restorable));
    let of_another = JobDescription {
        made_from: None,
        ..described.clone()
    };
    assert_eq!(
        verdict(&of_another),
        None,
        "Kryo's classes are not in a snapshot"
    );
    let mut shorter = described.clone();
    shorter.operators.pop();
    assert_ne!(verdict(&shorter), Some(Verdict::Restorable));
    // Fewer classes registered with Kryo: the ids of those that stay may be other ones.
    let text = serde_json::to_string(&described).unwrap();
    let registered = text.matches("\"registrations\":[\"").count();
    assert!(registered > 0, "{text}");
    let mut edited: Value = serde_json::from_str(&text).unwrap();
    drop_registrations(&mut edited);
    let edited: JobDescription = serde_json::from_value(edited).unwrap();
    let report = restore(&snapshot.summary, &edited, RestoreOptions::default());
    assert_eq!(report.verdict(), None);
    let codes: Vec<_> = report.findings.iter().map(|f| f.kind.code()).collect();
    assert!(codes.contains(&"kryo-registrations"), "{codes:?}");
}

fn drop_registrations(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::Array(registrations)) = fields.get_mut("registrations") {
                registrations.pop();
            }
            fields.values_mut().for_each(drop_registrations);
        }
        Value::Array(values) => values.iter_mut().for_each(drop_registrations),
        _ => {}
    }
}

/// Two sources with ids that Flink made, and what the program calls them.
fn with_sources(snapshot: &Snapshot, names: [Option<&str>; 2]) -> SnapshotSummary {
    let mut summary = snapshot.summary.clone();
    summary.metadata_digest = None;
    let with_state = summary
        .operators
        .iter_mut()
        .filter(|operator| operator.has_state());
    for (operator, name) in with_state.zip(names) {
        operator.uid = None;
        operator.auto_generated_id = Some(true);
        operator.name = name.map(str::to_owned);
        // What tells a source where no name does.
        let state = operator.states.states.iter_mut().flatten().next();
        state.expect("a state").role =
            Some(statescope::snapshot::contents::StateRole::SourceSplits);
    }
    summary
}

#[test]
fn sources_that_change_places_are_told_where_names_tell_and_warned_of_where_they_do_not() {
    let root = testdata().join("restore/flink-2.3.0/base/small");
    let snapshot = of_matrix("2.3.0", &root, &root.join("_metadata"));
    let codes = |old: [Option<&str>; 2], new: [Option<&str>; 2]| {
        let (old, new) = (with_sources(&snapshot, old), with_sources(&snapshot, new));
        let job = JobDescription::from_snapshot(&new);
        let report = restore(&old, &job, RestoreOptions::default());
        let of_sources = report.findings.iter().map(|f| f.kind.code());
        let of_sources = of_sources.filter(|code| code.starts_with("source"));
        (report.verdict(), of_sources.collect::<Vec<_>>())
    };
    let (a, b, c) = (
        Some("Source: a[1]"),
        Some("Source: b[4]"),
        Some("Source: c[9]"),
    );
    let restorable = Some(Verdict::Restorable);
    assert_eq!(
        codes([a, b], [Some("Source: b[1]"), Some("Source: a[4]")]),
        (restorable, vec!["sources-swapped"; 2])
    );
    // The number is the planner's and moves with the query.
    assert_eq!(
        codes([a, b], [Some("Source: a[7]"), b]),
        (restorable, vec![])
    );
    assert_eq!(codes([a, b], [a, b]), (restorable, vec![]));
    // One is gone, and the other takes its place.
    assert_eq!(
        codes([a, b], [b, c]).1,
        ["sources-swapped", "sources-swapped"]
    );
    assert_eq!(codes([a, b], [c, b]).1, ["source-renamed"]);
    assert_eq!(codes([a, a], [a, a]).1, ["sources-by-order"]);
    assert_eq!(codes([None, None], [None, None]).1, ["sources-by-order"]);
}

/// A row of SQL whose field may be null now is another type for Flink.
#[test]
fn nullability_is_a_part_of_a_type() {
    let scenario = testdata().join("flink-2.3.0/types-canonical-hashmap");
    let mut metadata = metadata_files();
    metadata.retain(|file| file.starts_with(&scenario));
    let snapshot = Snapshot::read(&metadata[0], &moved::storage_of(&metadata[0]));
    let described =
        serde_json::to_string(&JobDescription::from_snapshot(&snapshot.summary)).unwrap();
    assert!(described.contains(" NOT NULL"), "{described}");
    let mut nullable = Snapshot {
        summary: snapshot.summary.clone(),
        formats: snapshot.formats.clone(),
    };
    let changed =
        serde_json::from_str::<JobDescription>(&described.replace(" NOT NULL", "")).unwrap();
    for operator in &mut nullable.summary.operators {
        let same = changed
            .operators
            .iter()
            .find(|o| o.operator_id == Some(operator.operator_id));
        let states = same.and_then(|o| o.states.as_ref()).into_iter().flatten();
        for state in states {
            let of_summary = operator.states.states.iter_mut().flatten();
            let mut of_summary =
                of_summary.filter(|s| s.name == state.name && s.slot == state.slot);
            of_summary.next().unwrap().serializers = state.serializers.clone();
        }
    }
    let diff = snapshot.diff(&nullable);
    assert!(diff.is_different());
    let fields: Vec<_> = diff.operators.iter().flat_map(|o| &o.fields).collect();
    assert!(!fields.is_empty());
    for field in fields {
        let text = |value: &Option<FieldValue>| match value {
            Some(FieldValue::Text(text)) => text.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            text(&field.old).replace(" NOT NULL", ""),
            text(&field.new),
            "{field:?}"
        );
        assert_ne!(field.old, field.new);
    }
}

/// Metadata of version 4 is from before Flink 2.1, which alone can switch time to live.
#[test]
fn the_release_is_that_of_the_new_snapshot_where_nobody_says_it() {
    let matrix = testdata().join("restore");
    let mut decided = BTreeMap::new();
    for release in ["1.20.5", "2.3.0"] {
        let read = |directory: PathBuf| {
            let metadata = directory.join("_metadata");
            metadata
                .exists()
                .then(|| of_matrix(release, &directory, &metadata))
        };
        let of_release = matrix.join(format!("flink-{release}"));
        let Some((old, new)) =
            read(of_release.join("base/small")).zip(read(of_release.join("variant/small-ttl-on")))
        else {
            continue;
        };
        let job = JobDescription::from_snapshot(&new.summary).of_a_test();
        let report = restore(&old.summary, &job, RestoreOptions::default());
        decided.insert(release, report.verdict());
    }
    assert_eq!(
        decided.get("1.20.5"),
        Some(&Some(Verdict::NotRestorable)),
        "{decided:?}"
    );
    // 2.1 could do it with RocksDB only.
    assert_eq!(decided.get("2.3.0"), Some(&None), "{decided:?}");
}

/// A job that is known by its new uids alone is never "restorable".
#[test]
fn a_verdict_from_uids_alone_is_none() {
    let root = testdata().join("restore/flink-2.3.0/base/small");
    let snapshot = of_matrix("2.3.0", &root, &root.join("_metadata")).summary;
    let findings = by_uids(&snapshot, |_| true, true);
    let codes: Vec<_> = findings.iter().map(|f| f.kind.code()).collect();
    assert_eq!(codes, ["only-uids-compared"]);
    let check = Check::new(&snapshot, findings, None, None);
    assert_eq!(check.verdict, None);
    for question in Question::OF_JOB {
        assert!(check.open_questions.contains(&question), "{question:?}");
    }
    assert!(check.is_undecided());
}

/// Whatever a description leaves out that Flink will ask keeps the verdict open.
#[test]
fn what_a_description_leaves_out_stays_open() {
    let root = testdata().join("restore/flink-2.3.0/base/small");
    let snapshot = of_matrix("2.3.0", &root, &root.join("_metadata")).summary;
    let full = JobDescription::from_snapshot(&snapshot);
    let open = |job: &JobDescription| {
        let report = restore(&snapshot, job, RestoreOptions::default());
        (
            report.verdict(),
            report.judgement.open().iter().copied().collect::<Vec<_>>(),
        )
    };
    assert_eq!(open(&full), (Some(Verdict::Restorable), vec![]));
    let edited = |edit: fn(&mut statescope::restore::job::JobOperator)| {
        let mut job = full.clone();
        job.operators.iter_mut().for_each(edit);
        job
    };
    let without_states = edited(|o| (o.states, o.stateful) = (None, None));
    assert_eq!(open(&without_states), (None, vec![Question::States]));
    let without_parallelism = edited(|o| o.parallelism = None);
    assert_eq!(
        open(&without_parallelism),
        (None, vec![Question::Parallelism])
    );
    // An operator that keeps no state leaves what is there behind.
    let stateless = edited(|o| (o.states, o.stateful) = (None, Some(false)));
    let report = restore(&snapshot, &stateless, RestoreOptions::default());
    assert!(
        report
            .operators
            .iter()
            .any(|operator| operator.loses_state())
    );
    // A certain refusal stays one, whatever else is open.
    let mut shorter = without_states;
    shorter
        .operators
        .retain(|o| o.uid.as_deref() != Some("counter"));
    assert_eq!(open(&shorter).0, Some(Verdict::NotRestorable));
    let allowed = RestoreOptions {
        allow_non_restored_state: true,
        ..RestoreOptions::default()
    };
    assert_eq!(restore(&snapshot, &shorter, allowed).verdict(), None);
}

/// State of Python functions is bytes for Flink: what is in it only Python knows.
#[test]
fn types_of_python_state_are_not_known() {
    let root = testdata().join("restore/flink-2.3.0/base/small");
    let snapshot = of_matrix("2.3.0", &root, &root.join("_metadata")).summary;
    let mut python = snapshot.clone();
    let states = python
        .operators
        .iter_mut()
        .flat_map(|o| o.states.states.iter_mut().flatten());
    for state in states.filter(|state| state.name == "count") {
        state.name = "python-state-count".to_owned();
    }
    let own = JobDescription::from_snapshot(&python);
    let other = JobDescription {
        made_from: None,
        ..own.clone()
    };
    let check = |job: &JobDescription| {
        let report = restore(&python, job, RestoreOptions::default());
        let codes: Vec<_> = report.findings.iter().map(|f| f.kind.code()).collect();
        (report.verdict(), codes)
    };
    assert_eq!(check(&own), (Some(Verdict::Restorable), vec![]));
    assert_eq!(check(&other), (None, vec!["python-types-unknown"]));
}

/// Timers of which none is set are not lost.
#[test]
fn timers_are_lost_only_where_there_are_any() {
    let root = testdata().join("restore/flink-2.3.0/base/small");
    let snapshot = of_matrix("2.3.0", &root, &root.join("_metadata")).summary;
    let mut job = JobDescription::from_snapshot(&snapshot);
    for operator in &mut job.operators {
        let states = operator.states.as_mut().expect("states");
        states.retain(|state| !state.name.starts_with("_timer_state/"));
    }
    let lost = |entries: Option<u64>| {
        let mut counted = snapshot.clone();
        let states = counted
            .operators
            .iter_mut()
            .flat_map(|o| o.states.states.iter_mut().flatten());
        for state in states.filter(|state| state.name.starts_with("_timer_state/")) {
            state.entries = entries;
            state.accuracy = entries.map(|_| statescope::snapshot::contents::Accuracy::Exact);
        }
        let report = restore(&counted, &job, RestoreOptions::default());
        report
            .findings
            .iter()
            .filter(|f| f.kind.code() == "timers-lost")
            .count()
    };
    assert_eq!(lost(Some(0)), 0);
    assert!(lost(Some(1)) > 0 && lost(None) > 0);
}

/// Names out of a fixed list are read in any case.
#[test]
fn a_description_takes_names_in_upper_case() {
    let root = testdata().join("restore/flink-1.20.5/base/native-rocksdb");
    let snapshot = of_matrix("1.20.5", &root, &root.join("_metadata")).summary;
    let mut described = JobDescription::from_snapshot(&snapshot);
    described.state_backend = Some(statescope::restore::job::StateBackend::Rocksdb);
    described.claim_mode = Some(statescope::restore::job::ClaimMode::NoClaim);
    let mut json = serde_json::to_value(&described).unwrap();
    for name in ["state_backend", "claim_mode"] {
        let upper = json[name].as_str().unwrap().to_uppercase();
        json[name] = upper.into();
    }
    for operator in json["operators"].as_array_mut().unwrap() {
        for state in operator["states"].as_array_mut().unwrap() {
            for name in ["slot", "kind"] {
                if let Some(text) = state[name].as_str() {
                    state[name] = text.to_uppercase().into();
                }
            }
        }
    }
    let read: JobDescription = serde_json::from_value(json).expect("a description");
    assert_eq!(read, described);
    let unknown = r#"{"version": 1, "state_backend": "redis", "operators": []}"#;
    let error = serde_json::from_str::<JobDescription>(unknown)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("rocksdb") && error.contains("line 1"),
        "{error}"
    );
}

/// An operator that has state in the new job and none in the snapshot is told by its name.
#[test]
fn what_starts_empty_is_told() {
    let matrix = testdata().join("restore/flink-2.3.0");
    let read = |directory: &str| {
        let root = matrix.join(directory);
        of_matrix("2.3.0", &root, &root.join("_metadata")).summary
    };
    let (small, two) = (read("base/small"), read("base/two"));
    let told = |old: &SnapshotSummary, new: &SnapshotSummary| {
        let job = JobDescription::from_snapshot(new);
        let report = restore(old, &job, RestoreOptions::default());
        let told = report
            .findings
            .into_iter()
            .filter(|f| f.kind.code() == "starts-empty");
        told.filter_map(|finding| finding.place.uid)
            .collect::<Vec<_>>()
    };
    assert!(told(&small, &small).is_empty());
    let new = told(&small, &two);
    assert!(!new.is_empty());
    let old: BTreeSet<_> = small
        .operators
        .iter()
        .filter_map(|o| o.uid.clone())
        .collect();
    assert!(new.iter().all(|uid| !old.contains(uid)), "{new:?}");
}

/// Settings come from options, then from the description, then from Flink's configuration.
#[test]
fn settings_of_flinks_configuration_fill_what_is_not_known() {
    use statescope::restore::job::{JobSettings, StateBackend};
    let configured = |pairs: &'static [(&str, &str)]| {
        let get = move |name: &str| pairs.iter().find(|(key, _)| *key == name).map(|(_, v)| *v);
        JobSettings::of_configuration(get)
    };
    let flink_1 = configured(&[
        ("state.backend", "RocksDB"),
        ("state.backend.changelog.enabled", "TRUE"),
        ("execution.savepoint-restore-mode", "LEGACY"),
    ]);
    assert_eq!(flink_1.state_backend, Some(StateBackend::Rocksdb));
    assert_eq!(flink_1.changelog, Some(true));
    assert_eq!(
        flink_1.claim_mode,
        Some(statescope::restore::job::ClaimMode::Legacy)
    );
    let class = configured(&[(
        "state.backend.type",
        "org.apache.flink.runtime.state.hashmap.HashMapStateBackendFactory",
    )]);
    assert_eq!(class.state_backend, Some(StateBackend::Hashmap));
    let mut job = JobDescription::default();
    job.fill(flink_1);
    job.fill(class);
    assert_eq!(job.state_backend, Some(StateBackend::Rocksdb));
    job.set(class);
    assert_eq!(job.state_backend, Some(StateBackend::Hashmap));
}

/// Flink 2.0 does not know the mode.
#[test]
fn legacy_claim_mode_is_refused_since_flink_2() {
    let root = testdata().join("restore/flink-1.20.5/base/small");
    let snapshot = of_matrix("1.20.5", &root, &root.join("_metadata")).summary;
    let mut job = JobDescription::from_snapshot(&snapshot);
    job.claim_mode = Some(statescope::restore::job::ClaimMode::Legacy);
    let on = |release: &str| {
        let options = RestoreOptions {
            release: Some(release.parse().unwrap()),
            ..RestoreOptions::default()
        };
        restore(&snapshot, &job, options).verdict()
    };
    assert_eq!(on("1.20"), Some(Verdict::Restorable));
    assert_eq!(on("2.0"), Some(Verdict::NotRestorable));
}

/// An operator of the matrix fixtures that has no uid: its id moves when the job changes its shape.
const SUM: &str = "a76813a7437976894953c788870df8f4";

/// What becomes of that operator's state and the advice, with a new job that is described by a snapshot of it, and with one
/// whose description holds no states and gets them from the snapshot (`--job` with `--against`).
fn advice_for_sum(old: &SnapshotSummary, new: &SnapshotSummary) -> [(&'static str, String); 2] {
    let described = JobDescription::from_snapshot(new);
    let mut bare = described.clone();
    for operator in &mut bare.operators {
        operator.states = None;
        operator.stateful = None;
    }
    bare.add_states_of(&described);
    [described, bare].map(|job| {
        let report = restore(old, &job, RestoreOptions::default());
        let codes: Vec<_> = report.findings.iter().map(|f| f.kind.code()).collect();
        let of_sum = report.findings.iter().filter(|finding| {
            let id = finding.place.operator_id.map(|id| id.to_string());
            id.as_deref() == Some(SUM) && finding.kind.code() == "generated-id-moved"
        });
        let hints: Vec<_> = of_sum.filter_map(|finding| finding.hint()).collect();
        assert_eq!(hints.len(), 1, "{codes:?}");
        let of_state = ["state-without-operator", "state-lost"].into_iter();
        let mut of_state = of_state.filter(|code| codes.contains(code));
        let lost = of_state.next().unwrap_or_else(|| panic!("{codes:?}"));
        (lost, hints[0].clone().into_owned())
    })
}

#[test]
fn what_a_stateless_newcomer_moved_keeps_its_state_by_set_uid_hash() {
    let matrix = testdata().join("restore");
    let read = |release: &str, directory: &str| {
        let root = matrix.join(format!("flink-{release}")).join(directory);
        of_matrix(release, &root, &root.join("_metadata")).summary
    };
    let advised = format!("setUidHash(\"{SUM}\")");
    for release in ["1.20.5", "2.3.0"] {
        let old = read(release, "base/automatic");
        for place in ["in-front", "behind-counter", "at-end"] {
            let new = read(
                release,
                &format!("variant/automatic-stateless-added-{place}"),
            );
            for (code, hint) in advice_for_sum(&old, &new) {
                assert_eq!(code, "state-without-operator");
                assert!(hint.contains(&advised), "{release} {place}: {hint}");
            }
        }
        // The newcomer has the very id of the operator that moved on.
        let mut new = old.clone();
        let free = "dc2290bb6f8f5cd2bd425368843494fe";
        let stateless = |operator: &&OperatorSummary| operator.state_bytes == Some(0);
        let mut newcomer = old.operators.iter().find(stateless).unwrap().clone();
        newcomer.operator_id = SUM.parse().unwrap();
        let mut operators = new.operators.iter_mut();
        let moved = operators.find(|operator| operator.operator_id.to_string() == SUM);
        let moved = moved.unwrap();
        moved.operator_id = free.parse().unwrap();
        let called = moved.name.clone().unwrap_or_else(|| free.to_owned());
        new.operators.push(newcomer);
        for (code, hint) in advice_for_sum(&old, &new) {
            assert_eq!(code, "state-lost");
            assert!(hint.contains(&format!("{advised} on {called}")), "{hint}");
        }
    }
}

/// Real Flink restored the job with `setUidHash` alone, too, and gave the state now to one of the two and now to the other
/// (`forgotten-keyed-bound-behind-stateless`).
#[test]
fn a_newcomer_that_took_a_generated_id_needs_a_uid_beside_set_uid_hash() {
    let matrix = testdata().join("restore");
    for release in ["1.20.5", "2.3.0"] {
        for base in ["forgotten", "forgotten-keyed"] {
            let root = matrix.join(format!("flink-{release}"));
            let read = |directory: String| {
                let root = root.join(directory);
                of_matrix(release, &root, &root.join("_metadata")).summary
            };
            let job = |change: &str| -> JobDescription {
                let file = root.join(format!("variant/{base}-{change}/job.json"));
                serde_json::from_slice(&fs::read(file).unwrap()).unwrap()
            };
            let old = read(format!("base/{base}"));
            let new = JobDescription::from_snapshot(&read(format!(
                "variant/{base}-stateless-added-before"
            )));
            let mut described = job("stateless-added-before");
            described.add_states_of(&new);
            let mut jobs = vec![("job", described)];
            // Before version 5 two snapshots do not tell who made the id.
            if release == "2.3.0" {
                jobs.push(("snapshot", new));
            }
            for (how, new) in jobs {
                let report = restore(&old, &new, RestoreOptions::default());
                let codes: Vec<_> = report.findings.iter().map(|f| f.kind.code()).collect();
                assert!(codes.contains(&"state-lost"), "{release} {base}: {codes:?}");
                let moved = (report.findings.iter())
                    .find(|finding| finding.kind.code() == "generated-id-moved");
                let moved = moved.unwrap_or_else(|| panic!("{release} {base} {how}: {codes:?}"));
                let id = moved.place.operator_id.unwrap();
                let hint = moved.hint().unwrap().into_owned();
                assert!(hint.contains(&format!("setUidHash(\"{id}\")")), "{hint}");
                let wanted = "give new, which has the old id now, another uid";
                assert!(hint.contains(wanted), "{hint}");
            }
            let codes_of = |change: &str| {
                let mut bound = job(change);
                bound.add_states_of(&JobDescription::from_snapshot(&read(format!(
                    "variant/{base}-{change}"
                ))));
                let report = restore(&old, &bound, RestoreOptions::default());
                let codes = report.findings.iter().map(|f| f.kind.code());
                (report.verdict(), codes.collect::<Vec<_>>())
            };
            let (verdict, codes) = codes_of("bound-behind-stateless");
            assert_eq!(verdict, None, "{release} {base}: {codes:?}");
            assert!(codes.contains(&"state-contested"), "{codes:?}");
            let (verdict, codes) = codes_of("bound-behind-stateless-with-uid");
            assert_eq!(verdict, Some(Verdict::Restorable), "{codes:?}");
            assert!(!codes.contains(&"state-contested"), "{codes:?}");
        }
    }
}
