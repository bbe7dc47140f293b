use std::io;

use statescope::dump::Gap;
use statescope::inspect::retention::ApplyError;
use statescope::storage::{StorageError, StorageErrorKind};
use statescope::{Error, Location, ParseErrorKind};

use crate::cli::exit_status::ExitStatus;
use crate::cli::rest::Problem;

/// Why a command could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error(transparent)]
    Inspect(#[from] Error),
    #[error("no operator of this snapshot has the uid or name {wanted:?}, or an id that starts so")]
    NoSuchOperator { wanted: String },
    #[cfg(feature = "history")]
    #[error("no snapshot of a job {wanted:?} was found, neither in the history nor in BASE")]
    NoSuchJob { wanted: String },
    #[error("{path}: {problem}")]
    FlinkConf { path: String, problem: String },
    #[error("cannot read {path}: {source}")]
    File { path: String, source: io::Error },
    #[error("{path}: {problem}")]
    BadJob { path: String, problem: String },
    #[error("{path}: {problem}")]
    BadUidFile { path: String, problem: String },
    #[error("{url}: {problem}")]
    Rest { url: String, problem: Problem },
    #[error("{0}")]
    Usage(&'static str),
    #[error("{what} is not valid UTF-8")]
    NotText { what: String },
    #[error("cannot write {to}: {source}")]
    Output { to: String, source: io::Error },
    #[error("nothing is written to {path}: {reason}; give another file")]
    NotInPlaceOf { path: String, reason: &'static str },
    #[error("cannot read standard input: {source}")]
    Input { source: io::Error },
    #[error("{0}")]
    Apply(ApplyError),
    #[error("not confirmed: nothing was deleted")]
    NotConfirmed,
    #[error(transparent)]
    Gap(#[from] Gap),
    #[error("cannot start: {0}")]
    Runtime(io::Error),
}

impl CliError {
    /// Nothing is below a base where something has to be.
    pub(crate) fn empty(base: &Location, wanted: &str) -> Self {
        Self::Inspect(Error::NoSnapshot {
            base: base.clone(),
            wanted: wanted.to_owned(),
        })
    }

    pub(crate) fn exit_status(&self) -> ExitStatus {
        match self {
            Self::Inspect(Error::Parse { source, .. }) => match source.kind() {
                ParseErrorKind::UnsupportedVersion { .. } => ExitStatus::UnsupportedVersion,
                _ => ExitStatus::InvalidMetadata,
            },
            Self::Inspect(Error::Recoded { .. }) => ExitStatus::InvalidMetadata,
            Self::Inspect(
                Error::NoMetadata { .. } | Error::NoSnapshot { .. } | Error::Subsumed { .. },
            )
            | Self::NoSuchOperator { .. } => ExitStatus::NotFound,
            #[cfg(feature = "history")]
            Self::NoSuchJob { .. } => ExitStatus::NotFound,
            Self::Inspect(Error::Ambiguous { .. }) => ExitStatus::Usage,
            Self::Inspect(Error::Storage(error))
                if matches!(error.kind(), StorageErrorKind::BadSetting) =>
            {
                ExitStatus::Usage
            }
            Self::Inspect(Error::Storage(error)) if error.is_not_found() => ExitStatus::NotFound,
            Self::Inspect(
                Error::Storage(_)
                | Error::PartlyUnreadable { .. }
                | Error::History { .. }
                | Error::NoMemory { .. },
            )
            | Self::Input { .. }
            | Self::Output { .. }
            | Self::Runtime(_) => ExitStatus::Storage,
            Self::File { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                ExitStatus::NotFound
            }
            Self::File { source, .. }
                if matches!(
                    source.kind(),
                    io::ErrorKind::InvalidData
                        | io::ErrorKind::InvalidInput
                        | io::ErrorKind::FileTooLarge
                ) =>
            {
                ExitStatus::Usage
            }
            Self::File { .. } => ExitStatus::Storage,
            Self::Rest { problem, .. } if problem.is_usage() => ExitStatus::Usage,
            Self::Rest { problem, .. } if problem.is_not_found() => ExitStatus::NotFound,
            Self::Rest { .. } => ExitStatus::Storage,
            Self::FlinkConf { .. }
            | Self::BadJob { .. }
            | Self::BadUidFile { .. }
            | Self::NotText { .. }
            | Self::NotInPlaceOf { .. }
            | Self::Usage(_) => ExitStatus::Usage,
            Self::Apply(ApplyError::Storage(_)) => ExitStatus::Storage,
            Self::Apply(ApplyError::Quarantine(_)) => ExitStatus::Usage,
            Self::Apply(ApplyError::Journal(_)) => ExitStatus::PartlyDeleted,
            Self::NotConfirmed => ExitStatus::Refused,
            Self::Gap(_) => ExitStatus::Bug,
        }
    }

    /// What to do next, where that can be said.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Inspect(error) => error.hint(),
            Self::NoSuchOperator { .. } => {
                Some("run `statescope show` without --operator to see them all".to_owned())
            }
            #[cfg(feature = "history")]
            Self::NoSuchJob { .. } => Some(
                "a history's directories are called job=<id>; --since leaves out what is older"
                    .to_owned(),
            ),
            Self::FlinkConf { .. } => Some(
                "--flink-conf takes the directory that holds config.yaml or flink-conf.yaml"
                    .to_owned(),
            ),
            Self::BadJob { .. } => Some(
                "--job takes what `statescope job from` or docs/StatescopeJob.java writes"
                    .to_owned(),
            ),
            Self::Rest { problem, .. } if problem.is_not_found() => Some(
                "the cluster does not know this job: `flink list --all` shows the ids of its jobs"
                    .to_owned(),
            ),
            Self::Rest { problem, .. } if problem.is_redirect() => {
                Some("give the address that it redirects to, if you trust that one".to_owned())
            }
            Self::BadUidFile { .. } => Some(
                "--uids takes a text file, --jar a jar, --plan the JSON file of COMPILE PLAN"
                    .to_owned(),
            ),
            Self::NotText { .. } => {
                Some("only paths of local files and directories may have other bytes".to_owned())
            }
            Self::Input { .. }
            | Self::Output { .. }
            | Self::NotInPlaceOf { .. }
            | Self::File { .. }
            | Self::Apply(_)
            | Self::NotConfirmed
            | Self::Rest { .. }
            | Self::Usage(_)
            | Self::Gap(_)
            | Self::Runtime(_) => None,
        }
    }
}

impl From<ApplyError> for CliError {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::Storage(error) => error.into(),
            other => Self::Apply(other),
        }
    }
}

impl From<StorageError> for CliError {
    fn from(error: StorageError) -> Self {
        Self::Inspect(error.into())
    }
}
