use serde::Serialize;

use crate::snapshot::references::{Base, Target, visit_subtask};
use crate::snapshot::summary::handle_kinds::HandleKinds;
use crate::snapshot::summary::operator::OperatorSummary;
use crate::snapshot::summary::select::Selection;
use crate::snapshot::summary::sizes::Sizes;
use crate::snapshot::summary::unique::UniqueBytes;
use statescope_format::metadata::{Outline, ParsedMetadata};
use statescope_format::model::checkpoint::{
    CheckpointProperties, OperatorState, PostCheckpointAction, SavepointFormat,
    SharingFilesStrategy, SnapshotType,
};
use statescope_format::model::handle::StreamStateHandle;
use statescope_format::reader::to_u64;

/// How much of a snapshot a summary holds. Big snapshots have millions of files, so the lists are
/// only made where they are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Operators; their `subtasks` stay empty.
    Operators,
    /// Subtasks; their `handles` stay empty.
    Subtasks,
    /// Every handle and file.
    Handles,
}

/// A whole snapshot: the `data` of `show` (docs/json.md).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SnapshotSummary {
    /// Where it was read.
    pub location: String,
    /// Version of the file.
    pub metadata_version: u32,
    /// Releases that write this version.
    pub flink_versions: &'static [&'static str],
    /// The checkpoint's number in its job.
    pub checkpoint_id: u64,
    /// What it is; not recorded before version 4.
    pub kind: Option<SnapshotKind>,
    /// Of a savepoint, its format.
    pub savepoint_format: Option<SavepointFormat>,
    /// Of a savepoint, what the job did afterwards; `None` if it went on.
    pub post_checkpoint_action: Option<PostCheckpointAction>,
    /// The other properties; not recorded before version 4.
    pub properties: Option<PropertiesSummary>,
    /// Bytes of the file.
    pub metadata_bytes: u64,
    /// A hash of the file's bytes, by which the same file is known again; `None` where only its
    /// content was at hand.
    #[serde(skip)]
    pub metadata_digest: Option<u64>,
    /// Bytes behind the end of its content; always 0 in a file that Flink wrote.
    pub trailing_bytes: u64,
    /// Full size of the state (`getStateSize`).
    pub state_bytes: Option<u64>,
    /// Bytes that this snapshot added (`getCheckpointedSize`).
    pub checkpointed_bytes: Option<u64>,
    /// Bytes of distinct files and segments, as recorded, and of inline state.
    pub unique_bytes: Option<u64>,
    /// State bytes inside the file itself.
    pub inline_bytes: u64,
    /// Distinct files and segments.
    pub file_count: u64,
    /// True if handles point at segments of merged files or at their directories, which Flink reads
    /// since 1.20.
    pub merged_files: bool,
    /// Subtasks that use the state of an earlier checkpoint again: always 0 before version 7.
    pub referencing_subtasks: u64,
    /// The oldest checkpoint that any of them uses.
    pub oldest_referenced_checkpoint_id: Option<i64>,
    /// Which handles it has of those that not every release reads.
    #[serde(skip)]
    pub handles: HandleKinds,
    /// State of checkpoint hooks.
    pub master_states: Vec<MasterStateSummary>,
    /// How many operators the file has, whichever of them are listed.
    pub operator_count: u64,
    /// Operators with state of which nothing tells whether they have a uid: before version 5 the
    /// file does not record uids.
    pub unknown_uids: u64,
    /// The operators, largest first, then by id.
    pub operators: Vec<OperatorSummary>,
}

/// What kind of snapshot it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SnapshotKind {
    /// A checkpoint.
    Checkpoint,
    /// A checkpoint that uses no file of an earlier one.
    FullCheckpoint,
    /// A savepoint.
    Savepoint,
}

/// What `CheckpointProperties` say beyond the kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PropertiesSummary {
    /// Flink's name for the kind, such as `Suspend Savepoint`.
    pub name: String,
    /// Which files it may share.
    pub sharing_files_strategy: SharingFilesStrategy,
    /// Deleted when a newer checkpoint replaces it.
    pub discard_subsumed: bool,
    /// Deleted when the job finishes.
    pub discard_finished: bool,
    /// Deleted when the job is cancelled.
    pub discard_cancelled: bool,
    /// Deleted when the job fails.
    pub discard_failed: bool,
    /// Deleted when the job is suspended.
    pub discard_suspended: bool,
    /// Taken even where the coordinator would have declined.
    pub forced: bool,
    /// Restored without claiming.
    pub unclaimed: bool,
}

