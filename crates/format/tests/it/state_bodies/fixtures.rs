//! Streams that real releases of Flink wrote.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use statescope::metadata;
use statescope::model::checkpoint::StateSlot;
use statescope::model::handle::{
    DistributionMode, KeyGroupsKind, KeyGroupsStateHandle, KeyedStateHandle, StreamStateHandle,
};
use statescope::state_file::body::{
    CanonicalBody, ChangeCounts, ChangeSetBody, EntryCounts, HeapBody, KeyGroupLayout, KeyedBody,
    KeyedBodyProbe, KeyedFormat, MetadataChange, Skipper, broadcast_entries, count_changes,
    operator_states,
};

use super::support::{metadata_files, short, testdata};

/// Every keyed state of the fixtures' job. A state's number is its place in the head, which is
/// found by the names in it: reading heads is not what is tested here.
const KEYED_STATES: [&str; 14] = [
    "count",
    "per-word",
    "profile",
    "état 😀",
    "opaque",
    "recent",
    "highest",
    "average",
    "window-contents",
    "fired",
    "_timer_state/event_user-timers",
    "_timer_state/processing_user-timers",
    "_timer_state/event_window-timers",
    "_timer_state/processing_window-timers",
];

/// A stream of keyed state and what is needed to read it.
struct Stream {
    name: String,
    head: Vec<String>,
    bytes: Vec<u8>,
    compressed: bool,
    max_parallelism: u32,
}

impl Stream {
    fn new(name: String, bytes: Vec<u8>, first: usize, max_parallelism: u32) -> Self {
        let head = &bytes[..first];
        assert_eq!(head[..4], [0, 0, 0, 6], "{name}: a keyed head");
        Self {
            head: names_in(head),
            compressed: head[4] != 0,
            name,
            bytes,
            max_parallelism,
        }
    }

    fn format(&self) -> KeyedFormat {
        KeyedFormat {
            states: u16::try_from(self.head.len()).unwrap(),
            compressed: self.compressed,
            max_parallelism: self.max_parallelism,
        }
    }
}

/// The known names in a head, in their order.
fn names_in(head: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for name in KEYED_STATES {
        let wire = utf(name);
        for at in 0..head.len().saturating_sub(wire.len()) {
            let behind = &head[at + wire.len()..];
            // The type follows: KEY_VALUE or PRIORITY_QUEUE.
            if head[at..].starts_with(&wire)
                && behind.len() > 8
                && behind[..3] == [0; 3]
                && [0, 3, 4].contains(&behind[3])
                && behind[4..7] == [0; 3]
            {
                found.push((at, name.to_owned()));
            }
        }
    }
    found.sort();
    found.into_iter().map(|(_, name)| name).collect()
}

/// `writeUTF`, for characters beyond the basic plane, too.
fn utf(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    for unit in text.encode_utf16() {
        match unit {
            1..=0x7F => bytes.push(unit as u8),
            0x80..=0x7FF => bytes.extend([0xC0 | (unit >> 6) as u8, 0x80 | (unit & 0x3F) as u8]),
            _ => bytes.extend([
                0xE0 | (unit >> 12) as u8,
                0x80 | (unit >> 6 & 0x3F) as u8,
                0x80 | (unit & 0x3F) as u8,
            ]),
        }
    }
    let mut wire = u16::try_from(bytes.len()).unwrap().to_be_bytes().to_vec();
    wire.extend(bytes);
    wire
}

fn read(handle: &StreamStateHandle<'_>, metadata: &Path) -> Option<Vec<u8>> {
    let in_file = |path: PathBuf| fs::read(path).ok();
    match handle.physical() {
        StreamStateHandle::ByteStream(bytes) => Some(bytes.data().to_vec()),
        StreamStateHandle::Relative { path, .. } => {
            in_file(metadata.with_file_name(&*path.to_str()))
        }
        StreamStateHandle::File { path, .. } => in_file(local(&path.to_str(), metadata)),
        StreamStateHandle::Segment(segment) => {
            let file = in_file(local(&segment.path.to_str(), metadata))?;
            let start = usize::try_from(segment.start).unwrap();
            let size = usize::try_from(segment.size.bytes()?).unwrap();
            Some(file[start..start + size].to_vec())
        }
        StreamStateHandle::EmptySegment => Some(Vec::new()),
        StreamStateHandle::KeyGroups(_) => unreachable!("looked through"),
    }
}

