use crate::state::{ChannelStateHandle, KeyedStateHandle, OperatorStateHandle};

/// The state handles of one subtask (`OperatorSubtaskState`, docs/format.md 3.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OperatorSubtaskState<'a> {
    /// Operator state that Flink manages.
    pub managed_operator: Option<Box<OperatorStateHandle<'a>>>,
    /// Operator state that the operator writes itself.
    pub raw_operator: Option<Box<OperatorStateHandle<'a>>>,
    /// Keyed state that a state backend manages.
    pub managed_keyed: Option<Box<KeyedStateHandle<'a>>>,
    /// Keyed state that the operator writes itself, such as timers on the heap.
    pub raw_keyed: Option<Box<KeyedStateHandle<'a>>>,
    /// In-flight data before the operator (unaligned checkpoints).
    pub input_channels: Vec<ChannelStateHandle<'a>>,
    /// In-flight data behind the operator (unaligned checkpoints).
    pub result_subpartitions: Vec<ChannelStateHandle<'a>>,
}

impl OperatorSubtaskState<'_> {
    /// `hasState()`: true with any handle at all, even one of no bytes.
    pub fn has_state(&self) -> bool {
        self.managed_operator.is_some()
            || self.raw_operator.is_some()
            || self.managed_keyed.is_some()
            || self.raw_keyed.is_some()
            || !self.input_channels.is_empty()
            || !self.result_subpartitions.is_empty()
    }
}

/// Which of the six places of a subtask a handle is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StateSlot {
    /// Operator state that Flink manages.
    ManagedOperator,
    /// Operator state that the operator writes itself.
    RawOperator,
    /// Keyed state that a state backend manages.
    ManagedKeyed,
    /// Keyed state that the operator writes itself.
    RawKeyed,
    /// In-flight data before the operator.
    InputChannel,
    /// In-flight data behind the operator.
    ResultSubpartition,
}

impl StateSlot {
    /// The slot in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::ManagedOperator => "managed operator state",
            Self::RawOperator => "raw operator state",
            Self::ManagedKeyed => "managed keyed state",
            Self::RawKeyed => "raw keyed state",
            Self::InputChannel => "input channel state",
            Self::ResultSubpartition => "result subpartition state",
        }
    }
}
