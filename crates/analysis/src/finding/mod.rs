//! Findings: what an analysis noticed, as data. Words are made from it in one place.

mod base;
mod confidence;
mod drift;
mod growth;
mod lint;
mod not_asked;
mod restore;
mod restore_words;
mod unread;
mod words;

pub use base::BaseFinding;
pub use confidence::Confidence;
pub use drift::{DriftEvidence, DriftFinding, DriftFix, Drifted};
pub use lint::LintFinding;
pub use not_asked::NotAsked;
pub use restore::{KnownMigration, RestoreFinding};
pub use unread::unread;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::snapshot::references::FileRole;
use crate::snapshot::uid::{Dictionary, UidSource};
use statescope_format::model::checkpoint::{OperatorId, StateSlot};
use statescope_format::model::handle::KeyGroupRange;

pub use growth::{Grown, GrowthFinding};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Probably not what was meant.
    Warning,
    /// Flink cannot load or restore it, or would lose state.
    Error,
}

impl Severity {
    /// `info`, `warning` or `error`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Something noticed, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What, with its numbers.
    pub kind: FindingKind,
    /// Where.
    pub place: Place,
}

/// Where in the snapshot a finding belongs; empty for the whole of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// The operator.
    pub operator_id: Option<OperatorId>,
    /// The operator's uid, where it is known.
    pub uid: Option<String>,
    /// Where the uid is known from.
    pub uid_source: Option<UidSource>,
    /// Index of the subtask.
    pub subtask: Option<u32>,
    /// Name of the state.
    pub state: Option<String>,
    /// Path of the file.
    pub path: Option<String>,
}

impl Place {
    /// Fills in the operator's uid, unless the file itself has it.
    pub fn name_operator(&mut self, dictionary: &Dictionary) {
        let known = self.operator_id.and_then(|id| dictionary.get(id));
        if let (None, Some(known)) = (&self.uid, known) {
            self.uid = Some(known.uid.clone());
            self.uid_source = Some(known.source);
        }
    }
}

