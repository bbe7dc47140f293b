//! What the grammar allows but no running Flink writes is found, and nothing is said of the rest.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use statescope::JavaStr;
use statescope::finding::Severity;
use statescope::health::sanity::Validator;
use statescope::model::checkpoint::{OperatorId, OperatorState, OperatorSubtaskState, Subtask};
use statescope::model::handle::{
    ChangelogStateBackendHandle, CheckpointedStateScope, KeyGroupRange, KeyGroupsKind,
    KeyGroupsStateHandle, KeyedStateHandle, Offsets, SegmentFileStateHandle, StateSize,
    StreamStateHandle,
};

const MAX_PARALLELISM: u32 = 4;

#[test]
fn subtasks_that_share_out_all_key_groups_are_fine() {
    let operator = operator(vec![keyed(0, range(0, 2)), keyed(1, range(2, 2))]);
    assert_eq!(codes(&operator), [""; 0]);
}

#[test]
fn key_groups_held_twice_by_nobody_or_beyond_the_last_are_found() {
    let twice = operator(vec![keyed(0, range(0, 3)), keyed(1, range(2, 2))]);
    assert_eq!(
        codes(&twice),
        ["key-groups-unexpected", "key-groups-overlap"]
    );
    let hole = operator(vec![keyed(1, range(2, 2))]);
    assert_eq!(codes(&hole), ["key-groups-missing"]);
    let beyond = operator(vec![keyed(0, range(0, 2)), keyed(1, range(2, 3))]);
    assert_eq!(codes(&beyond), ["key-groups-out-of-range"]);
}

#[test]
fn handles_inside_a_changelog_may_be_wider_but_not_leave_the_key_groups() {
    let changelog = |inner| {
        let handle = ChangelogStateBackendHandle {
            key_groups: range(0, 2),
            checkpointed_size: None,
            materialized: vec![key_groups(inner, &[])],
            non_materialized: Vec::new(),
            materialization_id: None,
            checkpoint_id: None,
            state_handle_id: None,
        };
        let changelog = subtask(0, KeyedStateHandle::Changelog(Box::new(handle)));
        operator(vec![changelog, keyed(1, range(2, 2))])
    };
    assert_eq!(codes(&changelog(range(0, 4))), [""; 0]);
    assert_eq!(
        codes(&changelog(range(500, 1))),
        ["key-groups-out-of-range"]
    );
}

#[test]
fn only_raw_keyed_state_marks_empty_key_groups_with_minus_one() {
    let minus_one = (-1_i64).to_be_bytes();
    let handle = || Some(Box::new(key_groups(range(0, 2), &minus_one)));
    let managed = OperatorSubtaskState {
        managed_keyed: handle(),
        ..Default::default()
    };
    let raw = OperatorSubtaskState {
        raw_keyed: handle(),
        ..Default::default()
    };
    let found = |state| codes(&operator(vec![Subtask::running(0, state)]));
    assert!(found(managed).contains(&"offset-outside"));
    assert!(!found(raw).contains(&"offset-outside"));
}

#[test]
fn offsets_behind_the_end_of_their_stream_are_found() {
    for (offset, expected) in [(STREAM_BYTES, false), (STREAM_BYTES + 1, true)] {
        let offset = offset.to_be_bytes();
        let handle = key_groups(range(0, 2), &offset);
        let operator = operator(vec![subtask(0, handle), keyed(1, range(2, 2))]);
        // Of a file, the file itself decides.
        assert_eq!(codes(&operator).contains(&"recorded-size"), expected);
        let segment = KeyedStateHandle::KeyGroups(KeyGroupsStateHandle {
            kind: KeyGroupsKind::Checkpoint,
            key_groups: range(0, 2),
            offsets: Offsets::new(&offset),
            stream: StreamStateHandle::Segment(Box::new(SegmentFileStateHandle {
                start: 7,
                size: StateSize::from_wire(STREAM_BYTES).unwrap(),
                scope: CheckpointedStateScope::Shared,
                path: JavaStr::new(b"/x").unwrap(),
                logical_file_id: JavaStr::new(b"y").unwrap(),
            })),
            state_handle_id: None,
        });
        let operator = self::operator(vec![subtask(0, segment), keyed(1, range(2, 2))]);
        assert_eq!(codes(&operator).contains(&"offset-outside"), expected);
    }
}

