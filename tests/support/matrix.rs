//! The cases of testdata/restore: a snapshot, a job, and what real Flink made of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use statescope::Location;
use statescope::health::check::Check;
use statescope::restore::job::JobDescription;
use statescope::restore::{Outcome, RestoreOptions, restore};
use statescope::snapshot::contents::StateRole;
use statescope::storage::{Settings, Storage};

use super::look::{self, Looked};

/// The releases that restored.
pub const RELEASES: [&str; 3] = ["1.17.2", "1.20.5", "2.3.0"];

/// The releases that wrote.
const WRITERS: [&str; 8] = [
    "1.14.6", "1.15.4", "1.17.2", "1.18.1", "1.19.3", "1.20.5", "2.0.2", "2.3.0",
];

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
const DIFFERENT: &[(&str, &str)] = &[
    // What the content of a state points at, nobody but its operator knows.
    ("sink-output-file-missing", "outside of Flink"),
    // Asked again, Flink gives the state to either of them.
    (
        "forgotten-keyed-bound-behind-stateless",
        "Who gets state that two ask for",
    ),
];

/// What makes a verdict impossible, by a part of the case's name and the words in docs/upgrade.md.
const UNDECIDED: &[(&str, &str)] = &[
    ("class-missing", "Classes that are gone"),
    ("bound-behind-stateless", "Who gets state that two ask for"),
    ("kryo", "Kryo, and serializers of the program's own"),
    ("unaligned", "In-flight data that is dropped at one end"),
    // One byte less of OPTIONS or MANIFEST goes unnoticed, and so may more.
    (
        "native-rocksdb-file-cut",
        "Files that are shorter than recorded",
    ),
    (
        "incremental-shared-file-cut",
        "Files that are shorter than recorded",
    ),
];

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

    /// What `check --job --against` says; `None` for a snapshot that cannot be read.
    pub fn check(&self) -> Option<Check> {
        self.check_with(&self.job())
    }

    /// The same with a new job of which nothing is known but a snapshot, and the backend; `None` if
    /// it has no snapshot of its own.
    pub fn check_against_snapshot_alone(&self) -> Option<Check> {
        let against = self.snapshot_of_variant();
        if against == self.directory("base") {
            return None;
        }
        let (snapshot, ..) = look_at(&against, &directory_of_base(&against)).expect("read");
        let job = JobDescription {
            state_backend: self.job().state_backend,
            ..JobDescription::from_snapshot(&snapshot)
        };
        self.check_with(&job)
    }

    /// The same with a new job of which no states are known.
    pub fn check_without_states(&self) -> Option<Check> {
        let mut job = self.job();
        for operator in &mut job.operators {
            operator.states = None;
        }
        self.check_with(&job)
    }

    fn check_with(&self, job: &JobDescription) -> Option<Check> {
        let scene = Scene::of(self);
        let (snapshot, findings, files) = look_at(&scene.snapshot, &scene.written)?;
        let options = RestoreOptions {
            allow_non_restored_state: self.allowed,
            release: Some(self.release.parse().expect("a release")),
        };
        let report = restore(&snapshot, job, options);
        Some(Check::new(&snapshot, findings, Some(files), Some(report)))
    }

    /// The new job, with the states of a snapshot that it made from scratch.
    pub fn job(&self) -> JobDescription {
        let text = fs::read_to_string(self.directory("variant").join("job.json"));
        let text = text.unwrap_or_else(|e| panic!("{} {}: {e}", self.release, self.name));
        let mut job: JobDescription = serde_json::from_str(&text).expect("a description");
        job.check().expect("a job");
        let against = self.snapshot_of_variant();
        let (snapshot, ..) = look_at(&against, &directory_of_base(&against)).expect("read");
        job.add_states_of(&JobDescription::from_snapshot(&snapshot));
        job
    }

    /// Jobs that only differ in settings or in the release have one snapshot between them, and
    /// those that have the states of the base have none of their own.
    fn snapshot_of_variant(&self) -> PathBuf {
        let variant = self.directory("variant");
        let name = variant.file_name().expect("a name").to_str().expect("text");
        // Only settings differ between these.
        let on_the_heap = name.replace("-rocksdb", "").replace("changelog-", "small-");
        let releases = [self.release.as_str(), "1.20.5", "2.3.0"];
        let mut candidates = releases.iter().flat_map(|release| {
            let of_release = root().join(format!("flink-{release}/variant"));
            [of_release.join(name), of_release.join(&on_the_heap)]
        });
        let found = candidates.find(|directory| directory.join("_metadata").exists());
        found.unwrap_or_else(|| self.directory("base"))
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

/// Where the files of a case lie.
struct Scene {
    /// The directory of the snapshot, as it is given to Flink.
    snapshot: PathBuf,
    /// The directory that stands for the one in which Flink wrote.
    written: PathBuf,
    /// Holds the copy, if there is one.
    _copy: Option<tempfile::TempDir>,
}

impl Scene {
    fn of(case: &Case) -> Self {
        let snapshot = case.directory("base");
        let written = directory_of_base(&snapshot);
        let damage = &case.json["damage"];
        if damage.is_null() {
            return Self {
                snapshot,
                written,
                _copy: None,
            };
        }
        let copy = tempfile::tempdir().expect("a directory");
        let (here, elsewhere) = (copy.path().join("here"), copy.path().join("elsewhere"));
        let below = snapshot.strip_prefix(&written).expect("below");
        copy_tree(&written, &here);
        let kind = damage["kind"].as_str().expect("a kind");
        let mut given = here.join(below);
        match kind {
            "moved-all" => {
                fs::rename(&here, &elsewhere).expect("moved");
                fs::create_dir(&here).expect("a directory");
                given = elsewhere.join(below);
            }
            "moved-snapshot" => {
                fs::rename(&given, &elsewhere).expect("moved");
                given = elsewhere;
            }
            _ => {
                let file = here.join(damage["path"].as_str().expect("a path"));
                let bytes = damage["bytes"].as_u64().unwrap_or_default();
                let length = fs::metadata(&file).expect("a file").len();
                let resize = |length| {
                    let file = fs::File::options().write(true).open(&file).expect("a file");
                    file.set_len(length).expect("resized");
                };
                match kind {
                    "missing" => fs::remove_file(&file).expect("removed"),
                    "cut" => resize(length - bytes),
                    "longer" => resize(length + bytes),
                    other => panic!("{other}: no such damage"),
                }
            }
        }
        Self {
            snapshot: given,
            written: here,
            _copy: Some(copy),
        }
    }
}

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy_tree(&path, &target);
        } else {
            fs::copy(&path, &target).expect("copied");
        }
    }
}

/// `testdata/restore/flink-<release>/<base|variant>/<name>` of a directory there or below.
fn directory_of_base(snapshot: &Path) -> PathBuf {
    let depth = root().components().count() + 3;
    snapshot.components().take(depth).collect()
}

fn look_at(directory: &Path, written: &Path) -> Option<Looked> {
    let location = Location::new(directory.to_str().expect("text"));
    look::at(&storage_of(written), &location)
}

/// Flink wrote below `/data/flink-matrix/<release>/{checkpoints,savepoints,changelog}`.
fn storage_of(written: &Path) -> Storage {
    let mut settings = Settings::new();
    // Flink was asked where its paths led to these files.
    settings.assume_relocations = true;
    for release in WRITERS {
        let place = format!("file:/data/flink-matrix/{release}");
        for (from, to) in [
            ("checkpoints", written.to_owned()),
            ("changelog", written.join("changelog")),
        ] {
            let from = Location::new(format!("{place}/{from}"));
            let to = Location::new(to.to_str().expect("text"));
            settings.relocations.push((from, to));
        }
    }
    Storage::new(settings)
}
