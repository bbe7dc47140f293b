use crate::restore::job::{JobDescription, JobOperator, JobState};
use crate::snapshot::contents::{StateKind, StateRole, StateSerializers, StateSummary};
use crate::snapshot::summary::OperatorSummary;
use crate::snapshot::uid::{UidSource, generated_ids};
use statescope_format::model::checkpoint::{OperatorId, StateSlot};

/// What is known of an operator: of a snapshot's, or of a job that has not run yet.
#[derive(Clone, Debug)]
pub struct OperatorView<'a> {
    /// Its id.
    pub id: OperatorId,
    /// Its uid, where known.
    pub uid: Option<&'a str>,
    /// Where the uid is known from.
    pub uid_source: Option<UidSource>,
    /// Whether Flink made the id of the shape of the job; `None` if nothing tells.
    pub auto_generated_id: Option<bool>,
    /// Its name, where known.
    pub name: Option<&'a str>,
    /// Its parallelism.
    pub parallelism: Option<u32>,
    /// Its max parallelism; `None` also where Flink chooses it.
    pub max_parallelism: Option<u32>,
    /// Bytes of its state.
    pub state_bytes: Option<u64>,
    /// Whether it has anything that a restore looks for, be it empty handles.
    pub stateful: Option<bool>,
    /// Whether it had finished.
    pub finished: Option<bool>,
    /// Whether it is a source.
    pub source: Option<bool>,
    /// Its states; `None` where they are not known.
    pub states: Option<Vec<StateView<'a>>>,
}

/// What is known of a state.
#[derive(Clone, Copy, Debug)]
pub struct StateView<'a> {
    /// Its name.
    pub name: &'a str,
    /// The slot it is in.
    pub slot: StateSlot,
    /// What sort of state it is.
    pub kind: Option<StateKind>,
    /// Its serializers.
    pub serializers: &'a StateSerializers,
}

impl<'a> OperatorView<'a> {
    /// An operator of a snapshot, with its states as far as they were looked into.
    pub fn of(operator: &'a OperatorSummary) -> Self {
        let states = operator.states.states.as_deref();
        let readable = (operator.states.unread.as_ref()).is_none_or(Vec::is_empty);
        let states = states.filter(|states| readable || !states.is_empty());
        let is_source = |state: &StateSummary| state.role == Some(StateRole::SourceSplits);
        Self {
            id: operator.operator_id,
            uid: operator.uid.as_deref(),
            uid_source: operator.uid_source,
            auto_generated_id: operator.auto_generated_id,
            name: operator.name.as_deref(),
            parallelism: Some(operator.parallelism),
            max_parallelism: Some(operator.max_parallelism),
            state_bytes: operator.state_bytes,
            stateful: Some(
                !operator.slots.is_empty()
                    || operator.coordinator_bytes.is_some()
                    || operator.finished_subtasks > 0,
            ),
            finished: Some(operator.fully_finished),
            source: match states {
                Some(states) if states.iter().any(is_source) => Some(true),
                _ => operator
                    .slots
                    .contains(&StateSlot::ManagedKeyed)
                    .then_some(false),
            },
            states: states.map(|states| states.iter().map(StateView::of).collect()),
        }
    }

    /// The operators of a job description that have an id: the one of the state that `bound` says it
    /// gets, else its own.
    pub fn of_job(
        job: &'a JobDescription,
        bound: impl Fn(&JobOperator) -> Option<OperatorId>,
    ) -> Vec<Self> {
        let operators = job.operators.iter();
        let mut views: Vec<_> = operators
            .filter_map(|operator| Self::of_job_operator(operator, bound(operator)))
            .collect();
        let ids: Vec<_> = job.operators.iter().filter_map(JobOperator::id).collect();
        let unnamed = views.iter().filter(|view| view.auto_generated_id.is_none());
        let unnamed: Vec<_> = unnamed.map(|view| view.id).collect();
        let generated = generated_ids(&unnamed, &ids);
        for view in &mut views {
            if generated.contains_key(&view.id) {
                view.auto_generated_id = Some(true);
            }
        }
        views
    }

    fn of_job_operator(operator: &'a JobOperator, bound: Option<OperatorId>) -> Option<Self> {
        let own = operator.id();
        let states = operator.states.as_ref();
        let reads = operator.inputs.as_ref().map(|inputs| !inputs.is_empty());
        let heads = operator.vertex.zip(own).map(|(vertex, own)| vertex == own);
        Some(Self {
            id: bound.or(own)?,
            uid: operator.uid.as_deref(),
            uid_source: None,
            auto_generated_id: (operator.uid.is_some() || operator.uid_hash.is_some())
                .then_some(false),
            name: operator.name.as_deref(),
            parallelism: operator.parallelism,
            max_parallelism: operator.max_parallelism,
            state_bytes: None,
            // One that is known to have no states is as good as one without state.
            stateful: (operator.stateful)
                .or_else(|| states.filter(|states| states.is_empty()).map(|_| false)),
            finished: None,
            source: reads.zip(heads).map(|(reads, heads)| heads && !reads),
            states: states.map(|states| states.iter().map(StateView::of_job).collect()),
        })
    }

    /// What to call it: its uid, else its name, else its id.
    pub fn label(&self) -> String {
        match self.uid.or(self.name) {
            Some(text) => text.to_owned(),
            None => self.id.to_string(),
        }
    }

    /// True if Flink made the id of the shape of the job.
    pub fn is_generated(&self) -> bool {
        self.auto_generated_id == Some(true)
    }

    /// Which part of a sink it is, as far as its states tell.
    pub(super) fn sink_part(&self) -> Option<StateRole> {
        let states = self.states.iter().flatten();
        let mut roles = states.filter_map(|state| StateRole::of(state.name));
        roles.find(|role| matches!(role, StateRole::SinkWriter | StateRole::SinkCommittables))
    }

    /// Its states, where there are any and they are known.
    pub(super) fn known_states(&self) -> Option<&[StateView<'a>]> {
        self.states.as_deref().filter(|states| !states.is_empty())
    }
}

impl<'a> StateView<'a> {
    /// A state of a job description.
    pub fn of_job(state: &'a JobState) -> Self {
        Self {
            name: &state.name,
            slot: state.slot,
            kind: state.kind,
            serializers: &state.serializers,
        }
    }

    /// A state of a snapshot.
    pub fn of(state: &'a StateSummary) -> Self {
        Self {
            name: &state.name,
            slot: state.slot,
            kind: state.kind,
            serializers: &state.serializers,
        }
    }
}