#[test]
fn parallelism_that_no_job_can_have_is_found() {
    for (parallelism, max_parallelism, expected) in [
        (1, 1, &[][..]),
        (32_768, 32_768, &[]),
        (0, 128, &["parallelism-out-of-range"]),
        (1, 32_769, &["parallelism-out-of-range"]),
        (2, 1, &["parallelism-above-max"]),
    ] {
        let operator = OperatorState {
            parallelism,
            max_parallelism,
            ..operator(Vec::new())
        };
        assert_eq!(
            codes(&operator),
            expected,
            "{parallelism} of {max_parallelism}"
        );
    }
}

#[test]
fn indexes_out_of_range_and_used_twice_are_found() {
    let out_of_range = operator(vec![Subtask::finished(2)]);
    assert_eq!(codes(&out_of_range), ["subtask-out-of-range"]);
    let twice = operator(vec![Subtask::finished(1), Subtask::finished(1)]);
    assert_eq!(codes(&twice), ["duplicate-subtask"]);
}

#[test]
fn a_uid_must_hash_to_its_operator_id() {
    let with = |uid: &'static str| OperatorState {
        id: OperatorId::of_uid("my-keyed"),
        uid: Some(JavaStr::new(uid.as_bytes()).unwrap()),
        ..operator(Vec::new())
    };
    assert_eq!(codes(&with("my-keyed")), [""; 0]);
    assert_eq!(codes(&with("other")), ["uid-mismatch"]);
}

#[test]
fn paths_that_flink_cannot_take_are_found() {
    for (path, expected) in [("s3://b/k", false), ("file:/a b", false), ("file:x", true)] {
        let stream = StreamStateHandle::File {
            path: JavaStr::new(path.as_bytes()).unwrap(),
            size: StateSize::from_wire(10).unwrap(),
        };
        let KeyedStateHandle::KeyGroups(handle) = key_groups(range(0, 2), &[]) else {
            panic!("not key groups");
        };
        let handle = KeyedStateHandle::KeyGroups(KeyGroupsStateHandle { stream, ..handle });
        let operator = operator(vec![subtask(0, handle), keyed(1, range(2, 2))]);
        assert_eq!(
            codes(&operator).contains(&"invalid-path"),
            expected,
            "{path}"
        );
    }
}

#[test]
fn of_many_findings_of_one_code_ten_are_listed_and_the_rest_counted() {
    let subtasks = (0..100).map(|i| Subtask::finished(1000 + i)).collect();
    let operator = operator(subtasks);
    let mut validator = Validator::default();
    validator.operator(&operator);
    let findings = validator.finish(&outline());
    assert_eq!(findings.len(), 11);
    assert_eq!(findings[10].message(), "90 more of these, left out");
    assert!(
        findings
            .iter()
            .all(|finding| finding.kind.severity() == Severity::Error)
    );
}

const STREAM_BYTES: i64 = 100;

fn range(first: u32, count: u32) -> KeyGroupRange {
    KeyGroupRange::new(first, count).unwrap()
}

fn key_groups(key_groups: KeyGroupRange, offsets: &[u8]) -> KeyedStateHandle<'_> {
    KeyedStateHandle::KeyGroups(KeyGroupsStateHandle {
        kind: KeyGroupsKind::Checkpoint,
        key_groups,
        offsets: Offsets::new(offsets),
        stream: StreamStateHandle::Relative {
            path: JavaStr::new(b"6f2a").unwrap(),
            size: StateSize::from_wire(STREAM_BYTES).unwrap(),
        },
        state_handle_id: None,
    })
}

fn subtask(index: u32, handle: KeyedStateHandle<'_>) -> Subtask<'_> {
    let state = OperatorSubtaskState {
        managed_keyed: Some(Box::new(handle)),
        ..Default::default()
    };
    Subtask::running(index, state)
}

fn keyed(index: u32, range: KeyGroupRange) -> Subtask<'static> {
    subtask(index, key_groups(range, &[]))
}

/// Two subtasks that share out four key groups.
fn operator(subtasks: Vec<Subtask<'_>>) -> OperatorState<'_> {
    OperatorState {
        id: OperatorId::from_bytes([7; 16]),
        uid: None,
        name: None,
        parallelism: 2,
        max_parallelism: MAX_PARALLELISM,
        coordinator: None,
        fully_finished: false,
        subtasks,
    }
}

fn outline() -> statescope::metadata::Outline<'static> {
    statescope::metadata::Outline {
        version: statescope::model::checkpoint::MetadataVersion::V4,
        checkpoint_id: 1,
        master_states: Vec::new(),
        properties: None,
        trailing_bytes: 0,
        dialect: None,
    }
}

fn codes(operator: &OperatorState<'_>) -> Vec<&'static str> {
    let mut validator = Validator::default();
    validator.operator(operator);
    let findings = validator.finish(&outline());
    findings.iter().map(|finding| finding.kind.code()).collect()
}