/// State of one checkpoint hook.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MasterStateSummary {
    /// The hook's identifier.
    pub name: String,
    /// Version of its serializer.
    pub version: i32,
    /// Bytes of its state.
    pub state_bytes: u64,
}

/// Sums up a parsed file of `metadata_bytes` bytes that was read at `location`; `base` is the
/// directory that its relative paths belong to.
pub fn summarize(
    parsed: &ParsedMetadata<'_>,
    location: &str,
    metadata_bytes: u64,
    base: &Base,
    detail: Detail,
) -> SnapshotSummary {
    let mut summarizer = Summarizer::new(base, detail);
    for operator in &parsed.metadata.operator_states {
        summarizer.operator(operator);
    }
    let metadata = &parsed.metadata;
    let outline = Outline {
        version: metadata.version,
        checkpoint_id: metadata.checkpoint_id,
        master_states: metadata.master_states.clone(),
        properties: metadata.properties.clone(),
        trailing_bytes: parsed.trailing_bytes,
        dialect: parsed.dialect,
    };
    summarizer.finish(&outline, location, metadata_bytes)
}

/// Sums up a file operator by operator, for files that are not held in memory as a whole.
pub struct Summarizer<'b, 'a> {
    base: &'b Base,
    detail: Detail,
    sizes: Sizes,
    unique: UniqueBytes<'b, 'a>,
    merged_files: bool,
    handles: HandleKinds,
    referencing_subtasks: u64,
    oldest_referenced: Option<i64>,
    operators: Vec<OperatorSummary>,
    /// Set where there was no memory for them, to the bytes that were asked for.
    not_had: Option<u64>,
}

impl<'b, 'a> Summarizer<'b, 'a> {
    /// `base` is the directory that the file's relative paths belong to.
    pub fn new(base: &'b Base, detail: Detail) -> Self {
        Self {
            base,
            detail,
            sizes: Sizes::default(),
            unique: UniqueBytes::new(base),
            merged_files: false,
            handles: HandleKinds::default(),
            referencing_subtasks: 0,
            oldest_referenced: None,
            operators: Vec::new(),
            not_had: None,
        }
    }

    /// Adds one operator. Where there is no memory for more of them, what there is of them is given
    /// up: see [`not_had`](Self::not_had).
    pub fn operator(&mut self, state: &OperatorState<'a>) {
        if self.not_had.is_some() || !self.has_room() {
            return;
        }
        if let Some(coordinator) = &state.coordinator {
            self.unique.add_inline(to_u64(coordinator.data().len()));
        }
        for subtask in state.subtasks.iter().filter_map(|subtask| subtask.state()) {
            visit_subtask(subtask, &mut |reference| {
                self.merged_files |= is_merged(&reference.target);
                self.unique.add(reference.target);
            });
            self.handles.note(subtask);
            if let Some(earlier) = subtask.origin.earlier() {
                self.referencing_subtasks += 1;
                let oldest = self.oldest_referenced;
                self.oldest_referenced = Some(oldest.map_or(earlier, |oldest| oldest.min(earlier)));
            }
            let mut operator_states = subtask.operator_states();
            self.merged_files |= operator_states.any(|(_, handle)| handle.file_merging.is_some());
        }
        let operator = OperatorSummary::of(state, self.base, self.detail);
        self.sizes
            .add(operator.state_bytes, operator.checkpointed_bytes);
        self.operators.push(operator);
    }

    /// How many bytes there was no memory for, if that happened: then there is no summary.
    pub fn not_had(&self) -> Option<u64> {
        self.not_had
    }

    /// Makes room for one more operator. The file says how many there are, so the list may become
    /// too long for this machine.
    fn has_room(&mut self) -> bool {
        const FIRST: usize = 64;
        let known = self.operators.len();
        if known < self.operators.capacity() {
            return true;
        }
        // Half as much again: millions of operators are more memory than twice as many would be worth.
        let more = FIRST.max(known / 2);
        if self.operators.try_reserve_exact(more).is_ok() {
            return true;
        }
        let bytes = (known + more).saturating_mul(size_of::<OperatorSummary>());
        self.not_had = Some(to_u64(bytes));
        self.operators = Vec::new();
        false
    }

