//! The command line: golden files for what people see (`tests/cli/README.md`), and what golden
//! files cannot show.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]
#![cfg(feature = "cli")]

use crate::inputs;
use crate::shapes;
#[cfg(unix)]
mod special_files;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

#[test]
fn the_inputs_are_what_the_tests_write() {
    inputs::are_on_disk();
}

#[test]
fn commands_print_what_their_golden_files_say() {
    inputs::are_on_disk();
    let cases = trycmd::TestCases::new();
    cases
        .insert_var("[VERSION]", env!("CARGO_PKG_VERSION"))
        .expect("a placeholder");
    cases
        .case("tests/cli/*.trycmd")
        .case("tests/cli/*/*.toml")
        .run();
}

fn statescope(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_statescope"));
    command
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn run(arguments: &[&str]) -> Output {
    statescope(arguments).output().expect("the binary")
}

fn run_with_input(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = statescope(arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary");
    // It may stop reading early.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    child.wait_with_output().expect("an exit status")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn a_file_on_standard_input_reads_as_the_same_file_by_its_path() {
    let path = "tests/cli/data/orders/_metadata";
    let bytes = fs::read(inputs::directory().join("orders/_metadata")).expect("an input");
    for arguments in [
        &["show"][..],
        &["show", "--subtasks"],
        &["dump"],
        &["show", "-f", "csv"],
    ] {
        let by_path = run(&[arguments, &[path]].concat());
        let by_pipe = run_with_input(&[arguments, &["-"]].concat(), &bytes);
        assert_eq!(by_path.status.code(), Some(0), "{arguments:?}");
        assert_eq!(by_pipe.status.code(), Some(0), "{arguments:?}");
        let named = text(&by_path.stdout).replace(path, "-");
        assert_eq!(named, text(&by_pipe.stdout), "{arguments:?}");
    }
}

#[test]
fn standard_input_that_is_no_metadata_is_not_read_to_its_end() {
    // More than a pipe holds: a reader of it all would need every byte.
    let endless = vec![b'x'; 16 * 1024 * 1024];
    let output = run_with_input(&["show", "-"], &endless);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        text(&output.stderr).contains("it is a text file"),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(output.stdout, b"");
}

#[test]
fn an_output_file_holds_what_stdout_would_have_and_stdout_stays_empty() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("result");
    let file_name = file.to_str().expect("a path");
    for format in ["table", "json", "csv", "markdown"] {
        let arguments = ["show", "tests/cli/data/orders", "--format", format];
        let expected = run(&arguments);
        fs::write(&file, "what was there before").expect("a file");
        let output = run(&[&arguments[..], &["-o", file_name]].concat());
        assert_eq!(output.status.code(), Some(0), "{format}");
        assert_eq!(output.stdout, b"", "{format}");
        assert_eq!(
            fs::read(&file).expect("a file"),
            expected.stdout,
            "{format}"
        );
        assert!(!expected.stdout.is_empty(), "{format}");
    }
    let left = fs::read_dir(directory.path()).expect("a directory").count();
    assert_eq!(left, 1, "no temporary file is left");
}

/// A version that cannot be read is no version that may be left out.
#[test]
fn a_job_description_with_an_unclear_release_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("job.json");
    let job = file.to_str().expect("a path");
    let check = |version: &str| {
        let text = format!(r#"{{"version":1,"flink_version":"{version}","operators":[]}}"#);
        fs::write(&file, text).expect("a file");
        run(&["check", "tests/cli/data/orders", "--no-files", "--job", job])
    };
    for version in ["", "1", "latest", "1.x", "<unknown>"] {
        let output = check(version);
        assert_eq!(output.status.code(), Some(2), "{version}");
        assert_eq!(output.stdout, b"", "{version}");
        let stderr = String::from_utf8(output.stderr).expect("text");
        assert!(stderr.contains("a Flink release looks like"), "{stderr}");
    }
    for version in ["v1.17.2", "Flink 1.17.2", "1.17-SNAPSHOT", "1.17.1-amzn-2"] {
        let output = check(version);
        assert_eq!(output.status.code(), Some(1), "{version}");
        let stdout = String::from_utf8(output.stdout).expect("text");
        assert!(stdout.contains("version-not-readable"), "{stdout}");
        assert!(stdout.contains("Flink 1.17\n"), "{stdout}");
    }
}

#[test]
fn an_output_file_stays_as_it_was_when_there_is_no_result() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("result");
    fs::write(&file, "what was there before").expect("a file");
    let file_name = file.to_str().expect("a path");
    for (input, code) in [("truncated", 3), ("version-8", 4), ("nothing", 5)] {
        let input = format!("tests/cli/data/{input}");
        let output = run(&["show", &input, "-o", file_name]);
        assert_eq!(output.status.code(), Some(code), "{input}");
        assert_eq!(
            fs::read(&file).expect("a file"),
            b"what was there before",
            "{input}"
        );
    }
    let left = fs::read_dir(directory.path()).expect("a directory").count();
    assert_eq!(left, 1, "no temporary file is left");
}

