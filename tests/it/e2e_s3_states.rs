//! `show --states` of a large incremental checkpoint on S3 reads next to nothing of it.

#![cfg(all(feature = "s3", feature = "cli", unix))]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "it is a test"
)]

use crate::program;
use crate::servers;
use crate::shapes;
use crate::tables as sst;

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use program::Program;
use serde_json::Value;
use servers::s3::{ACCESS_KEY, S3Server, SECRET_KEY};
use shapes::handles::{Incremental, IncrementalForm, KeyGroups, Stream};
use shapes::properties::Properties;
use shapes::writer::{MetadataWriter, OperatorHead};
use statescope::metadata;
use statescope::model::handle::{KeyedStateHandle, StreamStateHandle};

const SUBTASKS: u32 = 10;
const KEY_GROUPS: u32 = 128;
/// Half of them of each state.
const SSTS_OF_SUBTASK: u32 = 100;
const SSTS: u64 = 1_000;
const STATES: [&str; 2] = ["count", "per-word"];

/// What each SST says of itself.
const DATA_BYTES: u64 = 64 << 20;
const ENTRIES: u64 = 1_000_000;
const DELETIONS: u64 = 1_000;
const RAW_KEY_BYTES: u64 = 24_000_000;
const RAW_VALUE_BYTES: u64 = 80_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn the_states_of_64_gb_in_a_thousand_ssts_cost_less_than_a_thousandth_of_the_bytes() {
    let server = S3Server::start().await;
    let all_bytes = write_checkpoint(&server.bucket());
    assert!(all_bytes > SSTS * DATA_BYTES);
    let program = Program::new()
        .with("AWS_ACCESS_KEY_ID", ACCESS_KEY)
        .with("AWS_REGION", "eu-central-1")
        .with_secret("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
        .with("AWS_ENDPOINT_URL", &server.endpoint());
    server.sent().take();
    let run = program.run(&["show", "--states", "--json", "s3://flink/job/chk-7"]);
    let sent = server.sent().take();
    let data = run.data(0);

    for state in STATES {
        let figures = state_of(&data, state);
        assert_eq!(figures["entries"], SSTS / 2 * ENTRIES, "{state}");
        // What a state takes is what its files take.
        let file = DATA_BYTES + end_of_sst(state).len() as u64;
        assert_eq!(figures["bytes"], SSTS / 2 * file, "{state}");
        assert_eq!(figures["deletions"], SSTS / 2 * DELETIONS, "{state}");
        assert_eq!(figures["key_bytes"], SSTS / 2 * RAW_KEY_BYTES, "{state}");
    }
    println!("{sent} of {all_bytes} bytes were sent");
    assert!(sent > SSTS * 1_000, "the SSTs were not looked at: {sent}");
    assert!(sent < all_bytes / 1_000, "{sent} of {all_bytes}");
}

/// The figures of a state of the only operator.
fn state_of<'a>(data: &'a Value, name: &str) -> &'a Value {
    let states = data["operators"][0]["states"].as_array().expect("states");
    let found = states.iter().find(|state| state["name"] == name);
    found.unwrap_or_else(|| panic!("no state {name}: {data}"))
}

/// Writes the checkpoint below `s3://flink/job`; returns how many bytes it has.
fn write_checkpoint(bucket: &Path) -> u64 {
    let shared = bucket.join("job/shared");
    fs::create_dir_all(&shared).unwrap();
    let ends = STATES.map(end_of_sst);
    let heads = heads_of_fixture();
    let mut all_bytes = 0;

    let mut writer = MetadataWriter::new(6, 1 << 20);
    writer.body(7, 0);
    writer.count(1);
    writer.operator(&OperatorHead {
        id: [7; 16],
        name: "rich-keyed",
        uid: "",
        parallelism: SUBTASKS,
        max_parallelism: KEY_GROUPS,
        coordinator: Stream::Null,
    });
    writer.count(SUBTASKS as usize);
    for subtask in 0..SUBTASKS {
        writer.subtask(subtask);
        writer.operator_slot(false);
        writer.operator_slot(false);
        writer.incremental(&Incremental {
            form: IncrementalForm::V2,
            checkpoint_id: 7,
            backend_id: &format!("00000000-0000-0000-0000-{subtask:012}"),
            key_groups: key_groups(subtask),
            checkpointed_size: 0,
            meta: Stream::Inline {
                name: "meta",
                data: &heads,
            },
        });
        writer.count(SSTS_OF_SUBTASK as usize);
        for number in 0..SSTS_OF_SUBTASK {
            let name = format!("{subtask:08}-0000-0000-0000-{number:012}");
            let end = &ends[number as usize % STATES.len()];
            let size = write_sparse(&shared.join(&name), end);
            write_tag(bucket, &format!("job/shared/{name}"));
            all_bytes += size;
            let path = format!("s3://flink/job/shared/{name}");
            let handle = Stream::File { path: &path, size };
            writer.local_file(&format!("{number:06}.sst"), &handle);
        }
        // One of the files that are no SSTs.
        writer.count(1);
        let current = Stream::Inline {
            name: "current",
            data: b"MANIFEST-000005\n",
        };
        writer.local_file("CURRENT", &current);
        writer.incremental_end(IncrementalForm::V2, &format!("handle-{subtask}"));
        writer.no_keyed();
        writer.no_channels();
    }
    writer.properties(Properties::Checkpoint);
    let metadata = writer.into_bytes();
    let directory = bucket.join("job/chk-7");
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join("_metadata"), &metadata).unwrap();
    all_bytes + metadata.len() as u64
}

