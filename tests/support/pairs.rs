//! The snapshots of testdata/restore/pairs: one job, its state in every form, left by each release
//! and restored by each.

#![allow(unreachable_pub, reason = "included by a test file")]

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};
use std::path::PathBuf;

use statescope::Location;
use statescope::finding::Finding;
use statescope::health::check::Check;
use statescope::health::files::FileCheck;
use statescope::restore::job::{JobDescription, StateBackend};
use statescope::restore::{FlinkRelease, RestoreOptions, readable, restore};
use statescope::snapshot::summary::SnapshotSummary;
use statescope::storage::{Settings, Storage};

use crate::support::{look, testdata};

/// What a reader made of a base.
pub struct Outcome {
    pub base: String,
    /// The form of the state; with `-off`, read without the changelog backend.
    pub form: String,
    pub reader: String,
    pub restored: bool,
    pub error: String,
}

impl Outcome {
    pub fn name(&self) -> String {
        format!("{} of {} by {}", self.form, self.base, self.reader)
    }

    /// The scenario that the base is of.
    pub fn scenario(&self) -> &str {
        self.form.strip_suffix("-off").unwrap_or(&self.form)
    }
}

fn root() -> PathBuf {
    testdata().join("restore/pairs")
}

/// Every line of the table.
pub fn outcomes() -> Vec<Outcome> {
    let table = fs::read_to_string(root().join("outcomes.tsv")).expect("a table");
    let lines = table.lines().skip(1);
    lines
        .map(|line| {
            let fields: Vec<_> = line.split('\t').map(str::to_owned).collect();
            let [base, form, reader, outcome, _, error] =
                <[String; 6]>::try_from(fields).expect("six columns");
            Outcome {
                base,
                form,
                reader,
                restored: outcome == "restored",
                error,
            }
        })
        .collect()
}

/// What one release left.
pub struct Left {
    bases: BTreeMap<String, Base>,
    jobs: BTreeMap<String, JobSettings>,
    descriptions: BTreeMap<String, JobDescription>,
    _directory: tempfile::TempDir,
}

struct JobSettings {
    description: String,
    backend: StateBackend,
    changelog: bool,
    unaligned: bool,
}

/// A snapshot, looked at.
struct Base {
    snapshot: SnapshotSummary,
    findings: Vec<Finding>,
    files: FileCheck,
}

impl Left {
    /// By release.
    pub fn all() -> BTreeMap<String, Self> {
        let archives = fs::read_dir(root()).expect("a directory");
        let archives = archives.map(|entry| entry.expect("an entry").path());
        let archives = archives.filter(|path| path.extension().is_some_and(|end| end == "zip"));
        archives
            .map(|path| {
                let release = path.file_stem().expect("a name").to_str().expect("text");
                (release.to_owned(), Self::of(release))
            })
            .collect()
    }

    fn of(release: &str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let packed = fs::read(root().join(format!("{release}.zip"))).expect("an archive");
        let mut archive = zip::ZipArchive::new(Cursor::new(packed)).expect("an archive");
        archive.extract(directory.path()).expect("extracted");
        let mut text = |name: &str| {
            let mut text = String::new();
            let file = archive
                .by_name(name)
                .map(|mut file| file.read_to_string(&mut text));
            file.map(|read| read.expect("text")).map(|_| text)
        };
        let table = text("jobs.tsv").expect("jobs");
        let mut jobs = BTreeMap::new();
        let mut descriptions = BTreeMap::new();
        for line in table.lines() {
            let fields: Vec<_> = line.split('\t').collect();
            let &[scenario, description, backend, changelog, unaligned] = &fields[..] else {
                panic!("{line}");
            };
            if let Ok(json) = text(&format!("jobs/{description}.json")) {
                let job: JobDescription = serde_json::from_str(&json).expect("a description");
                descriptions.insert(description.to_owned(), job);
            }
            let settings = JobSettings {
                description: description.to_owned(),
                backend: match backend {
                    "hashmap" => StateBackend::Hashmap,
                    "rocksdb" => StateBackend::Rocksdb,
                    "forst" => StateBackend::Forst,
                    other => panic!("{other}"),
                },
                changelog: changelog == "true",
                unaligned: unaligned == "true",
            };
            jobs.insert(scenario.to_owned(), settings);
        }
        let mut settings = Settings::new();
        // Flink was asked where its paths led to these files.
        settings.assume_relocations = true;
        let written = Location::new(format!("file:/data/flink-pairs/{release}"));
        let here = Location::new(directory.path().to_str().expect("text"));
        settings.relocations.push((written, here));
        let storage = Storage::new(settings);
        let bases = text("bases.tsv").expect("bases");
        let bases = bases.lines().map(|line| {
            let (scenario, snapshot) = line.split_once('\t').expect("two columns");
            let location = directory.path().join(snapshot);
            let location = Location::new(location.to_str().expect("text"));
            let looked = look::at(&storage, &location);
            let (snapshot, findings, files) = looked.unwrap_or_else(|| panic!("{release} {line}"));
            let base = Base {
                snapshot,
                findings,
                files,
            };
            (scenario.to_owned(), base)
        });
        Self {
            bases: bases.collect(),
            jobs,
            descriptions,
            _directory: directory,
        }
    }
}

fn release(text: &str) -> FlinkRelease {
    text.parse().expect("a release")
}

/// What `check` says of it with the job that the reader ran: its description, and the states of the
/// reader's own snapshot where it has one.
pub fn check(all: &BTreeMap<String, Left>, outcome: &Outcome) -> Check {
    let base = &all[&outcome.base].bases[outcome.scenario()];
    let reader = &all[&outcome.reader];
    let settings = &reader.jobs[outcome.scenario()];
    let is_off = outcome.form.ends_with("-off");
    let states = reader.bases.get(outcome.scenario()).unwrap_or(base);
    let states = JobDescription::from_snapshot(&states.snapshot);
    let described = |left: &Left| left.descriptions.get(&settings.description).cloned();
    // Of 1.13 there is none: but for its sinks, the job was the same one release later.
    let description = described(reader).unwrap_or_else(|| match outcome.form.starts_with("sink") {
        true => states.clone(),
        false => described(&all["1.14.6"]).expect("a description"),
    });
    let mut job = JobDescription {
        state_backend: Some(settings.backend),
        changelog: Some(settings.changelog && !is_off),
        unaligned: Some(settings.unaligned),
        flink_version: Some(outcome.reader.clone()),
        ..description
    };
    job.add_states_of(&states);
    let report = restore(&base.snapshot, &job, RestoreOptions::default());
    Check::new(
        &base.snapshot,
        base.findings.clone(),
        Some(base.files.clone()),
        Some(report),
    )
}

/// What `check --flink-version` says of it without any job.
pub fn check_by_release(all: &BTreeMap<String, Left>, outcome: &Outcome) -> Check {
    let base = &all[&outcome.base].bases[outcome.scenario()];
    let release = release(&outcome.reader);
    let mut findings = base.findings.clone();
    findings.extend(readable(&base.snapshot, release));
    Check::new(&base.snapshot, findings, Some(base.files.clone()), None).by_rules_of(Some(release))
}
