//! `getStateSize` and `getCheckpointedSize` of Flink's handles (docs/format.md 11).

use statescope_format::model::checkpoint::OperatorSubtaskState;
use statescope_format::model::handle::{
    IncrementalRemoteKeyedStateHandle, KeyedStateHandle, StateSize, StreamStateHandle,
};

/// A sum that is unknown as soon as one part is. Saturates: a damaged file must not wrap around.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    known: u64,
    incomplete: bool,
}

impl Sum {
    pub(super) fn add(&mut self, bytes: Option<u64>) {
        match bytes {
            Some(bytes) => self.known = self.known.saturating_add(bytes),
            None => self.incomplete = true,
        }
    }

    pub(super) fn bytes(self) -> Option<u64> {
        (!self.incomplete).then_some(self.known)
    }

    fn of(sizes: impl IntoIterator<Item = Option<u64>>) -> Option<u64> {
        let mut sum = Self::default();
        sizes.into_iter().for_each(|size| sum.add(size));
        sum.bytes()
    }
}

/// Full state size and checkpointed size.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sizes {
    pub(super) state: Sum,
    pub(super) checkpointed: Sum,
}

impl Sizes {
    pub(super) fn add(&mut self, state: Option<u64>, checkpointed: Option<u64>) {
        self.state.add(state);
        self.checkpointed.add(checkpointed);
    }

    /// Operator and channel state count the same in both.
    fn add_same(&mut self, bytes: Option<u64>) {
        self.add(bytes, bytes);
    }

    pub(super) fn of_subtask(state: &OperatorSubtaskState<'_>) -> Self {
        let mut sizes = Self::default();
        for (_, handle) in state.operator_states() {
            sizes.add_same(handle.stream.state_size().bytes());
        }
        for (_, handle) in state.keyed_states() {
            let state = keyed_state_size(handle);
            sizes.add(state, checkpointed(handle, state));
        }
        for (_, handle) in state.channel_states() {
            sizes.add_same(handle.size.bytes());
        }
        if state.origin.earlier().is_some() {
            // All of it was there before.
            sizes.checkpointed = Sum::default();
        }
        sizes
    }
}

/// `KeyedStateHandle.getStateSize()`, in bytes.
pub fn keyed_state_size(handle: &KeyedStateHandle<'_>) -> Option<u64> {
    match handle {
        KeyedStateHandle::KeyGroups(handle) => handle.stream.state_size().bytes(),
        KeyedStateHandle::Incremental(handle) => incremental(handle),
        KeyedStateHandle::Changelog(handle) => {
            let inner = handle.materialized.iter().chain(&handle.non_materialized);
            Sum::of(inner.map(keyed_state_size))
        }
        KeyedStateHandle::ChangelogByteIncrement(handle) => Some(handle.changes.bytes()),
        KeyedStateHandle::ChangelogFileIncrement(handle) => handle.size.bytes(),
    }
}

/// `KeyedStateHandle.getCheckpointedSize()`, in bytes.
pub fn keyed_checkpointed_size(handle: &KeyedStateHandle<'_>) -> Option<u64> {
    checkpointed(handle, keyed_state_size(handle))
}

fn checkpointed(handle: &KeyedStateHandle<'_>, state_size: Option<u64>) -> Option<u64> {
    match handle {
        // Flink takes the full size where the handle does not say.
        KeyedStateHandle::Incremental(handle) => handle.checkpointed_size.bytes().or(state_size),
        KeyedStateHandle::Changelog(handle) => handle.checkpointed_size?.bytes(),
        KeyedStateHandle::ChangelogFileIncrement(handle) => handle.incremental_size?.bytes(),
        KeyedStateHandle::KeyGroups(_) | KeyedStateHandle::ChangelogByteIncrement(_) => state_size,
    }
}

fn incremental(handle: &IncrementalRemoteKeyedStateHandle<'_>) -> Option<u64> {
    let files = handle.shared.iter().chain(&handle.private);
    let streams = std::iter::once(&handle.meta).chain(files.map(|file| &file.handle));
    Sum::of(
        streams
            .map(StreamStateHandle::state_size)
            .map(StateSize::bytes),
    )
}
