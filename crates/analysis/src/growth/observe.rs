use crate::growth::files::{FileHasher, SnapshotFiles, StoredFile};
use crate::growth::observation::{
    ClassBytes, FileClass, OperatorObservation, SMALL_FILE_BYTES, plus,
};
use crate::snapshot::references::{Base, Target, visit_subtask};
use crate::snapshot::summary::keyed_checkpointed_size;
use statescope_format::model::checkpoint::{OperatorState, OperatorSubtaskState};
use statescope_format::model::handle::{
    ChannelStateHandle, DistributionMode, KeyedStateHandle, OperatorStateHandle, StreamStateHandle,
};

/// Takes the sizes out of a snapshot, operator by operator.
pub struct Observer<'b> {
    base: &'b Base,
    hasher: &'b FileHasher,
    files: Vec<StoredFile>,
    inline_bytes: u64,
    checkpointed_bytes: Option<u64>,
    operators: Vec<OperatorObservation>,
}

/// What an [`Observer`] saw.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The operators, by id.
    pub operators: Vec<OperatorObservation>,
    /// Full size of the state.
    pub state_bytes: Option<u64>,
    /// Bytes that the snapshot added, as Flink counts them.
    pub checkpointed_bytes: Option<u64>,
    /// State bytes inside the metadata file.
    pub inline_bytes: u64,
    /// The distinct files.
    pub files: SnapshotFiles,
    /// Files smaller than [`SMALL_FILE_BYTES`].
    pub small_file_count: u64,
}

impl<'b> Observer<'b> {
    /// `base` is the directory that relative paths belong to; `hasher` must be the same for all
    /// snapshots whose files are compared.
    pub fn new(base: &'b Base, hasher: &'b FileHasher) -> Self {
        Self {
            base,
            hasher,
            files: Vec::new(),
            inline_bytes: 0,
            checkpointed_bytes: Some(0),
            operators: Vec::new(),
        }
    }

    /// Adds one operator.
    pub fn operator(&mut self, operator: &OperatorState<'_>) {
        let mut classes = ClassBytes::default();
        let mut checkpointed_bytes = Some(0);
        let mut union_bytes = Some(0);
        let mut largest: Option<(u32, u64)> = None;
        let mut all_known = true;
        if let Some(coordinator) = operator.coordinator {
            let bytes = coordinator.data().len() as u64;
            classes.add(FileClass::Coordinator, Some(bytes));
            checkpointed_bytes = Some(bytes);
            self.inline_bytes = self.inline_bytes.saturating_add(bytes);
        }
        for subtask in &operator.subtasks {
            let Some(state) = subtask.state() else {
                continue;
            };
            let of_subtask = classes_of(state);
            for class in FileClass::ALL {
                classes.add(class, of_subtask.get(class));
            }
            checkpointed_bytes = plus(checkpointed_bytes, checkpointed(state));
            for (_, handle) in state.operator_states() {
                union_bytes = plus(union_bytes, of_union_lists(handle));
            }
            let bytes = of_subtask.total();
            all_known &= bytes.is_some();
            if let Some(bytes) = bytes
                && largest.is_none_or(|(index, most)| (bytes, index) > (most, subtask.index))
            {
                largest = Some((subtask.index, bytes));
            }
            visit_subtask(state, &mut |reference| match reference.target {
                Target::Inline(bytes) => {
                    self.inline_bytes = self.inline_bytes.saturating_add(bytes);
                }
                Target::Stream(stream) => self.stream(stream),
            });
        }
        self.checkpointed_bytes = plus(self.checkpointed_bytes, checkpointed_bytes);
        self.operators.push(OperatorObservation {
            operator_id: operator.id,
            uid: operator.uid.map(|uid| uid.to_string()),
            name: operator.name.map(|name| name.to_string()),
            parallelism: operator.parallelism,
            classes,
            checkpointed_bytes,
            union_bytes,
            largest_subtask: largest.filter(|_| all_known),
            states: None,
        });
    }

    fn stream(&mut self, stream: &StreamStateHandle<'_>) {
        match self.hasher.hash(self.base, stream) {
            Some(file) => self.files.push(file),
            None => {
                let bytes = stream.state_size().bytes().unwrap_or_default();
                self.inline_bytes = self.inline_bytes.saturating_add(bytes);
            }
        }
    }

