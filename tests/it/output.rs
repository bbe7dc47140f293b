//! Names that attack whoever reads them, in every command and format; and results that cannot be
//! written.

#![cfg(all(feature = "cli", unix))]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use crate::shapes;

use std::fs;
use std::io::Read;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use shapes::handles::{Mode, NamedState, Stream};
use shapes::properties::Properties;
use shapes::writer::{MetadataWriter, OperatorHead};
use statescope::model::checkpoint::OperatorId;

/// Nothing of this may reach a reader: from the code charts, not from the code under test.
const HIDDEN: &[(u32, u32)] = &[
    (0x00, 0x08),
    (0x0B, 0x1F),
    (0x7F, 0xA0),
    (0xAD, 0xAD),
    (0x34F, 0x34F),
    (0x61C, 0x61C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x2000, 0x200F),
    (0x2028, 0x202F),
    (0x205F, 0x206F),
    (0x3164, 0x3164),
    (0xE000, 0xE001),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0xE_0000, 0xE_007F),
    (0xE_0100, 0xE_01EF),
];
/// What stays as it is.
const KEPT: &str = "数 Zähler 👩\u{200D}💻 ❤\u{FE0F}";
const FORMULAS: [&str; 9] = [
    "=1+1", "+1", "-1+2", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "＠x",
];

fn characters() -> impl Iterator<Item = char> {
    let codes = HIDDEN.iter().flat_map(|&(first, last)| first..=last);
    codes.filter_map(char::from_u32)
}

/// Some names that together hold every character that cannot be seen, and some formulas.
fn names() -> Vec<String> {
    let all: Vec<char> = characters().collect();
    let hidden = all.chunks(40).map(|part| {
        let mut name = "n".to_owned();
        part.iter().for_each(|c| name.extend([*c, 'x']));
        name
    });
    let formulas = FORMULAS.iter().map(|&name| name.to_owned());
    hidden.chain(formulas).chain([KEPT.to_owned()]).collect()
}

fn metadata(checkpoint: i64) -> Vec<u8> {
    let names = names();
    let mut writer = MetadataWriter::new(5, 1 << 16);
    writer.body(checkpoint, 1);
    writer.master_state(1, &names[0], b"");
    writer.count(names.len());
    for (at, text) in names.iter().enumerate() {
        let (name, uid) = match at % 2 {
            0 => ("", text.as_str()),
            _ => (text.as_str(), ""),
        };
        writer.operator(&OperatorHead {
            id: *OperatorId::of_uid(text).as_bytes(),
            name,
            uid,
            parallelism: 1,
            max_parallelism: 128,
            coordinator: Stream::Null,
        });
        writer.count(1);
        writer.subtask(0);
        writer.operator_slot(true);
        let states = [NamedState {
            name: text,
            mode: Mode::Split,
            offsets: &[99],
        }];
        writer.partitionable(
            &states,
            &Stream::File {
                path: text,
                size: 10,
            },
        );
        writer.operator_slot(false);
        writer.no_keyed();
        writer.no_keyed();
        writer.no_channels();
    }
    writer.properties(Properties::Checkpoint);
    writer.into_bytes()
}

/// Two checkpoints in a directory whose name is no better.
fn base(directory: &Path) -> PathBuf {
    let base = directory.join("=job\u{202E}\u{200B}\u{E0041}\u{3164}\n数");
    for checkpoint in [1, 2] {
        let directory = base.join(format!("chk-{checkpoint}"));
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join("_metadata"), metadata(checkpoint)).unwrap();
        fs::write(directory.join("\u{1b}[31m\u{202E}x"), "x").unwrap();
    }
    base
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_statescope"))
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("the binary")
}

/// Emoji of several characters hold some that are invisible elsewhere.
fn shows_nothing_hidden(bytes: &[u8], of: &str) {
    let text = std::str::from_utf8(bytes).expect("UTF-8").replace(KEPT, "");
    let hidden = characters().find(|c| text.contains(*c));
    assert_eq!(hidden, None, "{of}: {text:?}");
}

