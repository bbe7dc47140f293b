use crate::storage::StorageError;
use statescope_format::ParseError;
use statescope_format::location::Location;
use statescope_format::metadata::Recoding;

/// Why a snapshot could not be inspected.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file was read but is no `_metadata` that can be understood.
    #[error("{location}: {source}")]
    Parse {
        /// The file.
        location: Location,
        /// What is wrong, and where.
        source: ParseError,
    },
    /// The file was a `_metadata` before something changed all of it, or is something in its place.
    #[error("{location}: the file {}", .recoding.message())]
    Recoded {
        /// The file.
        location: Location,
        /// What happened to it.
        recoding: Recoding,
        /// Why it cannot be parsed as it is.
        source: ParseError,
    },
    /// The directory is there, but holds no `_metadata`.
    #[error("{directory}: the directory has no _metadata")]
    NoMetadata {
        /// The directory.
        directory: Location,
    },
    /// No snapshot of the wanted kind is below the base.
    #[error("{base}: no {wanted} is there")]
    NoSnapshot {
        /// Where it was looked for.
        base: Location,
        /// What was wanted.
        wanted: String,
    },
    /// A part of the base could not be looked into, and what is wanted might be there.
    #[error("{location}: cannot be looked into: {reason}")]
    PartlyUnreadable {
        /// The part.
        location: Location,
        /// Why.
        reason: String,
    },
    /// Several snapshots below the base are what was wanted.
    #[error("{base}: {wanted} is there more than once: {one} and {other}")]
    Ambiguous {
        /// Where it was looked for.
        base: Location,
        /// What was wanted.
        wanted: String,
        /// One of them.
        one: Location,
        /// Another.
        other: Location,
    },
    /// The snapshot was deleted while it was looked at.
    #[error("{location}: the checkpoint was deleted while it was looked at")]
    Subsumed {
        /// Its metadata file.
        location: Location,
    },
    /// There is no memory for what the file holds.
    #[error("{location}: no memory for {bytes} bytes of operators")]
    NoMemory {
        /// The file.
        location: Location,
        /// How much was asked for.
        bytes: u64,
    },
    /// A history could not be written or understood.
    #[error("{location}: {reason}")]
    History {
        /// The place in it.
        location: Location,
        /// Why.
        reason: String,
    },
    /// The store did not deliver.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Error {
    /// What to do next, where that can be said.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Parse { source, .. } => hint_for(source).map(str::to_owned),
            Self::Recoded { recoding, .. } => Some(recoding.hint()),
            Self::NoMetadata { .. } => Some(
                "a checkpoint or savepoint without _metadata was never completed, or was \
                 partly deleted; give a directory such as .../chk-42 or .../savepoint-1a2b3c-..."
                    .to_owned(),
            ),
            Self::NoSnapshot { .. } => Some(
                "`statescope list` shows what is there, unfinished snapshots included".to_owned(),
            ),
            Self::PartlyUnreadable { .. } => {
                Some("the snapshot that is meant might be there; give its own directory".to_owned())
            }
            Self::Ambiguous { .. } => {
                Some("give the directory of one job in place of the base".to_owned())
            }
            Self::Subsumed { .. } => Some(
                "a running job deletes old checkpoints as it completes new ones; \
                 look at a newer one, or take a savepoint"
                    .to_owned(),
            ),
            Self::History { .. } | Self::NoMemory { .. } => None,
            Self::Storage(error) => error.hint(),
        }
    }
}

fn hint_for(error: &ParseError) -> Option<&'static str> {
    use statescope_format::ParseErrorKind as Kind;
    Some(match error.kind() {
        Kind::Empty => {
            "the write or the copy did not finish; use an older snapshot or copy it again"
        }
        Kind::NotMetadata(_) => {
            "give the _metadata file of a checkpoint or savepoint, or its directory"
        }
        Kind::UnsupportedVersion { version: 7.., .. } => {
            "look for a newer statescope; if there is none, the file is damaged"
        }
        Kind::UnsupportedVersion { .. } | Kind::LegacyState { .. } => {
            "restore it with a Flink that still reads it and take a new savepoint there"
        }
        Kind::LimitReached { .. } => {
            "no Flink writes such a file; do not trust where it comes from"
        }
        Kind::UnknownTag { .. } => {
            "look for a newer statescope; `statescope dump` shows how far the file makes sense"
        }
        Kind::Truncated { .. } | Kind::CountTooLarge { .. } => {
            "compare its size with the original's: the copy may be incomplete; \
             `statescope dump` shows how far the file makes sense"
        }
        _ => "`statescope dump` shows how far the file makes sense",
    })
}
