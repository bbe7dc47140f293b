//! The examples in README.md print what README.md says they print. `STATESCOPE_BLESS=1` rewrites
//! them.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use crate::series;

use std::path::Path;
use std::process::Command;

#[test]
fn examples_print_what_the_readme_shows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(root.join("README.md")).expect("README.md");
    let growing = growing();
    let blocks = readme.split("```console\n").skip(1);
    let mut tried = 0;
    let mut blessed = readme.clone();
    for block in blocks {
        let block = block.split("```").next().expect("the end of the block");
        let (command, shown) = block.split_once('\n').expect("a command");
        let command = command.strip_prefix("$ ").expect("a prompt");
        let arguments = command
            .strip_prefix("statescope ")
            .or_else(|| command.strip_prefix("cargo run --release -- "));
        let Some(arguments) = arguments else {
            assert_eq!(command, "cargo test", "an example that nobody tries");
            continue;
        };
        // Growth needs the times of files, which a clone does not have.
        let directory = if arguments.starts_with("growth checkpoints") {
            growing.path()
        } else {
            root
        };
        let output = Command::new(env!("CARGO_BIN_EXE_statescope"))
            .args(arguments.split_whitespace())
            .current_dir(directory)
            .output()
            .expect("the command runs");
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{command}: {output:?}"
        );
        let printed = String::from_utf8([output.stdout, output.stderr].concat()).expect("text");
        let growing = growing.path().to_str().expect("a path");
        let printed = printed.replace(growing, "/data/flink");
        if std::env::var_os("STATESCOPE_BLESS").is_some() {
            let example = |shown: &str| format!("$ {command}\n{shown}```");
            blessed = blessed.replace(&example(shown), &example(&printed));
        } else {
            assert_eq!(printed, shown, "{command}");
        }
        tried += 1;
    }
    if blessed != readme {
        std::fs::write(root.join("README.md"), blessed).expect("README.md");
    }
    assert!(tried >= 4, "only {tried} examples were tried");
}

/// The series of real Flink as `checkpoints`, and the uids of its job, which Flink 1.20 did not write.
fn growing() -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    series::real_series(&directory.path().join("checkpoints"));
    let uids = directory.path().join("uids.txt");
    std::fs::write(uids, "events\ndedup\ndedup-sink\nwindow\nwindow-sink\n").expect("a file");
    directory
}
