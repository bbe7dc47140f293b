//! Which module may use which: the directions of docs/design.md.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// A module and everything of this crate that it may name, besides itself.
const ALLOWED: &[(&str, &[&str])] = &[
    // Basics.
    ("java_str", &[]),
    ("location", &[]),
    ("layout", &["location"]),
    ("time", &[]),
    ("verdict", &[]),
    ("release", &[]),
    ("limits", &[]),
    // The model is pure data.
    ("state", &["JavaStr", "java_str"]),
    ("checkpoint", &["JavaStr", "state"]),
    (
        "finding",
        &[
            "checkpoint",
            "compat",
            "job",
            "location",
            "parse",
            "references",
            "state",
            "state_file",
            "states",
            "uid",
            "verdict",
        ],
    ),
    // Parsers know the model, and no I/O.
    ("parse", &["JavaStr", "checkpoint", "limits", "state"]),
    ("java_stream", &["JavaStr", "parse"]),
    ("uid", &["JavaStr", "checkpoint", "parse"]),
    (
        "metadata",
        &["JavaStr", "checkpoint", "state", "parse", "java_stream"],
    ),
    (
        "state_file",
        &["JavaStr", "Limits", "java_stream", "parse", "state"],
    ),
    ("dump", &["location", "parse"]),
    // Storage knows places, not snapshots.
    ("storage", &["limits", "location", "Location", "Scheme"]),
    // Analyses are pure functions of the model.
    (
        "references",
        &["JavaStr", "checkpoint", "state", "location"],
    ),
    (
        "validate",
        &[
            "JavaStr",
            "checkpoint",
            "state",
            "metadata",
            "finding",
            // Paths in findings are shown without secrets.
            "location",
            "uid",
        ],
    ),
    (
        "summary",
        &[
            "checkpoint",
            "location",
            "state",
            "metadata",
            "references",
            "parse",
            "state_file",
            "states",
            "uid",
        ],
    ),
    (
        "verify",
        &[
            "Scheme",
            "checkpoint",
            "finding",
            "layout",
            "location",
            "parse",
            "references",
            "state",
            "uid",
        ],
    ),
    (
        "retention",
        &[
            "JavaStr",
            "checkpoint",
            "finding",
            "layout",
            "location",
            "parse",
            "references",
            "state",
            "time",
        ],
    ),
    ("states", &["checkpoint", "parse", "state", "state_file"]),
    // A job, and how its states go together with those of a snapshot.
    (
        "job",
        &["checkpoint", "release", "state", "states", "summary"],
    ),
    ("compat", &["job", "state_file", "states"]),
    (
        "restore",
        &[
            "checkpoint",
            "compat",
            "drift",
            "finding",
            "job",
            "metadata",
            "parse",
            "release",
            "state_file",
            "states",
            "summary",
            "verdict",
        ],
    ),
    (
        "lint",
        &["checkpoint", "finding", "state_file", "states", "summary"],
    ),
    (
        "growth",
        &[
            "checkpoint",
            "finding",
            "layout",
            "location",
            "references",
            "state",
            "summary",
            "time",
            "uid",
        ],
    ),
    (
        "history",
        &["checkpoint", "growth", "limits", "location", "summary"],
    ),
    (
        "drift",
        &[
            "checkpoint",
            "finding",
            "job",
            "state_file",
            "states",
            "summary",
            "uid",
        ],
    ),
    (
        "diff",
        &[
            "checkpoint",
            "drift",
            "finding",
            "restore",
            "state",
            "state_file",
            "states",
            "summary",
            "uid",
            "verdict",
        ],
    ),
    (
        "check",
        &["finding", "restore", "summary", "verdict", "verify"],
    ),
    ("rest", &["checkpoint", "job", "state"]),
    // The facade joins storage and parsers.
    (
        "error",
        &[
            "ParseError",
            "ParseErrorKind",
            "location",
            "metadata",
            "storage",
        ],
    ),
    (
        "inspector",
        &[
            "checkpoint",
            "error",
            "finding",
            "growth",
            "history",
            "layout",
            "limits",
            "location",
            "metadata",
            "parse",
            "references",
            "retention",
            "state",
            "state_file",
            "states",
            "storage",
            "summary",
            "time",
            "validate",
            "verify",
            "uid",
        ],
    ),
    // Results for people and machines.
    (
        "report",
        &[
            "check",
            "checkpoint",
            "diff",
            "dump",
            "finding",
            "growth",
            "inspector",
            "location",
            "parse",
            "references",
            "retention",
            "restore",
            "states",
            "summary",
            "time",
            "uid",
            "verify",
        ],
    ),
    ("output", &["report", "finding", "growth", "time"]),
];

