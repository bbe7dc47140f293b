//! What a snapshot holds, in owned values: the result of `show` and the source of its JSON
//! (docs/json.md). Sizes are Flink's own figures (docs/format.md 11), in bytes; `None` is "unknown".

mod handle;
mod handle_kinds;
mod inside;
mod name;
mod operator;
mod select;
mod sizes;
mod snapshot;
mod unique;

pub use handle::{
    ChannelSummary, FileStorage, FileSummary, HandleSummary, HandleType, KeyGroups,
    OperatorStateSummary,
};
pub use handle_kinds::HandleKinds;
pub use inside::{Inside, StatesSummary};
pub use operator::{OperatorSummary, SubtaskSummary, skew};
pub use select::{OperatorOrder, Selection};
pub use sizes::{keyed_checkpointed_size, keyed_state_size};
pub use snapshot::{
    Detail, MasterStateSummary, PropertiesSummary, SnapshotKind, SnapshotSummary, Summarizer,
    summarize,
};
