//! What changed between real snapshots: the jobs of the restore matrix before and after each change,
//! and jobs at two times.

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
use std::path::{Path, PathBuf};

use serde_json::Value;
use statescope::finding::{Confidence, DriftFinding, FindingKind};
use statescope::model::checkpoint::OperatorId;
use statescope::restore::diff::Change;
use statescope::restore::drift::{Drift, OperatorView, drift};
use statescope::restore::job::JobDescription;
use support::snapshots::{Snapshot, of_matrix};
use support::{moved, testdata};

const RELEASES: [&str; 3] = ["1.17.2", "1.20.5", "2.3.0"];

/// What the operators of a job are called, and their ids.
type Job = BTreeMap<String, OperatorId>;

fn job(directory: &Path) -> (Job, Value) {
    let text = fs::read_to_string(directory.join("job.json")).expect("a description");
    let description: Value = serde_json::from_str(&text).unwrap();
    let operators = description["operators"].as_array().unwrap();
    let job = operators.iter().map(|operator| {
        let name = operator["name"].as_str().unwrap();
        (name.to_owned(), own_id(operator))
    });
    (job.collect(), description)
}

/// The id that the operator writes into its snapshots.
fn own_id(operator: &Value) -> OperatorId {
    let uid = || OperatorId::of_uid(operator["uid"].as_str().unwrap());
    let id = operator["operator_id"].as_str();
    id.map_or_else(uid, |id| id.parse().unwrap())
}

struct Case {
    release: &'static str,
    name: String,
    old: Snapshot,
    /// `None` where the changed job was never snapshotted.
    new: Option<Snapshot>,
    old_job: Job,
    new_job: Job,
    new_description: Value,
}

/// Every change of the matrix, once.
fn cases() -> Vec<Case> {
    let matrix = testdata().join("restore");
    let mut cases = Vec::new();
    let mut seen = BTreeSet::new();
    for release in RELEASES {
        let text = fs::read_to_string(matrix.join(format!("flink-{release}/cases.json")));
        let listed: Vec<Value> = serde_json::from_str(&text.expect("the cases")).unwrap();
        for case in listed {
            let path = |key: &str| matrix.join(case[key].as_str().unwrap());
            let (base, variant) = (path("base"), path("variant"));
            let of_release =
                |path: &Path| path.starts_with(matrix.join(format!("flink-{release}")));
            if !of_release(&base) || !seen.insert((base.clone(), variant.clone())) {
                continue;
            }
            let below = matrix.join(format!("flink-{release}/base"));
            let root: PathBuf = base
                .components()
                .take(below.components().count() + 1)
                .collect();
            let (old_job, _) = job(&root);
            let (new_job, new_description) = job(&variant);
            let new = variant.join("_metadata");
            cases.push(Case {
                release,
                name: case["name"].as_str().unwrap().to_owned(),
                old: of_matrix(release, &root, &base.join("_metadata")),
                new: new.exists().then(|| of_matrix(release, &variant, &new)),
                old_job,
                new_job,
                new_description,
            });
        }
    }
    assert!(cases.len() > 300, "{} cases", cases.len());
    cases
}

impl Case {
    fn name_of(&self, job: &Job, id: OperatorId) -> String {
        let found = job.iter().find(|(_, other)| **other == id);
        found.map_or_else(|| format!("? {id}"), |(name, _)| name.clone())
    }

    fn label(&self) -> String {
        format!("{} {}", self.release, self.name)
    }

