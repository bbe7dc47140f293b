use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};

use crate::finding::Place;
use crate::snapshot::references::{Base, FileRole, Reference, Target, visit_subtask};
use crate::snapshot::uid::UidSource;
use statescope_format::location::{Location, as_flink_opens};
use statescope_format::model::checkpoint::{OperatorState, OperatorSubtaskState, StateSlot};
use statescope_format::model::handle::{
    FileMergingDirectories, KeyedStateHandle, Offsets, OperatorStateHandle, StreamStateHandle,
};

/// One file that a snapshot needs, however many handles mention it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeededFile {
    /// Where it must be, resolved as Flink resolves it (docs/format.md 9).
    pub location: Location,
    /// The most bytes that any handle records for it; `None` if none does.
    pub bytes: Option<u64>,
    /// The last position in it that any handle names: Flink reads from there on, whatever size is
    /// recorded.
    pub reach: u64,
    /// True if handles name parts of it, whose sizes Flink goes by.
    pub in_parts: bool,
    /// How many handles mention it.
    pub references: u64,
    /// Operator and subtask of the first of them.
    pub place: Place,
    /// The slot of the first of them.
    pub slot: StateSlot,
    /// What the first of them uses it for.
    pub role: FileRole,
    /// True if it must have exactly that many bytes: RocksDB knows the size of each of its tables.
    pub exact: bool,
    /// True if it is named by an absolute path, so that the snapshot cannot be moved alone.
    pub absolute: bool,
}

/// Gathers the files of a snapshot, operator by operator.
pub struct NeededFiles<'b> {
    base: &'b Base,
    /// Positions in `files` by place; two spellings of one place are one.
    index: HashMap<(statescope_format::Scheme, Vec<u8>), usize>,
    files: Vec<NeededFile>,
    directories: BTreeSet<String>,
}

/// What a snapshot needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needed {
    /// Its files, in the order of their first mention.
    pub files: Vec<NeededFile>,
    /// Directories of merged files that it names by absolute paths, with or without files in them.
    pub directories: BTreeSet<String>,
}

impl<'b> NeededFiles<'b> {
    /// `base` is the directory that the snapshot's relative paths belong to.
    pub fn new(base: &'b Base) -> Self {
        Self {
            base,
            index: HashMap::new(),
            files: Vec::new(),
            directories: BTreeSet::new(),
        }
    }

    /// Adds the files of one operator.
    pub fn operator(&mut self, operator: &OperatorState<'_>) {
        let mut place = Place {
            operator_id: Some(operator.id),
            uid: operator.uid.map(|uid| uid.to_string()),
            uid_source: operator.uid.map(|_| UidSource::Metadata),
            ..Place::default()
        };
        for subtask in &operator.subtasks {
            place.subtask = Some(subtask.index);
            if let Some(state) = subtask.state() {
                visit_subtask(state, &mut |reference| self.reference(&reference, &place));
                self.positions(state);
                for (_, handle) in state.operator_states() {
                    self.merged_directories(handle);
                }
            }
        }
    }

    /// What was gathered.
    pub fn finish(self) -> Needed {
        Needed {
            files: self.files,
            directories: self.directories,
        }
    }

    /// Notes how far handles reach into their files.
    fn positions(&mut self, state: &OperatorSubtaskState<'_>) {
        for (_, handle) in state.operator_states() {
            for state in &handle.states {
                self.reach(&handle.stream, state.offsets);
            }
        }
        for (_, handle) in state.keyed_states() {
            self.keyed_positions(handle);
        }
        for (_, handle) in state.channel_states() {
            for channel in &handle.channels {
                self.reach(&handle.stream, channel.offsets);
            }
        }
    }

    fn keyed_positions(&mut self, handle: &KeyedStateHandle<'_>) {
        match handle {
            KeyedStateHandle::KeyGroups(handle) => self.reach(&handle.stream, handle.offsets),
            // The parser has bounded how deep these go.
            KeyedStateHandle::Changelog(handle) => {
                for inner in handle.materialized.iter().chain(&handle.non_materialized) {
                    self.keyed_positions(inner);
                }
            }
            _ => {}
        }
    }

    fn reach(&mut self, stream: &StreamStateHandle<'_>, offsets: Offsets<'_>) {
        let path = match stream.physical() {
            StreamStateHandle::File { path, .. } => path.to_string(),
            StreamStateHandle::Relative { path, .. } => self.base.resolve(&path.to_str()),
            _ => return,
        };
        let last = offsets.iter().max();
        let last = last.and_then(|last| u64::try_from(last).ok());
        let location = Location::new(as_flink_opens(&path));
        let known = self.index.get(&location.place());
        if let (Some(file), Some(last)) = (known.and_then(|&at| self.files.get_mut(at)), last) {
            file.reach = file.reach.max(last);
        }
    }

    fn merged_directories(&mut self, handle: &OperatorStateHandle<'_>) {
        if let Some(FileMergingDirectories {
            task_owned, shared, ..
        }) = handle.file_merging
        {
            for directory in [task_owned, shared] {
                let directory = directory.to_str();
                if !self.directories.contains(directory.as_ref()) {
                    self.directories.insert(directory.into_owned());
                }
            }
        }
    }

    fn reference(&mut self, reference: &Reference<'_, '_>, place: &Place) {
        let Target::Stream(stream) = reference.target else {
            return;
        };
        let (path, end, absolute) = match stream.physical() {
            StreamStateHandle::File { path, size } => (path.to_string(), size.bytes(), true),
            StreamStateHandle::Relative { path, size } => {
                (self.base.resolve(&path.to_str()), size.bytes(), false)
            }
            StreamStateHandle::Segment(segment) => {
                let end = segment
                    .size
                    .bytes()
                    .map(|size| size.saturating_add(segment.start));
                (segment.path.to_string(), end, true)
            }
            StreamStateHandle::ByteStream(_)
            | StreamStateHandle::KeyGroups(_)
            | StreamStateHandle::EmptySegment => return,
        };
        // Changelog handles do not count the flag byte that their files begin with.
        let bytes = match reference.role {
            FileRole::Changelog => end.map(|end| end.saturating_add(1)),
            _ => end,
        };
        let is_segment = matches!(stream.physical(), StreamStateHandle::Segment(_));
        let local_name = reference.local_name.map(|name| name.as_bytes());
        // A part begins inside of its file.
        let start = match stream.physical() {
            StreamStateHandle::Segment(segment) => segment.start,
            _ => 0,
        };
        let exact = !is_segment && local_name.is_some_and(|name| name.ends_with(b".sst"));
        let location = Location::new(as_flink_opens(&path));
        match self.index.entry(location.place()) {
            Entry::Vacant(vacant) => {
                vacant.insert(self.files.len());
                self.files.push(NeededFile {
                    location,
                    bytes,
                    reach: start,
                    in_parts: is_segment,
                    references: 1,
                    place: place.clone(),
                    slot: reference.slot,
                    role: reference.role,
                    exact,
                    absolute,
                });
            }
            Entry::Occupied(known) => {
                if let Some(file) = self.files.get_mut(*known.get()) {
                    file.bytes = file.bytes.max(bytes);
                    file.reach = file.reach.max(start);
                    file.references += 1;
                    file.exact |= exact;
                    file.in_parts |= is_segment;
                    file.absolute |= absolute;
                }
            }
        }
    }
}
