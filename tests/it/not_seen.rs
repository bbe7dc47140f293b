//! What could not be looked at, is not there, or is not what it seems shows in the result and in the
//! exit code: the command line on real snapshots.

#![cfg(all(feature = "cli", unix))]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use crate::support;

use crate::program;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use program::{Program, Run};
use serde_json::Value;

const JOB: &str = "0123456789abcdef0123456789abcdef";
const OTHER_JOB: &str = "fedcba9876543210fedcba9876543210";

fn run(arguments: &[&str]) -> Run {
    Program::new().run(arguments)
}

fn codes(findings: &Value) -> Vec<&str> {
    let findings = findings.as_array().expect("findings");
    findings
        .iter()
        .map(|f| f["code"].as_str().unwrap())
        .collect()
}

/// The document of a run, whatever it ended with.
fn document(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {run:?}"))
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path")
}

/// A directory that goes away with the test.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a directory"))
    }

    fn path(&self, below: &str) -> PathBuf {
        self.0.path().join(below)
    }

    fn text(&self, below: &str) -> String {
        match below {
            "" => text(self.0.path()).to_owned(),
            below => text(&self.path(below)).to_owned(),
        }
    }

    /// A scenario of the fixtures, with all its files.
    fn copy(&self, scenario: &str, below: &str) -> PathBuf {
        let target = self.path(below);
        copy_tree(&support::testdata().join(scenario), &target);
        target
    }

    fn file(&self, below: &str, bytes: &[u8], age: Duration) {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        let file = fs::File::options().append(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
    }

    /// A small snapshot that is whole in itself.
    fn snapshot(&self, directory: &str, age: Duration) {
        let metadata = fs::read("tests/cli/data/orders/_metadata").unwrap();
        self.file(&format!("{directory}/_metadata"), &metadata, age);
    }
}

const HOUR: Duration = Duration::from_secs(3600);
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);

fn copy_tree(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        match entry.path().is_dir() {
            true => copy_tree(&entry.path(), &target),
            false => drop(fs::copy(entry.path(), target).unwrap()),
        }
    }
}

fn only_directory(below: &Path, prefix: &str) -> PathBuf {
    let mut entries = fs::read_dir(below)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let is_wanted = |path: &PathBuf| {
        path.file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with(prefix)
    };
    entries.find(is_wanted).expect("such a directory")
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(from.len()).position(|w| w == from) {
        bytes[at + found..][..to.len()].copy_from_slice(to);
        at += found + to.len();
    }
    bytes
}

// ---- path maps

/// A checkpoint with shared files, of which nothing is at the recorded paths.
const CHECKPOINT: &str = "flink-1.20.5/checkpoint-rocksdb-incremental";

#[test]
fn a_copied_snapshot_is_one_finding_with_the_path_map_that_finds_its_files() {
    let place = Place::new();
    let copy = place.copy(CHECKPOINT, "copy");
    let pointer = format!("{}@latest", text(&copy));
    let checked = document(&run(&["check", &pointer, "--json"]));
    let findings = checked["data"]["findings"].as_array().unwrap();
    let errors = findings.iter().filter(|f| f["severity"] == "error");
    let errors: Vec<_> = errors.collect();
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert_eq!(errors[0]["code"], "files-beside-metadata");
    assert!(!codes(&checked["data"]["findings"]).contains(&"not-read"));
    assert_eq!(checked["data"]["verdict"], "not_restorable");
    let hint = errors[0]["hint"].as_str().unwrap();
    assert!(!hint.contains("backup"), "{hint}");
    let map = hint.rsplit_once("--path-map ").expect("a map").1;
    let mapped = run(&["check", &pointer, "--path-map", map, "--json"]);
    assert_eq!(mapped.code, Some(7), "{mapped:?}");
    let mapped = document(&mapped);
    assert_eq!(mapped["data"]["verdict"], Value::Null);
    let files = &mapped["data"]["files"];
    assert_eq!(files["mapped"], files["absolute_paths"]);
    assert_eq!(files["present"], files["needed"]);
    assert!(codes(&mapped["data"]["findings"]).contains(&"only-through-path-map"));

    let assumed = [
        "check",
        &pointer,
        "--path-map",
        map,
        "--assume-path-map",
        "--json",
    ];
    let assumed = run(&assumed);
    assert_eq!(assumed.code, Some(0), "{assumed:?}");
    assert_eq!(document(&assumed)["data"]["verdict"], "restorable");
}

#[test]
fn a_moved_savepoint_and_a_moved_directory_of_a_job_are_recognised_with_nothing_of_their_names_left()
 {
    for scenario in [
        "flink-2.3.0/file-merging-hashmap",
        "flink-1.14.6/checkpoint-rocksdb-incremental",
    ] {
        let place = Place::new();
        let copy = place.copy(scenario, "somewhere");
        let job = only_directory(&copy, "");
        let renamed = place.path("elsewhere");
        fs::rename(&job, &renamed).unwrap();
        let pointer = format!("{}@latest", text(&renamed));
        let checked = document(&run(&["check", &pointer, "--json"]));
        let codes = codes(&checked["data"]["findings"]);
        assert!(!codes.contains(&"file-missing"), "{scenario}: {codes:?}");
        assert!(
            codes.contains(&"files-beside-metadata"),
            "{scenario}: {codes:?}"
        );
    }
}

#[test]
fn files_that_are_nowhere_are_still_missing_one_by_one() {
    let place = Place::new();
    let copy = place.copy(CHECKPOINT, "copy");
    let job = only_directory(&copy, "");
    fs::remove_dir_all(job.join("shared")).unwrap();
    let pointer = format!("{}@latest", text(&copy));
    let checked = document(&run(&["check", &pointer, "--json"]));
    let codes = codes(&checked["data"]["findings"]);
    assert!(codes.contains(&"file-missing"), "{codes:?}");
    assert_eq!(run(&["check", &pointer]).code, Some(1));
}

