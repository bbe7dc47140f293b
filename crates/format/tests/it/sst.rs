//! Table properties of SSTs: equal to RocksDB's own, from few bytes, and never wrong.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use crate::support;
use crate::tables as writer;

use std::fs;
use std::ops::Range;
use std::path::PathBuf;

use serde_json::Value;
use statescope::state_file::sst::{SstProperties, SstReader, SstStep};
use statescope::{ParseError, ParseErrorKind};
use writer::{block, end_of_sst, footer, guarded, handle, properties, varint};

/// The properties of a file, and the ranges that were needed.
fn read(file: &[u8]) -> Result<(SstProperties, Vec<Range<u64>>), ParseError> {
    let mut ranges = Vec::new();
    let mut step = SstReader::open(u64::try_from(file.len()).unwrap())?;
    loop {
        step = match step {
            SstStep::Read(reader) => {
                ranges.push(reader.range());
                let Range { start, end } = reader.range();
                let range = usize::try_from(start).unwrap()..usize::try_from(end).unwrap();
                reader.read(&file[range])?
            }
            SstStep::Done(properties) => return Ok((*properties, ranges)),
        };
    }
}

#[track_caller]
fn refused(file: &[u8]) -> ParseErrorKind {
    read(file).expect_err("refused").kind().clone()
}

/// The odd ones, by name, with what RocksDB says of each.
fn fixtures() -> Vec<(String, Vec<u8>, Option<Value>)> {
    let directory = support::testdata().join("sst");
    let mut tables: Vec<PathBuf> = fs::read_dir(directory)
        .expect("the fixtures")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "sst"))
        .collect();
    tables.sort();
    let described = tables.into_iter().map(|path| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let truth = fs::read_to_string(path.with_extension("json")).ok();
        let truth = truth.map(|json| serde_json::from_str(&json).expect("JSON"));
        (name, fs::read(path).expect("a fixture"), truth)
    });
    described.collect()
}

fn fixture(wanted: &str) -> Vec<u8> {
    let found = fixtures().into_iter().find(|(name, ..)| name == wanted);
    found.expect("a fixture").1
}