/// What was noticed. The code of each is stable.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FindingKind {
    /// Bytes behind the end of the metadata.
    TrailingBytes {
        /// How many.
        bytes: u64,
        /// The layout of a version 3 file could not be told by where it ends.
        uncertain_dialect: bool,
    },
    /// A version of the file that no release of Flink writes.
    UnreleasedFormat {
        /// The version.
        version: u32,
    },
    /// Subtasks that use the state of earlier checkpoints: the state is not of one moment.
    RegionalState {
        /// How many.
        subtasks: u64,
        /// The oldest checkpoint that any of them uses.
        oldest: i64,
    },
    /// A subtask said to use the state of a checkpoint that is not an earlier one.
    OriginOutOfRange {
        /// That checkpoint.
        checkpoint: i64,
    },
    /// A mark of the state's origin that means nothing.
    OriginUnclear {
        /// The mark.
        mark: u8,
    },
    /// An operator id that occurs more than once.
    DuplicateOperator {
        /// How often.
        times: usize,
    },
    /// A subtask index that occurs more than once in an operator.
    DuplicateSubtask {
        /// How often.
        times: usize,
    },
    /// A subtask index not below the parallelism.
    SubtaskOutOfRange {
        /// The operator's parallelism.
        parallelism: u32,
    },
    /// A parallelism above the max parallelism.
    ParallelismAboveMax {
        /// The operator's parallelism.
        parallelism: u32,
        /// The operator's max parallelism.
        max_parallelism: u32,
    },
    /// A parallelism or max parallelism that no job can have.
    ParallelismOutOfRange {
        /// The operator's parallelism.
        parallelism: u32,
        /// The operator's max parallelism.
        max_parallelism: u32,
    },
    /// The stored uid does not hash to the operator id.
    UidMismatch {
        /// What it hashes to.
        hash: OperatorId,
    },
    /// Key groups at or above the max parallelism.
    KeyGroupsOutOfRange {
        /// The slot of the handle.
        slot: StateSlot,
        /// The handle's range.
        range: KeyGroupRange,
        /// The operator's max parallelism.
        max_parallelism: u32,
    },
    /// Key groups other than those that Flink gives to this subtask.
    KeyGroupsUnexpected {
        /// The slot of the handle.
        slot: StateSlot,
        /// The handle's range.
        range: KeyGroupRange,
        /// What Flink gives to this subtask.
        expected: KeyGroupRange,
    },
    /// Key groups that two subtasks hold.
    KeyGroupsOverlap {
        /// The slot of the handles.
        slot: StateSlot,
        /// The first key group held twice.
        first: u32,
        /// The last key group held twice.
        last: u32,
        /// The other subtask.
        other_subtask: u32,
    },
    /// Key groups that no subtask holds although other subtasks of the operator hold some.
    KeyGroupsMissing {
        /// The slot of the handles.
        slot: StateSlot,
        /// How many key groups nobody holds.
        missing: u32,
        /// The operator's max parallelism.
        max_parallelism: u32,
    },
    /// A position behind the end of its stream.
    OffsetOutside {
        /// The slot of the handle.
        slot: StateSlot,
        /// The position.
        offset: i64,
        /// Bytes of the stream.
        stream_bytes: u64,
    },
    /// A path that Flink cannot take.
    InvalidPath,
    /// Handles that do not say how big they are.
    UnknownSize {
        /// How many of them.
        handles: u64,
    },
    /// A file that is not there.
    FileMissing {
        /// The slot of the first handle that needs it.
        slot: StateSlot,
        /// What that handle uses it for.
        role: FileRole,
        /// How many handles need it.
        references: u64,
    },
    /// A file that is there but too short.
    FileTooShort {
        /// The slot of the first handle that needs it.
        slot: StateSlot,
        /// What that handle uses it for.
        role: FileRole,
        /// Bytes it has.
        bytes: u64,
        /// Bytes it must have.
        needed: u64,
        /// How many handles need it.
        references: u64,
    },
    /// A file with fewer bytes than are recorded: nothing tells whether it is cut short or the
    /// recorded size is wrong.
    FileShorterThanRecorded {
        /// The slot of the first handle that needs it.
        slot: StateSlot,
        /// What that handle uses it for.
        role: FileRole,
        /// Bytes it has.
        bytes: u64,
        /// Bytes that are recorded.
        recorded: u64,
        /// How many handles need it.
        references: u64,
    },
    /// A table of a database that is there but longer than it was.
    FileTooLong {
        /// The slot of the first handle that needs it.
        slot: StateSlot,
        /// What that handle uses it for.
        role: FileRole,
        /// Bytes it has.
        bytes: u64,
        /// Bytes it must have.
        needed: u64,
        /// How many handles need it.
        references: u64,
    },
    /// A shared file that is not beside the metadata although its handle says so: the victim of
    /// FLINK-39964 after a native savepoint was claimed.
    ClaimedFileMisplaced {
        /// The slot of the first handle that needs it.
        slot: StateSlot,
        /// How many handles need it.
        references: u64,
    },
    /// A file of which the store did not say whether it is there.
    FileUnreachable {
        /// The slot of the first handle that needs it.
        slot: StateSlot,
        /// What that handle uses it for.
        role: FileRole,
        /// What the store said.
        reason: String,
    },
    /// A file that is there, but cannot be opened.
    FileUnreadable {
        /// The slot of the first handle that needs it.
        slot: StateSlot,
        /// What that handle uses it for.
        role: FileRole,
        /// Why.
        reason: String,
        /// What to check next.
        hint: Option<String>,
    },
    /// Files that were found through a path map alone.
    OnlyThroughPathMap {
        /// Where they are recorded.
        from: String,
        /// Where they were found.
        to: String,
        /// How many.
        files: u64,
        /// Whether they are taken to be where they are recorded when a job starts.
        assumed: bool,
    },
    /// Files that are not where they are recorded, but beside the metadata, as in a copy.
    FilesBesideMetadata {
        /// Where they are recorded.
        from: String,
        /// Where they are.
        to: String,
        /// How many.
        files: u64,
    },
    /// Files that are whole although their recorded sizes are not theirs.
    RecordedSizes {
        /// How many.
        files: u64,
        /// Bytes that are recorded for them.
        recorded: u64,
        /// Bytes that they have.
        bytes: u64,
    },
    /// A position behind the recorded size of a file: the file decides.
    OffsetBehindRecordedSize {
        /// The slot of the handle.
        slot: StateSlot,
        /// The position.
        offset: i64,
        /// The recorded size.
        recorded: u64,
    },
    /// Something legal but likely to hurt later.
    Lint(LintFinding),
    /// What a job makes of the snapshot.
    Restore(RestoreFinding),
    /// State that a job would not find again, although it has an operator for it.
    Drift(DriftFinding),
    /// Something that belongs to the result but could not be read or understood.
    NotRead {
        /// Why.
        reason: String,
    },
    /// A store that nobody but the snapshot names: its files were not looked at.
    NotAsked {
        /// The store, as `--allow-store` takes it.
        store: String,
        /// How many distinct files, or streams of state, are in it.
        files: u64,
    },
    /// A directory that may not be listed: its files were asked for one by one.
    NotListed {
        /// What the store said.
        reason: String,
    },
    /// Something in a series of snapshots.
    Growth(GrowthFinding),
    /// Something about what lies below a base.
    Base(BaseFinding),
    /// Further findings of one code in one operator, left out.
    More {
        /// The code.
        code: &'static str,
        /// Its severity.
        severity: Severity,
        /// How many were left out.
        count: u64,
    },
}

impl FindingKind {
    /// Whether a finding without a place of its own is about the new job, and not about the
    /// snapshot.
    pub fn is_of_job(&self) -> bool {
        match self {
            Self::Restore(finding) => !finding.is_of_snapshot(),
            Self::Drift(_) => true,
            _ => false,
        }
    }

