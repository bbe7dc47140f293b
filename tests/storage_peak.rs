//! The memory that a large file and a large table take. One test at a time, so that each peak is its
//! own.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "it is a test")]

#[path = "support/shapes/mod.rs"]
mod shapes;

use std::sync::{Mutex, MutexGuard, PoisonError};

use shapes::Shape;
use statescope::Location;
use statescope::inspect::{self, NoProgress, StatesOptions};
use statescope::metadata;
use statescope::output::{self, ByteUnits, Page, Style};
use statescope::report;
use statescope::snapshot::references::Base;
use statescope::snapshot::summary::{Detail, summarize};
use statescope::storage::{Settings, Storage};

const MEGABYTE: u64 = 1 << 20;

#[test]
fn a_large_local_file_is_in_memory_once() {
    let _alone = alone();
    let size = 400 * MEGABYTE;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("_metadata");
    // Without content it takes no room on disk, but all of it in memory.
    std::fs::File::create(&path).unwrap().set_len(size).unwrap();
    forget_peak();
    let before = peak();
    let location = Location::new(path.to_str().unwrap());
    let storage = Storage::new(Settings::new());
    storage.trust(&location);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let content = runtime.block_on(storage.read(&location)).unwrap();
    assert_eq!(content.len() as u64, size);
    let grown = peak() - before;
    assert!(grown < size + 20 * MEGABYTE, "{grown} bytes for {size}");
}

#[test]
fn a_large_table_is_written_row_by_row() {
    // All rows as texts and as cells that are drawn take ten times as much.
    const MOST: u64 = 20 * MEGABYTE;
    let _alone = alone();
    let built = shapes::build(Shape::ManyOperators, 8_000_000, 4);
    let parsed = metadata::parse(&built.bytes).unwrap();
    let base = Base::default();
    let snapshot = summarize(&parsed, "chk-1", 8_000_000, &base, Detail::Subtasks);
    let style = Style::default();
    let mut lines = Lines(0);
    let report = report::subtasks(&snapshot);
    let rows = u64::try_from(report.table.rows.len()).unwrap();
    assert!(rows > 100_000, "{rows} rows");
    let page = Page {
        command: "show",
        about: None,
        report: &report,
        sections: &[],
        findings: &[],
    };
    for format in ["table", "markdown", "csv", "html"] {
        forget_peak();
        let before = peak();
        lines.0 = 0;
        match format {
            "table" => output::write_table(&report, style, &mut lines),
            "markdown" => output::write_markdown(&report, style, &mut lines),
            "csv" => output::write_csv(&report, &mut lines),
            _ => output::write_html(&page, ByteUnits::default(), &mut lines),
        }
        .unwrap();
        let grown = peak().saturating_sub(before);
        assert!(grown < MOST, "{grown} bytes for {format}");
        assert!(lines.0 > rows, "{} lines of {format}", lines.0);
    }
}

#[test]
fn operators_without_state_take_little_memory() {
    const OPERATORS: u32 = 200_000;
    // One for each operator, its place in two indexes, and lists that are sorted.
    const MOST: u64 = 400 * OPERATORS as u64;
    let _alone = alone();
    let file = operators_alone(OPERATORS);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("_metadata");
    std::fs::write(&path, &file).unwrap();
    drop(file);
    let location = Location::new(path.to_str().unwrap());
    let storage = Storage::new(Settings::new());
    storage.trust(&location);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let loaded = runtime
        .block_on(inspect::load(&storage, &location))
        .unwrap();
    forget_peak();
    let before = peak();
    let (mut snapshot, findings) = inspect::summarize(&loaded, Detail::Operators).unwrap();
    assert!(findings.is_empty(), "{findings:?}");
    let options = StatesOptions::default();
    let bytes = inspect::bytes_to_read(&loaded, options, |_| true).unwrap();
    assert_eq!(bytes, 0);
    let told = inspect::states(&storage, &loaded, options, |_| true, &NoProgress);
    let mut told = runtime.block_on(told).unwrap().by_id();
    for operator in &mut snapshot.operators {
        operator.set_states(told.take(operator.operator_id).unwrap());
        assert_eq!(operator.states.states, Some(Vec::new()));
    }
    let grown = peak().saturating_sub(before);
    assert!(grown < MOST, "{grown} bytes for {OPERATORS} operators");
}

/// Metadata of version 3 with operators of which no subtask is listed.
fn operators_alone(count: u32) -> Vec<u8> {
    let mut file = 0x4960_672D_u32.to_be_bytes().to_vec();
    file.extend(3_u32.to_be_bytes());
    file.extend(7_u64.to_be_bytes());
    file.extend(0_u32.to_be_bytes());
    file.extend(count.to_be_bytes());
    for number in 0..count {
        let id = (u128::from(number) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835);
        file.extend(id.to_be_bytes());
        file.extend(1_u32.to_be_bytes());
        file.extend(128_u32.to_be_bytes());
        file.push(0);
        file.extend(0_u32.to_be_bytes());
    }
    file
}

/// Counts the lines that are written to it.
struct Lines(u64);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
        self.0 += u64::try_from(lines).unwrap();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From now on, the peak is that of what comes (proc(5), `clear_refs`).
fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

/// The most memory that this process had.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.unwrap().parse::<u64>().unwrap() * 1_024
}
