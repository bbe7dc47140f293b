//! The properties of the fuzz targets, over every fixture and every finding of the past.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use crate::properties;
use crate::snapshot_properties;
use crate::support;

use std::fs;
use std::path::{Path, PathBuf};

type Property = fn(&[u8]);

/// The fuzz targets, by the name of their directory below `fuzz/regressions`.
const TARGETS: [(&str, Property); 9] = [
    ("bodies", properties::bodies),
    ("check", snapshot_properties::check),
    ("diff", snapshot_properties::diff_both),
    ("heads", properties::heads),
    ("metadata", properties::metadata),
    ("java_stream", properties::java_stream),
    ("show_json", properties::show_json),
    ("show_states", snapshot_properties::show_states),
    ("sst", properties::sst),
];

#[test]
fn the_properties_hold_for_every_fixture() {
    for file in support::metadata_files() {
        let bytes = fs::read(&file).expect("a fixture");
        let name = support::short(&file);
        check(&name, &bytes, properties::metadata);
        check(&name, &bytes, properties::bodies);
        check(&name, &bytes, properties::show_json);
        // State inside the metadata begins with its head.
        for head in heads_in(&bytes) {
            check(&name, head, properties::heads);
        }
        if let Some(stream) = java_stream_of(&bytes) {
            check(&name, stream, properties::java_stream);
        }
    }
    for file in support::sst_files() {
        let bytes = fs::read(&file).expect("a fixture");
        check(&support::short(&file), &bytes, properties::sst);
    }
}

#[test]
fn whole_snapshots_that_were_changed_give_an_answer() {
    const EDITS_MAX: u64 = 4;
    const EDIT_BYTES: usize = 6;
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    // Every seventh fixture of each release as it is, and changed in one to four places.
    for number in (0..snapshot_properties::mutation::fixtures()).step_by(7) {
        let [low, high, ..] = number.to_le_bytes();
        let as_it_is = vec![low, high, 0];
        let mut changed = vec![low, high, random().to_le_bytes()[0]];
        for _ in 0..=random() % EDITS_MAX {
            changed.extend_from_slice(&random().to_le_bytes()[..EDIT_BYTES]);
        }
        for script in [as_it_is, changed] {
            let name = format!("{script:?}");
            check(&name, &script, snapshot_properties::show_states);
            check(&name, &script, snapshot_properties::check);
            check(&name, &script, snapshot_properties::diff_both);
        }
    }
}

#[test]
fn the_properties_hold_for_every_finding_of_the_past() {
    let regressions = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/regressions");
    for directory in entries(&regressions)
        .into_iter()
        .filter(|path| path.is_dir())
    {
        let target = directory.file_name().expect("a name").to_string_lossy();
        let (_, property) = TARGETS
            .into_iter()
            .find(|(name, _)| *name == target)
            .unwrap_or_else(|| panic!("{target} is no fuzz target"));
        for file in entries(&directory) {
            let bytes = fs::read(&file).expect("a finding");
            check(&file.display().to_string(), &bytes, property);
        }
    }
}

#[test]
fn every_target_is_in_the_fuzz_package_and_replayed_here() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let mut names: Vec<_> = entries(&fuzz.join("fuzz_targets"))
        .iter()
        .map(|path| {
            path.file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort();
    let mut replayed = TARGETS.map(|(name, _)| name);
    replayed.sort_unstable();
    assert_eq!(names, replayed);
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).expect("a manifest");
    for name in names {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
    }
}

/// A property tells a broken input by panicking, which says nothing about the file.
fn check(name: &str, bytes: &[u8], property: Property) {
    let result = std::panic::catch_unwind(|| property(bytes));
    assert!(result.is_ok(), "{name}: see above");
}

/// The properties at the end of a file of version 4 or later.
fn java_stream_of(bytes: &[u8]) -> Option<&[u8]> {
    const MAGIC: [u8; 4] = [0xAC, 0xED, 0, 5];
    let at = bytes
        .windows(MAGIC.len())
        .rposition(|window| window == MAGIC)?;
    Some(&bytes[at..])
}

/// Whatever begins as the head of keyed or operator state does, up to the end of the file.
fn heads_in(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    const LONGEST: usize = 8192;
    let starts =
        |at: &usize| bytes[*at..].starts_with(&[0, 0, 0]) && [5, 6].contains(&bytes[at + 3]);
    let places = (0..bytes.len().saturating_sub(3)).filter(starts);
    places.map(|at| &bytes[at..bytes.len().min(at + LONGEST)])
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let entries =
        fs::read_dir(directory).unwrap_or_else(|error| panic!("{}: {error}", directory.display()));
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths
}
