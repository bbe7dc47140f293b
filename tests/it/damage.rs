//! Damaged and hostile files: always an error or an honest answer, in bounded time and memory.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use crate::support;

use std::fs;

use statescope::health::sanity::validate;
use statescope::metadata::{self, MetadataParser, ParsedMetadata};
use statescope::snapshot::references::Base;
use statescope::snapshot::summary::{Detail, summarize};
use statescope::{Limits, ParseError, ParseErrorKind};

/// Larger fixtures have no other structures than the smaller ones.
const FLIPPED_MAX: usize = 16 * 1024;

#[test]
fn a_fixture_cut_at_any_byte_is_an_error_within_what_is_left() {
    for file in support::metadata_files_of_scenarios() {
        let bytes = fs::read(&file).expect("a fixture");
        for length in 0..bytes.len() {
            let name = format!("{} cut to {length} bytes", support::short(&file));
            let error = match metadata::parse(&bytes[..length]) {
                Err(error) => error,
                Ok(_) => panic!("{name} was read without an error"),
            };
            let length = u64::try_from(length).expect("a length");
            assert!(error.offset() <= length, "{name}: {error}");
            let says_so = matches!(
                error.kind(),
                ParseErrorKind::Empty
                    | ParseErrorKind::Truncated { .. }
                    | ParseErrorKind::CountTooLarge { .. }
            );
            // The layouts that version 3 may have go wrong in their own ways.
            let is_version_3 = bytes[7] == 3;
            assert!(says_so || is_version_3, "{name}: {error}");
        }
    }
}

#[test]
fn a_fixture_with_any_byte_flipped_gives_an_answer() {
    // One of each version and of each way to keep state is enough: flips are many.
    let interesting = [
        "synthetic/",
        "unaligned",
        "changelog-memory",
        "file-merging-rocksdb",
    ];
    let files = support::metadata_files_of_scenarios()
        .into_iter()
        .filter(|file| {
            let name = support::short(file);
            interesting.iter().any(|part| name.contains(part))
        });
    let mut flips = 0;
    for file in files {
        let mut bytes = fs::read(&file).expect("a fixture");
        if bytes.len() > FLIPPED_MAX {
            continue;
        }
        for at in 0..bytes.len() {
            let original = bytes[at];
            // Small and large changes, the sign bit among them.
            bytes[at] ^= [0x01, 0x80, 0xFF][at % 3];
            if let Ok(parsed) = metadata::parse(&bytes) {
                use_everything(&parsed, bytes.len());
            }
            bytes[at] = original;
            flips += 1;
        }
    }
    assert!(flips > 50_000, "only {flips} flips were tried");
}

/// Everything that is computed from a file must cope with what the grammar lets through.
fn use_everything(parsed: &ParsedMetadata<'_>, length: usize) {
    let length = u64::try_from(length).expect("a length");
    let findings = validate(parsed);
    assert!(findings.iter().all(|finding| !finding.message().is_empty()));
    summarize(parsed, "", length, &Base::default(), Detail::Handles);
}

/// Magic, version, checkpoint id, no master states, `operators`: 24 bytes.
fn header_with_operator_count(version: u8, operators: i32) -> Vec<u8> {
    let mut bytes = vec![0x49, 0x60, 0x67, 0x2D, 0, 0, 0, version];
    bytes.extend(1_i64.to_be_bytes());
    bytes.extend(0_i32.to_be_bytes());
    bytes.extend(operators.to_be_bytes());
    assert_eq!(bytes.len(), 24);
    bytes
}

fn error_of(bytes: &[u8]) -> ParseError {
    metadata::parse(bytes).expect_err("an error")
}

