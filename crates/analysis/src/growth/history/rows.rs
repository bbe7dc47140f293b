use std::collections::BTreeMap;

use crate::growth::history::columns::{Number, Text};
use crate::growth::{ClassBytes, FileClass, Observation, OperatorObservation, StateObservation};
use crate::snapshot::summary::SnapshotKind;
use statescope_format::location::Location;
use statescope_format::model::checkpoint::{OperatorId, StateSlot};

/// One row: of a snapshot, of one of its operators, or of one of its states.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    pub(super) texts: [Option<String>; Text::ALL.len()],
    pub(super) numbers: [Option<i64>; Number::ALL.len()],
}

/// What a row is about. Two rows with one key say the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowKey {
    location: String,
    checkpoint_id: i64,
    time_ms: i64,
    /// The operator; `None` for the snapshot itself.
    operator_id: Option<String>,
    /// Slot and name of the state; `None` for the operator itself.
    state: Option<(String, String)>,
}

const SNAPSHOT: &str = "snapshot";
const OPERATOR: &str = "operator";
const STATE: &str = "state";

const CLASSES: [(FileClass, Number); 8] = [
    (FileClass::Shared, Number::SharedBytes),
    (FileClass::Private, Number::PrivateBytes),
    (FileClass::Meta, Number::MetaBytes),
    (FileClass::Keyed, Number::KeyedBytes),
    (FileClass::Operator, Number::OperatorBytes),
    (FileClass::Changelog, Number::ChangelogBytes),
    (FileClass::Channel, Number::ChannelBytes),
    (FileClass::Coordinator, Number::CoordinatorBytes),
];

impl Row {
    pub(super) fn text(&self, column: Text) -> Option<&str> {
        self.texts.get(column as usize)?.as_deref()
    }

    pub(super) fn number(&self, column: Number) -> Option<i64> {
        self.numbers.get(column as usize).copied().flatten()
    }

    fn count(&self, column: Number) -> Option<u64> {
        u64::try_from(self.number(column)?).ok()
    }

    fn with(mut self, column: Text, text: Option<&str>) -> Self {
        if let Some(place) = self.texts.get_mut(column as usize) {
            *place = text.map(str::to_owned);
        }
        self
    }

    fn at(mut self, column: Number, number: Option<i64>) -> Self {
        if let Some(place) = self.numbers.get_mut(column as usize) {
            *place = number;
        }
        self
    }

    /// Larger numbers than a file can hold are not known.
    fn counting(self, column: Number, count: Option<u64>) -> Self {
        self.at(column, count.and_then(|count| i64::try_from(count).ok()))
    }

    fn with_classes(mut self, classes: &ClassBytes) -> Self {
        for (class, column) in CLASSES {
            self = self.counting(column, classes.get(class));
        }
        self
    }

    fn classes(&self) -> ClassBytes {
        let mut classes = ClassBytes::default();
        for (class, column) in CLASSES {
            classes.set(class, self.count(column));
        }
        classes
    }

    /// What the row is about; `None` where it does not say.
    pub fn key(&self) -> Option<RowKey> {
        let state = match self.text(Text::Level)? {
            STATE => Some((
                self.text(Text::Slot)?.to_owned(),
                self.text(Text::State)?.to_owned(),
            )),
            _ => None,
        };
        let operator_id = match self.text(Text::Level)? {
            SNAPSHOT => None,
            _ => Some(self.text(Text::OperatorId)?.to_owned()),
        };
        Some(RowKey {
            location: self.text(Text::Location)?.to_owned(),
            checkpoint_id: self.number(Number::CheckpointId)?,
            time_ms: self.number(Number::Time)?,
            operator_id,
            state,
        })
    }
}

/// The rows of a snapshot: its own, then those of its operators, each with its states behind it.
pub fn rows(seen: &Observation) -> Vec<Row> {
    let common = Row::default()
        .with(Text::JobId, seen.job_id.as_deref())
        .with(Text::Location, Some(&seen.location.to_string()))
        .with(Text::Kind, seen.kind.map(kind_name))
        .counting(Number::CheckpointId, Some(seen.checkpoint_id))
        .at(Number::Time, Some(seen.time_ms));
    let mut classes = ClassBytes::default();
    for operator in &seen.operators {
        for class in FileClass::ALL {
            classes.add(class, operator.classes.get(class));
        }
    }
    let mut rows = vec![
        common
            .clone()
            .with(Text::Level, Some(SNAPSHOT))
            .counting(Number::MetadataBytes, Some(seen.metadata_bytes))
            .counting(Number::StateBytes, seen.state_bytes)
            .counting(Number::CheckpointedBytes, seen.checkpointed_bytes)
            .counting(Number::UniqueBytes, seen.unique_bytes)
            .counting(Number::NewBytes, seen.new_bytes)
            .counting(Number::InlineBytes, Some(seen.inline_bytes))
            .counting(Number::FileCount, Some(seen.file_count))
            .counting(Number::SmallFileCount, Some(seen.small_file_count))
            .with_classes(&classes),
    ];
    for operator in &seen.operators {
        let common = common
            .clone()
            .with(Text::OperatorId, Some(&operator.operator_id.to_string()))
            .with(Text::Uid, operator.uid.as_deref())
            .with(Text::OperatorName, operator.name.as_deref());
        let largest = operator.largest_subtask;
        rows.push(
            common
                .clone()
                .with(Text::Level, Some(OPERATOR))
                .counting(Number::Parallelism, Some(operator.parallelism.into()))
                .counting(Number::StateBytes, operator.classes.total())
                .counting(Number::CheckpointedBytes, operator.checkpointed_bytes)
                .counting(Number::UnionBytes, operator.union_bytes)
                .counting(
                    Number::LargestSubtask,
                    largest.map(|(index, _)| index.into()),
                )
                .counting(Number::LargestSubtaskBytes, largest.map(|(_, bytes)| bytes))
                .with_classes(&operator.classes),
        );
        for state in operator.states.iter().flatten() {
            rows.push(
                common
                    .clone()
                    .with(Text::Level, Some(STATE))
                    .with(Text::Slot, Some(state.slot.name()))
                    .with(Text::State, Some(&state.name))
                    .counting(Number::StateBytes, state.bytes)
                    .counting(Number::Entries, state.entries),
            );
        }
    }
    rows
}