/// Crates that only one place may know.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("comfy_table", &["output/table.rs"]),
    ("csv::Writer", &["output/csv.rs"]),
    ("clap", &["cli/", "main.rs"]),
    ("object_store", &["storage/"]),
    ("hdfs_native", &["storage/"]),
    ("tokio", &["storage/", "inspector/", "cli/"]),
    ("indicatif", &["cli/"]),
    (
        "nom::",
        &[
            "parse/",
            "metadata/",
            "java_stream/",
            "state_file/",
            "uid/class_file.rs",
        ],
    ),
    ("parquet::", &["history/file.rs", "history/guard.rs"]),
    ("std::env", &["cli/"]),
    // A jar is too large to be held; it is read from what the caller opens.
    ("std::io", &["output/", "cli/", "storage/", "uid/jar/"]),
    ("ureq", &["cli/rest.rs"]),
    ("zip::", &["uid/jar/"]),
    ("std::fs", &["cli/", "storage/"]),
    ("println!", &["cli/"]),
];

#[test]
fn modules_only_use_what_lies_below_them() {
    let mut problems = Vec::new();
    for file in sources() {
        let module = top_module(&file);
        let Some((_, allowed)) = ALLOWED.iter().find(|(name, _)| *name == module) else {
            assert!(
                ["lib", "main", "cli"].contains(&module.as_str()),
                "{module}: not listed here"
            );
            continue;
        };
        for used in crate_paths(&code(&file)) {
            if used != module && !allowed.contains(&used.as_str()) {
                problems.push(format!("{} uses crate::{used}", file.display()));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn crates_stay_where_they_belong() {
    let mut problems = Vec::new();
    for file in sources() {
        let code = code(&file);
        for (name, places) in OUTSIDE {
            let here = file
                .strip_prefix(source_root())
                .expect("a source")
                .display()
                .to_string();
            if code.contains(name) && !places.iter().any(|place| here.starts_with(place)) {
                problems.push(format!("{here} knows {name}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_library_does_not_know_the_binary() {
    let library = fs::read_to_string(source_root().join("lib.rs")).expect("lib.rs");
    assert!(!library.contains("mod cli"));
}

#[test]
fn nothing_is_unsafe() {
    let library = fs::read_to_string(source_root().join("lib.rs")).expect("lib.rs");
    assert!(library.contains("#![forbid(unsafe_code)]"));
    for file in sources() {
        let mut code = code(&file);
        if file.ends_with("cli/stdout.rs") {
            // What runs before `main` calls nothing but safe functions.
            code = code.replacen("#[ctor::ctor(unsafe)]", "", 1);
        }
        let words = code.split(|c: char| !c.is_alphanumeric() && !"-_'".contains(c));
        let mut found = words.filter(|word| *word == "unsafe" || *word == "unsafe_code");
        let allowed = usize::from(file.ends_with("src/lib.rs"));
        assert_eq!(found.by_ref().count(), allowed, "{}", file.display());
    }
}

fn source_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut directories = vec![source_root()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(directory).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                directories.push(path);
            } else {
                files.push(path);
            }
        }
    }
    assert!(
        files.len() > 40,
        "the sources are not where this test looks"
    );
    files
}

fn top_module(file: &Path) -> String {
    let below = file.strip_prefix(source_root()).expect("a source");
    let first = below.iter().next().expect("a name").to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// The file without comments and without its unit tests.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).expect("a source");
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    lines.collect::<Vec<_>>().join("\n")
}

/// The first names behind `crate::`, those in braces one by one.
fn crate_paths(code: &str) -> Vec<String> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut names = Vec::new();
    for path in code.split("crate::").skip(1) {
        let list = match path.strip_prefix('{') {
            Some(inside) => inside.split('}').next().unwrap_or_default(),
            None => path.split(|c| !is_name(c)).next().unwrap_or_default(),
        };
        for name in list.split(',') {
            let name: String = name.trim().chars().take_while(|&c| is_name(c)).collect();
            if !name.is_empty() {
                names.push(name);
            }
        }
    }
    names
}