    /// The stable name, for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::TrailingBytes { .. } => "trailing-bytes",
            Self::UnreleasedFormat { .. } => "unreleased-format",
            Self::RegionalState { .. } => "regional-state",
            Self::OriginOutOfRange { .. } => "origin-out-of-range",
            Self::OriginUnclear { .. } => "origin-unclear",
            Self::DuplicateOperator { .. } => "duplicate-operator",
            Self::DuplicateSubtask { .. } => "duplicate-subtask",
            Self::SubtaskOutOfRange { .. } => "subtask-out-of-range",
            Self::ParallelismAboveMax { .. } => "parallelism-above-max",
            Self::ParallelismOutOfRange { .. } => "parallelism-out-of-range",
            Self::UidMismatch { .. } => "uid-mismatch",
            Self::KeyGroupsOutOfRange { .. } => "key-groups-out-of-range",
            Self::KeyGroupsUnexpected { .. } => "key-groups-unexpected",
            Self::KeyGroupsOverlap { .. } => "key-groups-overlap",
            Self::KeyGroupsMissing { .. } => "key-groups-missing",
            Self::OffsetOutside { .. } => "offset-outside",
            Self::InvalidPath => "invalid-path",
            Self::UnknownSize { .. } => "unknown-size",
            Self::FileMissing { .. } => "file-missing",
            Self::FileTooShort { .. } => "file-too-short",
            Self::FileShorterThanRecorded { .. } => "file-shorter-than-recorded",
            Self::FileTooLong { .. } => "file-too-long",
            Self::ClaimedFileMisplaced { .. } => "claimed-file-misplaced",
            Self::FileUnreachable { .. } => "file-unreachable",
            Self::FileUnreadable { .. } => "file-unreadable",
            Self::OnlyThroughPathMap { .. } => "only-through-path-map",
            Self::FilesBesideMetadata { .. } => "files-beside-metadata",
            Self::RecordedSizes { .. } | Self::OffsetBehindRecordedSize { .. } => "recorded-size",
            Self::Lint(lint) => lint.code(),
            Self::Restore(restore) => restore.code(),
            Self::Drift(drift) => drift.code(),
            Self::NotRead { .. } => "not-read",
            Self::NotAsked { .. } => "not-asked",
            Self::NotListed { .. } => "not-listed",
            Self::Growth(finding) => finding.code(),
            Self::Base(finding) => finding.code(),
            Self::More { code, .. } => code,
        }
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        match self {
            Self::DuplicateOperator { .. }
            | Self::DuplicateSubtask { .. }
            | Self::SubtaskOutOfRange { .. }
            | Self::ParallelismAboveMax { .. }
            | Self::ParallelismOutOfRange { .. }
            | Self::KeyGroupsOutOfRange { .. }
            | Self::KeyGroupsOverlap { .. }
            | Self::OffsetOutside { .. }
            | Self::InvalidPath
            | Self::FileMissing { .. }
            | Self::FileTooShort { .. }
            | Self::FileTooLong { .. }
            | Self::FilesBesideMetadata { .. }
            | Self::ClaimedFileMisplaced { .. } => Severity::Error,
            Self::OnlyThroughPathMap { assumed: true, .. } => Severity::Info,
            Self::TrailingBytes { .. }
            | Self::UnreleasedFormat { .. }
            | Self::OriginOutOfRange { .. }
            | Self::OriginUnclear { .. }
            | Self::UidMismatch { .. }
            | Self::KeyGroupsUnexpected { .. }
            | Self::UnknownSize { .. }
            | Self::FileUnreachable { .. }
            | Self::FileUnreadable { .. }
            | Self::FileShorterThanRecorded { .. }
            | Self::OnlyThroughPathMap { .. }
            | Self::RecordedSizes { .. }
            | Self::OffsetBehindRecordedSize { .. }
            | Self::NotRead { .. }
            | Self::NotAsked { .. }
            | Self::NotListed { .. } => Severity::Warning,
            // State that a subtask registers only with its first record leaves such holes.
            Self::KeyGroupsMissing { .. } | Self::RegionalState { .. } => Severity::Info,
            Self::Growth(finding) => finding.severity(),
            Self::Base(finding) => finding.severity(),
            Self::Lint(lint) => lint.severity(),
            Self::Restore(restore) => restore.severity(),
            Self::Drift(drift) => drift.severity(),
            Self::More { severity, .. } => *severity,
        }
    }

    /// True where Flink's loader throws instead of loading the file.
    pub fn refused_by_flink(&self) -> bool {
        matches!(
            self,
            Self::SubtaskOutOfRange { .. } | Self::ParallelismAboveMax { .. } | Self::InvalidPath
        )
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { kind, place } = self;
        let mut object = serializer.serialize_struct("Finding", 10)?;
        object.serialize_field("code", kind.code())?;
        object.serialize_field("severity", &kind.severity())?;
        object.serialize_field("operator_id", &place.operator_id)?;
        object.serialize_field("uid", &place.uid)?;
        object.serialize_field("uid_source", &place.uid_source)?;
        object.serialize_field("subtask", &place.subtask)?;
        object.serialize_field("state", &place.state)?;
        object.serialize_field("path", &place.path)?;
        object.serialize_field("message", &self.message())?;
        object.serialize_field("hint", &self.hint())?;
        object.end()
    }
}
