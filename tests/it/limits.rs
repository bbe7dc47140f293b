//! Inputs above a limit end in an error with its exit code, in bounded time and memory
//! (docs/limits.md).

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]
#![cfg(feature = "cli")]

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use std::process::{Command, Output};

use statescope::Limits;
use statescope::snapshot::uid::jar::JarLimits;
use statescope::storage::Settings;
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const SNAPSHOT: &str = "testdata/flink-1.20.5/savepoint-canonical-hashmap@latest";
/// More than any of the inputs below needs, and far less than they asked for before they were
/// bounded.
const SECONDS: u32 = 300;
const MEGABYTES: u64 = 400;

fn statescope(arguments: &[&str]) -> Output {
    statescope_within(MEGABYTES, arguments)
}

/// Runs the command with so much memory and a bounded time.
fn statescope_within(megabytes: u64, arguments: &[&str]) -> Output {
    let script = format!(
        "ulimit -v {}; exec timeout {SECONDS} \"$0\" \"$@\"",
        megabytes * 1024
    );
    Command::new("bash")
        .args(["-c", &script, env!("CARGO_BIN_EXE_statescope")])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("FLINK_CONF_DIR")
        .env_remove("FLINK_HOME")
        .output()
        .expect("bash")
}

#[track_caller]
fn ends(output: &Output, code: i32, words: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{said}");
    assert!(said.contains(words), "{said}");
}

fn file(directory: &TempDir, name: &str, content: &[u8]) -> String {
    let path = directory.path().join(name);
    fs::write(&path, content).expect("a file");
    path.to_str().expect("text").to_owned()
}

fn place(directory: &TempDir) -> &str {
    directory.path().to_str().expect("text")
}

#[test]
fn docs_limits_tells_the_defaults() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/limits.md");
    let docs = fs::read_to_string(docs).expect("docs/limits.md");
    let limits = Limits::default();
    let jar = JarLimits::default();
    let wide = |number: usize| u64::try_from(number).expect("a number");
    let all = [
        (
            "Settings::max_object_bytes",
            Settings::new().max_object_bytes,
        ),
        ("Limits::nesting", limits.nesting.into()),
        ("Limits::java_nesting", limits.java_nesting.into()),
        ("Limits::java_objects", wide(limits.java_objects)),
        (
            "Limits::serializer_nesting",
            limits.serializer_nesting.into(),
        ),
        ("Limits::conf_bytes", limits.conf_bytes),
        ("Limits::conf_entries", wide(limits.conf_entries)),
        ("Limits::conf_nesting", wide(limits.conf_nesting)),
        ("Limits::conf_name_bytes", wide(limits.conf_name_bytes)),
        ("Limits::job_bytes", limits.job_bytes),
        ("Limits::retention_plan_bytes", limits.retention_plan_bytes),
        ("Limits::journal_bytes", limits.journal_bytes),
        ("Limits::journal_line_bytes", limits.journal_line_bytes),
        ("Limits::history_bytes", wide(limits.history_bytes)),
        ("Limits::history_rows", wide(limits.history_rows)),
        (
            "Limits::history_text_bytes",
            wide(limits.history_text_bytes),
        ),
        (
            "Limits::history_page_bytes",
            wide(limits.history_page_bytes),
        ),
        ("JarLimits::directory_bytes", jar.directory_bytes),
        ("JarLimits::total_bytes", jar.total_bytes),
        ("JarLimits::class_bytes", jar.class_bytes),
        ("JarLimits::nesting", jar.nesting.into()),
    ];
    for (name, value) in all {
        let cell = format!("`{name}`");
        let mut rows = docs.lines().filter(|line| line.contains(&cell)).peekable();
        assert!(rows.peek().is_some(), "{name} is not in docs/limits.md");
        for row in rows {
            let cells: Vec<_> = row.split(" | ").collect();
            assert_eq!(number(cells[2]), value, "{row}");
        }
    }
    // No field is left out: each is one line of the debug output.
    let fields = format!("{limits:#?}{jar:#?}").matches(": ").count();
    assert_eq!(
        fields - 1,
        all.len() - 1,
        "the number of threads is no limit"
    );
}

