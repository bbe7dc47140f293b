//! The memory that reading a large file takes. Alone in its process, so that the peak is its own.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "it is a test")]

use statescope::Location;
use statescope::storage::{Settings, Storage};

const MEGABYTE: u64 = 1 << 20;

#[tokio::test]
async fn a_large_local_file_is_in_memory_once() {
    let size = 400 * MEGABYTE;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("_metadata");
    // Without content it takes no room on disk, but all of it in memory.
    std::fs::File::create(&path).unwrap().set_len(size).unwrap();
    let before = peak();
    let location = Location::new(path.to_str().unwrap());
    let storage = Storage::new(Settings::new());
    storage.trust(&location);
    let content = storage.read(&location).await.unwrap();
    assert_eq!(content.len() as u64, size);
    let grown = peak() - before;
    assert!(grown < size + 20 * MEGABYTE, "{grown} bytes for {size}");
}

/// The most memory that this process ever had.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.unwrap().parse::<u64>().unwrap() * 1_024
}
