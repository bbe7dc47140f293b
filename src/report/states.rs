//! The view of `show --states`.

use crate::report::show::{facts, operator_label};
use crate::report::{Cell, Report, Room, Rows, Table, column, optional, share};
use crate::snapshot::contents::{Accuracy, StateSummary};
use crate::snapshot::summary::{OperatorSummary, SnapshotSummary};

/// One row per state, and one per operator for what belongs to no single state.
pub fn states(snapshot: &SnapshotSummary) -> Report<'_> {
    let columns = vec![
        column("operator", "Operator", Room::Shrinks),
        column("operator_id", "Id", Room::Drops(9)),
        column("state", "State", Room::Shrinks),
        column("kind", "Kind", Room::Drops(3)),
        column("type", "Type", Room::Shrinks),
        optional(column("key_type", "Key", Room::Drops(6))),
        optional(column("namespace", "Namespace", Room::Drops(7))),
        column("ttl", "TTL", Room::Drops(4)),
        optional(column("generic", "Generic", Room::Drops(8))),
        column("entries", "Entries", Room::Drops(1)),
        optional(column("changes", "Changes", Room::Drops(2))),
        optional(column("restored_bytes", "Restore reads", Room::Drops(2))),
        column("bytes", "Bytes", Room::Fixed),
        column("share", "Share", Room::Drops(5)),
        optional(column("accuracy", "Accuracy", Room::Drops(10))),
    ];
    let operators = snapshot.operators.iter();
    let rows = operators.flat_map(|operator| {
        let states = operator.states.states.iter().flatten().map(Row::State);
        let rest = of_no_state(operator).map(|(name, bytes)| Row::Rest(name, bytes));
        states.chain(rest).map(move |row| (operator, row))
    });
    Report {
        facts: facts(snapshot),
        table: Table {
            rows: Rows::new(rows, |(operator, row)| cells(snapshot, operator, row)),
            columns,
        },
        ..Report::default()
    }
}

/// What a row is about.
enum Row<'s> {
    State(&'s StateSummary),
    /// Bytes that belong to no single state, under a name of ours.
    Rest(&'static str, u64),
}

fn cells(snapshot: &SnapshotSummary, operator: &OperatorSummary, row: &Row<'_>) -> Vec<Cell> {
    match row {
        Row::State(state) => of_state(snapshot, operator, state),
        Row::Rest(name, bytes) => of_rest(snapshot, operator, name, *bytes),
    }
}

fn of_state(
    snapshot: &SnapshotSummary,
    operator: &OperatorSummary,
    state: &StateSummary,
) -> Vec<Cell> {
    let figure = |cell| match state.accuracy {
        Some(Accuracy::Estimated | Accuracy::Partial) => Cell::About(Box::new(cell)),
        Some(Accuracy::Exact) | None => cell,
    };
    vec![
        operator_label(operator),
        operator.operator_id.to_string().into(),
        state.name.clone().into(),
        kind(state),
        state.value_type.clone().into(),
        state.key_type.clone().into(),
        state.namespace.clone().into(),
        yes_or_no(state.ttl),
        match state.generic {
            Some(true) => Cell::Word("yes"),
            _ => Cell::Empty,
        },
        figure(Cell::Count(state.entries)),
        state
            .changes
            .map_or(Cell::Empty, |changes| Cell::Count(Some(changes))),
        restored(state),
        figure(Cell::Bytes(state.bytes)),
        share(state.bytes, snapshot.state_bytes),
        state
            .accuracy
            .map_or(Cell::Empty, |accuracy| Cell::Word(accuracy.name())),
    ]
}

fn of_rest(
    snapshot: &SnapshotSummary,
    operator: &OperatorSummary,
    name: &'static str,
    bytes: u64,
) -> Vec<Cell> {
    let bytes = Some(bytes);
    vec![
        operator_label(operator),
        operator.operator_id.to_string().into(),
        Cell::Word(name),
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
        Cell::Bytes(bytes),
        share(bytes, snapshot.state_bytes),
        Cell::Empty,
    ]
}

/// What an operator has besides its states.
pub(super) fn of_no_state(
    operator: &OperatorSummary,
) -> impl Iterator<Item = (&'static str, u64)> + use<> {
    let rest = [
        ("(coordinator)", operator.coordinator_bytes),
        ("(in-flight data)", operator.states.channel_bytes),
        ("(not told apart)", operator.states.unattributed_bytes),
        ("(overhead)", operator.states.overhead_bytes),
    ];
    let known = rest
        .into_iter()
        .filter_map(|(name, bytes)| Some((name, bytes?)));
    known.filter(|&(_, bytes)| bytes > 0)
}

/// What the state is for says more than how it is kept.
fn kind(state: &StateSummary) -> Cell {
    match (state.role, state.kind) {
        (Some(role), _) => Cell::Word(role.label()),
        (None, Some(kind)) => Cell::Word(kind.label()),
        (None, None) => Cell::Empty,
    }
}

/// Only worth a word where it is more than there is: union state.
fn restored(state: &StateSummary) -> Cell {
    let restored = state.elements.map(|elements| elements.restored_bytes);
    match restored.filter(|&restored| Some(restored) != state.bytes) {
        Some(restored) => Cell::Bytes(Some(restored)),
        None => Cell::Empty,
    }
}

fn yes_or_no(answer: Option<bool>) -> Cell {
    match answer {
        Some(true) => Cell::Word("yes"),
        Some(false) => Cell::Word("no"),
        None => Cell::Empty,
    }
}