/// `16`, `65,536` or `4 MiB`.
fn number(text: &str) -> u64 {
    let text = text.replace(',', "");
    let (number, unit) = text.split_once(' ').unwrap_or((&text, ""));
    let shift = match unit {
        "" => 0,
        "MiB" => 20,
        "GiB" => 30,
        other => panic!("{other}"),
    };
    number.parse::<u64>().expect("a number") << shift
}

#[test]
fn a_configuration_that_nests_without_end_is_refused() {
    let conf = TempDir::new().unwrap();
    let deep = "nested more than 32 deep";
    // The parser has a limit of its own for brackets.
    for (hostile, words) in [
        ("- - - - ", deep),
        ("? ", deep),
        ("[", "limit"),
        ("{a: ", "limit"),
    ] {
        file(&conf, "config.yaml", hostile.repeat(400_000).as_bytes());
        let output = statescope(&["list", "--flink-conf", place(&conf)]);
        ends(&output, 2, words);
    }
}

#[test]
fn a_configuration_of_endless_entries_is_refused() {
    let conf = TempDir::new().unwrap();
    let entries: String = (0..50_000).map(|n| format!("key.{n}: value\n")).collect();
    for name in ["config.yaml", "flink-conf.yaml"] {
        file(&conf, name, entries.as_bytes());
        let output = statescope(&["list", "--flink-conf", place(&conf)]);
        ends(&output, 2, "more than 10000 entries");
        file(&conf, name, &vec![b'#'; 5 << 20]);
        let output = statescope(&["list", "--flink-conf", place(&conf)]);
        ends(&output, 2, "4194304");
        fs::remove_file(conf.path().join(name)).unwrap();
    }
}

#[cfg(feature = "hdfs")]
#[test]
fn entities_of_hadoops_configuration_are_refused() {
    let conf = TempDir::new().unwrap();
    let bomb = format!(
        "<!DOCTYPE l [<!ENTITY a \"{}\">]><configuration><property><name>x</name><value>{}</value>\
         </property></configuration>",
        "a".repeat(200_000),
        "&a;".repeat(50_000)
    );
    file(&conf, "core-site.xml", bomb.as_bytes());
    let directory = format!("hadoop_conf_dir={}", place(&conf));
    let output = statescope(&["list", "hdfs:///x", "--storage-option", &directory]);
    ends(&output, 2, "it has a DOCTYPE");
}

#[test]
fn json_that_nests_without_end_is_refused() {
    let directory = TempDir::new().unwrap();
    for (text, option) in [
        ("{\"nodes\":".to_owned() + &"[".repeat(1_000_000), "--plan"),
        (
            "{\"nodes\":[],\"x\":".to_owned() + &"{\"a\":".repeat(1_000_000),
            "--plan",
        ),
        (
            "{\"version\":1,\"operators\":".to_owned() + &"[".repeat(1_000_000),
            "--job",
        ),
    ] {
        let hostile = file(&directory, "hostile.json", text.as_bytes());
        let output = statescope(&["check", SNAPSHOT, option, &hostile]);
        ends(&output, 2, "hostile.json");
    }
    let plan = file(&directory, "plan.json", "[".repeat(1_000_000).as_bytes());
    let output = statescope(&["retention", "apply", &plan, "--yes"]);
    assert!(matches!(output.status.code(), Some(2 | 8)), "{output:?}");
}

fn jar_of(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        let options = SimpleFileOptions::default();
        writer.start_file(*name, options).expect("an entry");
        writer.write_all(content).expect("content");
    }
    writer.finish().expect("a jar").into_inner()
}

#[test]
fn inner_jars_are_not_held_in_memory() {
    let directory = TempDir::new().unwrap();
    let zeros = vec![0; 150 << 20];
    let innermost = jar_of(&[("a.txt", &zeros), ("b.class", &zeros[..1000])]);
    let inner = jar_of(&[("x.jar", &innermost), ("pad", &zeros[..40 << 20])]);
    let jar = jar_of(&[("a.jar", &inner), ("b.jar", &inner), ("c.jar", &inner)]);
    drop(zeros);
    assert!(jar.len() < 2 << 20, "{} bytes", jar.len());
    let jar = file(&directory, "job.jar", &jar);
    let output = statescope(&["show", SNAPSHOT, "--jar", &jar]);
    // What is no class is said, and counted.
    ends(&output, 7, "3 of 3 classes and inner jars");
}

