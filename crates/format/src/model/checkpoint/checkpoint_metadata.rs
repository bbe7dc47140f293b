use crate::model::checkpoint::{CheckpointProperties, MasterState, MetadataVersion, OperatorState};

/// The whole of a `_metadata` file (`CheckpointMetadata`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointMetadata<'a> {
    /// The file's version.
    pub version: MetadataVersion,
    /// The checkpoint's number in its job; 0 when the State Processor API wrote the file.
    pub checkpoint_id: u64,
    /// State of checkpoint hooks; rare.
    pub master_states: Vec<MasterState<'a>>,
    /// The operators, in the file's arbitrary order.
    pub operator_states: Vec<OperatorState<'a>>,
    /// What kind of snapshot it is; from version 4 on, and even there sometimes absent.
    pub properties: Option<CheckpointProperties>,
}
