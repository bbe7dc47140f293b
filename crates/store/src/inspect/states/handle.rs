use std::mem::{Discriminant, discriminant};

use statescope_format::model::checkpoint::{OperatorState, StateSlot};
use statescope_format::model::handle::{KeyedStateHandle, OperatorStateHandle};

/// A handle of managed or raw state, and whose it is.
#[derive(Clone, Copy)]
pub(super) struct Handle<'m, 'a> {
    pub(super) subtask: u32,
    pub(super) slot: StateSlot,
    pub(super) content: Content<'m, 'a>,
}

#[derive(Clone, Copy)]
pub(super) enum Content<'m, 'a> {
    Operator(&'m OperatorStateHandle<'a>),
    Keyed(&'m KeyedStateHandle<'a>),
}

/// Handles of one sort have the same states in all subtasks.
type Sort<'a> = (StateSlot, Option<Discriminant<KeyedStateHandle<'a>>>);

impl<'a> Handle<'_, 'a> {
    pub(super) fn sort(&self) -> Sort<'a> {
        let keyed = match self.content {
            Content::Keyed(handle) => Some(discriminant(handle)),
            Content::Operator(_) => None,
        };
        (self.slot, keyed)
    }
}

/// The handles of an operator that can hold named states: in-flight data has none.
pub(super) fn handles<'m, 'a>(
    operator: &'m OperatorState<'a>,
) -> impl Iterator<Item = Handle<'m, 'a>> {
    let subtasks = operator.subtasks.iter();
    let subtasks = subtasks.filter_map(|subtask| Some((subtask.index, subtask.state()?)));
    subtasks.flat_map(|(subtask, state)| {
        let operator = state.operator_states().map(move |(slot, handle)| Handle {
            subtask,
            slot,
            content: Content::Operator(handle),
        });
        let keyed = state.keyed_states().map(move |(slot, handle)| Handle {
            subtask,
            slot,
            content: Content::Keyed(handle),
        });
        operator.chain(keyed)
    })
}
