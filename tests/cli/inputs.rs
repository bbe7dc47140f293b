//! The files below `tests/cli/data`: small, and as a job would write them, so that golden files
//! stay readable. `STATESCOPE_BLESS=1 cargo test --test it cli::` writes them again.
#![allow(unreachable_pub, reason = "included by a test file")]

use std::fs;
use std::path::{Path, PathBuf};

use statescope::model::checkpoint::OperatorId;

use crate::shapes::handles::{
    Channel, Direction, Incremental, IncrementalForm, KeyGroups, KeyGroupsForm, Mode, NamedState,
    Stream,
};
use crate::shapes::properties::{Format, PostAction, Properties};
use crate::shapes::writer::{MetadataWriter, OperatorHead};

/// Names that nobody gives in good faith.
pub const HOSTILE: [&str; 6] = [
    "=1+1",
    "\u{1b}[31mred\u{7}|pipe",
    "<script>alert('x')</script>\n| a | b |",
    "@SUM(A1:A9)\u{202e}`code`\\",
    "-2+3\r\u{8}overwritten",
    "[link](http://x) **bold** &amp; \u{200b}",
];
/// A state name that only the words on stderr mention.
pub const HOSTILE_STATE: &str = "\u{1b}]0;title\u{7}state";

/// Every file, by its path below `tests/cli/data`.
pub fn all() -> Vec<(&'static str, Vec<u8>)> {
    let orders = orders();
    let cut = orders.len() / 2;
    vec![
        ("trailing/_metadata", [&orders[..], b"\0\0\0\0\0"].concat()),
        ("truncated/_metadata", orders[..cut].to_vec()),
        ("orders/_metadata", orders),
        ("savepoint/_metadata", savepoint()),
        ("regional/_metadata", regional()),
        ("refused/_metadata", refused()),
        ("hostile/_metadata", hostile()),
        ("empty/_metadata", Vec::new()),
        ("text/_metadata", b"state.backend.type: rocksdb\n".to_vec()),
        ("version-1/_metadata", header_only(1)),
        ("version-8/_metadata", header_only(8)),
        ("version-99/_metadata", header_only(99)),
        ("no-metadata/leftover", b"state without metadata\n".to_vec()),
    ]
}

pub fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/data")
}