/// Where a file that Flink named lies in the fixtures.
fn local(path: &str, metadata: &Path) -> PathBuf {
    let below = metadata.strip_prefix(testdata()).unwrap();
    let scenario: PathBuf = below.iter().take(2).collect();
    let rest = path.trim_start_matches("file:/data/flink/");
    let rest = match rest.split_once('/') {
        Some(("changelog", _)) => rest,
        Some((_, rest)) => rest,
        None => rest,
    };
    testdata().join(scenario).join(rest)
}

/// Snapshots of the job whose states these tests know by heart; tests/state_truth.rs has the others.
fn files_of_the_job() -> impl Iterator<Item = PathBuf> {
    let others = ["synthetic", "restore", "/types-", "/table-"];
    let files = metadata_files().into_iter();
    files.filter(move |file| !others.iter().any(|other| short(file).contains(other)))
}

/// All key-group handles of managed keyed state, with their streams; `None` where the fixtures
/// do not have the file.
fn keyed_streams(wanted: KeyGroupsKind, mut check: impl FnMut(&KeyGroupsStateHandle<'_>, Stream)) {
    for file in files_of_the_job() {
        let bytes = fs::read(&file).unwrap();
        let parsed = metadata::parse(&bytes).unwrap();
        for operator in &parsed.metadata.operator_states {
            for subtask in &operator.subtasks {
                let index = subtask.index;
                for (slot, keyed) in subtask
                    .state()
                    .into_iter()
                    .flat_map(|state| state.keyed_states())
                {
                    let KeyedStateHandle::KeyGroups(handle) = keyed else {
                        continue;
                    };
                    if slot != StateSlot::ManagedKeyed || handle.kind != wanted {
                        continue;
                    }
                    let Some(stream) = read(&handle.stream, &file) else {
                        continue;
                    };
                    let used = handle.offsets.iter().filter(|offset| *offset != 0);
                    let Some(first) = used.min() else { continue };
                    let first = usize::try_from(first).unwrap();
                    let name = format!("{} {index}", short(&file));
                    let max = operator.max_parallelism;
                    check(handle, Stream::new(name, stream, first, max));
                }
            }
        }
    }
}

fn layout<'a>(handle: &KeyGroupsStateHandle<'a>, stream: &Stream) -> KeyGroupLayout<'a> {
    KeyGroupLayout {
        key_groups: handle.key_groups,
        offsets: handle.offsets,
        length: Some(stream.bytes.len() as u64),
    }
}

/// Reads a canonical stream to its last byte.
fn count_canonical(handle: &KeyGroupsStateHandle<'_>, stream: &Stream) {
    let mut body = CanonicalBody::new(layout(handle, stream), stream.format()).unwrap();
    let first = usize::try_from(body.position().unwrap()).unwrap();
    // A number in front of each state, and the end.
    let (mut stored, mut numbers) = (0, 0);
    body.push(&stream.bytes[first..], |group| {
        assert!(!group.states.is_empty());
        stored += group.stored_bytes;
        numbers += 2 * (group.states.len() as u64 + 1);
    })
    .unwrap_or_else(|error| panic!("{}: {error}", stream.name));
    let counts = body.finish(drop).unwrap();
    assert_eq!(stored, (stream.bytes.len() - first) as u64);
    let records: u64 = counts.iter().map(EntryCounts::bytes).sum();
    assert_eq!(records + numbers, stored, "{}", stream.name);
    for (name, counts) in stream.head.iter().zip(&counts) {
        let timers = name.starts_with("_timer_state/");
        assert!(!timers || counts.value_bytes == 0, "timers have no value");
        assert!(counts.entries > 0 || timers || name == "fired", "{name}");
    }
}

#[test]
fn canonical_savepoints_of_all_releases_are_counted_to_the_last_byte() {
    let mut streams = 0;
    keyed_streams(KeyGroupsKind::Savepoint, |handle, stream| {
        streams += 1;
        count_canonical(handle, &stream);
    });
    assert!(streams > 50, "{streams}");
}