    /// The summary of the whole file of `metadata_bytes` bytes that was read at `location`.
    pub fn finish(
        mut self,
        outline: &Outline<'_>,
        location: &str,
        metadata_bytes: u64,
    ) -> SnapshotSummary {
        let properties = outline.properties.as_ref();
        let unique = self.unique.finish();
        for operator in &mut self.operators {
            operator.tell_generated(outline);
        }
        let mut summary = SnapshotSummary {
            location: location.to_owned(),
            metadata_version: outline.version.number(),
            flink_versions: outline.version.flink_releases(),
            checkpoint_id: outline.checkpoint_id,
            kind: properties.map(SnapshotKind::of),
            savepoint_format: properties.and_then(savepoint_format),
            post_checkpoint_action: properties.and_then(post_checkpoint_action),
            properties: properties.map(PropertiesSummary::of),
            metadata_bytes,
            metadata_digest: None,
            trailing_bytes: outline.trailing_bytes,
            state_bytes: self.sizes.state.bytes(),
            checkpointed_bytes: self.sizes.checkpointed.bytes(),
            unique_bytes: unique.bytes,
            inline_bytes: unique.inline_bytes,
            file_count: unique.files,
            merged_files: self.merged_files,
            referencing_subtasks: self.referencing_subtasks,
            oldest_referenced_checkpoint_id: self.oldest_referenced,
            handles: HandleKinds {
                dialect: outline.dialect,
                ..self.handles
            },
            master_states: master_states(outline),
            operator_count: to_u64(self.operators.len()),
            unknown_uids: 0,
            operators: self.operators,
        };
        summary.count_unknown_uids();
        summary.select(&Selection::default());
        summary
    }
}

fn is_merged(target: &Target<'_, '_>) -> bool {
    let Target::Stream(stream) = target else {
        return false;
    };
    matches!(
        stream.physical(),
        StreamStateHandle::Segment(_) | StreamStateHandle::EmptySegment
    )
}

fn master_states(outline: &Outline<'_>) -> Vec<MasterStateSummary> {
    let states = outline.master_states.iter();
    states
        .map(|state| MasterStateSummary {
            name: state.name.to_string(),
            version: state.version,
            state_bytes: to_u64(state.data.len()),
        })
        .collect()
}

impl SnapshotKind {
    /// What the properties say.
    pub fn of(properties: &CheckpointProperties) -> Self {
        match &properties.snapshot_type {
            SnapshotType::Savepoint { .. } => Self::Savepoint,
            SnapshotType::Checkpoint {
                sharing: SharingFilesStrategy::Forward,
                ..
            } => Self::FullCheckpoint,
            SnapshotType::Checkpoint { .. } => Self::Checkpoint,
        }
    }

    /// The kind in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Checkpoint => "checkpoint",
            Self::FullCheckpoint => "full checkpoint",
            Self::Savepoint => "savepoint",
        }
    }
}

fn savepoint_format(properties: &CheckpointProperties) -> Option<SavepointFormat> {
    match properties.snapshot_type {
        SnapshotType::Savepoint { format, .. } => Some(format),
        SnapshotType::Checkpoint { .. } => None,
    }
}

fn post_checkpoint_action(properties: &CheckpointProperties) -> Option<PostCheckpointAction> {
    match properties.snapshot_type {
        SnapshotType::Savepoint { action, .. } => {
            Some(action).filter(|&action| action != PostCheckpointAction::None)
        }
        SnapshotType::Checkpoint { .. } => None,
    }
}

impl PropertiesSummary {
    fn of(properties: &CheckpointProperties) -> Self {
        let (name, sharing_files_strategy) = match &properties.snapshot_type {
            SnapshotType::Checkpoint { name, sharing } => (name, *sharing),
            SnapshotType::Savepoint { name, .. } => (name, SharingFilesStrategy::NoSharing),
        };
        Self {
            name: name.clone(),
            sharing_files_strategy,
            discard_subsumed: properties.discard_subsumed,
            discard_finished: properties.discard_finished,
            discard_cancelled: properties.discard_cancelled,
            discard_failed: properties.discard_failed,
            discard_suspended: properties.discard_suspended,
            forced: properties.forced,
            unclaimed: properties.unclaimed,
        }
    }
}
