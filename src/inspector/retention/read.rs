use std::cell::RefCell;
use std::collections::HashSet;

use futures_util::{StreamExt, stream};

use crate::error::Error;
use crate::inspector::load::fetch;
use crate::inspector::progress::Progress;
use crate::inspector::retention::walk::Bases;
use crate::layout::METADATA_FILE;
use crate::location::Location;
use crate::references::Base;
use crate::retention::{
    CLOCK_SKEW_MOST_SECONDS, FilePrint, Fingerprint, Fingerprints, Inventory, Mentioned, Mentions,
    Refusal,
};
use crate::storage::{ObjectInfo, Storage};
use crate::time::UtcSeconds;
use crate::validate::Validator;

/// Metadata files that are held in memory at a time.
const LOADED_MAX: usize = 16;

/// What is needed to read what a snapshot mentions.
pub(super) struct Reader<'r> {
    pub(super) storage: &'r Storage,
    pub(super) prints: &'r Fingerprints,
    pub(super) bases: &'r Bases,
    /// What was listed, where a listing is to be checked against what is mentioned.
    pub(super) listed: Option<Listed>,
}

/// Every file that was listed.
pub(super) struct Listed {
    files: HashSet<Fingerprint, foldhash::fast::RandomState>,
    begun: UtcSeconds,
}

/// Files that ought to have been listed and were not, of which the store is asked.
const ABSENT_MAX: usize = 100;

/// What came of reading a snapshot's metadata.
pub(super) enum Reading {
    Read(Mentioned),
    /// It was deleted since it was listed.
    Gone,
    Refused(Refusal),
}

impl Listed {
    /// The files of an inventory that was begun at that time.
    pub(super) fn new(inventory: &Inventory, prints: &Fingerprints, begun: UtcSeconds) -> Self {
        let seed = foldhash::fast::RandomState::default();
        let mut listed = HashSet::with_capacity_and_hasher(inventory.file_count(), seed);
        for directory in inventory.directories() {
            let print = prints.directory(directory.location.as_str());
            let files = directory.files();
            listed.extend(files.map(|file| prints.file(print, file.name).path));
        }
        Self {
            files: listed,
            begun,
        }
    }
}

impl Reader<'_> {
    /// Reads the snapshots in these directories, a few at a time, and tells of each as it comes.
    pub(super) async fn read_each(
        &self,
        directories: &[(usize, Location)],
        progress: &dyn Progress,
        mut each: impl FnMut(usize, Reading),
    ) {
        let mut readings = stream::iter(directories)
            .map(|(at, directory)| async move { (*at, self.read(directory).await) })
            .buffer_unordered(LOADED_MAX);
        while let Some((at, reading)) = readings.next().await {
            each(at, reading);
            progress.step();
        }
    }

    /// Reads what the snapshot in a directory mentions.
    pub(super) async fn read(&self, directory: &Location) -> Reading {
        let file = directory.join(METADATA_FILE);
        let unreadable = |reason: String| {
            Reading::Refused(Refusal::UnreadableMetadata {
                location: file.clone(),
                reason,
            })
        };
        let loaded = match fetch(self.storage, file.clone()).await {
            Ok((loaded, _)) => loaded,
            Err(error) if error.is_not_found() => return Reading::Gone,
            Err(error) => return unreadable(error.to_string()),
        };
        let base = Base::new(Some(directory.clone()));
        let absent = RefCell::new(Vec::new());
        let mut note = |path: &str, print: FilePrint| {
            let mut absent = absent.borrow_mut();
            let is_listed = self
                .listed
                .as_ref()
                .is_none_or(|listed| listed.files.contains(&print.path));
            if absent.len() < ABSENT_MAX && !is_listed && self.bases.contain(path) {
                absent.push(Location::new(path));
            }
        };
        let mut mentions = Mentions::new(self.prints, &base, &mut note);
        let mut validator = Validator::default();
        let read = loaded.parse_each(&mut |operator| {
            validator.operator(&operator);
            mentions.operator(&operator);
        });
        let mut mentioned = mentions.finish();
        mentioned.content = Some(self.prints.content(loaded.bytes()));
        match read {
            Ok(outline) => {
                let findings = validator.finish(&outline);
                if findings
                    .iter()
                    .any(|finding| finding.kind.refused_by_flink())
                {
                    // It counts for nothing as a snapshot to restore from, but its files stay.
                    mentioned.missing = Some(file.to_string());
                }
                self.look_for(absent.into_inner(), mentioned).await
            }
            Err(Error::Parse { source, .. }) => unreadable(source.to_string()),
            Err(error) => unreadable(error.to_string()),
        }
    }

    /// A file that was not listed where it should be is not there, or is new, or the listing is not
    /// whole.
    async fn look_for(&self, absent: Vec<Location>, mut mentioned: Mentioned) -> Reading {
        for location in absent {
            let reason = match self.storage.head(&location).await {
                Err(error) if error.is_not_found() => {
                    mentioned.missing = Some(location.to_string());
                    return Reading::Read(mentioned);
                }
                Ok(info) if self.is_new(&info) => continue,
                Ok(_) => "this file was not listed, but it is there".to_owned(),
                Err(error) => error.to_string(),
            };
            return Reading::Refused(Refusal::PartialListing { location, reason });
        }
        Reading::Read(mentioned)
    }

    /// Whether a file may have been written after its directory was listed.
    fn is_new(&self, info: &ObjectInfo) -> bool {
        let begun = self.listed.as_ref().map(|listed| listed.begun);
        let written = info.modified.map(UtcSeconds::from);
        begun
            .zip(written)
            .is_some_and(|(begun, written)| written >= begun.minus(CLOCK_SKEW_MOST_SECONDS))
    }
}
