use crate::model::handle::{Offsets, StateSize, StreamStateHandle};

/// In-flight data of one subtask (`InputChannelStateHandle`, `ResultSubpartitionStateHandle` and
/// their merged forms; docs/format.md 6.2). Whether `a` is a gate or a partition follows from the
/// list that the handle is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelStateHandle<'a> {
    /// The subtask whose file it is; files of Flink 1.11 do not say.
    pub subtask_index: Option<u32>,
    /// The channels inside: one, or many in the merged form of Flink 2.1+.
    pub channels: Vec<ChannelStateInfo<'a>>,
    /// True for the merged form.
    pub merged: bool,
    /// Bytes of this handle; less than the file, which other handles share.
    pub size: StateSize,
    /// The file.
    pub stream: StreamStateHandle<'a>,
}

/// One channel (`InputChannelInfo` or `ResultSubpartitionInfo`) and its pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChannelStateInfo<'a> {
    /// Gate index of an input channel, partition index of a result subpartition.
    pub gate_or_partition: i32,
    /// Input channel index, or subpartition index.
    pub index: i32,
    /// Position of each buffer in the stream.
    pub offsets: Offsets<'a>,
    /// Bytes of this channel.
    pub size: StateSize,
}
