use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use statescope_format::location::Location;

/// Why nothing is brought back.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RestoreRefusal {
    /// The file is no journal, or not one that this version can read.
    UnknownJournal {
        /// The line, from 1.
        line: u64,
        /// What is wrong with it.
        reason: String,
    },
    /// No run of the journal moved anything: what it deleted is gone.
    NothingMoved,
    /// The journal is of another store.
    OtherStore {
        /// The store of the journal.
        recorded: String,
        /// The store that is there.
        found: String,
    },
    /// The journal names a place outside of the base that its run worked below.
    OutsideBase {
        /// The place.
        location: Location,
    },
}

impl RestoreRefusal {
    /// A name that never changes.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownJournal { .. } => "unknown-journal",
            Self::NothingMoved => "nothing-moved",
            Self::OtherStore { .. } => "other-store",
            Self::OutsideBase { .. } => "outside-base",
        }
    }

    /// The reason in words.
    pub fn message(&self) -> String {
        match self {
            Self::UnknownJournal { line, reason } => {
                format!("line {line} of the journal: {reason}")
            }
            Self::NothingMoved => "the journal tells of no file that was moved: without \
                                   --quarantine, files are deleted and cannot be brought back"
                .to_owned(),
            Self::OtherStore { recorded, found } => {
                format!("the journal is of the store {recorded}, and this is {found}")
            }
            Self::OutsideBase { location } => {
                format!("{location} is not below the base of the journal")
            }
        }
    }
}

impl Serialize for RestoreRefusal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("RestoreRefusal", 2)?;
        object.serialize_field("code", self.code())?;
        object.serialize_field("message", &self.message())?;
        object.end()
    }
}
