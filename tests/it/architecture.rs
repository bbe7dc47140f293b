//! What the compiler does not hold: the directions inside each crate, the outside crates that only one place may know, and
//! no `unsafe`. The directions between the crates are in their `Cargo.toml` (docs/design.md).

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// A module of a crate, and everything of the crate that it may name besides itself.
type Allowed = (&'static str, &'static [&'static str]);

/// The crates, by their directories.
const CRATES: &[(&str, &[Allowed])] = &[
    (
        "crates/format",
        &[
            ("java_str", &[]),
            ("limits", &[]),
            ("location", &[]),
            ("time", &[]),
            ("layout", &["location"]),
            // The model is pure data.
            ("model", &["JavaStr"]),
            ("reader", &["JavaStr", "limits", "model"]),
            ("java_stream", &["JavaStr", "reader"]),
            ("class_file", &["JavaStr", "reader"]),
            ("metadata", &["java_stream", "model", "reader"]),
            (
                "state_file",
                &["JavaStr", "Limits", "java_stream", "model", "reader"],
            ),
            ("dump", &["location", "reader"]),
        ],
    ),
    (
        "crates/analysis",
        &[
            ("snapshot", &[]),
            // Findings name the answers of `restore` in their data.
            ("finding", &["restore", "snapshot"]),
            ("restore", &["finding", "snapshot"]),
            ("health", &["finding", "restore", "snapshot"]),
            ("growth", &["finding", "snapshot"]),
            ("retention", &["finding", "snapshot"]),
        ],
    ),
    (
        "crates/store",
        &[
            // Storage knows places, not snapshots.
            ("storage", &[]),
            ("cluster", &["storage"]),
            ("error", &["cluster", "storage"]),
            ("inspect", &["cluster", "error", "storage"]),
        ],
    ),
    (
        ".",
        &[
            (
                "report",
                &[
                    "dump",
                    "finding",
                    "growth",
                    "health",
                    "inspect",
                    "location",
                    "model",
                    "reader",
                    "restore",
                    "retention",
                    "snapshot",
                    "time",
                ],
            ),
            ("output", &["finding", "growth", "report", "time"]),
        ],
    ),
];

/// Crates and parts of the standard library that only some places may know.
const OUTSIDE: &[(&str, &[&str])] = &[
    ("comfy_table", &["src/output/table/laid_out.rs"]),
    ("csv::Writer", &["src/output/csv.rs"]),
    ("clap", &["src/cli/", "src/main.rs"]),
    ("object_store", &["crates/store/src/storage/"]),
    ("hdfs_native", &["crates/store/src/storage/"]),
    ("tokio", &["crates/store/src/", "src/cli/"]),
    ("indicatif", &["src/cli/"]),
    ("regex_syntax", &["src/output/unicode.rs"]),
    ("rustls::", &["crates/store/src/storage/remote/client.rs"]),
    ("nom::", &["crates/format/src/"]),
    (
        "parquet::",
        &[
            "crates/analysis/src/growth/history/file.rs",
            "crates/analysis/src/growth/history/guard.rs",
        ],
    ),
    ("std::env", &["src/cli/"]),
    // A jar is too large to be held; it is read from what the caller opens.
    (
        "std::io",
        &[
            "crates/analysis/src/snapshot/uid/jar/",
            "crates/store/src/error.rs",
            "crates/store/src/storage/",
            "src/cli/",
            "src/output/",
        ],
    ),
    (
        "reqwest",
        &["crates/store/src/cluster.rs", "crates/store/src/storage/"],
    ),
    ("zip::", &["crates/analysis/src/snapshot/uid/jar/"]),
    ("std::fs", &["crates/store/src/storage/", "src/cli/"]),
    ("println!", &["src/cli/"]),
];

#[test]
fn modules_only_use_what_lies_below_them() {
    let mut problems = Vec::new();
    for (directory, modules) in CRATES {
        let root = package().join(directory).join("src");
        for file in sources(&root) {
            let module = top_module(&root, &file);
            let Some((_, allowed)) = modules.iter().find(|(name, _)| *name == module) else {
                assert!(
                    ["lib", "main", "cli"].contains(&module.as_str()),
                    "{directory}: {module} is not listed here"
                );
                continue;
            };
            for used in crate_paths(&code(&file)) {
                if used != module && !allowed.contains(&used.as_str()) {
                    problems.push(format!("{} uses crate::{used}", file.display()));
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn outside_crates_stay_where_they_belong() {
    let mut problems = Vec::new();
    for file in all_sources() {
        let code = code(&file);
        let here = file.strip_prefix(package()).expect("a source");
        let here = here.display().to_string();
        for (name, places) in OUTSIDE {
            if code.contains(name) && !places.iter().any(|place| here.starts_with(place)) {
                problems.push(format!("{here} knows {name}"));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_library_does_not_know_the_binary() {
    let library = fs::read_to_string(package().join("src/lib.rs")).expect("lib.rs");
    assert!(!library.contains("mod cli"));
}

#[test]
fn nothing_is_unsafe() {
    for (directory, _) in CRATES {
        let library = package().join(directory).join("src/lib.rs");
        let library = fs::read_to_string(library).expect("lib.rs");
        assert!(library.contains("#![forbid(unsafe_code)]"), "{directory}");
    }
    for file in all_sources() {
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

fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn all_sources() -> Vec<PathBuf> {
    let roots = CRATES
        .iter()
        .map(|(directory, _)| package().join(directory).join("src"));
    roots.flat_map(|root| sources(&root)).collect()
}

fn sources(root: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut directories = vec![root.to_owned()];
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
        files.len() > 20,
        "the sources are not where this test looks"
    );
    files
}

fn top_module(root: &Path, file: &Path) -> String {
    let below = file.strip_prefix(root).expect("a source");
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