#[test]
fn no_command_and_no_format_lets_hidden_characters_through() {
    let directory = tempfile::tempdir().unwrap();
    let base = base(directory.path());
    let (base, list) = (base.to_str().unwrap(), directory.path().join("uids"));
    fs::write(&list, names().join("\n")).unwrap();
    let list = list.to_str().unwrap();
    let (one, two) = (format!("{base}/chk-1"), format!("{base}/chk-2"));
    let plan = directory.path().join("plan\u{202E}.json");
    let plan = plan.to_str().unwrap();
    let hostile: String = characters().filter(|c| *c != '\0').collect();
    let missing = format!("/nowhere/{hostile}");
    let names = names();
    let uids: Vec<&str> = names
        .iter()
        .map(String::as_str)
        .filter(|n| !n.contains('\0'))
        .collect();
    let uids = [&["uid", "--"], &uids[..]].concat();
    let commands: &[&[&str]] = &[
        &["show", &one],
        &["show", &one, "--subtasks"],
        &["show", &one, "--states"],
        &["show", &one, "--files"],
        &["show", &one, "--uids", list],
        &["show", &one, "--operator", &hostile],
        &["show", &missing],
        &["check", &one],
        &["check", &one, "--against", &two],
        &["check", &one, "--job", &missing],
        &["diff", &one, &two, "--all", "--sizes"],
        &["list", base],
        &["growth", base, "--by", "state"],
        &["growth", base, "--by", "operator", "--limit-bytes", "1"],
        &["growth", base, "--by", "total"],
        &[
            "retention",
            "plan",
            base,
            "--keep-last",
            "1",
            "--min-age",
            "0h",
            "--i-know",
        ],
        &[
            "retention",
            "plan",
            base,
            "--keep-last",
            "1",
            "--min-age",
            "0h",
            "--i-know",
            "--plan-out",
            plan,
        ],
        &["retention", "apply", plan, "--dry-run", "--i-know"],
        &[
            "retention",
            "apply",
            plan,
            "--i-know",
            "--quarantine",
            &format!("{base}-q"),
        ],
        &[
            "retention",
            "apply",
            plan,
            "--yes",
            "--i-know",
            "--quarantine",
            &format!("{base}-q"),
        ],
        &["retention", "restore", &format!("{plan}.journal")],
        &["retention", "restore", list],
        &["job", "from", &one],
        &["dump", &one],
        &uids,
        &["uid", "--from", &one],
        &["uid", "--uids", list],
        &[&hostile],
        &["show", &one, &format!("--{hostile}")],
        &["show", &one, "--width", &hostile],
        &["show", &one, "-o", &missing],
    ];
    let mut shown = String::new();
    for command in commands {
        for format in [
            "table",
            "json",
            "csv",
            "markdown",
            "html",
            "prometheus",
            "paths",
        ] {
            let arguments = match command.contains(&"--") {
                true => [&command[..1], &["-f", format], &command[1..]].concat(),
                false => [command, &["-f", format][..]].concat(),
            };
            let output = run(&arguments);
            let of = format!("{command:?} as {format}")
                .chars()
                .take(300)
                .collect::<String>();
            shows_nothing_hidden(&output.stdout, &of);
            shows_nothing_hidden(&output.stderr, &of);
            if (format == "json" || command[0] == "job") && !output.stdout.is_empty() {
                serde_json::from_slice::<serde_json::Value>(&output.stdout).expect(&of);
            }
            if format == "csv" && !["job"].contains(&command[0]) {
                no_cell_is_a_formula(&output.stdout, &of);
            }
            shown.push_str(&String::from_utf8(output.stdout).unwrap());
        }
    }
    assert!(shown.matches(KEPT).count() > 40, "names that are fine stay");
    for file in [plan.to_owned(), format!("{plan}.journal")] {
        shows_nothing_hidden(&fs::read(&file).expect(&file), &file);
    }
}

fn no_cell_is_a_formula(csv: &[u8], of: &str) {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(csv);
    for record in reader.records() {
        for cell in record.expect(of).iter() {
            let is_number = cell.parse::<f64>().is_ok();
            let begins = cell
                .trim_start()
                .starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
            assert!(is_number || !begins, "{of}: {cell:?}");
        }
    }
}

#[test]
fn a_list_of_uids_reads_back_and_is_no_formula() {
    let directory = tempfile::tempdir().unwrap();
    let one = base(directory.path()).join("chk-1");
    let one = one.to_str().unwrap();
    let list = directory.path().join("uids.txt");
    let list = list.to_str().unwrap();
    assert!(run(&["uid", "--from", one, "-o", list]).status.success());
    let text = fs::read_to_string(list).unwrap();
    assert!(
        text.lines()
            .all(|line| !line.starts_with(['=', '+', '-', '@', '＝', '＠', '\t']))
    );
    let output = run(&["uid", "--uids", list, "--json"]);
    assert!(output.status.success(), "{output:?}");
    let read: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let read: Vec<&str> = read["data"]["uids"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|entry| entry["uid"].as_str())
        .collect();
    for (at, name) in names().iter().enumerate().filter(|(at, _)| at % 2 == 0) {
        assert!(read.contains(&name.as_str()), "{at}: {name:?}");
    }
}

const SNAPSHOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/data/orders");

/// Runs the command through a shell, which can redirect.
fn shell(script: &str) -> Output {
    Command::new("sh")
        .args(["-c", script])
        .env("S", env!("CARGO_BIN_EXE_statescope"))
        .env("L", SNAPSHOT)
        .output()
        .expect("a shell")
}