/// Namespace, key and value of the job's states; Kryo's layout is not known.
fn heap_layout(name: &str, max_parallelism: u32) -> Option<Skipper> {
    use Skipper::{Fixed, List, Pojo, Sequence, Text};
    let pojo = |fields| Pojo {
        fields,
        subclasses: Vec::new(),
    };
    let event = || pojo(vec![Fixed(8), Fixed(8), Fixed(8), Text]);
    // VoidNamespace and a long key, or TimeWindow and the same.
    let of_key = |value| Sequence(vec![Fixed(1), Fixed(8), value]);
    let of_window = |value| Sequence(vec![Fixed(16), Fixed(8), value]);
    Some(match name {
        "count" | "highest" | "fired" => of_key(Fixed(8)),
        "per-word" => of_key(Skipper::map(Text, Fixed(8))),
        "profile" => of_key(pojo(vec![Fixed(1), Text, Fixed(8), Fixed(4)])),
        "état 😀" => of_key(Skipper::with_time_to_live(Text)),
        "recent" => of_key(List(Box::new(Text))),
        "average" => of_key(Sequence(vec![Fixed(8), Fixed(8)])),
        // `window-reduce` keeps one event, `window-process` all of them.
        "window-contents" if max_parallelism == 64 => of_window(event()),
        "window-contents" => of_window(List(Box::new(event()))),
        name if name.ends_with("user-timers") => Skipper::timer(Fixed(8), Fixed(1)),
        name if name.ends_with("window-timers") => Skipper::timer(Fixed(8), Fixed(16)),
        _ => return None,
    })
}

#[test]
fn checkpoints_of_all_releases_are_told_apart_and_counted() {
    let (mut canonical, mut whole, mut partly) = (0, 0, 0);
    keyed_streams(KeyGroupsKind::Checkpoint, |handle, stream| {
        let probe = KeyedBodyProbe::new(layout(handle, &stream)).unwrap();
        let at = match probe {
            KeyedBodyProbe::Known(_) => 0,
            KeyedBodyProbe::Read { offset, .. } => usize::try_from(offset).unwrap(),
        };
        let word = stream.bytes[at..].first_chunk().unwrap();
        let rocksdb = stream.name.contains("rocksdb");
        let expected = if rocksdb {
            KeyedBody::Canonical
        } else {
            KeyedBody::Heap
        };
        assert_eq!(probe.judge(*word), Some(expected), "{}", stream.name);
        if rocksdb {
            canonical += 1;
            count_canonical(handle, &stream);
            return;
        }
        let layouts: Vec<_> = stream
            .head
            .iter()
            .map(|name| heap_layout(name, stream.max_parallelism))
            .collect();
        let mut body = HeapBody::new(layout(handle, &stream), stream.format(), &layouts).unwrap();
        let first = usize::try_from(body.position().unwrap()).unwrap();
        let mut stored = 0;
        let mut groups = 0;
        body.push(&stream.bytes[first..], |group| {
            groups += 1;
            stored += group.stored_bytes;
        })
        .unwrap_or_else(|error| panic!("{}: {error}", stream.name));
        let result = body.finish(drop).unwrap();
        assert_eq!(result.doubt, None, "{} {:?}", stream.name, stream.head);
        assert_eq!(stored, (stream.bytes.len() - first) as u64);
        if layouts.iter().all(Option::is_some) {
            whole += 1;
            let sum: Option<u64> = result.states.iter().map(|state| state.stored_bytes).sum();
            assert_eq!(sum, Some(stored - 4 * groups), "{}", stream.name);
        } else {
            partly += 1;
        }
    });
    let few = canonical == 0 || whole < 100 || partly < 30;
    assert!(!few, "{canonical}, {whole}, {partly}");
}