#[test]
fn a_reader_that_leaves_early_ends_the_command_quietly() {
    let built = shapes::build(shapes::Shape::ManyOperators, 2_000_000, 6);
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("_metadata");
    fs::write(&file, built.bytes).expect("a file");
    let path = file.to_str().expect("a path");
    for arguments in [
        &["dump", path][..],
        &["dump", path, "--format", "csv"],
        &["show", path, "--json"],
        &["show", path],
    ] {
        let mut command = statescope(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary");
        let mut stdout = child.stdout.take().expect("a pipe");
        stdout
            .read_exact(&mut [0; 16])
            .expect("the start of a result");
        drop(stdout);
        let output = child.wait_with_output().expect("an exit status");
        assert_eq!(text(&output.stderr), "", "{arguments:?}");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    for format in ["table", "json", "csv", "markdown"] {
        let mut command = statescope(&["show", "tests/cli/data/orders", "--format", format]);
        let full = fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .expect("a device that is always full");
        let output = command.stdout(full).output().expect("the binary");
        assert_eq!(output.status.code(), Some(6), "{format}");
        let says = text(&output.stderr);
        assert!(
            says.starts_with("error: cannot write standard output: "),
            "{format}: {says}"
        );
    }
}

#[test]
fn completions_name_every_command_in_every_shell() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let output = run(&["completions", shell]);
        assert_eq!(output.status.code(), Some(0), "{shell}");
        assert_eq!(text(&output.stderr), "", "{shell}");
        for command in ["show", "dump", "uid", "completions", "man"] {
            assert!(text(&output.stdout).contains(command), "{shell}: {command}");
        }
    }
}

#[test]
fn manual_pages_are_made_for_the_program_and_each_command() {
    for (arguments, title) in [
        (&["man"][..], ".TH statescope 1"),
        (&["man", "show"], ".TH statescope-show 1"),
        (&["man", "dump"], ".TH statescope-dump 1"),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        let page = text(&output.stdout);
        assert!(
            page.contains(title),
            "{arguments:?}: {}",
            page.lines().next().unwrap_or_default()
        );
        assert!(page.contains(".SH OPTIONS"), "{arguments:?}");
    }
}

/// Each view of the input with hostile names, in `format`.
fn hostile_output(view: &[&str], format: &str) -> String {
    let arguments = [view, &["tests/cli/data/hostile", "--format", format]].concat();
    let output = run(&arguments);
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|bytes| text(bytes).to_owned());
    // Flink would refuse some of the paths.
    let status = if view.contains(&"show") { 3 } else { 0 };
    assert_eq!(
        output.status.code(),
        Some(status),
        "{arguments:?}: {stderr}"
    );
    let obeyed = |c: char| c.is_control() && c != '\n';
    assert!(!stderr.contains(obeyed), "{arguments:?}: {stderr:?}");
    assert!(!stdout.contains(obeyed), "{arguments:?}: {stdout:?}");
    stdout
}

const VIEWS: [&[&str]; 5] = [
    &["show"],
    &["show", "--subtasks"],
    &["show", "--files"],
    &["check", "--no-files", "--fail-on", "never", "-v"],
    &["dump"],
];

#[test]
fn hostile_names_do_nothing_to_a_terminal() {
    for view in VIEWS {
        let output = hostile_output(view, "table");
        assert!(
            !output.contains(['\u{202e}', '\u{200b}']),
            "{view:?}: {output:?}"
        );
        assert!(output.contains("\\u{1b}"), "{view:?}: {output}");
        // A line break in a name makes no new line.
        assert!(
            !output.lines().any(|line| line.starts_with("| a | b |")),
            "{output}"
        );
    }
}