#[test]
fn an_operator_count_that_the_file_cannot_hold_is_refused_before_anything_is_allocated() {
    for version in 2..=6 {
        let error = error_of(&header_with_operator_count(version, i32::MAX));
        assert!(
            matches!(error.kind(), ParseErrorKind::CountTooLarge { .. }),
            "{error}"
        );
        assert_eq!(error.offset(), 20);

        let error = error_of(&header_with_operator_count(version, -1));
        assert_eq!(error.kind(), &ParseErrorKind::NegativeCount(-1));
        assert_eq!(error.offset(), 20);
        assert_eq!(error.to_string().lines().count(), 1);
    }
}

#[test]
fn other_versions_are_named() {
    for (version, words) in [
        (0, "metadata version 0 is from Flink 1.1"),
        (1, "metadata version 1 is from Flink 1.2"),
        (
            8,
            "metadata version 8 is not known: written by a newer Flink, or damaged; this build \
             reads 2 to 7",
        ),
    ] {
        let error = error_of(&header_with_operator_count(version, 0));
        assert!(matches!(
            error.kind(),
            ParseErrorKind::UnsupportedVersion { .. }
        ));
        assert!(error.to_string().starts_with(words), "{error}");
        assert_eq!(error.offset(), 4);
    }
}

#[test]
fn files_that_are_something_else_are_told_apart() {
    for (bytes, words) in [
        (&b"state.backend: rocksdb\n"[..], "it is a text file"),
        (&[0xAC, 0xED, 0, 5, 0x73], "Java object stream"),
        (&[0; 100], "starts with zeros"),
        (&[0x1F, 0x8B, 8, 0], "gzip"),
        (&[0xFF, 0xD8, 0xFF, 0xE0], "other bytes"),
    ] {
        let error = error_of(bytes);
        assert!(
            matches!(error.kind(), ParseErrorKind::NotMetadata(_)),
            "{error}"
        );
        assert!(error.to_string().contains(words), "{error}");
    }
    assert_eq!(error_of(&[]).kind(), &ParseErrorKind::Empty);
    let only_magic = error_of(&[0x49, 0x60, 0x67]);
    assert!(
        matches!(only_magic.kind(), ParseErrorKind::Truncated { .. }),
        "{only_magic}"
    );
}

