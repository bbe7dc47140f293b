//! State handles: where the bytes of one piece of state are, and how they are cut up.
//!
//! Pure data, named after the Flink classes in `org.apache.flink.runtime.state`. Strings, inline
//! state and offset tables borrow from the `_metadata` bytes they were read from.

mod changelog;
mod channel;
mod key_group;
mod keyed;
mod offsets;
mod operator;
mod size;
mod stream;

pub use changelog::{
    ChangelogStateBackendHandle, ChangelogStateHandleStream, InMemoryChangelogStateHandle,
    OffsetStream, StateChange, StateChanges,
};
pub use channel::{ChannelStateHandle, ChannelStateInfo};
pub use key_group::{KeyGroupRange, default_max_parallelism};
pub use keyed::{
    HandleAndLocalPath, IncrementalRemoteKeyedStateHandle, KeyGroupsKind, KeyGroupsStateHandle,
    KeyedStateHandle,
};
pub use offsets::Offsets;
pub use operator::{DistributionMode, FileMergingDirectories, OperatorStateHandle, StateMetaInfo};
pub use size::StateSize;
pub use stream::{
    ByteStreamStateHandle, CheckpointedStateScope, SegmentFileStateHandle, StreamStateHandle,
};
