use serde::Serialize;

use crate::snapshot::contents::OperatorStates;
use crate::snapshot::references::Base;
use crate::snapshot::summary::handle::{self, HandleSummary};
use crate::snapshot::summary::inside::Inside;
use crate::snapshot::summary::sizes::Sizes;
use crate::snapshot::summary::snapshot::Detail;
use crate::snapshot::uid::UidSource;
use statescope_format::model::checkpoint::{
    OperatorId, OperatorState, OperatorSubtaskState, StateSlot, Subtask,
};
use statescope_format::reader::to_u64;

/// One operator.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OperatorSummary {
    /// The operator's id.
    pub operator_id: OperatorId,
    /// Its uid, where known.
    pub uid: Option<String>,
    /// Where the uid is known from.
    pub uid_source: Option<UidSource>,
    /// True if Flink made the id of the shape of the job, false if of a uid; `None` if nothing
    /// tells: before version 5 the file does not.
    pub auto_generated_id: Option<bool>,
    /// Its name, where known.
    pub name: Option<String>,
    /// Number of subtasks.
    pub parallelism: u32,
    /// Number of key groups.
    pub max_parallelism: u32,
    /// True when every subtask had finished before the snapshot.
    pub fully_finished: bool,
    /// Subtasks that had finished before the snapshot.
    pub finished_subtasks: u32,
    /// Bytes of the coordinator's state; `None` without a coordinator state.
    pub coordinator_bytes: Option<u64>,
    /// Full size of the state, coordinator included.
    pub state_bytes: Option<u64>,
    /// Bytes that this snapshot added.
    pub checkpointed_bytes: Option<u64>,
    /// State of the largest subtask.
    pub largest_subtask_bytes: Option<u64>,
    /// State of the largest subtask over the mean of all `parallelism` subtasks: 1 is even.
    /// `None` when no subtask has any bytes.
    pub skew: Option<f64>,
    /// The slots in which any subtask has a handle.
    pub slots: Vec<StateSlot>,
    /// The states by name; `None` unless they were looked into.
    #[serde(flatten)]
    pub states: Inside,
    /// The subtasks by index; see [`Detail`].
    pub subtasks: Vec<SubtaskSummary>,
}

/// One subtask.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SubtaskSummary {
    /// Its index, from 0.
    pub index: u32,
    /// True when it had finished before the snapshot.
    pub finished: bool,
    /// The earlier checkpoint whose state it uses again.
    pub referenced_checkpoint_id: Option<i64>,
    /// Full size of its state.
    pub state_bytes: Option<u64>,
    /// Bytes that this snapshot added.
    pub checkpointed_bytes: Option<u64>,
    /// Its handles, by slot; see [`Detail`].
    pub handles: Vec<HandleSummary>,
}

