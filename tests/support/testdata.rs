//! The fixtures.
#![allow(dead_code, unreachable_pub, reason = "each test program uses a part")]

use std::path::{Path, PathBuf};

/// The project's directory, from any of its crates.
fn project() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut above = package.ancestors();
    above
        .find(|directory| directory.join("testdata").is_dir())
        .expect("the project")
}

/// The fixtures' directory.
pub fn testdata() -> PathBuf {
    project().join("testdata")
}

/// The documentation's directory.
pub fn docs() -> PathBuf {
    project().join("docs")
}

/// Every `_metadata` of the fixtures, sorted.
pub fn metadata_files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    collect(&testdata(), &mut files, |path| {
        path.file_name().is_some_and(|file| file == "_metadata")
    });
    files.sort();
    assert!(files.len() > 100, "the fixtures are not there");
    files
}

/// Every block-based SST of the fixtures, sorted: those that Flink wrote have random names.
pub fn sst_files() -> Vec<PathBuf> {
    const MAGIC: [[u8; 8]; 2] = [
        0x88E2_41B7_85F4_CFF7_u64.to_le_bytes(),
        0xDB47_7524_8B80_FB57_u64.to_le_bytes(),
    ];
    let mut files = Vec::new();
    collect(&testdata(), &mut files, |path| {
        let bytes = std::fs::read(path).expect("a fixture");
        MAGIC.iter().any(|magic| bytes.ends_with(magic))
    });
    files.sort();
    assert!(files.len() > 300, "the fixtures are not there");
    files
}

/// The same without the restore matrix: hundreds of small files that differ in what the job was, not
/// in how the file is laid out.
pub fn metadata_files_of_scenarios() -> Vec<PathBuf> {
    let mut files = metadata_files();
    files.retain(|file| !file.starts_with(testdata().join("restore")));
    files
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>, wanted: fn(&Path) -> bool) {
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files, wanted);
        } else if wanted(&path) {
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