#[test]
fn the_map_holds_for_the_states_of_the_new_job_too() {
    let place = Place::new();
    let copy = place.copy(CHECKPOINT, "copy");
    let pointer = format!("{}@latest", text(&copy));
    let map = format!("file:/data/flink/checkpoints={}", text(&copy));
    let arguments = [
        "check",
        &pointer,
        "--against",
        &pointer,
        "--path-map",
        &map,
        "--json",
    ];
    let unread = run(&arguments);
    assert!(!unread.stderr.contains("not read"), "{unread:?}");
    for command in [
        vec!["diff", &pointer, &pointer, "--path-map", &map],
        vec!["growth", text(&copy), "--by", "state", "--path-map", &map],
        vec!["show", &pointer, "--states", "--path-map", &map],
    ] {
        let read = run(&command);
        assert_eq!(read.code, Some(0), "{command:?}: {read:?}");
    }
}

// ---- files that cannot be read

#[test]
fn a_file_that_cannot_be_opened_leaves_the_verdict_open_with_and_without_states() {
    let place = Place::new();
    let copy = place.copy("flink-2.3.0/savepoint-native-rocksdb", "copy");
    let savepoint = only_directory(&copy, "savepoint-");
    let mut files = fs::read_dir(&savepoint)
        .unwrap()
        .map(|file| file.unwrap().path());
    let file = files.find(|file| !file.ends_with("_metadata") && file.extension().is_none());
    let file = file.expect("a state file");
    let mut program = Program::new();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&file).is_ok() {
        // Whoever may read everything cannot see the difference.
        program = program.unprivileged(place.0.path());
        open_to_all(&copy);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let mode = fs::metadata(&file).unwrap().permissions().mode() & 0o777;
    for options in [&["--json"][..], &["--json", "--no-states"]] {
        let checked = program.run(&[&["check", text(&savepoint)][..], options].concat());
        assert_eq!(checked.code, Some(7), "{checked:?}");
        let data = &document(&checked)["data"];
        assert_eq!(data["verdict"], Value::Null);
        assert_eq!(data["files"]["unreadable"], 1);
        let findings = data["findings"].as_array().unwrap();
        let finding = findings.iter().find(|f| f["code"] == "file-unreadable");
        let hint = finding.expect("a finding")["hint"].as_str().unwrap();
        let is_named = hint.contains("owner") && hint.contains(&format!("mode {mode:04o}"));
        assert!(is_named, "{hint}");
    }
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(program.run(&["check", text(&savepoint)]).code, Some(0));
}

/// Whatever the umask was when the files came.
fn open_to_all(tree: &Path) {
    let mode = if tree.is_dir() { 0o755 } else { 0o644 };
    fs::set_permissions(tree, fs::Permissions::from_mode(mode)).unwrap();
    if tree.is_dir() {
        for entry in fs::read_dir(tree).unwrap() {
            open_to_all(&entry.unwrap().path());
        }
    }
}

// ---- nothing there

#[test]
fn a_gate_on_a_base_without_snapshots_fails() {
    let place = Place::new();
    let base = place.text("");
    for gate in [
        &["--limit-bytes", "1KiB"][..],
        &["--fail-above", "1%/day"],
        &["--fail-empty"],
    ] {
        let growth = run(&[&["growth", &base][..], gate].concat());
        assert_eq!(growth.code, Some(5), "{gate:?}: {growth:?}");
        assert_eq!(growth.stdout, "");
    }
    for command in [
        vec!["growth", &base],
        vec!["list", &base],
        vec!["retention", "plan", &base, "--keep-last", "3"],
    ] {
        let said = run(&[&command[..], &["--json"]].concat());
        assert_eq!(said.code, Some(0), "{said:?}");
        assert_eq!(
            codes(&document(&said)["warnings"]),
            ["no-snapshots"],
            "{said:?}"
        );
        assert!(said.stderr.contains("no-snapshots"), "{said:?}");
        let failed = run(&[&command[..], &["--fail-empty"]].concat());
        assert_eq!(failed.code, Some(5), "{failed:?}");
    }
}

#[test]
fn since_that_leaves_nothing_says_how_many_are_older() {
    let place = Place::new();
    place.snapshot(&format!("{JOB}/chk-1"), WEEK + HOUR);
    place.snapshot(&format!("{JOB}/chk-2"), WEEK);
    let base = place.text("");
    let said = run(&["growth", &base, "--since", "1d", "--json"]);
    assert_eq!(said.code, Some(0), "{said:?}");
    let document = document(&said);
    assert_eq!(codes(&document["warnings"]), ["all-older"]);
    assert!(said.stderr.contains("all 2 snapshots"), "{said:?}");
    let gate = run(&["growth", &base, "--since", "1d", "--limit-bytes", "1GiB"]);
    assert!(gate.error(5).contains("2 are older"), "{gate:?}");
}

#[test]
fn a_list_of_a_kind_that_is_not_there_says_what_is() {
    let place = Place::new();
    place.snapshot(&format!("{JOB}/chk-1"), HOUR);
    let said = run(&["list", &place.text(""), "--kind", "savepoint"]);
    assert!(
        said.stderr.contains("no savepoint is there; 1 other"),
        "{said:?}"
    );
    let failed = run(&[
        "list",
        &place.text(""),
        "--kind",
        "savepoint",
        "--fail-empty",
    ]);
    assert_eq!(failed.code, Some(5));
}

