//! What several test files share.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

pub mod flink_json;

use std::path::{Path, PathBuf};

/// The fixtures' directory.
pub fn testdata() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata")
}

/// Every `_metadata` of the fixtures, sorted.
pub fn metadata_files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    collect(&testdata(), "_metadata", &mut files);
    files.sort();
    assert!(files.len() > 100, "the fixtures are not there");
    files
}

fn collect(directory: &Path, name: &str, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, name, files);
        } else if path.file_name().is_some_and(|file| file == name) {
            files.push(path);
        }
    }
}

/// The path below the fixtures' directory, for messages.
pub fn short(path: &Path) -> String {
    path.strip_prefix(testdata())
        .unwrap_or(path)
        .display()
        .to_string()
}

/// Runs what has to wait for a store.
pub fn wait<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(work)
}
