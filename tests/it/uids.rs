//! Uids back from operator ids: those of real snapshots in the jar of their job, and those of SQL
//! jobs in their compiled plans (testdata/uids).

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]
#![cfg(all(feature = "jar", feature = "plan"))]

use std::collections::BTreeSet;
use std::fs;
use std::io::{Cursor, Read, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use serde_json::Value;
use statescope::class_file;
use statescope::metadata;
use statescope::model::checkpoint::OperatorId;
use statescope::snapshot::uid::jar::{JarContents, JarError, JarLimits, offer_strings};
use statescope::snapshot::uid::{Dictionary, UidSource, plan};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// What the job gives to `uid(...)`, and what Flink makes of the sink's.
const UIDS: [&str; 11] = [
    "Sink Committer: file-sink",
    "apply-rules",
    "enrich",
    "file-sink",
    "format",
    "my-source",
    "operator-lists",
    "rich-keyed",
    "rules-source",
    "window-process",
    "window-reduce",
];

fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata")
        .join(name)
}

fn job_jar() -> Vec<u8> {
    fs::read(testdata("uids/job.jar")).expect("the job's jar")
}

fn offer(
    jar: &[u8],
    limits: &JarLimits,
    dictionary: &mut Dictionary,
) -> Result<JarContents, JarError> {
    offer_strings(Cursor::new(jar), limits, dictionary)
}

fn ids(uids: &[&str]) -> Vec<OperatorId> {
    uids.iter().map(|uid| OperatorId::of_uid(uid)).collect()
}

/// Every `_metadata` file that the job in the jar wrote; those of `types-...` and
/// `table-...` are others.
fn fixtures() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut directories: Vec<_> = fs::read_dir(testdata(""))
        .expect("the fixtures")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| {
            path.file_name()
                .is_some_and(|n| n.to_string_lossy().starts_with("flink-"))
        })
        .collect();
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with("types-") || name.starts_with("table-") {
                continue;
            } else if path.is_dir() {
                directories.push(path);
            } else if path.ends_with("_metadata") {
                found.push(path);
            }
        }
    }
    found
}

#[test]
fn every_uid_of_a_real_snapshot_is_found_in_the_jar_of_its_job() {
    let known: BTreeSet<_> = ids(&UIDS).into_iter().collect();
    let files: Vec<_> = fixtures()
        .into_iter()
        .map(|file| (fs::read(&file).expect("a fixture"), file))
        .collect();
    let parsed = files.iter().map(|(bytes, file)| {
        let parsed = metadata::parse(bytes).expect("a fixture parses");
        (file, parsed.metadata)
    });
    let parsed: Vec<_> = parsed.collect();
    let operators = || (parsed.iter()).flat_map(|(_, metadata)| &metadata.operator_states);
    // One look at the jar for the operators of all of them.
    let mut dictionary = Dictionary::of(operators().map(|operator| operator.id));
    offer(&job_jar(), &JarLimits::default(), &mut dictionary).expect("a jar");
    let (mut named, mut automatic) = (0, BTreeSet::new());
    for (file, metadata) in &parsed {
        for operator in &metadata.operator_states {
            let found = dictionary.get(operator.id).map(|known| known.uid.clone());
            if metadata.version.has_uids() {
                let written = operator.uid.map(|uid| uid.to_string());
                assert_eq!(found, written, "{}", file.display());
            }
            let is_known = known.contains(&operator.id);
            assert_eq!(found.is_some(), is_known, "{}", file.display());
            match found {
                Some(_) => named += 1,
                None => drop(automatic.insert(operator.id)),
            }
        }
    }
    let files = files.len();
    assert!(files > 200 && named > 1000, "{files} files, {named} uids");
    // One operator has no uid; its id depends on the shape of the job, of which there are few.
    assert!(automatic.len() < 5, "{automatic:?}");
}

/// A jar of entries, as a build tool makes them.
fn jar_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .expect("an entry");
        writer.write_all(content).expect("content");
    }
    writer.finish().expect("a jar").into_inner()
}

#[test]
fn jars_inside_jars_are_read_by_any_number_of_threads() {
    let inner = job_jar();
    let middle = jar_of(&[("readme.txt", b"x"), ("lib/job.jar", &inner)]);
    let outer = jar_of(&[
        ("BOOT-INF/lib/middle.jar", &middle),
        ("a.class", b"not a class"),
    ]);
    for threads in 1..4 {
        let limits = JarLimits {
            threads: NonZeroUsize::new(threads).unwrap(),
            ..JarLimits::default()
        };
        let mut dictionary = Dictionary::of(ids(&UIDS));
        let contents = offer(&outer, &limits, &mut dictionary).expect("a jar");
        assert_eq!(dictionary.len(), UIDS.len());
        assert_eq!((contents.classes > 20, contents.unread), (true, 1));
    }
}

#[test]
fn jars_are_read_within_limits() {
    let bomb = jar_of(&[
        ("a.class", &vec![0; 10_000_000]),
        ("b.class", &vec![0; 10_000_000]),
    ]);
    assert!(bomb.len() < 100_000);
    let mut dictionary = Dictionary::all();
    let small_classes = JarLimits {
        class_bytes: 1000,
        ..JarLimits::default()
    };
    let contents = offer(&bomb, &small_classes, &mut dictionary).expect("a jar");
    assert_eq!((contents.classes, contents.unread), (0, 2));
    let small = JarLimits {
        total_bytes: 1_000_000,
        ..JarLimits::default()
    };
    let refused = offer(&bomb, &small, &mut dictionary);
    assert!(matches!(
        refused,
        Err(JarError::TooLarge { limit: 1_000_000 })
    ));

    let mut nested = job_jar();
    for _ in 0..4 {
        nested = jar_of(&[("inner.jar", &nested)]);
    }
    let contents = offer(&nested, &JarLimits::default(), &mut dictionary).expect("a jar");
    assert_eq!((contents.classes, contents.unread), (0, 1));
    assert!(dictionary.is_empty());
}

