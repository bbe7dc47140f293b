use std::fmt::{self, Write};

use crate::storage::StorageError;
use statescope_analysis::restore::job::JobError;
use statescope_format::ParseError;
use statescope_format::location::Location;
use statescope_format::metadata::Recoding;
use statescope_format::without_secrets;

/// Why a snapshot could not be inspected.
///
/// `Display` is one line that says what is wrong and where; [`hint`](Error::hint) says what to do next. `Debug` is
/// both, for people: it is what `fn main() -> Result<(), statescope::Error>` prints.
#[derive(thiserror::Error)]
#[non_exhaustive]
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
    /// No operator of the snapshot is the one that was asked for.
    #[error("no operator of this snapshot has the uid or name {wanted:?}, or an id that starts so")]
    NoSuchOperator {
        /// What was asked for.
        wanted: String,
    },
    /// Neither the history nor the base has a snapshot of the job.
    #[error("no snapshot of a job {wanted:?} was found, neither in the history nor in BASE")]
    NoSuchJob {
        /// The job's id.
        wanted: String,
    },
    /// A file beside the snapshot cannot be read.
    #[error("cannot read {path}: {source}")]
    File {
        /// The file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// A file is no source of uids.
    #[error("{path}: {problem}")]
    BadUids {
        /// The file.
        path: String,
        /// Why.
        problem: String,
    },
    /// A running cluster could not be asked.
    #[cfg(feature = "rest")]
    #[error("{url}: {problem}")]
    Cluster {
        /// Its REST endpoint.
        url: String,
        /// Why.
        problem: crate::cluster::ClusterError,
    },
    /// A job's description is none that a job can have.
    #[error("the job's description: {0}")]
    Job(#[from] JobError),
    /// There is no runtime to wait for stores with.
    #[error("cannot start: {0}")]
    Runtime(std::io::Error),
    /// The store did not deliver.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Error {
    pub(crate) fn file(path: &std::path::Path, source: std::io::Error) -> Self {
        let path = path.display().to_string();
        Self::File { path, source }
    }

    pub(crate) fn no_runtime() -> Self {
        Self::Runtime(std::io::Error::other("the runtime has ended"))
    }

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
            Self::NoSuchOperator { .. } => {
                Some("run `statescope show` without --operator to see them all".to_owned())
            }
            Self::NoSuchJob { .. } => Some(
                "a history's directories are called job=<id>; --since leaves out what is older"
                    .to_owned(),
            ),
            Self::BadUids { .. } => Some(
                "--uids takes a text file, --jar a jar, --plan the JSON file of COMPILE PLAN"
                    .to_owned(),
            ),
            #[cfg(feature = "rest")]
            Self::Cluster { problem, .. } if problem.is_not_found() => Some(
                "the cluster does not know this job: `flink list --all` shows the ids of its jobs"
                    .to_owned(),
            ),
            #[cfg(feature = "rest")]
            Self::Cluster { problem, .. } if problem.is_redirect() => {
                Some("give the address that it redirects to, if you trust that one".to_owned())
            }
            #[cfg(feature = "rest")]
            Self::Cluster { .. } => None,
            Self::Job(_) => Some("docs/job.md says what a description holds".to_owned()),
            Self::History { .. } | Self::NoMemory { .. } | Self::File { .. } | Self::Runtime(_) => {
                None
            }
            Self::Storage(error) => error.hint(),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_plain(f, &self.to_string())?;
        match self.hint() {
            Some(hint) => {
                f.write_str("\nhint: ")?;
                write_plain(f, &hint)
            }
            None => Ok(()),
        }
    }
}

/// Texts repeat paths as they were given, which may be with a key, and names that stores list, which
/// may hold what a terminal obeys.
fn write_plain(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    without_secrets(text).chars().try_for_each(|c| match c {
        c if c.is_control() => write!(f, "{}", c.escape_unicode()),
        c => f.write_char(c),
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_main_prints_has_the_hint_and_no_key() {
        let directory = Location::new("s3://bucket/a\u{1b}[31m/chk-7?X-Amz-Signature=0123456789");
        let error = Error::NoMetadata { directory };
        let shown = format!("{error:?}");
        let (what, hint) = shown.split_once("\nhint: ").expect("a hint");
        assert!(what.starts_with("s3://bucket/a"), "{what}");
        assert!(what.ends_with(": the directory has no _metadata"), "{what}");
        assert!(hint.contains(".../chk-42"), "{hint}");
        assert!(!shown.contains("0123456789"), "{shown}");
        assert!(!shown.contains('\u{1b}'), "{shown}");
    }
}
