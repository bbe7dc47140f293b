//! The cases of testdata/restore: a snapshot, a job, and what real Flink made of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use statescope::Location;
use statescope::check::Check;
use statescope::inspector::{self, NoProgress, StatesOptions};
use statescope::job::JobDescription;
use statescope::restore::{Outcome, RestoreOptions, restore};
use statescope::states::StateRole;
use statescope::storage::{Settings, Storage};
use statescope::summary::{Detail, SnapshotSummary};

/// The releases that restored.
pub const RELEASES: [&str; 3] = ["1.17.2", "1.20.5", "2.3.0"];

/// One case.
pub struct Case {
    pub name: String,
    pub release: String,
    pub allowed: bool,
    pub outcome: String,
    pub error: Option<String>,
    pub json: Value,
}

/// Cases in which we say something else than Flink, and why that is right or cannot be helped
/// (docs/upgrade.md).
const DIFFERENT: &[(&str, &str)] = &[];

/// What makes a verdict impossible, by a part of the case's name and the words in docs/upgrade.md.
const UNDECIDED: &[(&str, &str)] = &[];

/// True for cases in which we are knowingly of another opinion.
pub fn is_known_to_differ(name: &str) -> bool {
    DIFFERENT.iter().any(|(case, _)| *case == name)
}

/// Why there is no verdict.
pub fn why_undecided(name: &str) -> Option<&'static str> {
    let known = UNDECIDED.iter().find(|(part, _)| name.contains(part));
    known.map(|(_, reason)| *reason)
}

fn root() -> PathBuf {
    super::testdata().join("restore")
}

/// All cases of all releases.
pub fn cases() -> Vec<Case> {
    let files = RELEASES.map(|release| root().join(format!("flink-{release}/cases.json")));
    let cases = files.iter().flat_map(|file| {
        let Ok(text) = fs::read_to_string(file) else {
            return Vec::new();
        };
        let cases: Vec<Value> = serde_json::from_str(&text).expect("JSON");
        cases
    });
    let text = |case: &Value, key: &str| case[key].as_str().map(str::to_owned);
    cases
        .map(|json| Case {
            name: text(&json, "name").expect("a name"),
            release: text(&json, "release").expect("a release"),
            allowed: json["allow_non_restored_state"] == true,
            outcome: text(&json, "outcome").expect("an outcome"),
            error: text(&json, "error"),
            json,
        })
        .collect()
}

impl Case {
    /// True if Flink restored it.
    pub fn restored(&self) -> bool {
        self.outcome == "restored"
    }

    /// True if files were damaged or moved before.
    pub fn damaged(&self) -> bool {
        !self.json["damage"].is_null()
    }

    fn directory(&self, key: &str) -> PathBuf {
        root().join(self.json[key].as_str().expect("a directory"))
    }

    /// What `check --job --against` says.
    pub fn check(&self) -> Check {
        let base = self.directory("base");
        let (snapshot, findings, files) = look_at(&base);
        let options = RestoreOptions {
            allow_non_restored_state: self.allowed,
            release: Some(self.release.parse().expect("a release")),
        };
        let report = restore(&snapshot, &self.job(), options);
        Check::new(&snapshot, findings, Some(files), Some(report))
    }

    /// The new job, with the states of a snapshot that it made from scratch; jobs that have the
    /// same states as that of the base made none.
    pub fn job(&self) -> JobDescription {
        let variant = self.directory("variant");
        let text = fs::read_to_string(variant.join("job.json")).expect("a description");
        let mut job: JobDescription = serde_json::from_str(&text).expect("a description");
        job.check().expect("a job");
        let (snapshot, ..) = match variant.join("_metadata").exists() {
            true => look_at(&variant),
            false => look_at(&self.directory("base")),
        };
        job.add_states_of(&JobDescription::from_snapshot(&snapshot));
        job
    }

    /// Named states that the job did not get although Flink restored it.
    pub fn lost(&self) -> BTreeSet<(String, String)> {
        let lost = self.json["lost"].as_array().map_or(&[][..], Vec::as_slice);
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let lost = lost
            .iter()
            .map(|lost| (text(&lost["operator_id"]), text(&lost["state"])));
        lost.filter(|(_, state)| is_compared(state)).collect()
    }

    /// What we say is lost or dropped.
    pub fn lost_by(check: &Check) -> BTreeSet<(String, String)> {
        let operators = check.operators.iter().flatten();
        let lost = operators.flat_map(|operator| {
            let states = operator.states.iter().flatten();
            let lost =
                states.filter(|state| matches!(state.outcome, Outcome::Lost | Outcome::Dropped));
            lost.map(|state| (operator.operator_id.to_string(), state.name.clone()))
        });
        lost.filter(|(_, state)| is_compared(state)).collect()
    }
}

/// The jobs of the matrix do not look after timers and coordinators.
fn is_compared(state: &str) -> bool {
    let timers = [StateRole::EventTimeTimers, StateRole::ProcessingTimeTimers];
    !StateRole::of(state).is_some_and(|role| timers.contains(&role)) && !state.starts_with('(')
}

type Looked = (
    SnapshotSummary,
    Vec<statescope::finding::Finding>,
    statescope::verify::FileCheck,
);

/// Reads a snapshot with its states and looks for its files.
fn look_at(directory: &Path) -> Looked {
    let storage = storage_of(directory);
    let location = Location::new(directory.to_str().expect("text"));
    super::wait(async {
        let loaded = inspector::load(&storage, &location).await.expect("loaded");
        let (mut snapshot, mut findings) =
            inspector::summarize(&loaded, Detail::Operators).expect("parsed");
        let options = StatesOptions {
            sizes: false,
            all_heads: true,
        };
        let states = inspector::states(&storage, &loaded, options, |_| true, &NoProgress).await;
        for (id, states) in states.expect("parsed") {
            let operator = snapshot.operators.iter_mut().find(|o| o.operator_id == id);
            operator.expect("the operator").set_states(states);
        }
        snapshot.recognise_generated_ids();
        let (files, more) = inspector::verify(&storage, &loaded, &NoProgress)
            .await
            .expect("verified");
        findings.extend(more);
        (snapshot, findings, files)
    })
}

/// Flink wrote below `/data/flink-matrix/<release>/{checkpoints,savepoints,changelog}`.
fn storage_of(directory: &Path) -> Storage {
    let base: PathBuf = directory
        .components()
        .take(root().components().count() + 3)
        .collect();
    let mut settings = Settings::new();
    for release in RELEASES {
        let written = format!("file:/data/flink-matrix/{release}");
        for (from, to) in [
            ("checkpoints", base.clone()),
            ("changelog", base.join("changelog")),
        ] {
            let from = Location::new(format!("{written}/{from}"));
            let to = Location::new(to.to_str().expect("text"));
            settings.relocations.push((from, to));
        }
    }
    Storage::new(settings)
}
