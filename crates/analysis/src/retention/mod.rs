//! Which snapshots and files may go, and in which order: decisions as data (docs/retention.md).
//!
//! Everything here is pure. [`Surveying`] asks for what it has to know and makes a [`Survey`]: a
//! [`Policy`] decides over [`Snapshot`]s, [`Mentions`] and [`Reachable`] say which files are needed.
//! [`build`] makes a [`Plan`] of it, [`confirm`] checks a plan against what is there later, and
//! [`Deletion`] says when to look again and what to delete next. What reads and deletes is
//! `inspector::retention`.

mod build;
mod calendar;
mod confirm;
mod decide;
mod deletion;
mod emptied;
mod fingerprint;
mod garbage;
mod grouping;
mod inventory;
mod jobs;
mod journal;
mod kinship;
mod mentions;
#[cfg(test)]
mod model;
mod place;
mod plan;
mod policy;
mod quarantine;
mod reachability;
mod refusal;
mod restore;
mod snapshot;
mod survey;
mod surveying;
mod watch;

pub use build::{CLOCK_SKEW_MOST_SECONDS, Scope, build, refuse_policy};
pub use confirm::{
    confirm, confirm_directories, confirmed_revisions, decide_as_planned, refuse_plan,
};
pub use decide::decide;
pub use deletion::{Deletion, Found, Outcome, Step};
pub use fingerprint::{FilePrint, Fingerprint, Fingerprints};
pub use grouping::Grouping;
pub use inventory::{Alias, Aliases, Directory, File, Inventory};
pub use journal::{Journal, JournalEntry, NoJournal};
pub use kinship::Kinship;
pub use mentions::{LedTo, Mentioned, Mentions};
pub use plan::{
    Class, Freed, JobSummary, LeftAlone, LeftOutside, ListingSummary, PLAN_VERSION, Plan,
    PlannedObject, PlannedSnapshot, StayReason,
};
pub use policy::{GroupBy, KeepReason, Policy};
pub use quarantine::in_quarantine;
pub use reachability::{Need, Reachable};
pub use refusal::Refusal;
pub use restore::{
    JournalLine, JournalReader, MovedFile, MovedFiles, Restoration, RestoreRefusal,
    RestoreSelection, RestoreStep, Returned, Way,
};
pub use snapshot::{Kind, Snapshot};
pub use survey::{Record, Survey, Wholeness};
pub use surveying::{Ask, CloseLook, Decisions, Reading, Surveying};
pub use watch::{Mark, Sighting};
