//! The thin layer between stores and parsers: loads snapshots, finds them, looks after their
//! files. The analyses themselves are pure and elsewhere.

#[cfg(feature = "history")]
mod compact;
mod discover;
#[cfg(feature = "history")]
mod history;
mod job_name;
mod list;
mod load;
mod pointer;
mod progress;
pub mod retention;
mod series;
mod states;
mod unfinished;
mod verify;
mod walk;

#[cfg(feature = "history")]
pub use compact::{Compacted, compact};
pub use discover::{Candidate, Discovery, Unreadable, discover};
#[cfg(feature = "history")]
pub use history::{Recalled, Recorded, jobs_before, partition_of, recall, record, recorded_jobs};
pub use list::{SnapshotEntry, SnapshotList, SnapshotStatus, list};
pub use load::{LoadedMetadata, load, summarize};
pub use pointer::{JobChoice, Pointer, PointerKind, Resolved};
pub use progress::{NoProgress, Progress};
pub use series::{Collected, collect};
pub use states::{StatesOptions, bytes_to_read, states};
pub use verify::verify;
