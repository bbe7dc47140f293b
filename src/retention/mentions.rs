use std::collections::HashSet;

use foldhash::fast::RandomState;

use crate::checkpoint::OperatorState;
use crate::references::{Base, Reference, Target, visit_subtask};
use crate::retention::fingerprint::{FilePrint, Fingerprint, Fingerprints};
use crate::retention::kinship::Kinship;
use crate::state::{FileMergingDirectories, OperatorStateHandle, StreamStateHandle};

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
    kinship: Kinship,
    /// Told of each file.
    each: &'p mut dyn FnMut(&str, FilePrint),
}

/// What a snapshot mentioned.
#[derive(Clone, Debug, Default)]
pub struct Mentioned {
    /// Files, by path and by name.
    pub files: Vec<FilePrint>,
    /// Directories of merged files, which belong to the snapshot with all that is in them.
    pub directories: Vec<Fingerprint>,
    /// The first file that ought to be there and is not, where that was looked for.
    pub missing: Option<String>,
    /// The fingerprint of the metadata itself, where all of it was read.
    pub content: Option<Fingerprint>,
    /// Whose snapshot it is.
    pub kinship: Kinship,
}

impl<'p> Mentions<'p> {
    /// `base` is the directory of the snapshot; `each` is told of every file, once.
    pub fn new(
        prints: &'p Fingerprints,
        base: &'p Base,
        each: &'p mut dyn FnMut(&str, FilePrint),
    ) -> Self {
        Self {
            prints,
            base,
            seen: HashSet::default(),
            files: Vec::new(),
            directories: Vec::new(),
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
            missing: None,
            content: None,
            kinship: self.kinship,
        }
    }

    fn reference(&mut self, reference: &Reference<'_, '_>) {
        let Target::Stream(stream) = reference.target else {
            return;
        };
        match stream.physical() {
            StreamStateHandle::File { path, .. } => self.absolute(&path.to_str()),
            StreamStateHandle::Segment(segment) => self.absolute(&segment.path.to_str()),
            StreamStateHandle::Relative { path, .. } => {
                let _ = self.file(&self.base.resolve(&path.to_str()));
            }
            StreamStateHandle::ByteStream(_)
            | StreamStateHandle::KeyGroups(_)
            | StreamStateHandle::EmptySegment => {}
        }
    }

    fn absolute(&mut self, path: &str) {
        if self.file(path) {
            self.kinship.file(path, self.prints);
        }
    }

    /// Adds a file; false if it was mentioned before.
    fn file(&mut self, path: &str) -> bool {
        let print = self.prints.path(path);
        let is_new = self.seen.insert(print.path);
        if is_new {
            self.files.push(print);
            (self.each)(path, print);
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
            let print = self.prints.directory(&directory.to_str());
            if self.seen.insert(print) {
                self.directories.push(print);
            }
        }
    }
}
