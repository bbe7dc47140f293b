use crate::job::{JobDescription, JobOperator, JobState};
use crate::state::default_max_parallelism;
use crate::states::StateSummary;
use crate::summary::{OperatorSummary, SnapshotSummary};

impl JobDescription {
    /// The job that made a snapshot, as far as the snapshot tells; its states are known where they
    /// were looked into without a gap.
    ///
    /// A snapshot does not tell who chose the max parallelism: one that Flink would have chosen
    /// counts as chosen by Flink.
    pub fn from_snapshot(snapshot: &SnapshotSummary) -> Self {
        let mut operators: Vec<_> = snapshot.operators.iter().map(JobOperator::of).collect();
        operators.sort_by_key(JobOperator::id);
        Self {
            version: Self::VERSION,
            operators,
            ..Self::default()
        }
    }
}

impl JobOperator {
    fn of(operator: &OperatorSummary) -> Self {
        let chosen = default_max_parallelism(operator.parallelism);
        Self {
            operator_id: Some(operator.operator_id),
            uid: operator.uid.clone(),
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
