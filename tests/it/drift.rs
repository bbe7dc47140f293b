//! Drift between made-up operators: what real pairs of the restore matrix do not have.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use std::collections::BTreeSet;

use statescope::finding::Confidence;
use statescope::model::checkpoint::{OperatorId, StateSlot};
use statescope::restore::drift::{Drift, OperatorView, StateView, drift};
use statescope::snapshot::contents::{StateKind, StateSerializers};

static SERIALIZERS: StateSerializers = StateSerializers {
    key: None,
    namespace: None,
    user_key: None,
    value: None,
};

fn operator<'a>(uid: &'a str, states: &[&'a str]) -> OperatorView<'a> {
    let state = |name: &&'a str| StateView {
        name,
        slot: StateSlot::ManagedKeyed,
        kind: Some(StateKind::Value),
        serializers: &SERIALIZERS,
    };
    OperatorView {
        id: OperatorId::of_uid(uid),
        uid: Some(uid),
        uid_source: None,
        auto_generated_id: Some(false),
        name: None,
        parallelism: Some(4),
        max_parallelism: Some(128),
        state_bytes: Some(1000),
        stateful: Some(!states.is_empty()),
        finished: Some(false),
        source: None,
        states: Some(states.iter().map(state).collect()),
    }
}

fn pairs(drift: &Drift, old: &[OperatorView<'_>], new: &[OperatorView<'_>]) -> Vec<String> {
    let moved = drift.moved.iter().map(|moved| {
        let (from, to) = (old[moved.old].uid.unwrap(), new[moved.new].uid.unwrap());
        format!("{from} -> {to}: {}", moved.confidence.name())
    });
    moved.collect()
}

#[test]
fn operators_that_were_really_added_and_removed_are_no_drift() {
    let old = [operator("a", &["count", "sum"]), operator("kept", &["x"])];
    let new = [operator("b", &["words", "last"]), operator("kept", &["x"])];
    assert!(drift(&old, &new).is_empty());
    // Nothing is left of an operator without state that could be told again.
    let (old, new) = ([operator("a", &[])], [operator("b", &[])]);
    assert!(drift(&old, &new).is_empty());
}

#[test]
fn twins_have_no_partner_unless_their_names_tell() {
    let old = [operator("a", &["count"]), operator("b", &["count"])];
    let mut new = [operator("c", &["count"]), operator("d", &["count"])];
    let found = drift(&old, &new);
    assert_eq!(found.moved, []);
    let candidates: Vec<_> = found
        .ambiguous
        .iter()
        .map(|one| &one.candidates[..])
        .collect();
    assert_eq!(candidates, [[0, 1], [0, 1]]);

    let mut old = old;
    (old[0].name, old[1].name) = (Some("left"), Some("right"));
    (new[0].name, new[1].name) = (Some("right"), Some("left"));
    let found = drift(&old, &new);
    assert_eq!(
        pairs(&found, &old, &new),
        ["a -> d: medium", "b -> c: medium"]
    );
}

#[test]
fn one_twin_of_an_operator_that_stayed_is_not_certain() {
    let old = [operator("a", &["count"]), operator("kept", &["count"])];
    let new = [operator("b", &["count"]), operator("kept", &["count"])];
    let found = drift(&old, &new);
    assert_eq!(pairs(&found, &old, &new), ["a -> b: medium"]);
}

#[test]
fn uids_that_moved_on_by_one_are_followed() {
    let old = [operator("1", &["count"]), operator("2", &["words"])];
    let new = [operator("2", &["count"]), operator("3", &["words"])];
    let found = drift(&old, &new);
    assert_eq!(
        pairs(&found, &old, &new),
        ["1 -> 2: medium", "2 -> 3: medium"]
    );
}

#[test]
fn a_state_that_was_renamed_is_not_looked_for_elsewhere() {
    let old = [operator("a", &["count"])];
    let new = [operator("a", &["total"]), operator("b", &["count"])];
    assert!(drift(&old, &new).is_empty());
}

#[test]
fn three_uids_in_a_ring_are_followed() {
    let old = [
        operator("1", &["x"]),
        operator("2", &["y"]),
        operator("3", &["z"]),
    ];
    let new = [
        operator("1", &["z"]),
        operator("2", &["x"]),
        operator("3", &["y"]),
    ];
    let found = drift(&old, &new);
    let expected = ["1 -> 2: medium", "2 -> 3: medium", "3 -> 1: medium"];
    assert_eq!(pairs(&found, &old, &new), expected);
    assert_eq!(found.swapped, []);
}

#[test]
fn whatever_the_jobs_nobody_has_two_partners_and_one_of_several_is_never_certain() {
    const STATES: [&[&str]; 6] = [&[], &["a"], &["b"], &["a", "b"], &["a", "b", "c"], &["d"]];
    const UIDS: [&str; 8] = ["p", "q", "r", "s", "t", "u", "v", "w"];
    // All jobs of a small world, picked by a multiplicative walk.
    let mut seed = 1_u64;
    let mut next = |below: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    for _ in 0..20_000 {
        let mut job = || -> Vec<_> {
            let uids: BTreeSet<_> = (0..next(6)).map(|_| UIDS[next(8)]).collect();
            let operators = uids.into_iter();
            operators
                .map(|uid| operator(uid, STATES[next(6)]))
                .collect()
        };
        let (old, new) = (job(), job());
        let found = drift(&old, &new);
        let from: BTreeSet<_> = found.moved.iter().map(|moved| moved.old).collect();
        let to: BTreeSet<_> = found.moved.iter().map(|moved| moved.new).collect();
        assert_eq!(from.len(), found.moved.len());
        assert_eq!(to.len(), found.moved.len());
        for moved in &found.moved {
            let (a, b) = (&old[moved.old], &new[moved.new]);
            assert_ne!(a.id, b.id);
            let names = |view: &OperatorView<'_>| -> Vec<String> {
                let states = view.states.iter().flatten();
                states.map(|state| state.name.to_owned()).collect()
            };
            if moved.confidence == Confidence::High {
                assert_eq!(names(a), names(b));
                let come = |view: &&OperatorView<'_>| old.iter().all(|o| o.id != view.id);
                let like = new
                    .iter()
                    .filter(come)
                    .filter(|view| names(view) == names(a));
                assert_eq!(like.count(), 1);
            }
        }
    }
}
