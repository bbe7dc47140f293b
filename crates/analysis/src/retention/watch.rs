//! Which snapshots are known while a plan is carried out, and which have to be read.

use std::collections::{HashMap, HashSet};

use crate::retention::inventory::File;
use crate::retention::plan::{Class, Plan, PlannedObject};
use crate::retention::survey::Survey;
use statescope_format::layout::METADATA_FILE;
use statescope_format::location::{Location, PlaceKey, place_key};
use statescope_format::time::UtcSeconds;

/// A directory with a `_metadata`, as a look at the bases shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// The directory.
    pub directory: Location,
    /// The `_metadata`.
    pub mark: Mark,
}

/// By what a `_metadata` is known to be the one that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Its size.
    pub bytes: u64,
    /// When it was written last.
    pub modified: Option<UtcSeconds>,
    /// The store's mark of this content, where it has one.
    pub etag: Option<String>,
    /// Where it has none, the file's [`Revision`](statescope_format::location::Revision) as a whole.
    pub revision: Option<u64>,
}

/// The snapshots that are known.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// Those whose files are known to stay, or not to be planned.
    read: HashMap<PlaceKey, Mark>,
    /// Those whose metadata is to go, and its turn has not come.
    to_go: HashMap<PlaceKey, Mark>,
    /// Those whose metadata could not be deleted.
    undeleted: HashSet<PlaceKey>,
}

/// What a snapshot that was seen is to a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Acquaintance {
    /// It is accounted for.
    Known,
    /// Its metadata was to go, and is still there.
    Undeleted,
    /// It is new, or is not what it was.
    New,
}

impl Mark {
    pub(super) fn of(file: &File<'_>) -> Self {
        Self {
            bytes: file.bytes,
            modified: file.modified,
            etag: file.etag.map(str::to_owned),
            revision: file.revision,
        }
    }

    /// Stores that tell no ETag on one day have none to compare. Size and second alone are the same
    /// when somebody writes metadata anew and sets its time back.
    fn is(&self, other: &Self) -> bool {
        let etags = self.etag.as_ref().zip(other.etag.as_ref());
        let revisions = self.revision.zip(other.revision);
        self.bytes == other.bytes
            && self.modified == other.modified
            && etags.is_none_or(|(one, other)| one == other)
            && revisions.is_none_or(|(one, other)| one == other)
    }
}

impl Watch {
    /// What a survey has read, with the confirmed files of a plan as what goes. Whoever strikes the
    /// metadata from a plan keeps the snapshot.
    pub(super) fn new(plan: &Plan, confirmed: &[usize], survey: &Survey) -> Self {
        let confirmed = confirmed.iter().filter_map(|at| plan.objects.get(*at));
        let metadata = confirmed.filter(|object| object.class == Class::Metadata);
        let to_go: HashSet<PlaceKey> = metadata
            .map(|object| place_key(&object.location.parent()))
            .collect();
        let mut watch = Self::default();
        for record in &survey.records {
            let place = place_key(&record.snapshot.directory);
            let mark = record.mark.clone();
            if to_go.contains(&place) {
                watch.to_go.insert(place, mark);
            } else if !record.goes() && !record.gone {
                watch.read.insert(place, mark);
            }
        }
        watch
    }

    pub(super) fn acquaintance(&self, seen: &Sighting) -> Acquaintance {
        let place = place_key(&seen.directory);
        let known = |marks: &HashMap<PlaceKey, Mark>| {
            marks.get(&place).is_some_and(|mark| mark.is(&seen.mark))
        };
        if known(&self.read) || known(&self.to_go) {
            Acquaintance::Known
        } else if self.undeleted.contains(&place) {
            Acquaintance::Undeleted
        } else {
            Acquaintance::New
        }
    }

    /// Notes that what a snapshot needs is accounted for.
    pub(super) fn is_read(&mut self, seen: &Sighting) {
        self.read
            .insert(place_key(&seen.directory), seen.mark.clone());
    }

    /// Whether metadata that goes is no longer what was confirmed.
    pub(super) fn is_other(&self, seen: &Sighting) -> bool {
        let planned = self.to_go.get(&place_key(&seen.directory));
        planned.is_some_and(|mark| !mark.is(&seen.mark))
    }

    /// Notes what became of metadata that was to go.
    pub(super) fn metadata_tried(&mut self, object: &PlannedObject, deleted: bool) {
        let place = place_key(&object.location.parent());
        self.to_go.remove(&place);
        if !deleted {
            self.undeleted.insert(place);
        }
    }
}

/// The metadata file of a snapshot that was seen.
pub(super) fn metadata(seen: &Sighting) -> Location {
    seen.directory.join(METADATA_FILE)
}