// ---- several jobs

#[test]
fn the_latest_of_several_jobs_is_a_warning_an_error_or_of_the_job_that_was_named() {
    let place = Place::new();
    place.snapshot(&format!("{JOB}/chk-9"), WEEK);
    place.snapshot(&format!("{OTHER_JOB}/chk-2"), HOUR);
    let latest = format!("{}@latest", place.text(""));
    for command in ["check", "show"] {
        let said = run(&[command, &latest, "--json"]);
        let warnings = &document(&said)["warnings"];
        let several = warnings.as_array().unwrap().iter();
        let several: Vec<_> = several.filter(|w| w["code"] == "several-jobs").collect();
        assert_eq!(several.len(), 1, "{said:?}");
        let message = several[0]["message"].as_str().unwrap();
        assert!(
            message.contains("2 jobs") && message.contains(OTHER_JOB),
            "{message}"
        );
    }
    assert_eq!(run(&["show", &latest, "--one-job"]).code, Some(2));
    let named = run(&["show", &latest, "--job-id", JOB, "--json"]);
    let document = document(&named);
    assert!(document["data"]["location"].as_str().unwrap().contains(JOB));
    assert!(!codes(&document["warnings"]).contains(&"several-jobs"));
    let unknown = run(&["show", &latest, "--job-id", &"a".repeat(32)]);
    assert_eq!(unknown.code, Some(5), "{unknown:?}");
    let needless = run(&[
        "show",
        &place.text(&format!("{JOB}/chk-9")),
        "--job-id",
        JOB,
    ]);
    assert_eq!(needless.code, Some(2), "{needless:?}");
    let listed = run(&["list", &place.text(""), "--job-id", JOB, "--json"]).data(0);
    assert_eq!(listed["snapshots"].as_array().unwrap().len(), 1);
}

// ---- groups of a retention plan

/// Two jobs with four savepoints each, one directory per job and a new job id at each start.
fn upgrades() -> Place {
    let place = Place::new();
    let ids = ["1a1a1a", "2b2b2b", "3c3c3c", "4d4d4d"];
    for (job, weeks) in [("orders", 40), ("clicks", 20)] {
        for (at, id) in (0_u32..).zip(ids) {
            let directory = format!("{job}/savepoint-{id}-0123456789a{at}");
            place.snapshot(&directory, WEEK * (weeks - at));
        }
    }
    place
}

fn kept(plan: &Value) -> Vec<String> {
    let snapshots = plan["snapshots"].as_array().unwrap().iter();
    let kept = snapshots.filter(|snapshot| snapshot["keep"] == true);
    kept.map(|snapshot| {
        let location = snapshot["location"].as_str().unwrap();
        location.rsplit('/').take(2).collect::<Vec<_>>().join(" ")
    })
    .collect()
}

#[test]
fn savepoints_can_be_counted_by_directory_and_groups_of_one_are_said() {
    let place = upgrades();
    let base = place.text("");
    let plan = |options: &[&str]| {
        let fixed = [
            "retention",
            "plan",
            &base,
            "--keep-last",
            "2",
            "--include-savepoints",
        ];
        run(&[&fixed[..], options].concat())
    };
    let by_job = plan(&["--json"]);
    assert_eq!(kept(&document(&by_job)["data"]).len(), 8);
    assert_eq!(codes(&document(&by_job)["warnings"]), ["groups-of-one"]);
    assert!(plan(&[]).stdout.contains("8 snapshots in 8 groups, by job"));

    let by_directory = plan(&["--group-by", "directory", "--json"]);
    let data = document(&by_directory);
    assert_eq!(
        kept(&data["data"]),
        [
            "savepoint-3c3c3c-0123456789a2 clicks",
            "savepoint-4d4d4d-0123456789a3 clicks",
            "savepoint-3c3c3c-0123456789a2 orders",
            "savepoint-4d4d4d-0123456789a3 orders",
        ]
    );
    assert_eq!(codes(&data["warnings"]), [] as [&str; 0]);

    let together = document(&plan(&["--group-by", "none", "--json"]));
    assert_eq!(codes(&together["warnings"]), ["directory-emptied"]);
    let path = together["warnings"][0]["path"].as_str().unwrap();
    assert!(path.ends_with("/orders"), "{path}");
}

// ---- what a snapshot holds

/// Version 3, no master states, no operators.
fn without_operators(checkpoint: u64) -> Vec<u8> {
    let version = [0, 0, 0, 3];
    let header = [
        &b"\x49\x60\x67\x2d"[..],
        &version,
        &checkpoint.to_be_bytes(),
    ];
    [&header.concat()[..], &[0; 8]].concat()
}

#[test]
fn a_snapshot_without_operators_says_that_a_job_starts_from_nothing() {
    let place = Place::new();
    place.file("chk-7/_metadata", &without_operators(7), HOUR);
    let checked = run(&["check", &place.text("chk-7"), "--json"]);
    assert_eq!(checked.code, Some(0), "{checked:?}");
    let data = &document(&checked)["data"];
    assert_eq!(data["verdict"], "restorable");
    assert_eq!(codes(&data["findings"]), ["no-state"]);
}