/// The snapshots that rows tell of, whatever their order and however often each is there. Rows
/// without a key, and operators without their snapshot, are left out.
pub fn observations(rows: impl IntoIterator<Item = Row>) -> Vec<Observation> {
    let mut by_key: BTreeMap<RowKey, Row> = BTreeMap::new();
    for row in rows {
        if let Some(key) = row.key() {
            by_key.entry(key).or_insert(row);
        }
    }
    // A snapshot sorts before its operators, an operator before its states.
    let mut observations: Vec<Observation> = Vec::new();
    let mut of = None;
    for (key, row) in by_key {
        let snapshot = (key.location, key.checkpoint_id, key.time_ms);
        match (key.operator_id, key.state) {
            (None, _) => {
                of = None;
                if let Some(seen) = snapshot_of(&row) {
                    observations.push(seen);
                    of = Some(snapshot);
                }
            }
            (Some(id), state) if of.as_ref() == Some(&snapshot) => {
                let operators = observations.last_mut().map(|seen| &mut seen.operators);
                if let (Some(operators), Ok(id)) = (operators, id.parse()) {
                    match state {
                        None => operators.push(operator_of(id, &row)),
                        Some((slot, name)) => add_state(operators, id, (&slot, name), &row),
                    }
                }
            }
            (Some(_), _) => {}
        }
    }
    observations
}

fn snapshot_of(row: &Row) -> Option<Observation> {
    Some(Observation {
        location: Location::new(row.text(Text::Location)?),
        job_id: row.text(Text::JobId).map(str::to_owned),
        checkpoint_id: row.count(Number::CheckpointId)?,
        kind: row.text(Text::Kind).and_then(kind_of),
        time_ms: row.number(Number::Time)?,
        metadata_bytes: row.count(Number::MetadataBytes)?,
        state_bytes: row.count(Number::StateBytes),
        checkpointed_bytes: row.count(Number::CheckpointedBytes),
        unique_bytes: row.count(Number::UniqueBytes),
        new_bytes: row.count(Number::NewBytes),
        inline_bytes: row.count(Number::InlineBytes)?,
        file_count: row.count(Number::FileCount)?,
        small_file_count: row.count(Number::SmallFileCount)?,
        operators: Vec::new(),
    })
}

fn operator_of(operator_id: OperatorId, row: &Row) -> OperatorObservation {
    let small = |column| u32::try_from(row.number(column)?).ok();
    OperatorObservation {
        operator_id,
        uid: row.text(Text::Uid).map(str::to_owned),
        name: row.text(Text::OperatorName).map(str::to_owned),
        parallelism: small(Number::Parallelism).unwrap_or_default(),
        classes: row.classes(),
        checkpointed_bytes: row.count(Number::CheckpointedBytes),
        union_bytes: row.count(Number::UnionBytes),
        largest_subtask: small(Number::LargestSubtask).zip(row.count(Number::LargestSubtaskBytes)),
        states: None,
    }
}

fn add_state(
    operators: &mut [OperatorObservation],
    id: OperatorId,
    (slot, name): (&str, String),
    row: &Row,
) {
    let operator = operators.last_mut().filter(|last| last.operator_id == id);
    let slot = StateSlot::ALL
        .into_iter()
        .find(|known| known.name() == slot);
    if let (Some(operator), Some(slot)) = (operator, slot) {
        operator
            .states
            .get_or_insert_default()
            .push(StateObservation {
                name,
                slot,
                bytes: row.count(Number::StateBytes),
                entries: row.count(Number::Entries),
            });
    }
}

fn kind_name(kind: SnapshotKind) -> &'static str {
    match kind {
        SnapshotKind::Checkpoint => "checkpoint",
        SnapshotKind::FullCheckpoint => "full_checkpoint",
        SnapshotKind::Savepoint => "savepoint",
    }
}

fn kind_of(name: &str) -> Option<SnapshotKind> {
    [
        SnapshotKind::Checkpoint,
        SnapshotKind::FullCheckpoint,
        SnapshotKind::Savepoint,
    ]
    .into_iter()
    .find(|kind| kind_name(*kind) == name)
}