    /// What was seen.
    pub fn finish(mut self) -> Observed {
        let sizes = self.operators.iter();
        let state_bytes = sizes
            .map(|operator| operator.classes.total())
            .fold(Some(0), plus);
        self.operators.sort_by_key(|operator| operator.operator_id);
        // Flink restores only the last of operators with one id; a series cannot hold two either.
        self.operators.reverse();
        self.operators.dedup_by_key(|operator| operator.operator_id);
        self.operators.reverse();
        let files = SnapshotFiles::new(self.files);
        Observed {
            state_bytes,
            checkpointed_bytes: self.checkpointed_bytes,
            inline_bytes: self.inline_bytes,
            small_file_count: files.below(SMALL_FILE_BYTES),
            files,
            operators: self.operators,
        }
    }
}

fn classes_of(state: &OperatorSubtaskState<'_>) -> ClassBytes {
    let mut classes = ClassBytes::default();
    for (_, handle) in state.operator_states() {
        classes.add(FileClass::Operator, handle.stream.state_size().bytes());
    }
    for (_, handle) in state.keyed_states() {
        add_keyed(handle, &mut classes);
    }
    for (_, handle) in state.channel_states() {
        classes.add(FileClass::Channel, handle.size.bytes());
    }
    classes
}

/// As `getStateSize` of the handle counts (docs/format.md 11).
fn add_keyed(handle: &KeyedStateHandle<'_>, classes: &mut ClassBytes) {
    match handle {
        KeyedStateHandle::KeyGroups(handle) => {
            classes.add(FileClass::Keyed, handle.stream.state_size().bytes());
        }
        KeyedStateHandle::Incremental(handle) => {
            classes.add(FileClass::Meta, handle.meta.state_size().bytes());
            for (class, files) in [
                (FileClass::Shared, &handle.shared),
                (FileClass::Private, &handle.private),
            ] {
                for file in files {
                    classes.add(class, file.handle.state_size().bytes());
                }
            }
        }
        // The parser has bounded how deep these go.
        KeyedStateHandle::Changelog(handle) => {
            for inner in handle.materialized.iter().chain(&handle.non_materialized) {
                add_keyed(inner, classes);
            }
        }
        KeyedStateHandle::ChangelogByteIncrement(handle) => {
            classes.add(FileClass::Changelog, Some(handle.changes.bytes()));
        }
        KeyedStateHandle::ChangelogFileIncrement(handle) => {
            classes.add(FileClass::Changelog, handle.size.bytes());
        }
    }
}

fn checkpointed(state: &OperatorSubtaskState<'_>) -> Option<u64> {
    if state.origin.earlier().is_some() {
        // All of it was there before.
        return Some(0);
    }
    let operator = state.operator_states();
    let operator = operator.map(|(_, handle)| handle.stream.state_size().bytes());
    let keyed = state.keyed_states();
    let keyed = keyed.map(|(_, handle)| keyed_checkpointed_size(handle));
    let size = |handle: &ChannelStateHandle<'_>| handle.size.bytes();
    let channels = state.channel_states().map(|(_, handle)| size(handle));
    operator.chain(keyed).chain(channels).fold(Some(0), plus)
}

/// An element ends where the next of any state begins, the last with the stream.
fn of_union_lists(handle: &OperatorStateHandle<'_>) -> Option<u64> {
    let is_union = |mode| mode == DistributionMode::Union;
    if !handle.states.iter().any(|state| is_union(state.mode)) {
        return Some(0);
    }
    let mut starts = Vec::new();
    for state in &handle.states {
        for offset in state.offsets.iter() {
            starts.push((u64::try_from(offset).ok()?, is_union(state.mode)));
        }
    }
    starts.sort_unstable();
    let end = handle.stream.state_size().bytes()?;
    let next = starts.iter().skip(1).map(|start| start.0).chain([end]);
    let elements = starts.iter().zip(next);
    let of_union = elements.filter(|((_, is_union), _)| *is_union);
    let sizes = of_union.map(|((start, _), end)| end.saturating_sub(*start));
    Some(sizes.fold(0, u64::saturating_add))
}
