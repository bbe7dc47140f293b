use serde::{Deserialize, Serialize};

use crate::retention::{KeepReason, Kind, Policy};
use statescope_format::location::Location;
use statescope_format::time::UtcSeconds;

/// The version of plans that this release writes and carries out.
pub const PLAN_VERSION: u32 = 1;

/// What is to be deleted, and everything that this relies on: the `data` of `retention plan`
/// (docs/json.md), and what `--plan-out` writes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// [`PLAN_VERSION`].
    pub plan_version: u32,
    /// The release that made the plan.
    pub tool_version: String,
    /// When it was made.
    pub created: UtcSeconds,
    /// Below which files may go.
    pub base: Location,
    /// Other bases that were read: what is below them stays.
    pub also: Vec<Location>,
    /// The store of the base.
    pub store: String,
    /// The rules.
    pub policy: Policy,
    /// What was found.
    pub listing: ListingSummary,
    /// Every complete snapshot, by directory.
    pub snapshots: Vec<PlannedSnapshot>,
    /// What is to go, in the order of deletion.
    pub objects: Vec<PlannedObject>,
    /// Directories that are to go once they are empty, the deepest first.
    pub directories: Vec<Location>,
    /// What this frees, by class.
    pub freed: Vec<Freed>,
    /// What only snapshots that go mention, and that lies below none of the bases: it stays behind.
    #[serde(default)]
    pub left_outside: LeftOutside,
    /// The same by job.
    pub jobs: Vec<JobSummary>,
    /// Files that no snapshot is known to need, and that stay nevertheless.
    pub left_alone: Vec<LeftAlone>,
}

/// What was found below the bases.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListingSummary {
    /// Directories below all bases.
    pub directories: u64,
    /// Files below all bases.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Complete snapshots below all bases.
    pub snapshots: u64,
}

/// A snapshot and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedSnapshot {
    /// Its directory.
    pub location: Location,
    /// The job that it is of.
    pub job: String,
    /// What its directory's name says it is.
    pub kind: Kind,
    /// The number in `chk-N`.
    pub checkpoint_id: Option<u64>,
    /// When its metadata was written.
    pub written: Option<UtcSeconds>,
    /// Whether it stays.
    pub keep: bool,
    /// Why; empty if it goes, for no rule keeps it.
    pub reasons: Vec<KeepReason>,
    /// The first file that it needs and that is not there: Flink cannot restore it.
    pub missing_file: Option<String>,
}

/// Why a file goes. In the order of deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The metadata of a snapshot that goes.
    Metadata,
    /// A file in the directory of a snapshot that goes.
    Exclusive,
    /// A file that only snapshots that go have mentioned.
    Shared,
    /// A file of Flink's that no snapshot mentions.
    Orphan,
}

impl Class {
    /// All of them, in order.
    pub const ALL: [Self; 4] = [Self::Metadata, Self::Exclusive, Self::Shared, Self::Orphan];

    /// The class in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Metadata => "metadata",
            Self::Exclusive => "exclusive",
            Self::Shared => "shared",
            Self::Orphan => "orphan",
        }
    }
}

/// A file that is to go, as it was when the plan was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedObject {
    /// Where it is.
    pub location: Location,
    /// Why it goes.
    pub class: Class,
    /// The job that it was of, as far as names tell.
    pub job: String,
    /// Its size.
    pub bytes: u64,
    /// When it was written last.
    pub modified: UtcSeconds,
    /// Since when it is there as it is.
    #[serde(default)]
    pub settled: Option<UtcSeconds>,
    /// The store's mark of this content, where it has one.
    pub etag: Option<String>,
}

/// What a class of files takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Freed {
    /// The class.
    pub class: Class,
    /// How many files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Files outside the bases that no snapshot which stays mentions. Whether they are still there was
/// not looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOutside {
    /// How many files.
    pub files: u64,
    /// Their bytes, as handles record them; of merged files, up to the last segment.
    pub bytes: u64,
}

/// What becomes of a job's snapshots and files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobSummary {
    /// The job.
    pub job: String,
    /// Snapshots that stay.
    pub kept: u64,
    /// Snapshots that go.
    pub deleted: u64,
    /// Files that go, leftovers included.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Why files that nothing is known to need stay nevertheless.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StayReason {
    /// A name that Flink does not give.
    UnknownName,
    /// A directory that is not Flink's.
    UnknownPlace,
    /// Younger than `--min-age`, or of unknown age.
    TooYoung,
    /// Perhaps part of a checkpoint that is being written.
    InProgress,
    /// Perhaps needed by the next checkpoint of a job that still writes.
    JobStillWrites,
    /// In the directory of a snapshot that stays.
    InsideKeptSnapshot,
    /// A savepoint that was never completed, without `--include-savepoints`.
    Savepoint,
    /// Task-owned: sinks keep track of such files where nobody else can look.
    TaskOwned,
    /// Perhaps in use by a running ForSt task.
    ForSt,
    /// A changelog file of a job whose checkpoints are nowhere below the bases.
    JobUnknown,
    /// A snapshot needs a file of this name at another path.
    NeededElsewhere,
    /// A symbolic link.
    Link,
}

impl StayReason {
    /// The reason in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::UnknownName => "not one of Flink's names",
            Self::UnknownPlace => "not one of Flink's directories",
            Self::TooYoung => "too young",
            Self::InProgress => "perhaps being written",
            Self::JobStillWrites => "its job still writes",
            Self::InsideKeptSnapshot => "in a snapshot that stays",
            Self::Savepoint => "an unfinished savepoint",
            Self::TaskOwned => "task-owned",
            Self::ForSt => "perhaps in use by ForSt",
            Self::JobUnknown => "no checkpoint of its job is known",
            Self::NeededElsewhere => "needed under another path",
            Self::Link => "a symbolic link",
        }
    }
}

/// Files of one directory that stay for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftAlone {
    /// The directory.
    pub directory: Location,
    /// Why they stay.
    pub reason: StayReason,
    /// How many there are.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The name of the first.
    pub example: String,
}