#[test]
fn hostile_names_do_nothing_to_markdown() {
    for view in VIEWS {
        let output = hostile_output(view, "markdown");
        assert!(
            !output.contains(['<', '>', '\u{202e}', '\u{200b}']),
            "{view:?}: {output}"
        );
        let mut rows = output.lines().filter(|line| line.starts_with('|'));
        let cells = |row: &str| row.replace("\\|", "").matches('|').count();
        let columns = cells(rows.next().expect("a header"));
        for row in rows {
            assert_eq!(cells(row), columns, "{view:?}: {row}");
        }
    }
    let operators = hostile_output(&["show"], "markdown");
    assert!(
        operators.contains("\\[link\\](http://x) \\*\\*bold\\*\\* &amp;amp;"),
        "{operators}"
    );
}

#[test]
fn hostile_names_do_nothing_to_a_spreadsheet() {
    for view in VIEWS {
        let output = hostile_output(view, "csv");
        let mut reader = csv::Reader::from_reader(output.as_bytes());
        let rows: Result<Vec<_>, _> = reader.records().collect();
        let rows = rows.unwrap_or_else(|error| panic!("{view:?}: {error}"));
        assert!(rows.len() >= inputs::HOSTILE.len(), "{view:?}");
        for cell in rows.iter().flatten() {
            assert!(
                !cell.starts_with(['=', '+', '-', '@', '\t', '\r']),
                "{view:?}: {cell}"
            );
        }
    }
    let operators = hostile_output(&["show"], "csv");
    assert!(operators.contains("\n'=1+1,"), "{operators}");
    assert!(operators.contains("\n'@SUM(A1:A9)"), "{operators}");
}

#[test]
fn hostile_names_are_kept_as_they_are_in_json() {
    let output = hostile_output(&["show"], "json");
    let document: Value = serde_json::from_str(&output).expect("JSON");
    let operators = document["data"]["operators"].as_array().expect("operators");
    for (index, text) in inputs::HOSTILE.into_iter().enumerate() {
        let key = if index % 2 == 0 { "uid" } else { "name" };
        assert!(
            operators.iter().any(|operator| operator[key] == text),
            "{text:?}"
        );
    }
    let warnings = document["warnings"].as_array().expect("warnings");
    assert!(
        warnings
            .iter()
            .any(|warning| warning["state"] == inputs::HOSTILE_STATE)
    );
}

/// Where the page about JSON is.
const JSON_PAGE: &str = include_str!("../../docs/json.md");
/// Names whose values are words that the page lists, too.
const WORDS: [&str; 18] = [
    "accuracy",
    "change",
    "code",
    "command",
    "confidence",
    "distribution",
    "kind",
    "outcome",
    "owner",
    "post_checkpoint_action",
    "relation",
    "role",
    "savepoint_format",
    "severity",
    "sharing_files_strategy",
    "slot",
    "status",
    "storage",
];

/// A job before and after a uid changed, and one whose uids were swapped.
const UPGRADES: [[&str; 2]; 2] = [
    [
        "testdata/restore/flink-2.3.0/base/small",
        "testdata/restore/flink-2.3.0/variant/small-uid-changed",
    ],
    [
        "testdata/restore/flink-2.3.0/base/two",
        "testdata/restore/flink-2.3.0/variant/two-uids-swapped",
    ],
];

/// Scenarios whose states between them have everything that is told of states.
const STATES: [&str; 5] = [
    "types-canonical-rocksdb",
    "checkpoint-rocksdb-incremental",
    "types-changelog",
    "table-group-by",
    "restore-claim-native-savepoint",
];

