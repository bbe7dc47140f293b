//! Uids back from operator ids (docs/uids.md). A hash cannot be undone, but candidates can be
//! hashed: those of a list, the constants of a job's jar, the nodes of a compiled SQL plan.
//! What fits an id is its uid; there are no false hits.

mod derived;
mod dictionary;
mod entry;
mod generated;
#[cfg(feature = "jar")]
pub mod jar;
pub mod list;
#[cfg(feature = "plan")]
pub mod plan;
mod source;

pub use derived::given_to_sink;
pub use dictionary::{Dictionary, KnownUid};
pub use entry::UidEntry;
pub use generated::{GeneratedId, generated_ids};
pub use source::UidSource;