#[test]
fn properties_equal_those_that_rocksdb_reads() {
    let mut compared = 0;
    for (name, file, truth) in fixtures() {
        let Some(truth) = truth else {
            assert_eq!(name, "plain-table");
            continue;
        };
        let (properties, _) = read(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
        let ours = serde_json::to_value(&properties).unwrap();
        for (field, value) in truth.as_object().unwrap() {
            assert_eq!(&ours[field], value, "{name}: {field}");
            compared += 1;
        }
        if let Some(version) = name.strip_prefix('v') {
            assert!(version.starts_with(&properties.format_version.to_string()));
        }
    }
    assert_eq!(compared, 9 * 16);
}

#[test]
fn every_table_of_real_jobs_names_its_state_in_one_read() {
    for path in support::sst_files() {
        if path.starts_with(support::testdata().join("sst")) {
            continue;
        }
        let name = support::short(&path);
        let file = fs::read(&path).expect("a fixture");
        let (properties, ranges) = read(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(properties.column_family_name.is_some(), "{name}");
        assert!(
            properties.num_entries.is_some_and(|entries| entries > 0),
            "{name}"
        );
        let file_size = u64::try_from(file.len()).unwrap();
        assert!(
            properties.data_size.is_some_and(|size| size < file_size),
            "{name}"
        );
        assert_eq!(ranges.len(), 1, "{name}");
    }
}

#[test]
fn properties_beyond_the_end_of_the_file_cost_one_more_read() {
    let (properties, ranges) = read(&fixture("long-name")).unwrap();
    assert_eq!(
        properties.column_family_name.map(|name| name.len()),
        Some(4200)
    );
    assert_eq!(ranges.len(), 2);
}

#[test]
fn other_tables_are_told_by_name() {
    let kind = refused(&fixture("plain-table"));
    assert!(kind.to_string().contains("plain table"), "{kind}");
    let nothing = vec![0; 100];
    assert!(matches!(refused(&nothing), ParseErrorKind::NotSst(_)));
    assert!(matches!(refused(&nothing[..40]), ParseErrorKind::NotSst(_)));
    assert_eq!(refused(&[]), ParseErrorKind::Empty);
}

#[test]
fn a_file_that_was_cut_is_refused_at_every_length() {
    for (name, file, truth) in fixtures() {
        for length in 0..file.len() {
            assert!(read(&file[..length]).is_err(), "{name} cut to {length}");
        }
        assert_eq!(read(&file).is_ok(), truth.is_some(), "{name}");
    }
}

#[test]
fn a_flipped_bit_never_changes_a_figure() {
    for (name, mut file, truth) in fixtures() {
        // Without checksums nothing can be noticed.
        if truth.is_none() || name == "v1-nochecksum" {
            continue;
        }
        let figures = |file: &[u8]| {
            let (mut properties, _) = read(file).ok()?;
            // Before version 6 nothing guards the footer, but versions 1 to 5 read the same.
            properties.format_version = 0;
            Some(properties)
        };
        let right = figures(&file);
        for at in 0..file.len() {
            let bit = 1 << (at % 8);
            file[at] ^= bit;
            let now = figures(&file);
            assert!(now.is_none() || now == right, "{name}: byte {at}");
            file[at] ^= bit;
        }
    }
}

#[test]
fn the_bytes_of_another_place_in_the_file_are_noticed() {
    // Since version 6 a block's checksum depends on where it lies.
    let moved = [&[0; 64][..], &fixture("v6-xxh3")].concat();
    assert!(matches!(
        refused(&moved),
        ParseErrorKind::ChecksumMismatch { .. }
    ));
}

#[test]
fn fewer_bytes_than_asked_for_are_refused() {
    let file = fixture("v0-crc32c");
    let SstStep::Read(reader) = SstReader::open(u64::try_from(file.len()).unwrap()).unwrap() else {
        panic!("nothing was read yet");
    };
    let error = reader.read(&file[1..]).expect_err("refused");
    assert!(matches!(error.kind(), ParseErrorKind::Truncated { .. }));
}

#[test]
fn a_table_of_any_size_is_read_by_its_end() {
    const DATA: u64 = 5 << 40;
    let end = end_of_sst(DATA, &properties("count", &[("rocksdb.data.size", DATA)]));
    let size = DATA + u64::try_from(end.len()).unwrap();
    let SstStep::Read(reader) = SstReader::open(size).unwrap() else {
        panic!("nothing was read yet");
    };
    let range = reader.range();
    assert_eq!(range, size - 4096..size);
    let zeros = 4096 - end.len();
    let SstStep::Done(properties) = reader.read(&[vec![0; zeros], end].concat()).unwrap() else {
        panic!("asks for more");
    };
    assert_eq!(properties.column_family_name.as_deref(), Some("count"));
    assert_eq!(properties.data_size, Some(DATA));
    assert_eq!(properties.num_entries, None);
}

/// A file of one metaindex and a footer.
fn with_metaindex(metaindex: &[u8], compression: u8) -> Vec<u8> {
    let metaindex = guarded(metaindex, compression);
    let handle = handle(0, &metaindex);
    [metaindex, footer(5, &handle)].concat()
}

#[test]
fn handles_that_lead_nowhere_are_refused() {
    let huge = [varint(0), varint(17 << 20)].concat();
    let far = [varint(1000), varint(1)].concat();
    let overflowing = [varint(u64::MAX), varint(1)].concat();
    let itself = [varint(3), varint(1)].concat();
    let endless = vec![0xFF; 12];
    for bad in [&huge, &far, &overflowing, &itself, &endless, &vec![]] {
        let file = with_metaindex(&block([(&b"rocksdb.properties"[..], &bad[..])]), 0);
        read(&file).expect_err("a bad handle of the properties");
    }
    for bad in [&huge, &far, &overflowing, &endless] {
        let file = [vec![0; 60], footer(5, bad)].concat();
        read(&file).expect_err("a bad handle of the metaindex");
    }
    let limit = refused(&with_metaindex(
        &block([(&b"rocksdb.properties"[..], &huge[..])]),
        0,
    ));
    assert!(matches!(limit, ParseErrorKind::LimitReached { .. }));
}

#[test]
fn what_this_build_cannot_read_is_named() {
    let empty = block([]);
    let none = refused(&with_metaindex(&empty, 0));
    assert!(none.to_string().contains("no table properties"), "{none}");
    let compressed = refused(&with_metaindex(&empty, 7));
    assert_eq!(
        compressed,
        ParseErrorKind::UnsupportedCompression("Zstandard")
    );
    let metaindex = guarded(&empty, 0);
    let handle = handle(0, &metaindex);
    let newer = [metaindex, footer(8, &handle)].concat();
    assert_eq!(refused(&newer), ParseErrorKind::UnsupportedSstVersion(8));
}

#[test]
fn blocks_that_lie_about_their_entries_are_refused() {
    let lies: [&[u8]; 6] = [
        // More restart points than bytes; no room for their number.
        &[0xFF, 0xFF, 0xFF, 0x7F],
        &[1, 0],
        // A shared key where there is none before; key and value that go on behind the end.
        &[1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0],
        &[0, 9, 0, 0, 0, 0, 0, 1, 0, 0, 0],
        &[0, 0, 9, 0, 0, 0, 0, 1, 0, 0, 0],
        &[0x80, 0x80, 0, 0, 0, 0, 1, 0, 0, 0],
    ];
    for lie in lies {
        let kind = refused(&with_metaindex(lie, 0));
        let found = matches!(
            kind,
            ParseErrorKind::CountTooLarge { .. } | ParseErrorKind::Truncated { .. }
        );
        assert!(found, "{lie:?}: {kind}");
    }
}

#[test]
fn a_number_that_is_none_is_refused_with_its_name() {
    let end = end_of_sst(0, &[("rocksdb.num.entries", vec![1, 2])]);
    let error = read(&end).expect_err("two bytes where one is a number");
    assert!(
        error.to_string().starts_with("number of entries"),
        "{error}"
    );
    assert!(error.to_string().ends_with("in properties)"), "{error}");
}
