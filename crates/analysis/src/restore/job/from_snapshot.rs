use std::collections::BTreeSet;

use crate::restore::job::{
    JobDescription, JobOperator, JobState, Origin, ReleaseRange, StateBackend,
};
use crate::snapshot::contents::{KeyedFormat, StateSummary};
use crate::snapshot::summary::{OperatorSummary, SnapshotKind, SnapshotSummary};
use statescope_format::model::checkpoint::{OperatorId, StateSlot};
use statescope_format::model::handle::default_max_parallelism;

impl JobDescription {
    /// The job that made a snapshot, as far as the snapshot tells; its states are known where they
    /// were looked into without a gap.
    ///
    /// A snapshot does not tell who chose the max parallelism: one that Flink would have chosen
    /// counts as chosen by Flink.
    pub fn from_snapshot(snapshot: &SnapshotSummary) -> Self {
        let mut operators: Vec<_> = snapshot.operators.iter().map(JobOperator::of).collect();
        operators.sort_by_key(JobOperator::id);
        let formats = keyed_formats(snapshot);
        let channels = [StateSlot::InputChannel, StateSlot::ResultSubpartition];
        let mut slots = snapshot.operators.iter().flat_map(|o| &o.slots);
        let in_flight = slots.any(|slot| channels.contains(slot));
        Self {
            version: Self::VERSION,
            flink_releases: ReleaseRange::of(snapshot),
            state_backend: formats.iter().flatten().find_map(backend),
            changelog: changelog(snapshot, formats.as_ref()),
            unaligned: in_flight.then_some(true),
            keyed_formats: formats,
            made_from: Origin::of(snapshot),
            operators,
            ..Self::default()
        }
    }
}

/// How keyed state is kept, over all operators; `None` if there is none, or none was looked into.
fn keyed_formats(snapshot: &SnapshotSummary) -> Option<BTreeSet<KeyedFormat>> {
    let of_operators = snapshot.operators.iter();
    let formats: BTreeSet<_> = of_operators
        .flat_map(|operator| operator.states.keyed_formats.iter().flatten().copied())
        .collect();
    (!formats.is_empty()).then_some(formats)
}

/// The backend that alone writes this form.
fn backend(format: &KeyedFormat) -> Option<StateBackend> {
    match format {
        KeyedFormat::Heap => Some(StateBackend::Hashmap),
        KeyedFormat::RocksdbFull => Some(StateBackend::Rocksdb),
        KeyedFormat::Canonical | KeyedFormat::Database | KeyedFormat::Changelog => None,
    }
}

/// Savepoints do not go through the changelog, whatever the job does.
fn changelog(snapshot: &SnapshotSummary, formats: Option<&BTreeSet<KeyedFormat>>) -> Option<bool> {
    let is_used = formats?.contains(&KeyedFormat::Changelog);
    let is_checkpoint = matches!(
        snapshot.kind,
        Some(SnapshotKind::Checkpoint | SnapshotKind::FullCheckpoint)
    );
    (is_used || is_checkpoint).then_some(is_used)
}

impl JobOperator {
    fn of(operator: &OperatorSummary) -> Self {
        let chosen = default_max_parallelism(operator.parallelism);
        Self {
            operator_id: Some(operator.operator_id),
            // One that does not make the operator's id is not that of any program (`uid-mismatch`).
            uid: (operator.uid.clone())
                .filter(|uid| OperatorId::of_uid(uid) == operator.operator_id),
            uid_hash: None,
            name: operator.name.clone(),
            parallelism: Some(operator.parallelism),
            max_parallelism: Some(operator.max_parallelism).filter(|&max| max != chosen),
            vertex: None,
            inputs: None,
            stateful: Some(operator.has_state()),
            states: states(operator),
        }
    }
}

/// Only a complete list is one: a state that could not be read is not a state that is gone.
fn states(operator: &OperatorSummary) -> Option<Vec<JobState>> {
    if operator
        .states
        .unread
        .as_ref()
        .is_some_and(|unread| !unread.is_empty())
    {
        return None;
    }
    let states = operator.states.states.as_ref()?;
    let mut states: Vec<_> = states.iter().map(JobState::of).collect();
    states.sort_by(|a, b| (a.slot, &a.name).cmp(&(b.slot, &b.name)));
    Some(states)
}

impl JobState {
    /// A state as a snapshot has it.
    pub fn of(state: &StateSummary) -> Self {
        Self {
            name: state.name.clone(),
            slot: state.slot,
            kind: state.kind,
            ttl: state.ttl,
            serializers: state.serializers.clone(),
        }
    }
}