#[test]
fn what_is_no_jar_is_refused() {
    for bytes in [&b""[..], b"uid: x", &[0; 4096]] {
        let refused = offer(bytes, &JarLimits::default(), &mut Dictionary::all());
        assert!(matches!(refused, Err(JarError::NotAJar(_))));
    }
}

#[test]
fn damaged_jars_give_no_more_than_they_hold() {
    // One class is enough: jars differ in how many they have.
    let class = classes().into_iter().max_by_key(Vec::len);
    let jar = jar_of(&[("RichJob.class", &class.expect("a class"))]);
    for at in (0..jar.len()).step_by(7) {
        let mut flipped = jar.clone();
        flipped[at] ^= 0x55;
        let mut dictionary = Dictionary::of(ids(&UIDS));
        for bytes in [&jar[..at], &flipped] {
            if offer(bytes, &JarLimits::default(), &mut dictionary).is_ok() {
                assert!(dictionary.len() <= UIDS.len());
            }
        }
    }
}

/// The classes of the job.
fn classes() -> Vec<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(job_jar())).expect("a jar");
    let mut classes = Vec::new();
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).expect("an entry");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("an entry inflates");
        classes.extend((!bytes.is_empty()).then_some(bytes));
    }
    classes
}

fn strings(class: &[u8]) -> Option<Vec<String>> {
    let mut strings = Vec::new();
    let read = class_file::strings(class, &mut |text| strings.push(text.to_owned()));
    read.ok().map(|()| strings)
}

#[test]
fn a_class_gives_its_constants_and_its_names() {
    let job = classes()
        .iter()
        .filter_map(|class| strings(class))
        .find(|strings| strings.iter().any(|text| text == "fixture.RichJob"))
        .expect("the job's class");
    for text in ["rich-keyed", "Zähler → 数 😀 |x|", "RichJob"] {
        assert!(job.iter().any(|found| found == text), "{text}");
    }
}

#[test]
fn cut_and_flipped_classes_are_read_without_panic() {
    for class in classes() {
        let whole = strings(&class).expect("a class of javac");
        for at in (0..class.len()).step_by(13) {
            // All that is needed is in front of the interfaces.
            if let Some(cut) = strings(&class[..at]) {
                assert_eq!(cut, whole);
            }
            let mut flipped = class.clone();
            for bits in [0x01, 0x80, 0xFF] {
                flipped[at] = class[at] ^ bits;
                let _ = strings(&flipped);
            }
        }
    }
}

/// The compiled plans and what Flink made of them.
fn plans() -> Vec<(String, Vec<u8>, Value)> {
    let mut plans = Vec::new();
    for entry in fs::read_dir(testdata("uids")).expect("the plans") {
        let path = entry.expect("an entry").path();
        let name = path
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        if let Some(of_plan) = name.strip_suffix(".ids.json") {
            let ids = serde_json::from_slice(&fs::read(&path).expect("ids")).expect("JSON");
            let plan = path.with_file_name(format!("{of_plan}.json"));
            plans.push((of_plan.to_owned(), fs::read(plan).expect("a plan"), ids));
        }
    }
    plans
}

#[test]
fn every_uid_of_a_sql_job_is_found_in_its_compiled_plan() {
    let mut transformations = BTreeSet::new();
    let plans = plans();
    assert_eq!(plans.len(), 8);
    for (name, plan, truth) in &plans {
        let operators = truth["operators"].as_array().expect("operators");
        let id = |operator: &Value| -> OperatorId {
            operator["operator_id"]
                .as_str()
                .expect("an id")
                .parse()
                .expect("an id")
        };
        let mut dictionary = Dictionary::of(operators.iter().map(id));
        plan::candidates(plan, &mut |uid| dictionary.offer(uid, UidSource::Plan)).expect("a plan");
        for operator in operators {
            let uid = operator["uid"].as_str().expect("Flink gave a uid");
            let found = dictionary.get(id(operator)).map(|known| known.uid.as_str());
            assert_eq!(found, Some(uid), "{name}");
            transformations.extend(uid.rsplit('_').next());
        }
        assert!(operators.len() > 8, "{name}: {} operators", operators.len());
    }
    assert!(transformations.len() > 25, "{transformations:?}");
}

#[test]
fn a_node_may_pin_the_format_of_its_uids() {
    let plan = br#"{"flinkVersion":"1.20","nodes":[{"id":7,"type":"stream-exec-calc_2",
        "configuration":{"table.exec.uid.format":"q1-<version>-<type>-<transformation>-<id>"}}]}"#;
    let mut uids = Vec::new();
    plan::candidates(plan, &mut |uid| uids.push(uid.to_owned())).expect("a plan");
    assert_eq!(uids, ["q1-2-stream-exec-calc-calc-7"]);
}

#[test]
fn cut_and_flipped_plans_are_read_without_panic() {
    let (_, plan, _) = plans().swap_remove(0);
    for at in (0..plan.len()).step_by(53) {
        assert!(plan::candidates(&plan[..at], &mut |_| {}).is_err());
        let mut flipped = plan.clone();
        flipped[at] ^= 0x40;
        let _ = plan::candidates(&flipped, &mut |_| {});
    }
    let deep = [b"{\"nodes\":[],\"x\":".as_slice(), &b"[".repeat(1_000_000)].concat();
    assert!(plan::candidates(&deep, &mut |_| {}).is_err());
}