#[test]
fn bytes_behind_the_end_are_counted_and_an_error_only_when_strict() {
    for file in support::metadata_files() {
        let mut bytes = fs::read(&file).expect("a fixture");
        let length = u64::try_from(bytes.len()).expect("a length");
        bytes.extend([0xAB; 5]);
        let name = support::short(&file);
        let parsed = metadata::parse(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(parsed.trailing_bytes, 5, "{name}");
        let codes: Vec<_> = validate(&parsed).iter().map(|f| f.kind.code()).collect();
        assert!(codes.contains(&"trailing-bytes"), "{name}: {codes:?}");

        let strict = MetadataParser::default().strict(true);
        let error = strict.parse(&bytes).expect_err("an error");
        assert_eq!(error.kind(), &ParseErrorKind::TrailingBytes(5), "{name}");
        assert_eq!(error.offset(), length, "{name}");
    }
}

/// Version 3, one operator with one subtask, whose managed keyed state is `keyed`.
fn with_keyed_state(keyed: &[u8]) -> Vec<u8> {
    let mut bytes = header_with_operator_count(3, 1);
    bytes.extend([7; 16]);
    bytes.extend(1_i32.to_be_bytes());
    bytes.extend(128_i32.to_be_bytes());
    bytes.push(0);
    bytes.extend(1_i32.to_be_bytes());
    bytes.extend(0_i32.to_be_bytes());
    bytes.extend([0; 8]);
    bytes.extend(keyed);
    bytes
}

#[test]
fn handles_nested_beyond_the_limit_are_refused() {
    // Key groups whose stream is key groups, and changelogs that hold changelogs.
    let key_groups = [3, 0, 0, 0, 0, 0, 0, 0, 0].repeat(100_000);
    let changelog = [
        &[14_u8, 0, 0, 0, 0, 0, 0, 0, 1][..],
        &[0; 8],
        &1_i32.to_be_bytes(),
    ]
    .concat()
    .repeat(100_000);
    for bomb in [key_groups, changelog] {
        let error = error_of(&with_keyed_state(&bomb));
        let expected = ParseErrorKind::LimitReached {
            what: "state handles inside each other",
            limit: u64::from(Limits::default().nesting),
        };
        assert_eq!(error.kind(), &expected, "{error}");
    }
}

#[test]
fn an_unknown_handle_is_named_with_its_place() {
    let error = error_of(&with_keyed_state(&[18]));
    assert_eq!(error.kind(), &ParseErrorKind::UnknownTag { tag: 18 });
    assert_eq!(error.offset(), 65);
    let path: Vec<_> = error.path().map(ToString::to_string).collect();
    let operator = format!("operator 0 ({})", "07".repeat(16));
    assert_eq!(path, [&operator, "subtask 0", "managed keyed state"]);
    assert_eq!(
        error.to_string(),
        format!(
            "keyed state handle unknown tag 18: damaged, or written by a Flink newer than this \
             build knows (byte 65 = 0x41, in {operator} > subtask 0 > managed keyed state)"
        )
    );
}

#[test]
fn a_class_of_the_properties_that_java_would_refuse_is_refused() {
    let file = support::testdata().join("synthetic/v4-flink1.20.5/_metadata");
    let original = fs::read(file).expect("a fixture");
    assert!(metadata::parse(&original).is_ok());
    for class in [
        "runtime.checkpoint.CheckpointProperties",
        "runtime.checkpoint.SavepointType",
        "runtime.checkpoint.CheckpointType",
        "core.execution.SavepointFormatType",
        "SavepointType$PostCheckpointAction",
        "java.lang.Enum",
    ] {
        // Behind the name come eight bytes of serialVersionUID and the flags.
        let Some(at) = last_position(&original, class.as_bytes()) else {
            continue;
        };
        for damaged in [at + class.len() + 7, at + class.len() + 8] {
            let mut bytes = original.clone();
            bytes[damaged] ^= 0x10;
            let error = metadata::parse(&bytes).expect_err(class);
            assert!(
                error.to_string().contains("checkpoint properties"),
                "{class}: {error}"
            );
        }
    }
    let savepoint = last_position(&original, b"runtime.checkpoint.SavepointType");
    let checkpoint = last_position(&original, b"runtime.checkpoint.CheckpointType");
    assert!(savepoint.is_some() || checkpoint.is_some());
}

fn last_position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .rposition(|window| window == wanted)
}

#[test]
fn an_operator_handle_that_is_announced_must_follow() {
    let mut bytes = header_with_operator_count(3, 1);
    bytes.extend([7; 16]);
    bytes.extend(1_i32.to_be_bytes());
    bytes.extend(128_i32.to_be_bytes());
    bytes.push(0);
    bytes.extend(1_i32.to_be_bytes());
    bytes.extend(0_i32.to_be_bytes());
    // "A handle follows", and then none.
    bytes.extend(1_i32.to_be_bytes());
    bytes.push(0);
    bytes.extend([0; 32]);
    assert_eq!(error_of(&bytes).kind(), &ParseErrorKind::MissingHandle);
}

#[test]
fn changelog_numbers_that_flink_refuses_are_refused() {
    let increment = |from: i64, key_group: i32| {
        let mut keyed = vec![9];
        keyed.extend(0_i32.to_be_bytes());
        keyed.extend(1_i32.to_be_bytes());
        keyed.extend(from.to_be_bytes());
        keyed.extend(7_i64.to_be_bytes());
        keyed.extend(1_i32.to_be_bytes());
        keyed.extend(key_group.to_be_bytes());
        keyed.extend(0_i32.to_be_bytes());
        keyed.extend([0; 64]);
        with_keyed_state(&keyed)
    };
    for (bytes, words) in [
        (increment(-1, 0), "first sequence number -1 is negative"),
        (increment(0, -2), "key group -2 is no key group"),
    ] {
        let error = error_of(&bytes);
        assert!(error.to_string().starts_with(words), "{error}");
    }
}
