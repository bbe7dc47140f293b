use crate::JavaStr;
use crate::model::checkpoint::{OperatorId, OperatorSubtaskState, StateOrigin};
use crate::model::handle::ByteStreamStateHandle;

/// One operator of the job (`OperatorState`, docs/format.md 3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorState<'a> {
    /// The operator's id: the hash of its uid, or generated from the job graph.
    pub id: OperatorId,
    /// The uid set in the program; stored from version 5 on, `None` there means "not set".
    pub uid: Option<JavaStr<'a>>,
    /// The operator's name; stored from version 5 on.
    pub name: Option<JavaStr<'a>>,
    /// Number of subtasks.
    pub parallelism: u32,
    /// Number of key groups, and the most subtasks it can be rescaled to.
    pub max_parallelism: u32,
    /// State of the operator's coordinator on the JobManager, such as a source's splits.
    pub coordinator: Option<ByteStreamStateHandle<'a>>,
    /// True when every subtask had finished before the snapshot (`FullyFinishedOperatorState`).
    pub fully_finished: bool,
    /// The subtasks in the file, in its arbitrary order; missing ones have no state.
    pub subtasks: Vec<Subtask<'a>>,
}

/// One entry of an operator's subtasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subtask<'a> {
    /// Index of the subtask, from 0.
    pub index: u32,
    /// True when it had finished before the snapshot (`FinishedOperatorSubtaskState`).
    pub finished: bool,
    state: Option<Box<OperatorSubtaskState<'a>>>,
}

impl<'a> Subtask<'a> {
    /// A subtask that still ran. Most of a big job's subtasks have no state at all; those take no
    /// more memory than their index.
    pub fn running(index: u32, state: OperatorSubtaskState<'a>) -> Self {
        Self {
            index,
            finished: false,
            state: (state.has_state() || state.origin != StateOrigin::Own).then(|| Box::new(state)),
        }
    }

    /// A subtask that had finished.
    pub fn finished(index: u32) -> Self {
        Self {
            index,
            finished: true,
            state: None,
        }
    }

    /// Its state handles; `None` when it has none and the file says nothing else of it.
    pub fn state(&self) -> Option<&OperatorSubtaskState<'a>> {
        self.state.as_deref()
    }
}
