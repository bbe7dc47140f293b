//! What the states of a stream hold, counted by walking it: entries and bytes.
//!
//! Each reader is fed the bytes in order, in pieces of any size, and keeps no more than one chunk
//! of them. How the bytes are cut never changes the result.

mod canonical;
mod changelog;
mod feed;
mod heap;
mod key_groups;
mod keyed_body;
mod numbers;
mod operator;
mod skipper;
mod walker;

pub use canonical::{CanonicalBody, CanonicalKeyGroup, EntryCounts, KeyedFormat};
pub use changelog::{
    ChangeCounts, ChangeSetBody, MetadataChange, Operation, OperationCounts, count_changes,
};
pub use heap::{HeapBody, HeapCounts, HeapKeyGroup, HeapResult};
pub use key_groups::KeyGroupLayout;
pub use keyed_body::{KeyedBody, KeyedBodyProbe};
pub use operator::{OperatorStateCounts, broadcast_entries, operator_states};
pub use skipper::Skipper;
