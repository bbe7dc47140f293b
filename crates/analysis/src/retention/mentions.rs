use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use crate::retention::Refusal;
use crate::retention::fingerprint::{FilePrint, Fingerprint, Fingerprints};
use crate::retention::kinship::Kinship;
use crate::snapshot::references::{Base, Reference, Target, visit_subtask};
use statescope_format::location::as_flink_opens;
use statescope_format::model::checkpoint::OperatorState;
use statescope_format::model::handle::{
    FileMergingDirectories, OperatorStateHandle, StreamStateHandle,
};

/// The files and directories that one snapshot mentions, each once; read operator by operator.
///
/// Every handle that [`visit_subtask`] shows counts, inside changelog handles too. A relative handle
/// counts as the file beside the metadata, as Flink resolves it. By its name it also counts as any
/// file of that name: after a claim of a native savepoint such handles mean files in the savepoint's
/// directory (FLINK-39964).
pub struct Mentions<'p> {
    prints: &'p Fingerprints,
    base: &'p Base,
    seen: HashSet<Fingerprint, RandomState>,
    files: Vec<FilePrint>,
    directories: Vec<Fingerprint>,
    merged: Vec<String>,
    outside: HashMap<FilePrint, u64, RandomState>,
    kinship: Kinship,
    /// Told of each file; says whether it lies outside all that was listed.
    each: &'p mut dyn FnMut(&str, FilePrint) -> bool,
}

/// What a snapshot mentioned.
#[derive(Clone, Debug, Default)]
pub struct Mentioned {
    /// Files, by path and by name.
    pub files: Vec<FilePrint>,
    /// Directories of merged files, which belong to the snapshot with all that is in them.
    pub directories: Vec<Fingerprint>,
    /// Files outside the bases, with the bytes that handles record of them.
    pub outside: Vec<(FilePrint, u64)>,
    /// The first file that ought to be there and is not, where that was looked for.
    pub missing: Option<String>,
    /// The fingerprint of the metadata itself, where all of it was read.
    pub content: Option<Fingerprint>,
    /// Whose snapshot it is.
    pub kinship: Kinship,
    /// What paths lead to that are symbolic links outside the bases.
    pub led_to: Box<LedTo>,
    /// Directories of merged files, as they are written; those that fingerprints are made of.
    pub merged: Vec<String>,
}

/// What symbolic links outside the bases lead to: needed as long as what names them is.
#[derive(Clone, Debug, Default)]
pub struct LedTo {
    /// Files.
    pub files: Vec<FilePrint>,
    /// Directories of merged files.
    pub directories: Vec<Fingerprint>,
    /// Why that is not fully known.
    pub unresolved: Vec<Refusal>,
}

impl<'p> Mentions<'p> {
    /// `base` is the directory of the snapshot; `each` is told of every file, once, and says
    /// whether it lies outside the bases.
    pub fn new(
        prints: &'p Fingerprints,
        base: &'p Base,
        each: &'p mut dyn FnMut(&str, FilePrint) -> bool,
    ) -> Self {
        Self {
            prints,
            base,
            seen: HashSet::default(),
            files: Vec::new(),
            directories: Vec::new(),
            merged: Vec::new(),
            outside: HashMap::default(),
            kinship: Kinship::default(),
            each,
        }
    }

    /// Adds what an operator mentions.
    pub fn operator(&mut self, operator: &OperatorState<'_>) {
        self.kinship.operator(operator, self.prints);
        for subtask in &operator.subtasks {
            let Some(state) = subtask.state() else {
                continue;
            };
            visit_subtask(state, &mut |reference| self.reference(&reference));
            for (_, handle) in state.operator_states() {
                self.merged_directories(handle);
            }
        }
    }

    /// All of them.
    pub fn finish(self) -> Mentioned {
        Mentioned {
            files: self.files,
            directories: self.directories,
            outside: self.outside.into_iter().collect(),
            missing: None,
            content: None,
            kinship: self.kinship,
            led_to: Box::default(),
            merged: self.merged,
        }
    }

    fn reference(&mut self, reference: &Reference<'_, '_>) {
        let Target::Stream(stream) = reference.target else {
            return;
        };
        match stream.physical() {
            StreamStateHandle::File { path, size, .. } => {
                self.absolute(&path.to_str(), size.bytes().unwrap_or(0));
            }
            StreamStateHandle::Segment(segment) => {
                let bytes = segment.size.bytes().unwrap_or(0);
                self.absolute(&segment.path.to_str(), segment.start.saturating_add(bytes));
            }
            StreamStateHandle::Relative { path, size, .. } => {
                let bytes = size.bytes().unwrap_or(0);
                let _ = self.file(&self.base.resolve(&path.to_str()), bytes);
            }
            StreamStateHandle::ByteStream(_)
            | StreamStateHandle::KeyGroups(_)
            | StreamStateHandle::EmptySegment => {}
        }
    }

    fn absolute(&mut self, path: &str, bytes: u64) {
        if self.file(path, bytes) {
            self.kinship.file(&as_flink_opens(path), self.prints);
        }
    }

    /// Adds a file that has at least so many bytes; false if it was mentioned before. What Flink
    /// opens is needed, and so is a file that is called as the path is written.
    fn file(&mut self, written: &str, bytes: u64) -> bool {
        let opened = as_flink_opens(written);
        let path = opened.as_ref();
        if path != written {
            let print = self.prints.path(written);
            if self.seen.insert(print.path) {
                self.files.push(print);
            }
        }
        let print = self.prints.path(path);
        let is_new = self.seen.insert(print.path);
        if is_new {
            self.files.push(print);
            if (self.each)(path, print) {
                self.outside.insert(print, bytes);
            }
        } else if let Some(known) = self.outside.get_mut(&print) {
            // Another segment of the same file.
            *known = bytes.max(*known);
        }
        is_new
    }

    fn merged_directories(&mut self, handle: &OperatorStateHandle<'_>) {
        let Some(FileMergingDirectories {
            task_owned, shared, ..
        }) = handle.file_merging
        else {
            return;
        };
        for directory in [task_owned, shared] {
            let written = directory.to_str();
            for path in [&as_flink_opens(&written), &written] {
                let print = self.prints.directory(path);
                if self.seen.insert(print) {
                    self.directories.push(print);
                    self.merged.push(path.to_string());
                }
            }
        }
    }
}