/// Writes the files if asked to; else they must be what is written here.
pub fn are_on_disk() {
    let bless = std::env::var_os("STATESCOPE_BLESS").is_some();
    for (name, bytes) in all() {
        let path = directory().join(name);
        if bless {
            fs::create_dir_all(path.parent().expect("a directory")).expect("a directory");
            fs::write(&path, &bytes).expect("a file");
        }
        let on_disk = fs::read(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(
            on_disk == bytes,
            "{name} is not what the test writes: set STATESCOPE_BLESS=1"
        );
    }
}

fn id(text: &str) -> [u8; 16] {
    *text.parse::<OperatorId>().expect("an id").as_bytes()
}

/// An operator whose id is the hash of its uid.
fn with_uid<'a>(name: &'a str, uid: &'a str, parallelism: u32) -> OperatorHead<'a> {
    OperatorHead {
        id: *OperatorId::of_uid(uid).as_bytes(),
        name,
        uid,
        parallelism,
        max_parallelism: 128,
        coordinator: Stream::Null,
    }
}

/// An incremental checkpoint of version 6 with every sort of thing that a job of today has.
fn orders() -> Vec<u8> {
    let mut writer = MetadataWriter::new(6, 4096);
    writer.body(42, 1);
    writer.master_state(1, "ledger-hook", b"ledger=17");
    writer.count(5);
    source(&mut writer);
    totals(&mut writer);
    window(&mut writer);
    let without_uid = OperatorHead {
        id: id("0a1b2c3d4e5f60718293a4b5c6d7e8f9"),
        uid: "",
        ..with_uid("Map", "", 2)
    };
    writer.operator(&without_uid);
    writer.count(2);
    writer.stateless_subtask(1);
    writer.stateless_subtask(0);
    writer.operator(&with_uid("Sink: bills", "sink", 1));
    writer.fully_finished();
    writer.properties(Properties::Checkpoint);
    writer.into_bytes()
}

fn source(writer: &mut MetadataWriter) {
    writer.operator(&OperatorHead {
        coordinator: Stream::Inline {
            name: "5712e5a8bfbfa8943a95ff796efbcfa9",
            data: &[7; 48],
        },
        ..with_uid("Source: orders", "my-source", 2)
    });
    writer.count(2);
    for (index, path) in [(0, "0c7f"), (1, "91d2")] {
        writer.subtask(index);
        writer.operator_slot(true);
        let states = [
            NamedState {
                name: "SourceReaderState",
                mode: Mode::Split,
                offsets: &[61, 90],
            },
            NamedState {
                name: "rules",
                mode: Mode::Broadcast,
                offsets: &[100],
            },
        ];
        writer.partitionable(&states, &Stream::Relative { path, size: 1500 });
        writer.operator_slot(false);
        writer.no_keyed();
        writer.no_keyed();
        writer.no_channels();
    }
}

/// Three RocksDB subtasks, the last with most of the state.
fn totals(writer: &mut MetadataWriter) {
    const SHARED: &str = "s3://prod/checkpoints/9d5c/shared";
    writer.operator(&with_uid("Running totals", "my-keyed", 3));
    writer.count(3);
    for (index, start, count, sst_bytes) in [
        (0, 0, 43, 3_500_000),
        (1, 43, 43, 4_100_000),
        (2, 86, 42, 48_000_000),
    ] {
        writer.subtask(index);
        writer.operator_slot(false);
        writer.operator_slot(false);
        writer.incremental(&Incremental {
            form: IncrementalForm::V2,
            checkpoint_id: 42,
            backend_id: "3f0f7e4e-9d51-4a1c-8a52-0f6a3d1c7b10",
            key_groups: KeyGroups { start, count },
            checkpointed_size: sst_bytes / 10,
            meta: Stream::Inline {
                name: "meta",
                data: &[1; 300],
            },
        });
        let old = format!("{SHARED}/old-{index}");
        let new = format!("{SHARED}/new-{index}");
        writer.count(2);
        writer.local_file(
            "000008.sst",
            &Stream::File {
                path: &old,
                size: sst_bytes,
            },
        );
        writer.local_file(
            "000012.sst",
            &Stream::File {
                path: &new,
                size: sst_bytes / 10,
            },
        );
        writer.count(2);
        writer.local_file(
            "CURRENT",
            &Stream::Inline {
                name: "current",
                data: &[2; 16],
            },
        );
        let manifest = format!("{SHARED}/manifest-{index}");
        writer.local_file(
            "MANIFEST-000004",
            &Stream::File {
                path: &manifest,
                size: 600,
            },
        );
        writer.incremental_end(IncrementalForm::V2, "6c1d2e3f-0000-4000-8000-00000000000a");
        writer.no_keyed();
        writer.no_channels();
    }
}

/// Heap state; subtask 0 has finished, subtask 1 has data in flight.
fn window(writer: &mut MetadataWriter) {
    writer.operator(&with_uid("Daily window", "win", 2));
    writer.count(2);
    writer.finished_subtask(0);
    writer.subtask(1);
    writer.operator_slot(false);
    writer.operator_slot(false);
    let offsets: Vec<i64> = (0..64).map(|key_group| 200 + 10 * key_group).collect();
    let stream = Stream::Relative {
        path: "77aa",
        size: 20_480,
    };
    let handle_id = "6c1d2e3f-0000-4000-8000-00000000000b";
    writer.key_groups_handle(KeyGroupsForm::V2, 64, &offsets, &stream, handle_id);
    writer.no_keyed();
    let in_flight = Stream::Relative {
        path: "c4a1",
        size: 70_000,
    };
    let channel = |inner, offsets| Channel {
        indexes: (0, inner),
        offsets,
        size: 32_768,
    };
    writer.count(1);
    let channels = [channel(0, &[0][..]), channel(1, &[32_768][..])];
    writer.merged_channels(Direction::Input, 1, &channels, &in_flight);
    writer.count(0);
}

/// A checkpoint of version 7: two of three subtasks failed to take part in it, so their state is that
/// of checkpoints before. One names its files beside others that are its own.
fn regional() -> Vec<u8> {
    const JOB: &str = "s3://prod/checkpoints/9d5c";
    let mut writer = MetadataWriter::new(7, 2048);
    writer.body(42, 0);
    writer.count(1);
    writer.operator(&with_uid("Running totals", "my-keyed", 3));
    writer.count(3);
    for (index, start, count, origin) in [
        (0, 0, 43, None),
        (1, 43, 43, Some(41)),
        (2, 86, 42, Some(40)),
    ] {
        writer.subtask(index);
        writer.operator_slot(false);
        writer.operator_slot(false);
        writer.incremental(&Incremental {
            form: IncrementalForm::V2,
            checkpoint_id: origin.unwrap_or(42),
            backend_id: "3f0f7e4e-9d51-4a1c-8a52-0f6a3d1c7b10",
            key_groups: KeyGroups { start, count },
            checkpointed_size: 2_000,
            meta: Stream::Inline {
                name: "meta",
                data: &[1; 300],
            },
        });
        let shared = format!("{JOB}/shared/table-{index}");
        writer.count(1);
        let table = Stream::File {
            path: &shared,
            size: 40_000,
        };
        writer.local_file("000008.sst", &table);
        writer.count(1);
        let earlier = format!("{JOB}/chk-{}/manifest", origin.unwrap_or(42));
        let manifest = match origin {
            Some(_) => Stream::File {
                path: &earlier,
                size: 600,
            },
            None => Stream::Relative {
                path: "manifest",
                size: 600,
            },
        };
        writer.local_file("MANIFEST-000004", &manifest);
        writer.incremental_end(IncrementalForm::V2, "6c1d2e3f-0000-4000-8000-00000000000a");
        writer.no_keyed();
        writer.no_channel_lists();
        writer.end_subtask(origin);
    }
    writer.properties(Properties::Checkpoint);
    writer.into_bytes()
}

/// A canonical savepoint that drained the job.
fn savepoint() -> Vec<u8> {
    let mut writer = MetadataWriter::new(4, 1024);
    writer.body(7, 0);
    writer.count(1);
    writer.operator(&with_uid("", "my-keyed", 1));
    writer.count(1);
    writer.subtask(0);
    writer.operator_slot(false);
    writer.operator_slot(false);
    let offsets = [0; 128];
    let stream = Stream::Relative {
        path: "e8b2",
        size: 9000,
    };
    writer.key_groups_handle(KeyGroupsForm::Savepoint, 0, &offsets, &stream, "");
    writer.no_keyed();
    writer.no_channels();
    writer.properties(Properties::Savepoint(
        Format::Canonical,
        PostAction::Terminate,
    ));
    writer.into_bytes()
}

/// A subtask that the parallelism has no room for.
fn refused() -> Vec<u8> {
    let mut writer = MetadataWriter::new(5, 1024);
    writer.body(3, 0);
    writer.count(1);
    writer.operator(&with_uid("Sink: bills", "sink", 1));
    writer.count(1);
    writer.stateless_subtask(5);
    writer.properties(Properties::Null);
    writer.into_bytes()
}

/// Names and paths that attack whatever shows them.
fn hostile() -> Vec<u8> {
    let mut writer = MetadataWriter::new(5, 2048);
    writer.body(1, 1);
    writer.master_state(1, "\u{1b}[2Jhook", b"");
    writer.count(HOSTILE.len());
    for (index, text) in HOSTILE.into_iter().enumerate() {
        // One half as uids, one half as names.
        let (name, uid) = if index % 2 == 0 {
            ("", text)
        } else {
            (text, "")
        };
        let mut operator = with_uid(name, uid, 1);
        operator.id = *OperatorId::of_uid(text).as_bytes();
        writer.operator(&operator);
        writer.count(1);
        writer.subtask(0);
        writer.operator_slot(true);
        let states = [NamedState {
            name: HOSTILE_STATE,
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
    writer.properties(Properties::Null);
    writer.into_bytes()
}

/// Magic and version, and nothing that a reader of another version could use.
fn header_only(version: u32) -> Vec<u8> {
    let mut writer = MetadataWriter::new(version, 24);
    writer.body(1, 0);
    writer.count(0);
    writer.into_bytes()
}