impl OperatorSummary {
    pub(super) fn of(operator: &OperatorState<'_>, base: &Base, detail: Detail) -> Self {
        let mut sizes = Sizes::default();
        let coordinator_bytes = operator.coordinator.map(|state| to_u64(state.data().len()));
        if coordinator_bytes.is_some() {
            sizes.add(coordinator_bytes, coordinator_bytes);
        }
        let mut spread = Spread::default();
        let mut slots = Vec::new();
        let mut subtasks = Vec::new();
        for subtask in &operator.subtasks {
            let subtask_sizes = subtask.state().map(Sizes::of_subtask).unwrap_or_default();
            let state_bytes = subtask_sizes.state.bytes();
            let checkpointed_bytes = subtask_sizes.checkpointed.bytes();
            sizes.add(state_bytes, checkpointed_bytes);
            spread.add(state_bytes);
            if let Some(state) = subtask.state() {
                note_slots(state, &mut slots);
            }
            if detail >= Detail::Subtasks {
                subtasks.push(SubtaskSummary {
                    index: subtask.index,
                    finished: subtask.finished,
                    referenced_checkpoint_id: subtask
                        .state()
                        .and_then(|state| state.origin.earlier()),
                    state_bytes,
                    checkpointed_bytes,
                    handles: handles(subtask, base, detail),
                });
            }
        }
        slots.sort_unstable();
        subtasks.sort_by_key(|subtask| subtask.index);
        let finished = operator.subtasks.iter().filter(|subtask| subtask.finished);
        Self {
            operator_id: operator.id,
            uid: operator.uid.map(|uid| uid.to_string()),
            uid_source: operator.uid.map(|_| UidSource::Metadata),
            auto_generated_id: operator.uid.map(|_| false),
            name: operator.name.map(|name| name.to_string()),
            parallelism: operator.parallelism,
            max_parallelism: operator.max_parallelism,
            fully_finished: operator.fully_finished,
            finished_subtasks: if operator.fully_finished {
                operator.parallelism
            } else {
                u32::try_from(finished.count()).unwrap_or(u32::MAX)
            },
            coordinator_bytes,
            state_bytes: sizes.state.bytes(),
            checkpointed_bytes: sizes.checkpointed.bytes(),
            largest_subtask_bytes: spread.largest(),
            skew: spread.skew(operator.parallelism),
            slots,
            states: Inside::default(),
            subtasks,
        }
    }

    /// Adds what was found inside.
    pub fn set_states(&mut self, states: OperatorStates) {
        self.states = Inside::told(states);
    }

    /// True if it has any handle, even of no bytes, or a coordinator's state: such an operator
    /// must be in the job that restores (`OperatorSubtaskState.hasState`).
    pub fn has_state(&self) -> bool {
        !self.slots.is_empty() || self.coordinator_bytes.is_some()
    }

    /// What to call it: its uid, else its name, else the start of its id.
    pub fn label(&self) -> String {
        match (&self.uid, &self.name) {
            (Some(text), _) | (None, Some(text)) => text.clone(),
            (None, None) => self.operator_id.short(),
        }
    }
}

fn handles(subtask: &Subtask<'_>, base: &Base, detail: Detail) -> Vec<HandleSummary> {
    match subtask.state() {
        Some(state) if detail >= Detail::Handles => handle::of_subtask(state, base),
        _ => Vec::new(),
    }
}

fn note_slots(state: &OperatorSubtaskState<'_>, slots: &mut Vec<StateSlot>) {
    let operator = state.operator_states().map(|(slot, _)| slot);
    let keyed = state.keyed_states().map(|(slot, _)| slot);
    let channels = state.channel_states().map(|(slot, _)| slot);
    for slot in operator.chain(keyed).chain(channels) {
        if !slots.contains(&slot) {
            slots.push(slot);
        }
    }
}

/// How evenly the state lies over the subtasks.
#[derive(Default)]
struct Spread {
    largest: u64,
    sum: u64,
    unknown: bool,
}

impl Spread {
    fn add(&mut self, bytes: Option<u64>) {
        let known = bytes.unwrap_or_default();
        self.largest = self.largest.max(known);
        self.sum = self.sum.saturating_add(known);
        self.unknown |= bytes.is_none();
    }

    fn largest(&self) -> Option<u64> {
        (!self.unknown).then_some(self.largest)
    }

    fn skew(&self, parallelism: u32) -> Option<f64> {
        let sum = (!self.unknown).then_some(self.sum)?;
        skew(self.largest, sum, parallelism)
    }
}

/// State of the largest subtask over the mean of all: 1 is even. `sum` is that of all subtasks;
/// `None` if it is 0.
pub fn skew(largest: u64, sum: u64, parallelism: u32) -> Option<f64> {
    // Ratios for people: the 53 bits of a double are plenty.
    #[allow(clippy::cast_precision_loss)]
    let ratio = |sum: u64| largest as f64 * f64::from(parallelism) / sum as f64;
    (sum > 0).then(|| ratio(sum))
}