#[test]
fn before_version_5_the_number_of_operators_without_known_uid_is_told() {
    let fixture = |release: &str| {
        let scenario = support::testdata()
            .join(release)
            .join("savepoint-canonical-hashmap");
        only_directory(&scenario, "savepoint-")
    };
    let old = fixture("flink-1.20.5");
    let checked = document(&run(&["check", text(&old), "--no-files", "--json"]));
    let unknown = checked["data"]["unknown_uids"].as_u64().unwrap();
    assert!(unknown > 1, "{unknown}");
    assert!(codes(&checked["data"]["findings"]).contains(&"uid-unknown"));
    let shown = run(&["show", text(&old), "--json"]).data(0);
    assert_eq!(shown["unknown_uids"], unknown);
    let table = run(&["show", text(&old)]).stdout;
    assert!(
        table.contains(&format!("not known of {unknown} operators")),
        "{table}"
    );

    let new = fixture("flink-2.3.0");
    let checked = document(&run(&["check", text(&new), "--no-files", "--json"]));
    assert_eq!(checked["data"]["unknown_uids"], 0);
    assert!(!codes(&checked["data"]["findings"]).contains(&"uid-unknown"));
}

/// The recorded uid of one operator is not that of its id: no program has both.
#[test]
fn a_uid_that_contradicts_its_operator_id_is_left_out_of_a_description() {
    let place = Place::new();
    let copy = place.copy("flink-2.3.0/savepoint-canonical-hashmap", "copy");
    let savepoint = only_directory(&copy, "savepoint-");
    let metadata = savepoint.join("_metadata");
    let edited = replaced(
        &fs::read(&metadata).unwrap(),
        b"operator-lists",
        b"operator-tails",
    );
    fs::write(&metadata, edited).unwrap();
    let made = run(&["job", "from", text(&savepoint)]);
    assert_eq!(made.code, Some(0), "{made:?}");
    assert!(made.stderr.contains("[uid-mismatch]"), "{made:?}");
    assert!(
        !made.stdout.contains("\"uid\": \"operator-tails\""),
        "{made:?}"
    );
    let job = place.path("job.json");
    fs::write(&job, &made.stdout).unwrap();
    let checked = run(&["check", text(&savepoint), "--job", text(&job), "--json"]);
    let data = document(&checked)["data"].clone();
    assert_eq!(data["verdict"], "restorable", "{checked:?}");
    assert_eq!(checked.code, Some(0), "{checked:?}");
}

/// A savepoint finds its files beside its metadata, whatever is mapped to where it lies.
#[test]
fn a_copy_below_the_original_is_not_looked_for_in_a_copy_of_itself() {
    let place = Place::new();
    let copy = place.copy("flink-2.3.0/savepoint-canonical-hashmap", "data/copy/sp");
    let savepoint = only_directory(&copy, "savepoint-");
    let map = format!("{}={}", place.text("data"), place.text("data/copy"));
    let checked = run(&["check", text(&savepoint), "--path-map", &map, "--json"]);
    let data = document(&checked)["data"].clone();
    assert_eq!(data["files"]["missing"], 0, "{checked:?}");
    assert_eq!(data["files"]["mapped"], 0, "{checked:?}");
    assert_eq!(
        (&data["verdict"], checked.code),
        (&"restorable".into(), Some(0))
    );
}

/// Who asks not to look at files gets no yes, and no failure where none was asked for.
#[test]
fn a_check_without_files_has_the_exit_code_of_its_verdict() {
    let root = support::testdata().join("flink-1.20.5/savepoint-canonical-hashmap");
    let savepoint = only_directory(&root, "savepoint-");
    let check = |more: &[&str]| {
        let run = run(&[&["check", text(&savepoint), "--no-files", "--json"], more].concat());
        (document(&run)["data"]["verdict"].clone(), run.code)
    };
    let unknown = Value::Null;
    assert_eq!(check(&[]), (unknown.clone(), Some(7)));
    assert_eq!(check(&["--fail-on", "info"]), (unknown.clone(), Some(1)));
    assert_eq!(check(&["--fail-on", "never"]), (unknown, Some(0)));
    // Files that were not looked for make no refusal uncertain.
    let refused = ("not_restorable".into(), Some(1));
    assert_eq!(check(&["--flink-version", "1.2"]), refused);
}

// ---- entropy, and what is in progress

/// A job whose state lies under other prefixes than its metadata.
fn with_entropy() -> (Place, String) {
    let place = Place::new();
    let copy = place.copy(
        "flink-1.20.5/checkpoint-hashmap-files",
        "bucket/checkpoints",
    );
    let job = only_directory(&copy, "");
    let checkpoint = only_directory(&job, "chk-");
    let id = job.file_name().unwrap().to_str().unwrap();
    let number = checkpoint.file_name().unwrap().to_str().unwrap();
    let state = place.path(&format!("bucket/x4f1/checkpoints/{id}/{number}"));
    fs::create_dir_all(&state).unwrap();
    for file in fs::read_dir(&checkpoint)
        .unwrap()
        .map(|file| file.unwrap().path())
    {
        let name = file.file_name().unwrap().to_str().unwrap();
        if name.len() == 36 {
            fs::rename(&file, state.join(renamed(name))).unwrap();
        }
    }
    let bytes = fs::read(checkpoint.join("_metadata")).unwrap();
    let bytes = with_paths(
        &bytes,
        &place.text(&format!("bucket/x4f1/checkpoints/{id}/{number}")),
    );
    fs::write(checkpoint.join("_metadata"), bytes).unwrap();
    (place, format!("{id}/{number}"))
}

/// Another name of the same sort: the other checkpoint of the test keeps the first.
fn renamed(name: &str) -> String {
    let first = if name.starts_with('f') { 'e' } else { 'f' };
    format!("{first}{}", &name[1..])
}