/// The documents of every command, over inputs that between them have everything.
fn documents() -> Vec<Value> {
    let mut commands: Vec<Vec<String>> = [
        &["uid", "my-keyed"][..],
        &["dump", "tests/cli/data/orders"],
        &["list", "testdata/synthetic"],
        &["check", "tests/cli/data/savepoint"],
        &["check", UPGRADES[1][0], "--against", UPGRADES[1][1]],
        &["diff", UPGRADES[0][0], UPGRADES[0][1]],
        &[
            "growth",
            "testdata/flink-1.20.5/checkpoint-rocksdb-incremental",
        ],
        &["show", "tests/cli/data/trailing"],
        &["show", "tests/cli/data/hostile"],
    ]
    .into_iter()
    .map(|command| command.iter().map(ToString::to_string).collect())
    .collect();
    let plan = concat!(env!("CARGO_TARGET_TMPDIR"), "/plan.json");
    let base = "testdata/flink-2.3.0/checkpoint-rocksdb-incremental";
    let then = ["--now", "2100-01-01T00:00:00Z"];
    let planning = ["retention", "plan", base, "--keep-last", "1"];
    let planning = [&planning[..], &then, &["--plan-out", plan]].concat();
    let applying = [&["retention", "apply", plan, "--dry-run"][..], &then].concat();
    let journal = concat!(env!("CARGO_TARGET_TMPDIR"), "/moved.journal");
    let moved = [
        r#"{"event":"begun","store":"local disk","base":"/nowhere","quarantine":"/elsewhere"}"#,
        r#"{"event":"moved","location":"/nowhere/x","to":"/elsewhere/x","bytes":1}"#,
    ];
    fs::write(journal, moved.join("\n")).expect("a journal");
    let restoring = vec!["retention", "restore", journal, "--dry-run"];
    for command in [planning, applying, restoring] {
        commands.push(command.iter().map(ToString::to_string).collect());
    }
    for scenario in STATES {
        let release = Path::new("testdata/flink-1.20.5").join(scenario);
        let release = release.to_str().expect("text");
        let checkpoints = format!("file:/data/flink/checkpoints={release}");
        let changelog = format!("file:/data/flink/changelog={release}/changelog");
        let location = format!("{release}@latest");
        let maps = ["--path-map", &checkpoints, "--path-map", &changelog];
        let command = [&["show", "--states", &location][..], &maps].concat();
        commands.push(command.into_iter().map(str::to_owned).collect());
    }
    let synthetic = fs::read_dir("testdata/synthetic").expect("the fixtures");
    for entry in synthetic {
        let path = entry.expect("an entry").path().display().to_string();
        commands.push(vec!["show".to_owned(), path]);
    }
    let documents = commands.into_iter().map(|command| {
        let mut arguments: Vec<&str> = command.iter().map(String::as_str).collect();
        arguments.push("--json");
        let output = run(&arguments);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
            panic!("{arguments:?}: {error}: {}", text(&output.stderr));
        })
    });
    documents.collect()
}

/// Calls `each` for every name in a document, with its value.
fn visit<'v>(value: &'v Value, each: &mut impl FnMut(&'v str, &'v Value)) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                each(name, value);
                visit(value, each);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| visit(value, each)),
        _ => {}
    }
}