fn key_groups(subtask: u32) -> KeyGroups {
    let start = (subtask * KEY_GROUPS).div_ceil(SUBTASKS);
    let last = ((subtask + 1) * KEY_GROUPS - 1) / SUBTASKS;
    KeyGroups {
        start,
        count: last + 1 - start,
    }
}

/// A file of which only the end takes space on disk; returns its size.
fn write_sparse(path: &Path, end: &[u8]) -> u64 {
    let size = DATA_BYTES + end.len() as u64;
    let file = File::create(path).unwrap();
    file.set_len(size).unwrap();
    file.write_all_at(end, DATA_BYTES).unwrap();
    size
}

/// Notes an object's ETag where the server looks for it: else it reads all of an object for each
/// request to make one.
fn write_tag(bucket: &Path, key: &str) {
    let name = bucket.file_name().unwrap().to_str().unwrap();
    let (name, key) = (base64(name.as_bytes()), base64(key.as_bytes()));
    let file = format!(".bucket-{name}.object-{key}.internal.json");
    let tag = br#"{"e_tag":"00000000000000000000000000000000"}"#;
    fs::write(bucket.parent().unwrap().join(file), tag).unwrap();
}

/// Base64 for URLs, without padding.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let at = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for digit in 0..=group.len() {
            let value = bits >> (18 - 6 * digit) & 0x3F;
            text.push(DIGITS[value as usize] as char);
        }
    }
    text
}

fn end_of_sst(state: &str) -> Vec<u8> {
    let properties = sst::properties(
        state,
        &[
            ("rocksdb.data.size", DATA_BYTES),
            ("rocksdb.index.size", 0),
            ("rocksdb.filter.size", 0),
            ("rocksdb.raw.key.size", RAW_KEY_BYTES),
            ("rocksdb.raw.value.size", RAW_VALUE_BYTES),
            ("rocksdb.num.entries", ENTRIES),
            ("rocksdb.deleted.keys", DELETIONS),
            ("rocksdb.merge.operands", 0),
            ("rocksdb.num.range-deletions", 0),
            ("rocksdb.num.data.blocks", DATA_BYTES / 4096),
        ],
    );
    sst::end_of_sst(DATA_BYTES, &properties)
}

/// The names and serializers of the states, as Flink wrote them for the same states.
fn heads_of_fixture() -> Vec<u8> {
    let fixture = fixture_metadata();
    let bytes = fs::read(&fixture).unwrap();
    let parsed = metadata::parse(&bytes).unwrap();
    let operators = parsed.metadata.operator_states.iter();
    let subtasks = operators.flat_map(|operator| &operator.subtasks);
    let mut heads =
        subtasks.filter_map(|subtask| match subtask.state()?.managed_keyed.as_deref()? {
            KeyedStateHandle::Incremental(handle) => match &handle.meta {
                StreamStateHandle::ByteStream(head) => Some(head.data().to_vec()),
                _ => None,
            },
            _ => None,
        });
    let head = heads
        .next()
        .expect("an incremental handle with its head inside");
    for state in STATES {
        let name = state.as_bytes();
        assert!(head.windows(name.len()).any(|part| part == name), "{state}");
    }
    head
}

fn fixture_metadata() -> PathBuf {
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("testdata/flink-2.3.0/checkpoint-rocksdb-incremental-inline");
    let job = fs::read_dir(scenario).unwrap().next().unwrap().unwrap();
    job.path().join("chk-2/_metadata")
}