    /// Nothing but operators of one name with two ids is drift; swapped ones are among them.
    fn expect_true(
        &self,
        drift: &Drift,
        old: &[OperatorView<'_>],
        new: &[OperatorView<'_>],
        new_job: &Job,
    ) {
        for moved in &drift.moved {
            let (from, to) = (old[moved.old].id, new[moved.new].id);
            let (from, to) = (self.name_of(&self.old_job, from), self.name_of(new_job, to));
            assert_eq!(from, to, "{}: {moved:?}", self.label());
        }
        for swapped in &drift.swapped {
            let [a, b] = swapped.old.map(|at| old[at].id);
            let now = |id| self.name_of(new_job, id);
            let was = |id| self.name_of(&self.old_job, id);
            assert_eq!((was(a), was(b)), (now(b), now(a)), "{}", self.label());
        }
    }

    /// Operators whose ids changed.
    fn drifted(&self) -> BTreeMap<&str, (OperatorId, OperatorId)> {
        let old = self.old_job.iter();
        let both = old.filter_map(|(name, id)| Some((&**name, (*id, *self.new_job.get(name)?))));
        both.filter(|(_, (old, new))| old != new).collect()
    }
}

#[test]
fn drift_is_named_right_in_every_case_with_states_on_both_sides_and_nowhere_else() {
    let mut named = 0;
    for case in cases() {
        let Some(new) = &case.new else {
            continue;
        };
        let (old_views, new_views) = (case.old.views(), new.views());
        let drift = drift(&old_views, &new_views);
        case.expect_true(&drift, &old_views, &new_views, &case.new_job);
        let mut found: BTreeMap<OperatorId, Option<Confidence>> = BTreeMap::new();
        for moved in &drift.moved {
            found.insert(old_views[moved.old].id, Some(moved.confidence));
        }
        for swapped in &drift.swapped {
            found.extend(
                swapped
                    .old
                    .map(|at| (old_views[at].id, Some(swapped.confidence))),
            );
        }
        found.extend(
            drift
                .ambiguous
                .iter()
                .map(|one| (old_views[one.old].id, None)),
        );
        for (name, (old, new)) in case.drifted() {
            let view = old_views.iter().find(|view| view.id == old);
            let Some(view) = view.filter(|_| new_views.iter().any(|view| view.id == new)) else {
                continue;
            };
            let states = view
                .states
                .as_ref()
                .is_some_and(|states| !states.is_empty());
            // Nothing but names tells such twins apart.
            let twins = case.name.starts_with("twins") && view.name.is_none();
            // Another operator has the old id, and neither side tells whether Flink made it.
            let taken = new_views.iter().find(|view| view.id == old);
            let taken = taken.is_some_and(|heir| {
                heir.auto_generated_id.is_none() && view.auto_generated_id.is_none()
            });
            let unknown = taken && case.name.starts_with("forgotten");
            if states && !twins && !unknown {
                let confidence = found.get(&old);
                assert!(
                    matches!(confidence, Some(Some(_))),
                    "{} {name}",
                    case.label()
                );
                named += 1;
            }
        }
    }
    assert!(named > 30, "{named}");
}

#[test]
fn without_states_of_the_new_job_drift_is_named_with_little_confidence_but_never_wrongly() {
    let mut named = 0;
    for case in cases() {
        let old = case.old.views();
        let operators = case.new_description["operators"].as_array().unwrap();
        let job: JobDescription = serde_json::from_value(case.new_description.clone()).unwrap();
        let exists = |id: &OperatorId| old.iter().any(|operator| operator.id == *id);
        let new = OperatorView::of_job(&job, |o| o.uid_hash.filter(exists));
        let drift = drift(&old, &new);
        let names = operators
            .iter()
            .map(|o| o["name"].as_str().unwrap().to_owned());
        let bound: Job = names.zip(new.iter().map(|operator| operator.id)).collect();
        case.expect_true(&drift, &old, &new, &bound);
        named += drift.moved.len() + 2 * drift.swapped.len();
        let confident = (drift.moved.iter()).any(|moved| moved.confidence == Confidence::High);
        assert!(!confident, "{}", case.label());
    }
    assert!(named > 30, "{named}");
}

#[test]
fn a_change_of_the_job_is_a_difference_and_the_same_job_is_none() {
    for case in cases() {
        let Some(new) = &case.new else {
            continue;
        };
        let diff = case.old.diff(new);
        if case.name.ends_with("-same") {
            assert!(!diff.is_different(), "{}: {diff:#?}", case.label());
        }
        for part in [
            "parallelism-up",
            "parallelism-down",
            "uid-changed",
            "uid-removed",
            "uids-swapped",
            "state-renamed",
            "state-removed",
            "field-type",
            "field-added",
            "constant-added",
            "value-to-string",
            "key-to-string",
            "ttl-o",
            "deleted",
            "union-to-list",
        ] {
            // Twins without names, and types that only Kryo knows.
            let invisible = case.name.starts_with("twins") && case.release != "2.3.0"
                || case.name.starts_with("kryo");
            if case.name.contains(part) && !invisible {
                assert!(diff.is_different(), "{}", case.label());
            }
        }
    }
}

#[test]
fn the_same_job_in_two_releases_differs_in_nothing_but_what_the_releases_keep() {
    let matrix = testdata().join("restore");
    let mut compared = 0;
    for base in fs::read_dir(matrix.join("flink-1.17.2/base")).expect("bases") {
        let base = base.unwrap().file_name();
        let read = |release: &str| {
            let directory = matrix.join(format!("flink-{release}/base")).join(&base);
            let metadata = directory.join("_metadata");
            metadata
                .exists()
                .then(|| of_matrix(release, &directory, &metadata))
        };
        let snapshots: Vec<_> = RELEASES
            .iter()
            .filter_map(|release| read(release))
            .collect();
        for (at, old) in snapshots.iter().enumerate() {
            for new in &snapshots[at + 1..] {
                let diff = old.diff(new);
                let operators = diff.operators.iter();
                let changed: Vec<_> = operators
                    .filter(|operator| operator.change != Change::Unchanged)
                    .collect();
                assert!(changed.is_empty(), "{base:?}: {changed:#?}");
                compared += 1;
            }
        }
    }
    assert!(compared > 30, "{compared}");
}

#[test]
fn a_job_at_two_times_differs_in_sizes_alone() {
    let mut compared = 0;
    for release in fs::read_dir(testdata()).unwrap() {
        let release = release.unwrap().path();
        let name = release.file_name().unwrap().to_str().unwrap().to_owned();
        if !name.starts_with("flink-") {
            continue;
        }
        let mut jobs: BTreeMap<PathBuf, Vec<PathBuf>> = BTreeMap::new();
        for metadata in support::metadata_files() {
            let snapshot = metadata.parent().unwrap();
            let number = snapshot.file_name().unwrap().to_str().unwrap();
            if metadata.starts_with(&release) && number.starts_with("chk-") {
                let job = snapshot.parent().unwrap().to_owned();
                jobs.entry(job).or_default().push(metadata);
            }
        }
        for (job, files) in jobs {
            let snapshots: Vec<_> = (files.iter())
                .map(|file| Snapshot::read(file, &moved::storage_of(file)))
                .collect();
            for pair in snapshots.windows(2) {
                let diff = pair[0].diff(&pair[1]);
                assert_eq!(diff.findings, [], "{}", job.display());
                assert!(
                    !diff.is_different(),
                    "{}: {:#?}",
                    job.display(),
                    diff.operators
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 20, "{compared}");
}

#[test]
fn drift_says_what_to_set() {
    let mut said = BTreeSet::new();
    for case in cases().iter().filter(|case| case.release == "2.3.0") {
        let Some(new) = &case.new else {
            continue;
        };
        for finding in case.old.diff(new).findings {
            let FindingKind::Drift(drift) = &finding.kind else {
                panic!("{finding:?}");
            };
            let hint = finding.hint().expect("a hint");
            let id = finding.place.operator_id.unwrap();
            match drift {
                DriftFinding::Ambiguous { .. } => {}
                _ => match &finding.place.uid {
                    Some(uid) => {
                        let given = uid.trim_start_matches("Sink Committer: ");
                        assert!(hint.contains(&format!("uid({given:?})")), "{hint}");
                    }
                    None => assert!(hint.contains(&format!("UidHash(\"{id}\")")), "{hint}"),
                },
            }
            said.insert(finding.kind.code());
        }
    }
    let expected = ["generated-id-moved", "uid-drift", "uids-swapped"];
    assert_eq!(said.into_iter().collect::<Vec<_>>(), expected);
}
