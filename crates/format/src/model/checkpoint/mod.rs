//! What one `_metadata` file says: the snapshot, its operators and their subtasks.
//!
//! Pure data, named after the Flink classes in `org.apache.flink.runtime.checkpoint`, one model
//! for all file versions.

mod checkpoint_metadata;
mod master_state;
mod operator_id;
mod operator_state;
mod operator_subtask_state;
mod properties;
mod version;

pub use checkpoint_metadata::CheckpointMetadata;
pub use master_state::MasterState;
pub use operator_id::{InvalidOperatorId, OperatorId};
pub use operator_state::{OperatorState, Subtask};
pub use operator_subtask_state::{OperatorSubtaskState, StateOrigin, StateSlot};
pub use properties::{
    CheckpointProperties, PostCheckpointAction, SavepointFormat, SharingFilesStrategy, SnapshotType,
};
pub use version::MetadataVersion;