/// The end of a directory of more than 65,535 entries (APPNOTE.TXT 4.3.14 to 4.3.16).
fn end_of_directory(entries: u64, start: u64, record: u64) -> Vec<u8> {
    let mut end = b"PK\x06\x06".to_vec();
    end.extend_from_slice(&44_u64.to_le_bytes());
    end.extend_from_slice(&[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [entries, entries, start, 0] {
        end.extend_from_slice(&number.to_le_bytes());
    }
    end.extend_from_slice(b"PK\x06\x07\0\0\0\0");
    end.extend_from_slice(&record.to_le_bytes());
    end.extend_from_slice(&[1, 0, 0, 0]);
    end.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    end.extend_from_slice(&[0xFF; 12]);
    end.extend_from_slice(&[0, 0]);
    end
}

#[test]
fn a_jar_with_an_endless_directory_is_refused() {
    let directory = TempDir::new().unwrap();
    let mut entry = [0; 47];
    entry[..4].copy_from_slice(b"PK\x01\x02");
    entry[28] = 1;
    let entries = 1_000_000;
    let content = entry.repeat(entries);
    let start = content.len() as u64;
    let said = |entries: u64, record: u64| {
        let jar = [&content[..], &end_of_directory(entries, start, record)].concat();
        let jar = file(&directory, "job.jar", &jar);
        let output = statescope(&["show", SNAPSHOT, "--jar", &jar]);
        ends(&output, 2, "its directory has more than 16777216 bytes");
    };
    said(entries as u64, start);
    said(u64::MAX, start);
    // One that says little, and leads to another.
    said(1, 0);
}

#[test]
fn lists_and_descriptions_above_their_bytes_are_refused() {
    let directory = TempDir::new().unwrap();
    let huge = directory.path().join("huge");
    // Without content it takes no room on disk.
    let sparse = fs::File::create(&huge).unwrap();
    sparse.set_len(Limits::default().job_bytes + 1).unwrap();
    let huge = huge.to_str().unwrap();
    for option in ["--uids", "--plan", "--new-plan", "--job"] {
        let output = statescope(&["check", SNAPSHOT, option, huge]);
        ends(&output, 2, "67108864");
    }
    sparse
        .set_len(Limits::default().retention_plan_bytes + 1)
        .unwrap();
    let output = statescope(&["retention", "apply", huge, "--yes"]);
    ends(&output, 2, "1073741824");
}

#[test]
fn memory_that_cannot_be_had_is_an_error() {
    let directory = TempDir::new().unwrap();
    let snapshot = directory.path().join("_metadata");
    let file = fs::File::create(&snapshot).unwrap();
    (&file)
        .write_all(&[0x49, 0x60, 0x67, 0x2D, 0, 0, 0, 4])
        .unwrap();
    file.set_len(2 << 30).unwrap();
    for command in ["show", "check", "dump"] {
        let output = statescope(&[command, place(&directory)]);
        ends(&output, 6, "no memory for 2147483648 bytes");
    }
}

#[test]
fn a_journal_above_its_bytes_or_with_an_endless_line_is_refused() {
    let directory = TempDir::new().unwrap();
    let journal = directory.path().join("journal");
    let limits = Limits::default();
    let begun = r#"{"event":"begun","store":"local disk","base":"/b","quarantine":"/q"}"#;
    let moved = r#"{"event":"moved","location":"/b/x","to":"/q/x","class":"shared","bytes":7}"#;
    let lines = format!("{begun}\n{moved}\n{{\"event\":\"moved\",\"location\":\"");
    fs::write(&journal, &lines).unwrap();
    let sparse = fs::File::options().append(true).open(&journal).unwrap();
    let restore = || statescope(&["retention", "restore", journal.to_str().unwrap()]);
    sparse.set_len(limits.journal_bytes + 1).unwrap();
    ends(&restore(), 2, "4294967296");
    drop(sparse);
    // Its end looks like that of a run that was interrupted, and is not.
    let long = "x".repeat(usize::try_from(limits.journal_line_bytes).unwrap());
    fs::write(&journal, lines + &long).unwrap();
    ends(
        &restore(),
        8,
        "line 3 of the journal: it has more than 67108864 bytes",
    );
}
