use std::collections::HashMap;

use statescope_analysis::snapshot::contents::OperatorStates;
use statescope_format::model::checkpoint::OperatorId;

/// The states of operators, in the order of the file. A file may have millions of operators that have
/// none, and those take next to no memory.
#[derive(Debug, Default)]
pub struct ToldStates(Vec<(OperatorId, Told)>);

/// `None` of an operator that has nothing.
type Told = Option<Box<OperatorStates>>;

/// The same by operator; of several with one id, those of the last.
#[derive(Debug)]
pub struct StatesById(HashMap<OperatorId, Told>);

impl ToldStates {
    /// Adds an operator that has no handle.
    pub(super) fn nothing(&mut self, id: OperatorId) -> usize {
        self.0.push((id, None));
        self.0.len() - 1
    }

    /// Tells of an operator what was found, after all.
    pub(super) fn found(&mut self, at: usize, states: OperatorStates) {
        if let Some((_, told)) = self.0.get_mut(at) {
            *told = Some(Box::new(states));
        }
    }

    /// To be looked up.
    pub fn by_id(self) -> StatesById {
        StatesById(self.0.into_iter().collect())
    }
}

impl StatesById {
    /// The states of an operator, once; `None` if nobody asked for them.
    pub fn take(&mut self, id: OperatorId) -> Option<OperatorStates> {
        self.0.remove(&id).map(unfolded)
    }
}

impl IntoIterator for ToldStates {
    type Item = (OperatorId, OperatorStates);
    type IntoIter = std::iter::Map<
        std::vec::IntoIter<(OperatorId, Told)>,
        fn((OperatorId, Told)) -> Self::Item,
    >;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter().map(|(id, told)| (id, unfolded(told)))
    }
}

fn unfolded(told: Told) -> OperatorStates {
    told.map_or_else(OperatorStates::of_nothing, |states| *states)
}
