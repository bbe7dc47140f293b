use crate::model::handle::{ChannelStateHandle, KeyedStateHandle, OperatorStateHandle};

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
    /// Whose state this is.
    pub origin: StateOrigin,
}

/// Which checkpoint a subtask's state was written for (regional checkpoints, docs/format.md 3.4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StateOrigin {
    /// This one.
    #[default]
    Own,
    /// An earlier one: the subtask's region failed in this one.
    Earlier(i64),
    /// The mark says neither; Flink takes it for its own.
    Unclear(u8),
}

impl StateOrigin {
    /// The earlier checkpoint.
    pub fn earlier(self) -> Option<i64> {
        match self {
            Self::Earlier(checkpoint) => Some(checkpoint),
            Self::Own | Self::Unclear(_) => None,
        }
    }
}

impl<'a> OperatorSubtaskState<'a> {
    /// The handles of operator state, with their slots.
    pub fn operator_states(&self) -> impl Iterator<Item = (StateSlot, &OperatorStateHandle<'a>)> {
        [
            (StateSlot::ManagedOperator, &self.managed_operator),
            (StateSlot::RawOperator, &self.raw_operator),
        ]
        .into_iter()
        .filter_map(|(slot, handle)| Some((slot, handle.as_deref()?)))
    }

    /// The handles of keyed state, with their slots.
    pub fn keyed_states(&self) -> impl Iterator<Item = (StateSlot, &KeyedStateHandle<'a>)> {
        [
            (StateSlot::ManagedKeyed, &self.managed_keyed),
            (StateSlot::RawKeyed, &self.raw_keyed),
        ]
        .into_iter()
        .filter_map(|(slot, handle)| Some((slot, handle.as_deref()?)))
    }

    /// The handles of in-flight data, with their slots.
    pub fn channel_states(&self) -> impl Iterator<Item = (StateSlot, &ChannelStateHandle<'a>)> {
        let inputs = self.input_channels.iter();
        let outputs = self.result_subpartitions.iter();
        inputs
            .map(|handle| (StateSlot::InputChannel, handle))
            .chain(outputs.map(|handle| (StateSlot::ResultSubpartition, handle)))
    }

    /// `hasState()`: true with any handle at all, even one of no bytes.
    pub fn has_state(&self) -> bool {
        self.operator_states().next().is_some()
            || self.keyed_states().next().is_some()
            || self.channel_states().next().is_some()
    }
}

/// Which of the six places of a subtask a handle is in.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
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
    /// All of them, in the order of results.
    pub const ALL: [Self; 6] = [
        Self::ManagedOperator,
        Self::RawOperator,
        Self::ManagedKeyed,
        Self::RawKeyed,
        Self::InputChannel,
        Self::ResultSubpartition,
    ];

    /// The name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::ManagedOperator => "managed_operator",
            Self::RawOperator => "raw_operator",
            Self::ManagedKeyed => "managed_keyed",
            Self::RawKeyed => "raw_keyed",
            Self::InputChannel => "input_channel",
            Self::ResultSubpartition => "result_subpartition",
        }
    }

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
