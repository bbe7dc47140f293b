//! Every fixture is read exactly as Flink's own loader of that release reads it.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use crate::support;

use std::fs;

use serde_json::Value;
use statescope::metadata;
use support::flink_json;

/// Fields of `flink.json` that older releases have no notion of.
const UNKNOWN_TO_OLD_RELEASES: [&str; 4] = ["checkpoint_id", "checkpointed_bytes", "id", "subtask"];

#[test]
fn every_field_of_every_fixture_is_what_flink_loads() {
    let mut compared = 0;
    let mut problems = Vec::new();
    for file in support::metadata_files() {
        let name = support::short(&file);
        let bytes = fs::read(&file).expect("a fixture");
        let truth = fs::read_to_string(file.with_file_name("flink.json"));
        let truth = truth.unwrap_or_else(|e| panic!("{name} has no flink.json: {e}"));
        let mut truth: Value =
            serde_json::from_str(&lone_surrogates_as_text(&truth)).expect("JSON");
        for provenance in ["flink", "scenario"] {
            truth.as_object_mut().expect("an object").remove(provenance);
        }
        normalize(&mut truth);
        let parsed = match metadata::parse(&bytes) {
            Ok(parsed) => parsed,
            Err(error) => {
                problems.push(format!("{name}: {error}"));
                continue;
            }
        };
        assert_eq!(parsed.trailing_bytes, 0, "{name} is read to its exact end");
        let mut ours = flink_json::of(&parsed, bytes.len());
        normalize(&mut ours);
        let differences = flink_json::differences(&truth, &ours, &UNKNOWN_TO_OLD_RELEASES);
        problems.extend(differences.into_iter().map(|d| format!("{name}{d}")));
        compared += 1;
    }
    assert!(
        problems.is_empty(),
        "{} differences:\n{}",
        problems.len(),
        problems[..problems.len().min(40)].join("\n")
    );
    assert!(compared > 100, "only {compared} fixtures were compared");
}

/// Java writes lone surrogates as JSON escapes, which no Rust string can hold; we show them as the
/// text `\\ud83d`.
fn lone_surrogates_as_text(json: &str) -> String {
    let is_half = |text: &str, first: [char; 4]| {
        text.strip_prefix("\\ud").is_some_and(|rest| {
            rest.starts_with(first) && rest.chars().take(3).all(|c| c.is_ascii_hexdigit())
        })
    };
    let mut result = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find("\\u") {
        let (before, escape) = rest.split_at(at);
        result.push_str(before);
        let high = is_half(escape, ['8', '9', 'a', 'b']);
        let low = is_half(escape, ['c', 'd', 'e', 'f']);
        let paired = high && is_half(&escape[6..], ['c', 'd', 'e', 'f']);
        let taken = if paired { 12 } else { 6 };
        if (high && !paired) || low {
            result.push('\\');
        }
        let (taken, behind) = escape.split_at(taken);
        result.push_str(taken);
        rest = behind;
    }
    result + rest
}

/// Takes out what the loader's JSON cannot tell: where a relative handle resolves to depends on
/// where the generator ran, and up to Flink 1.16 a loader returns database files without order.
fn normalize(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if fields.contains_key("relative_path") {
                fields.remove("path");
            }
            for files in ["shared", "private"] {
                if let Some(Value::Array(files)) = fields.get_mut(files) {
                    files.sort_by_key(|file| file["name"].to_string());
                }
            }
            fields.values_mut().for_each(normalize);
        }
        Value::Array(values) => values.iter_mut().for_each(normalize),
        _ => {}
    }
}

#[test]
fn scenarios_hold_what_their_names_promise() {
    for (scenario, sign) in [
        ("finished-tasks-fully", r#""fully_finished":true"#),
        ("finished-tasks-partly", r#""finished":true"#),
        ("unaligned", "InputChannelStateHandle"),
        ("changelog-filesystem", "ChangelogStateHandleStreamImpl"),
        ("changelog-memory", "InMemoryChangelogStateHandle"),
        ("changelog-filesystem-materialized", r#""materialized":[{"#),
        ("file-merging-rocksdb", "SegmentFileStateHandle"),
        ("checkpoint-rocksdb-incremental", r#""shared":[{"#),
        ("forst", "IncrementalRemoteKeyedStateHandle"),
        ("savepoint-canonical-rocksdb", "KeyGroupsS"),
        ("checkpoint-jobmanager", "ByteStreamStateHandle"),
        ("stop-drain", "TERMINATE"),
        ("stop-suspend", "SUSPEND"),
        ("checkpoint-full-requested", "Full Checkpoint"),
    ] {
        let mut releases = 0;
        for release in fs::read_dir(support::testdata()).expect("a directory") {
            let directory = release.expect("an entry").path().join(scenario);
            let of_scenario = |file: &&std::path::PathBuf| file.starts_with(&directory);
            let files = support::metadata_files();
            let truths: Vec<_> = files
                .iter()
                .filter(of_scenario)
                .map(|file| fs::read_to_string(file.with_file_name("flink.json")).expect("JSON"))
                .collect();
            // Before version 4 files do not say why they were made.
            let has_properties = truths
                .iter()
                .any(|truth| !truth.contains(r#""properties":null"#));
            if truths.is_empty() || (sign.chars().all(|c| !c.is_lowercase()) && !has_properties) {
                continue;
            }
            releases += 1;
            let name = directory.display();
            assert!(
                truths.iter().any(|truth| truth.contains(sign)),
                "{name} has no {sign}"
            );
        }
        assert!(releases > 0, "no release has {scenario}");
    }
}