#[test]
fn operator_states_of_all_releases_fill_their_streams() {
    let (mut streams, mut broadcast) = (0, 0);
    for file in files_of_the_job() {
        let bytes = fs::read(&file).unwrap();
        let parsed = metadata::parse(&bytes).unwrap();
        let operators = parsed.metadata.operator_states.iter();
        let subtasks = operators.flat_map(|operator| &operator.subtasks);
        for state in subtasks.filter_map(|subtask| subtask.state()) {
            let Some(handle) = state.managed_operator.as_deref() else {
                continue;
            };
            let Some(stream) = read(&handle.stream, &file) else {
                continue;
            };
            let starts = handle.states.iter().flat_map(|state| state.offsets.iter());
            let Some(first) = starts.min() else { continue };
            let first = u64::try_from(first).unwrap();
            let length = stream.len() as u64;
            let name = short(&file);
            let counts = operator_states(&handle.states, first, Some(length))
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            streams += 1;
            let sum: Option<u64> = counts.iter().map(|state| state.bytes).sum();
            assert_eq!(sum, Some(length - first), "{name}");
            for (state, counts) in handle.states.iter().zip(&counts) {
                match (&*state.name.to_str(), state.mode) {
                    ("rules", DistributionMode::Broadcast) => {
                        broadcast += 1;
                        let start = counts.start.unwrap();
                        let block = &stream[usize::try_from(start).unwrap()..];
                        let entries = broadcast_entries(block, start, false).unwrap();
                        // A text "rule-N" and a long each.
                        assert_eq!(counts.bytes, Some(4 + entries * (1 + 6 + 8)), "{name}");
                    }
                    ("counts", _) => {
                        assert_eq!((counts.elements, counts.bytes), (Some(2), Some(16)));
                        assert_eq!((counts.smallest, counts.largest), (Some(8), Some(8)));
                    }
                    ("last-events", mode) => {
                        assert_eq!(mode, DistributionMode::Union);
                        assert!(counts.elements <= Some(1));
                    }
                    _ => {}
                }
            }
        }
    }
    assert!(streams > 100 && broadcast > 10, "{streams}, {broadcast}");
}

#[test]
fn changes_of_all_releases_add_up_to_the_sizes_of_their_handles() {
    let (mut inline, mut files) = (0, 0);
    for file in files_of_the_job() {
        let bytes = fs::read(&file).unwrap();
        let parsed = metadata::parse(&bytes).unwrap();
        let operators = parsed.metadata.operator_states.iter();
        let subtasks = operators.flat_map(|operator| &operator.subtasks);
        for state in subtasks.filter_map(|subtask| subtask.state()) {
            let Some(KeyedStateHandle::Changelog(changelog)) = state.managed_keyed.as_deref()
            else {
                continue;
            };
            for changes in &changelog.non_materialized {
                let mut names = BTreeMap::new();
                let mut counts = ChangeCounts::default();
                let mut meet = |change: MetadataChange<'_>| {
                    // Both versions of the meta info are the same.
                    assert!([6, 7].contains(&change.version), "{}", change.version);
                    let (length, rest) = change.meta_info.split_first_chunk().unwrap();
                    let length = usize::from(u16::from_be_bytes(*length));
                    names.insert(change.state, rest[..length].to_vec());
                };
                let name = short(&file);
                let size = match changes {
                    KeyedStateHandle::ChangelogByteIncrement(handle) => {
                        count_changes(handle.changes, &mut counts, &mut meet).unwrap();
                        inline += 1;
                        handle.changes.bytes()
                    }
                    KeyedStateHandle::ChangelogFileIncrement(handle) => {
                        let mut missing = false;
                        for stream in &handle.streams {
                            match read(&stream.stream, &file) {
                                Some(bytes) => {
                                    read_change_set(&bytes, stream.offset, &mut counts, &mut meet);
                                }
                                None => missing = true,
                            }
                        }
                        if missing {
                            continue;
                        }
                        files += 1;
                        handle.size.bytes().unwrap()
                    }
                    other => panic!("{name}: {other:?}"),
                };
                let sum: u64 = counts
                    .states
                    .keys()
                    .map(|state| counts.of_state(*state).bytes)
                    .sum();
                assert_eq!(sum, size, "{name}");
                for state in counts.states.keys() {
                    assert!(names.contains_key(state), "{name}: {state} in {names:?}");
                }
                for name in names.values() {
                    let known = |known: &&str| &utf(known)[2..] == name;
                    assert!(KEYED_STATES.iter().any(known), "{name:?}");
                }
            }
        }
    }
    assert!(inline > 5 && files > 5, "{inline}, {files}");
}

fn read_change_set(
    bytes: &[u8],
    offset: i64,
    counts: &mut ChangeCounts,
    meet: impl FnMut(MetadataChange<'_>),
) {
    let compressed = ChangeSetBody::is_compressed(bytes[0]).unwrap();
    let mut body = ChangeSetBody::new(u64::try_from(offset).unwrap(), compressed);
    let position = usize::try_from(body.position().unwrap()).unwrap();
    body.push(&bytes[position..], counts, meet).unwrap();
    body.finish().unwrap();
    assert_eq!(body.position(), None);
}
