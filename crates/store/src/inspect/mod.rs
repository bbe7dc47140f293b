//! The use cases, one file each: a request in, a result out, and [`Progress`] told meanwhile. They join
//! the stores with the parsers and the analyses, which are pure and elsewhere.

mod check;
#[cfg(feature = "history")]
mod compact;
mod describe;
mod diff;
mod discover;
pub mod front;
mod growth;
#[cfg(feature = "history")]
mod growth_history;
#[cfg(feature = "history")]
mod history;
mod job_name;
mod list;
mod load;
mod look;
mod new_job;
mod open;
mod pointer;
mod progress;
pub mod retention;
mod series;
mod show;
mod states;
mod uid;
mod uids;
mod unfinished;
mod verify;
mod walk;

pub use check::{CheckRequest, Checked, check};
#[cfg(feature = "history")]
pub use compact::{Compacted, compact};
pub use describe::{Described, describe_job};
pub use diff::{Compared, DiffRequest, diff};
pub use discover::{Candidate, Discovery, Unreadable, discover};
pub use growth::{Grew, GrowthRequest, growth};
#[cfg(feature = "history")]
pub use growth_history::HistoryRequest;
#[cfg(feature = "history")]
pub use history::{Recalled, Recorded, jobs_before, partition_of, recall, record, recorded_jobs};
pub use list::{SnapshotEntry, SnapshotList, SnapshotStatus, list};
pub use load::{LoadedMetadata, load, summarize};
pub use look::{Look, MUCH_STATE_BYTES};
pub use new_job::{NewJob, NewJobSources, new_job};
pub use open::{Opened, open};
pub use pointer::{JobChoice, NotAPointer, Pointer, PointerKind, Resolved};
pub use progress::{NoProgress, Progress};
pub use series::{Collected, collect};
pub use show::{ShowRequest, Shown, show};
pub use states::{StatesById, StatesOptions, ToldStates, bytes_to_read, states};
pub use uid::{uids_in, uids_of};
pub use uids::{UidList, UidSources};
pub use verify::verify;
