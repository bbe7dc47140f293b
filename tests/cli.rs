//! The command line: golden files for what people see (`tests/cli/README.md`), and what golden
//! files cannot show.
#![cfg(feature = "cli")]

#[path = "cli/inputs.rs"]
mod inputs;
#[path = "support/shapes/mod.rs"]
mod shapes;

use std::fs;
use std::io::{Read, Write};
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
    cases.case("tests/cli/*.trycmd").case("tests/cli/*/*.toml").run();
}

fn statescope(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_statescope"));
    command.args(arguments).current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn run(arguments: &[&str]) -> Output {
    statescope(arguments).output().expect("the binary")
}

fn run_with_input(arguments: &[&str], input: &[u8]) -> Output {
    let mut command = statescope(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
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
    for arguments in [&["show"][..], &["show", "--subtasks"], &["dump"], &["show", "-f", "csv"]] {
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
    assert!(text(&output.stderr).contains("it is a text file"), "{}", text(&output.stderr));
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
        assert_eq!(fs::read(&file).expect("a file"), expected.stdout, "{format}");
        assert!(!expected.stdout.is_empty(), "{format}");
    }
    let left = fs::read_dir(directory.path()).expect("a directory").count();
    assert_eq!(left, 1, "no temporary file is left");
}

#[test]
fn an_output_file_stays_as_it_was_when_there_is_no_result() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("result");
    fs::write(&file, "what was there before").expect("a file");
    let file_name = file.to_str().expect("a path");
    for (input, code) in [("truncated", 3), ("version-7", 4), ("nothing", 5)] {
        let input = format!("tests/cli/data/{input}");
        let output = run(&["show", &input, "-o", file_name]);
        assert_eq!(output.status.code(), Some(code), "{input}");
        assert_eq!(fs::read(&file).expect("a file"), b"what was there before", "{input}");
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
        stdout.read_exact(&mut [0; 16]).expect("the start of a result");
        drop(stdout);
        let output = child.wait_with_output().expect("an exit status");
        assert_eq!(text(&output.stderr), "", "{arguments:?}");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
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
        assert!(page.contains(title), "{arguments:?}: {}", page.lines().next().unwrap_or_default());
        assert!(page.contains(".SH OPTIONS"), "{arguments:?}");
    }
}

/// Each view of the input with hostile names, in `format`.
fn hostile_output(view: &[&str], format: &str) -> String {
    let arguments = [view, &["tests/cli/data/hostile", "--format", format]].concat();
    let output = run(&arguments);
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|bytes| text(bytes).to_owned());
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {stderr}");
    let obeyed = |c: char| c.is_control() && c != '\n';
    assert!(!stderr.contains(obeyed), "{arguments:?}: {stderr:?}");
    assert!(!stdout.contains(obeyed), "{arguments:?}: {stdout:?}");
    stdout
}

const VIEWS: [&[&str]; 4] = [&["show"], &["show", "--subtasks"], &["show", "--files"], &["dump"]];

#[test]
fn hostile_names_do_nothing_to_a_terminal() {
    for view in VIEWS {
        let output = hostile_output(view, "table");
        assert!(!output.contains(['\u{202e}', '\u{200b}']), "{view:?}: {output:?}");
        assert!(output.contains("\\u{1b}"), "{view:?}: {output}");
        // A line break in a name makes no new line.
        assert!(!output.lines().any(|line| line.starts_with("| a | b |")), "{output}");
    }
}

#[test]
fn hostile_names_do_nothing_to_markdown() {
    for view in VIEWS {
        let output = hostile_output(view, "markdown");
        assert!(!output.contains(['<', '>', '\u{202e}', '\u{200b}']), "{view:?}: {output}");
        let mut rows = output.lines().filter(|line| line.starts_with('|'));
        let cells = |row: &str| row.replace("\\|", "").matches('|').count();
        let columns = cells(rows.next().expect("a header"));
        for row in rows {
            assert_eq!(cells(row), columns, "{view:?}: {row}");
        }
        assert!(output.contains("\\[link\\](http://x) \\*\\*bold\\*\\* &amp;amp;"), "{output}");
    }
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
            assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{view:?}: {cell}");
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
        assert!(operators.iter().any(|operator| operator[key] == text), "{text:?}");
    }
    let warnings = document["warnings"].as_array().expect("warnings");
    assert!(warnings.iter().any(|warning| warning["state"] == inputs::HOSTILE_STATE));
}