/// With FILE handles in place of the RELATIVE ones, as Flink writes them where there is entropy.
fn with_paths(bytes: &[u8], directory: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let name = bytes
            .get(at + 3..at + 39)
            .and_then(|name| std::str::from_utf8(name).ok());
        let name = name.filter(|name| statescope::layout::is_state_file(name));
        match (bytes[at..].starts_with(&[6, 0, 36]), name) {
            (true, Some(name)) => {
                let path = format!("{directory}/{}", renamed(name));
                out.push(2);
                out.extend(&bytes[at + 39..at + 47]);
                out.extend(u16::try_from(path.len()).unwrap().to_be_bytes());
                out.extend(path.as_bytes());
                at += 47;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    out
}

#[test]
fn with_entropy_a_snapshot_and_its_state_under_another_prefix_are_one() {
    let (place, checkpoint) = with_entropy();
    let bucket = place.text("bucket");
    let listed = run(&["list", &bucket, "--json"]).data(0);
    let snapshots = listed["snapshots"].as_array().unwrap();
    assert_eq!(snapshots.len(), 1, "{snapshots:#?}");
    assert_eq!(snapshots[0]["status"], "complete");

    let checked = run(&[
        "check",
        &format!("{bucket}/checkpoints/{checkpoint}"),
        "--json",
    ]);
    let document = document(&checked);
    assert_eq!(document["data"]["verdict"], "restorable", "{checked:?}");
    let relations = document["data"]["files"]["dependencies"]
        .as_array()
        .unwrap();
    assert_eq!(relations[0]["relation"], "own_elsewhere", "{relations:?}");
    let growth = run(&["growth", &bucket, "--by", "total", "--json"]).data(0);
    assert_eq!(growth["snapshot_count"], 1);
}

#[test]
fn with_entropy_a_deleted_snapshot_takes_its_state_along() {
    let (place, checkpoint) = with_entropy();
    let (job, _) = checkpoint.split_once('/').unwrap();
    for file in walk(&place.path("bucket")) {
        let file = fs::File::options().append(true).open(file).unwrap();
        file.set_modified(SystemTime::now() - WEEK * 3).unwrap();
    }
    // A later checkpoint of the same job, with all its files beside it.
    let original = place.copy("flink-1.20.5/checkpoint-hashmap-files", "original");
    let original = only_directory(&only_directory(&original, ""), "chk-");
    let newer = format!("bucket/checkpoints/{job}/chk-9000");
    fs::rename(original, place.path(&newer)).unwrap();
    let metadata = format!("{newer}/_metadata");
    let mut bytes = fs::read(place.path(&metadata)).unwrap();
    bytes[8..16].copy_from_slice(&9000_u64.to_be_bytes());
    place.file(&metadata, &bytes, WEEK * 2);
    let plan_of = |base: &str| {
        let base = place.text(base);
        let arguments = ["retention", "plan", &base, "--keep-last", "1", "--json"];
        // Times of the files are those of the copy.
        let now = ["--now", "2100-01-01T00:00:00Z"];
        run(&[&arguments[..], &now[..]].concat()).data(0)
    };
    let plan = plan_of("bucket");
    let objects = plan["objects"].as_array().unwrap().iter();
    let locations: Vec<_> = objects.map(|o| o["location"].as_str().unwrap()).collect();
    let state = locations.iter().filter(|at| at.contains("/x4f1/")).count();
    assert!(state > 0, "{locations:?}");
    let under_prefix = walk(&place.path("bucket/x4f1"));
    assert_eq!(under_prefix.len(), state);
    assert_eq!(plan["left_outside"]["files"], 0);
    let mut left = plan["left_alone"].as_array().unwrap().iter();
    assert!(left.all(|left| !left["directory"].as_str().unwrap().contains("/x4f1/")));

    // Below the checkpoints alone, the plan says what stays behind.
    let left = plan_of("bucket/checkpoints")["left_outside"].clone();
    let sizes = under_prefix
        .iter()
        .map(|file| fs::metadata(file).unwrap().len());
    assert_eq!(left["files"], state);
    assert_eq!(left["bytes"], sizes.sum::<u64>());
}

fn walk(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
    {
        match entry.is_dir() {
            true => files.extend(walk(&entry)),
            false => files.push(entry),
        }
    }
    files
}

#[test]
fn only_a_job_that_has_written_lately_has_a_checkpoint_in_progress() {
    let place = Place::new();
    place.snapshot(&format!("{JOB}/chk-1"), WEEK);
    place.file(&format!("{JOB}/chk-2/part"), b"state", WEEK);
    place.snapshot(&format!("{OTHER_JOB}/chk-1"), WEEK);
    place.file(&format!("{OTHER_JOB}/chk-2/part"), b"state", HOUR);
    let third = "a".repeat(32);
    place.snapshot(&format!("{third}/chk-1"), WEEK);
    fs::create_dir_all(place.path(&format!("{third}/chk-2"))).unwrap();
    place.file(&format!("{third}/shared/merged/part"), b"state", HOUR);
    let listed = run(&["list", &place.text(""), "--json"]).data(0);
    let status = |job: &str| {
        let snapshots = listed["snapshots"].as_array().unwrap().iter();
        let mut of = snapshots.filter(|s| {
            s["location"]
                .as_str()
                .unwrap()
                .ends_with(&format!("{job}/chk-2"))
        });
        of.next().expect("an entry")["status"].clone()
    };
    assert_eq!(status(JOB), "abandoned");
    assert_eq!(status(OTHER_JOB), "in_progress");
    assert_eq!(status(&third), "in_progress");
}

// ---- recorded sizes

/// Changes the sizes that file handles record.
fn with_sizes(bytes: &[u8], names: &[String], change: impl Fn(u64) -> u64) -> (Vec<u8>, usize) {
    let mut out = bytes.to_vec();
    let mut count = 0;
    let is_name = |at: usize| -> Option<usize> {
        let length = usize::from(u16::from_be_bytes([*bytes.get(at)?, *bytes.get(at + 1)?]));
        let path = std::str::from_utf8(bytes.get(at + 2..at + 2 + length)?).ok()?;
        let name = path.rsplit('/').next()?;
        names.iter().any(|known| known == name).then_some(length)
    };
    let mut put = |at: usize| {
        let size = u64::from_be_bytes(out[at..at + 8].try_into().unwrap());
        out[at..at + 8].copy_from_slice(&change(size).to_be_bytes());
        count += 1;
    };
    for (at, tag) in bytes.iter().enumerate() {
        match tag {
            2 if is_name(at + 9).is_some() => put(at + 1),
            6 => {
                if let Some(length) = is_name(at + 1) {
                    put(at + 3 + length);
                }
            }
            _ => {}
        }
    }
    (out, count)
}

/// The rows that real Flink made: release, scenario, what is recorded, handles, outcome, state.
fn restored_by_flink() -> Vec<[String; 6]> {
    let table = fs::read_to_string(support::testdata().join("restore/recorded-sizes.tsv")).unwrap();
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| {
        let cells: Vec<_> = line.split('\t').take(6).map(str::to_owned).collect();
        cells.try_into().expect("six cells")
    })
    .collect()
}

#[test]
fn where_recorded_sizes_are_wrong_the_files_decide_as_in_flink_or_the_answer_is_open() {
    let (mut asked, mut proven, mut open) = (0, 0, 0);
    for [release, scenario, change, _, outcome, state] in restored_by_flink() {
        assert_eq!(outcome, "restored");
        // What becomes of in-flight data is up to the moment.
        assert!(state == "same" || scenario == "unaligned");
        let source = support::testdata().join(format!("flink-{release}/{scenario}"));
        let has_files = ["1.14.6", "1.20.5", "2.3.0"].contains(&release.as_str());
        if !has_files || !source.exists() {
            continue;
        }
        let place = Place::new();
        let copy = place.copy(&format!("flink-{release}/{scenario}"), "copy");
        let names = walk(&copy).into_iter();
        let names: Vec<_> = names
            .map(|file| file.file_name().unwrap().to_str().unwrap().to_owned())
            .filter(|name| !name.contains('.') && name != "_metadata")
            .collect();
        for metadata in walk(&copy)
            .iter()
            .filter(|file| file.ends_with("_metadata"))
        {
            let bytes = fs::read(metadata).unwrap();
            let (bytes, _) = with_sizes(&bytes, &names, |size| match change.as_str() {
                "zero" => 0,
                "less" => size.saturating_sub(1),
                "more" => size + 1_000,
                _ => size,
            });
            fs::write(metadata, bytes).unwrap();
        }
        let pointer = format!("{}@latest", text(&copy));
        let checkpoints = format!("file:/data/flink/checkpoints={}", text(&copy));
        let savepoints = format!("file:/data/flink/savepoints={}", text(&copy));
        let changelog = format!("file:/data/flink/changelog={}/changelog", text(&copy));
        let checked = run(&[
            "check",
            &pointer,
            "--json",
            "--assume-path-map",
            "--path-map",
            &checkpoints,
            "--path-map",
            &savepoints,
            "--path-map",
            &changelog,
        ]);
        let data = document(&checked)["data"].clone();
        let about = format!("{release} {scenario} {change}: {data:#}");
        asked += 1;
        let found = codes(&data["findings"]);
        assert!(!found.contains(&"not-read"), "{about}");
        // Nothing shows of lists that they are whole.
        if change == "more" && data["verdict"].is_null() {
            assert!(found.contains(&"file-shorter-than-recorded"), "{about}");
            assert!(!found.contains(&"file-too-short"), "{about}");
            assert_eq!(checked.code, Some(7), "{about}");
            proven += u64::from(data["files"]["other_size"].as_u64() > Some(0));
            open += 1;
            continue;
        }
        proven += u64::from(change == "more");
        assert_eq!(data["verdict"], "restorable", "{about}");
        let wrong = codes(&data["findings"]).contains(&"recorded-size");
        assert_eq!(wrong, change != "none", "{about}");
    }
    println!("{asked} asked, of too large sizes {proven} proven and {open} open");
    assert!(
        asked >= 26 && proven > 0 && open > 0,
        "{asked} {proven} {open}"
    );
}

// ---- names that are no text

fn run_os(arguments: &[&OsStr], variables: &[(&str, &OsStr)]) -> (Option<i32>, String, String) {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_statescope"));
    command
        .args(arguments)
        .env_clear()
        .env("HOME", "/nonexistent");
    let output = command.envs(variables.iter().copied()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// A path of which the last name is no text.
fn odd(path: &str) -> OsString {
    OsString::from_vec([path.as_bytes(), b"\xff"].concat())
}

#[test]
fn a_place_whose_name_is_no_text_is_read_and_never_left_out() {
    let place = Place::new();
    place.snapshot("plain/chk-1", HOUR);
    let directory = odd(&place.text("base"));
    let expected = run(&["check", &place.text("plain/chk-1")]).code;
    fs::rename(place.path("plain"), &directory).unwrap();
    let snapshot = Path::new(&directory).join("chk-1");
    let file = snapshot.join("_metadata");
    let latest = OsString::from_vec([directory.as_bytes(), b"@latest"].concat());
    let [show, check, list, dump, json, keep, one]: [&OsStr; 7] = [
        "show",
        "check",
        "list",
        "dump",
        "--json",
        "--keep-last",
        "1",
    ]
    .map(OsStr::new);
    for location in [snapshot.as_os_str(), file.as_os_str(), &latest] {
        for (command, expected) in [(show, Some(0)), (check, expected)] {
            let (code, out, said) = run_os(&[command, location, json], &[]);
            assert_eq!(code, expected, "{location:?} {said}");
            assert!(
                out.contains("\\u{10ffff}") || out.contains("operators"),
                "{out}"
            );
        }
    }
    let (code, _, said) = run_os(&[dump, file.as_os_str()], &[]);
    assert_eq!(code, Some(0), "{said}");
    let (code, listed, said) = run_os(&[list, &directory, json], &[]);
    assert_eq!(code, Some(0), "{said}");
    let listed: Value = serde_json::from_str(&listed).unwrap();
    assert_eq!(listed["data"]["snapshots"].as_array().unwrap().len(), 1);
    let growth: [&OsStr; 4] = [
        OsStr::new("growth"),
        &directory,
        json,
        OsStr::new("--by=total"),
    ];
    let (code, grown, said) = run_os(&growth, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(grown.contains("\"snapshot_count\": 1"), "{grown}");
    let plan = [
        OsStr::new("retention"),
        OsStr::new("plan"),
        &directory,
        keep,
        one,
        json,
    ];
    let (code, planned, said) = run_os(&plan, &[]);
    assert_eq!(code, Some(0), "{said} {planned}");
    let map = OsString::from_vec([directory.as_bytes(), b"=", directory.as_bytes()].concat());
    let (code, _, said) = run_os(
        &[check, snapshot.as_os_str(), OsStr::new("--path-map"), &map],
        &[],
    );
    assert_eq!(code, expected, "{said}");
    // What is written there is written there.
    let out = odd(&place.text("out"));
    let (code, ..) = run_os(&[show, snapshot.as_os_str(), OsStr::new("-o"), &out], &[]);
    assert_eq!(code, Some(0));
    assert!(fs::read(&out).unwrap().len() > 100);
    assert_eq!(run_os(&[list, &odd(&place.text("gone"))], &[]).0, Some(5));
}

#[test]
fn an_argument_or_a_variable_that_is_no_text_is_named_in_an_error() {
    let place = Place::new();
    place.snapshot("job/chk-1", HOUR);
    let base = place.text("job");
    let base = OsStr::new(&base);
    let list = OsStr::new("list");
    for argument in [
        odd("--storage-option=region="),
        odd("--job-id="),
        odd("--endpoint=http://h"),
        odd("--allow-store=s3://b"),
        odd("s3://bucket/x"),
        odd("hdfs://nn/x"),
    ] {
        let (code, out, said) = run_os(&[list, base, &argument], &[]);
        assert_eq!((code, out.as_str()), (Some(2), ""), "{argument:?} {said}");
        assert!(said.contains("not valid UTF-8"), "{said}");
        assert!(said.contains("\\xFF"), "{said}");
    }
    let value = odd("x");
    for variable in [
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AZURE_STORAGE_ACCOUNT_KEY",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "HADOOP_USER_NAME",
        "STATESCOPE_ALLOW_STORES",
        "HTTPS_PROXY",
        "no_proxy",
    ] {
        let (code, _, said) = run_os(&[list, base], &[(variable, &value)]);
        assert_eq!(code, Some(2), "{variable} {said}");
        let words = format!("the value of the environment variable {variable} is not valid UTF-8");
        assert!(said.contains(&words), "{said}");
    }
    // A directory may have any name, and what nobody asks for may have any value.
    let conf = odd(&place.text("conf"));
    fs::create_dir(&conf).unwrap();
    let settings = format!("state.checkpoints.dir: file://{}\n", place.text("job"));
    fs::write(Path::new(&conf).join("config.yaml"), settings).unwrap();
    let (code, out, said) = run_os(&[list], &[("FLINK_CONF_DIR", &conf), ("OTHER", &value)]);
    assert_eq!(code, Some(0), "{said}");
    assert!(out.contains("chk-1"), "{out}");
}

// ---- recoded metadata

#[test]
fn a_recoded_metadata_file_is_told_by_name_with_the_way_back() {
    let savepoint = only_directory(
        &support::testdata().join("flink-1.20.5/savepoint-canonical-hashmap"),
        "savepoint-",
    );
    let original = fs::read(savepoint.join("_metadata")).unwrap();
    let lossy = String::from_utf8_lossy(&original).into_owned().into_bytes();
    let latin: String = original.iter().map(|&byte| char::from(byte)).collect();
    let crlf: Vec<u8> = original
        .iter()
        .flat_map(|&byte| {
            if byte == b'\n' {
                vec![b'\r', b'\n']
            } else {
                vec![byte]
            }
        })
        .collect();
    let hex: String = original.iter().map(|byte| format!("{byte:02x}")).collect();
    let dump: String = original
        .chunks(16)
        .enumerate()
        .map(|(line, chunk)| {
            let words = chunk
                .chunks(2)
                .map(|w| w.iter().map(|b| format!("{b:02x}")).collect::<String>());
            format!(
                "{:08x}: {}\n",
                line * 16,
                words.collect::<Vec<_>>().join(" ")
            )
        })
        .collect();
    let wide: Vec<u8> = latin.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let question: Vec<u8> = original
        .iter()
        .map(|&b| if b < 0x80 { b } else { b'?' })
        .collect();
    let swapped: Vec<u8> = original
        .chunks(4)
        .flat_map(|w| w.iter().rev().copied().collect::<Vec<_>>())
        .collect();
    let pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n".to_vec();
    for (bytes, word) in [
        (lossy, "EF BF BD"),
        (latin.into_bytes(), "Latin-1"),
        (crlf, "0D 0A"),
        (base64(&original).into_bytes(), "base64"),
        (hex.into_bytes(), "hex dump"),
        (dump.into_bytes(), "hex dump"),
        (wide, "UTF-16"),
        (question, "`?`"),
        (swapped, "other order"),
        ([b"\xef\xbb\xbf", &original[..]].concat(), "byte order mark"),
        ([b"\x1f\x8b\x08\0", &original[..]].concat(), "gzip"),
        ([b"\x28\xb5\x2f\xfd", &original[..]].concat(), "zstd"),
        (pointer, "git-lfs"),
        (
            b"<!DOCTYPE html><html><title>Sign in</title></html>".to_vec(),
            "HTML",
        ),
        (
            b"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>".to_vec(),
            "XML",
        ),
        (b"{\"error\": \"not found\"}".to_vec(), "JSON"),
    ] {
        let place = Place::new();
        place.file("chk-1/_metadata", &bytes, HOUR);
        let shown = run(&["show", &place.text("chk-1")]);
        let said = shown.error(3);
        assert!(said.contains(word), "{word}: {said}");
        let said = &shown.stderr;
        let has_way = said.contains("hint: ") && !said.contains("newer statescope");
        assert!(has_way, "{said}");
    }
}

/// However a tool writes base64, the command of the hint brings back every byte.
#[test]
fn the_hint_for_base64_decodes_the_form_that_is_there() {
    let savepoint = only_directory(
        &support::testdata().join("flink-1.20.5/savepoint-canonical-hashmap"),
        "savepoint-",
    );
    let real = fs::read(savepoint.join("_metadata")).unwrap();
    let lines = |text: &str, end: &str| {
        let lines = text.as_bytes().chunks(76);
        let lines = lines.map(|line| std::str::from_utf8(line).unwrap());
        lines.map(|line| format!("{line}{end}")).collect::<String>()
    };
    let place = Place::new();
    // With each number of bytes over three, all of the alphabet, and bytes behind the end.
    for more in 0..3 {
        let mut original = real.clone();
        original.extend([0xfb, 0xff, 0xbf].repeat(5));
        original.extend(&[7; 2][..more]);
        let text = base64(&original);
        let for_urls = text.replace('+', "-").replace('/', "_");
        assert!(text != for_urls, "{text}");
        let bare = text.trim_end_matches('=');
        let pem = |end: &str| {
            let content = lines(&text, end);
            format!("-----BEGIN FLINK-----{end}{content}-----END FLINK-----{end}")
        };
        for encoded in [
            text.clone(),
            lines(&text, "\n"),
            lines(&text, "\r\n"),
            format!("\u{feff}{text}\r\n"),
            format!("\"{text}\"\n"),
            format!("  {text}\n"),
            bare.to_owned(),
            format!("{bare}\n"),
            for_urls.clone(),
            lines(&for_urls, "\r\n"),
            for_urls.trim_end_matches('=').to_owned(),
            format!("data:application/octet-stream;base64,{text}"),
            format!("data:;base64,{}", for_urls.trim_end_matches('=')),
            pem("\n"),
            pem("\r\n"),
        ] {
            place.file("in/_metadata", encoded.as_bytes(), HOUR);
            let shown = run(&["show", &place.text("in")]);
            assert!(shown.error(3).contains("base64"), "{shown:?}");
            let (_, hint) = shown.stderr.split_once("hint: decode it: `").unwrap();
            let (command, _) = hint.rsplit_once('`').unwrap();
            let command = command.replace("FILE", &place.text("in/_metadata"));
            let done = std::process::Command::new("sh")
                .args(["-ec", &command])
                .current_dir(place.path(""))
                .output()
                .unwrap();
            assert!(done.status.success(), "{command}: {done:?}");
            let decoded = fs::read(place.path("_metadata")).unwrap();
            assert!(decoded == original, "{command}");
        }
    }
}

#[test]
fn carriage_returns_that_were_taken_out_are_noticed_where_putting_them_back_helps() {
    let savepoint = only_directory(
        &support::testdata().join("flink-1.20.5/savepoint-canonical-hashmap"),
        "savepoint-",
    );
    let original = fs::read(savepoint.join("_metadata")).unwrap();
    // The number of the checkpoint becomes one with both bytes in it.
    let mut with_both = original;
    with_both[8..16].copy_from_slice(&[0, 0, 0, 0, 0, 0, b'\r', b'\n']);
    let lost: Vec<u8> = with_both[..14]
        .iter()
        .chain(&with_both[15..])
        .copied()
        .collect();
    let place = Place::new();
    place.file("chk-1/_metadata", &lost, HOUR);
    assert!(
        run(&["show", &place.text("chk-1")])
            .error(3)
            .contains("were taken out")
    );
}

#[test]
fn a_damaged_file_is_not_called_recoded() {
    let savepoint = only_directory(
        &support::testdata().join("flink-1.20.5/savepoint-canonical-hashmap"),
        "savepoint-",
    );
    let original = fs::read(savepoint.join("_metadata")).unwrap();
    for damaged in [
        original[..original.len() / 2].to_vec(),
        replaced(
            &original,
            b"\x49\x60\x67\x2d\0\0\0\x04",
            b"\x49\x60\x67\x2d\0\0\0\x63",
        ),
    ] {
        let place = Place::new();
        place.file("chk-1/_metadata", &damaged, HOUR);
        let shown = run(&["show", &place.text("chk-1")]);
        for word in ["text", "packed", "encoded", "hex dump", "taken out"] {
            assert!(!shown.stderr.contains(word), "{word}: {shown:?}");
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut word = [0; 3];
        word[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, word[0], word[1], word[2]]);
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let digit = DIGITS[usize::try_from(bits >> shift & 63).unwrap()];
            text.push(if at <= chunk.len() {
                char::from(digit)
            } else {
                '='
            });
        }
    }
    text
}
