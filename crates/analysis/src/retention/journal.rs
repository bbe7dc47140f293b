use serde::Serialize;

use crate::retention::plan::Class;
use statescope_format::location::Location;
use statescope_format::time::UtcSeconds;

/// One line of the journal that is written beside a plan while it is carried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum JournalEntry<'a> {
    /// A run begins.
    Begun {
        /// When.
        time: UtcSeconds,
        /// The store that it is in.
        store: &'a str,
        /// Below which files may go.
        base: &'a Location,
        /// How many files are still there to go.
        files: u64,
        /// Where they are moved to, if they are not deleted.
        quarantine: Option<&'a Location>,
    },
    /// So many files are about to go. Written before, so that a file can be missing from the
    /// lines below only if the run ended right there.
    Batch {
        /// How many.
        files: u64,
        /// The first of them.
        first: &'a Location,
        /// All of them, where they are moved: so that each can be brought back, also if the run ends
        /// right there. What is deleted cannot be brought back.
        locations: Option<&'a [Location]>,
    },
    /// A file is gone.
    Deleted {
        /// Which.
        location: &'a Location,
        /// Why.
        class: Class,
        /// Its size.
        bytes: u64,
    },
    /// A file was moved into quarantine.
    Moved {
        /// Which.
        location: &'a Location,
        /// Where to.
        to: &'a Location,
        /// Why.
        class: Class,
        /// Its size.
        bytes: u64,
    },
    /// A file could not be deleted or moved.
    Failed {
        /// Which.
        location: &'a Location,
        /// Why not.
        reason: &'a str,
    },
    /// The run ends.
    Ended {
        /// When.
        time: UtcSeconds,
        /// Files deleted.
        deleted: u64,
        /// Files moved.
        moved: u64,
        /// Files that are still there.
        left: u64,
    },
}

/// Where the journal is written to.
pub trait Journal {
    /// Writes an entry so that it outlives the process.
    ///
    /// # Errors
    /// When it cannot be written; then nothing more is deleted.
    fn write(&mut self, entry: &JournalEntry<'_>) -> Result<(), String>;
}

/// Keeps no journal.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoJournal;

impl Journal for NoJournal {
    fn write(&mut self, _: &JournalEntry<'_>) -> Result<(), String> {
        Ok(())
    }
}