#[test]
fn a_result_that_nobody_gets_is_an_error() {
    for command in [
        "show $L",
        "show $L --json",
        "--help",
        "show --help",
        "--version",
        "man",
        "completions bash",
    ] {
        for to in [">&-", ">/dev/full", "-o /dev/stdout >/dev/full"] {
            if command.contains("--help") && to.starts_with("-o")
                || command == "--version" && to.starts_with("-o")
            {
                continue;
            }
            let output = shell(&format!("\"$S\" {command} {to}"));
            assert_eq!(output.status.code(), Some(6), "{command} {to}: {output:?}");
            let error = String::from_utf8(output.stderr).unwrap();
            assert!(
                error.starts_with("error: cannot write standard output: "),
                "{error}"
            );
        }
        let output = shell(&format!("\"$S\" {command} > /dev/null"));
        assert_eq!(output.status.code(), Some(0), "{command}: {output:?}");
        let output = shell(&format!("\"$S\" {command} 2>&- | head -c 1 >/dev/null"));
        assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
    }
    // Both ways at once, as programs that start others do.
    let both = shell("\"$S\" show $L 1<>/dev/null");
    assert_eq!(both.status.code(), Some(0), "{both:?}");
}

#[test]
fn nothing_is_deleted_where_the_result_cannot_be_told() {
    let directory = tempfile::tempdir().unwrap();
    let base = base(directory.path());
    let plan = directory.path().join("plan");
    let (base, plan) = (base.to_str().unwrap(), plan.to_str().unwrap());
    let made = run(&[
        "retention",
        "plan",
        base,
        "--keep-last",
        "1",
        "--min-age",
        "0h",
        "--i-know",
        "--plan-out",
        plan,
    ]);
    assert!(made.status.success(), "{made:?}");
    let output = Command::new("sh")
        .args(["-c", "\"$S\" retention apply \"$P\" --yes --i-know >&-"])
        .env("S", env!("CARGO_BIN_EXE_statescope"))
        .env("P", plan)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(6), "{output:?}");
    assert!(Path::new(&format!("{base}/chk-1/_metadata")).exists());
}

fn entries(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn an_output_file_is_replaced_as_a_whole_and_keeps_its_mode() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("result");
    fs::write(&path, "before").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&path, directory.path().join("link")).unwrap();
    symlink("new", directory.path().join("to-come")).unwrap();
    for name in ["result", "link", "to-come"] {
        let to = directory.path().join(name);
        let output = run(&["show", SNAPSHOT, "-o", to.to_str().unwrap()]);
        assert!(
            output.status.success() && output.stdout.is_empty(),
            "{output:?}"
        );
        assert!(
            fs::read_to_string(&to).unwrap().contains("checkpoint"),
            "{name}"
        );
    }
    let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o640);
    assert!(
        fs::symlink_metadata(directory.path().join("link"))
            .unwrap()
            .is_symlink()
    );
    assert_eq!(
        entries(directory.path()),
        ["link", "new", "result", "to-come"]
    );
}

#[test]
fn an_output_file_that_cannot_be_written_stays_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("result");
    fs::write(&path, "before").unwrap();
    // A file may not grow beyond some kB: as on a disk that is full.
    let script = format!(
        "trap '' XFSZ; ulimit -f 1; \"$S\" dump $L -o '{}'",
        path.display()
    );
    let output = shell(&script);
    assert_eq!(output.status.code(), Some(6), "{output:?}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "before");
    assert_eq!(entries(directory.path()), ["result"]);
    let output = run(&["show", SNAPSHOT, "-o", directory.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(6), "{output:?}");
    let output = run(&["show", SNAPSHOT, "-o", "/dev/full"]);
    assert_eq!(output.status.code(), Some(6), "{output:?}");
}

#[test]
fn pipes_and_open_files_are_written_to_and_not_replaced() {
    let directory = tempfile::tempdir().unwrap();
    let out = directory.path().join("out");
    for name in ["/dev/stdout", "/dev/fd/1", "/dev/fd/3"] {
        let script = format!(
            "(echo before; \"$S\" show $L -o {name} 3>&1) > '{}'",
            out.display()
        );
        let output = shell(&script);
        assert!(output.status.success(), "{output:?}");
        let text = fs::read_to_string(&out).unwrap();
        assert!(
            text.starts_with("before\n") && text.contains("checkpoint"),
            "{name}: {text}"
        );
    }
    let pipe = directory.path().join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let mut writer = Command::new(env!("CARGO_BIN_EXE_statescope"))
        .args(["show", SNAPSHOT, "-o", pipe.to_str().unwrap()])
        .spawn()
        .unwrap();
    let mut text = String::new();
    fs::File::open(&pipe)
        .unwrap()
        .read_to_string(&mut text)
        .unwrap();
    assert!(writer.wait().unwrap().success());
    assert!(text.contains("checkpoint"), "{text}");
}