/// Whatever is wrong, and however long its names are.
#[test]
fn verdicts_and_differences_keep_to_the_width() {
    let matrix = "testdata/restore/flink-2.3.0";
    let variants = fs::read_dir(format!("{matrix}/variant")).expect("variants");
    let mut looked_at = 0;
    for variant in variants {
        let new = variant.expect("an entry").path();
        let name = new.file_name().expect("a name").to_str().expect("text");
        let base = name.split('-').next().expect("a base");
        let old = format!("{matrix}/base/{base}");
        if !new.join("_metadata").exists() || !Path::new(&old).exists() {
            continue;
        }
        let new = new.to_str().expect("text");
        for width in ["60", "80", "120"] {
            for command in [
                &["check", &old, "--against", new, "--width", width][..],
                &["check", &old, "--against", new, "--width", width, "-v"],
                &["diff", &old, new, "--width", width],
            ] {
                let output = run(command);
                let most = width.parse().expect("a number");
                for line in text(&output.stdout).lines() {
                    // The table of changes has columns that cannot shrink further.
                    let is_table = command[0] == "diff" || command.contains(&"-v");
                    assert!(
                        line.chars().count() <= most || is_table,
                        "{command:?}: {line}"
                    );
                }
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 150, "{looked_at}");
}

#[test]
fn every_name_and_every_word_in_json_is_documented() {
    let documents = documents();
    let mut missing = BTreeSet::new();
    let mut types = BTreeSet::new();
    for document in &documents {
        visit(document, &mut |name, value| {
            if !JSON_PAGE.contains(&format!("`{name}`")) {
                missing.insert(name.to_owned());
            }
            if let Some(word) = value.as_str() {
                let quoted = [format!("\"{word}\""), format!("`{word}`")];
                if WORDS.contains(&name) && !quoted.iter().any(|word| JSON_PAGE.contains(word)) {
                    missing.insert(format!("{name} = {word}"));
                }
            }
            if ["handles", "materialized", "non_materialized"].contains(&name) {
                for handle in value.as_array().expect("handles") {
                    let word = handle["type"].as_str().expect("a type");
                    types.insert(word);
                    if !JSON_PAGE.contains(&format!("`{word}`")) {
                        missing.insert(format!("type = {word}"));
                    }
                }
            }
        });
    }
    assert_eq!(missing, BTreeSet::new(), "not in docs/json.md");
    assert_eq!(
        types.len(),
        12,
        "the inputs have every sort of handle: {types:?}"
    );
}

#[test]
fn every_documented_name_is_in_json() {
    let documents = documents();
    let mut names = BTreeSet::new();
    for document in &documents {
        visit(document, &mut |name, _| {
            names.insert(name);
        });
    }
    // The first cell of a row of a table of names.
    let mut documented = 0;
    let mut table_of_names = false;
    for line in JSON_PAGE.lines() {
        let Some(row) = line.strip_prefix('|').map(str::trim_start) else {
            table_of_names = false;
            continue;
        };
        if row.starts_with("name |") {
            table_of_names = true;
        } else if table_of_names && !row.starts_with('-') {
            let first = row.split(" |").next().unwrap_or_default();
            for name in first.split(", ") {
                let name = name.trim_matches('`');
                assert!(names.contains(name), "{name} is in docs/json.md only");
                documented += 1;
            }
        }
    }
    assert!(documented > 80, "only {documented} names were looked up");
}

#[test]
fn an_object_of_one_sort_has_the_same_names_in_every_document() {
    let documents = documents();
    let mut shapes: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for document in &documents {
        // The operators of a verdict or of a difference are something else than those of a snapshot.
        let command = match document["command"].as_str().expect("a command") {
            command @ ("check" | "diff" | "growth") => command,
            _ => "",
        };
        visit(document, &mut |name, value| {
            // Lists whose entries are always of one sort.
            let lists = [
                "operators",
                "subtasks",
                "handles",
                "files",
                "states",
                "channels",
            ];
            for entry in value
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_object)
            {
                if lists.contains(&name) {
                    let names: BTreeSet<_> = entry.keys().map(String::as_str).collect();
                    // Handles have states, too.
                    let name = match names.contains("accuracy") {
                        true => "states of operators",
                        false => name,
                    };
                    let known = shapes.entry((command, name));
                    let known = known.or_insert_with(|| names.clone());
                    assert_eq!(*known, names, "{command} {name}");
                }
            }
        });
    }
    assert_eq!(shapes.len(), 11, "{shapes:?}");
}

const SERIES: &str = "testdata/flink-1.20.5/checkpoint-rocksdb-incremental";

#[test]
fn metrics_are_those_of_their_page_and_each_is_written_once() {
    let page = include_str!("../../docs/metrics.md");
    let documented: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .collect();
    let output = run(&["growth", SERIES, "-f", "prometheus"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let metrics = text(&output.stdout);
    let mut seen = BTreeSet::new();
    let mut typed = BTreeSet::new();
    for line in metrics.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').expect("a type");
            assert_eq!(kind, "gauge");
            assert!(typed.insert(name), "{name} twice");
            assert!(
                documented.contains(name),
                "{name} is not in docs/metrics.md"
            );
        } else if !line.starts_with('#') {
            let name = line.split(['{', ' ']).next().expect("a name");
            assert!(typed.contains(name), "{line}");
            assert!(
                seen.insert(line.rsplit_once(' ').expect("a value").0),
                "{line} twice"
            );
        }
    }
    // Two snapshots have no trend.
    for absent in ["growth_bytes_per_day", "_growing", "_limit_seconds"] {
        assert!(!metrics.contains(absent), "{absent}");
    }
    assert_eq!(typed.len(), 12, "{typed:?}");
}

#[test]
fn only_growth_has_metrics() {
    let output = run(&["show", "tests/cli/data/orders", "-f", "prometheus"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
}

#[test]
fn growth_tells_by_its_exit_code_whether_a_limit_is_reached() {
    let code = |arguments: &[&str]| {
        run(&[&["growth", SERIES, "-q"], arguments].concat())
            .status
            .code()
    };
    assert_eq!(code(&[]), Some(0));
    assert_eq!(code(&["--limit-bytes", "1GiB", "--within", "7d"]), Some(0));
    assert_eq!(code(&["--limit-bytes", "1"]), Some(1));
    assert_eq!(code(&["--fail-above", "5%/day"]), Some(0));
    for wrong in [
        &["--fail-above", "5%"][..],
        &["--limit-bytes", "much"],
        &["--within", "7d"],
        &["--since", "yesterday"],
    ] {
        assert_eq!(code(wrong), Some(2), "{wrong:?}");
    }
    assert_eq!(run(&["growth", "testdata/nothing"]).status.code(), Some(5));
}

#[test]
fn older_snapshots_can_be_left_out() {
    let count = |since: &str| {
        let output = run(&["growth", SERIES, "--since", since, "--json"]);
        let document: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        document["data"]["snapshot_count"].as_u64()
    };
    assert_eq!(count("2001-01-01"), Some(2));
    assert_eq!(count("2001-01-01T00:00:00+02:00"), Some(2));
    assert_eq!(count("9000-01-01"), Some(0));
}
