use std::io;

use statescope::dump::Gap;
use statescope::inspect::retention::ApplyError;
use statescope::storage::{StorageError, StorageErrorKind};
use statescope::{Error, Location, ParseErrorKind};

use crate::cli::exit_status::ExitStatus;

/// Why a command could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error(transparent)]
    Inspect(#[from] Error),
    #[error("{path}: {problem}")]
    FlinkConf { path: String, problem: String },
    #[error("cannot read {path}: {source}")]
    File { path: String, source: io::Error },
    #[error("{path}: {problem}")]
    BadJob { path: String, problem: String },
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
                Error::NoMetadata { .. }
                | Error::NoSnapshot { .. }
                | Error::Subsumed { .. }
                | Error::NoSuchOperator { .. }
                | Error::NoSuchJob { .. },
            ) => ExitStatus::NotFound,
            Self::Inspect(Error::BadUids { .. } | Error::Job(_)) => ExitStatus::Usage,
            Self::Inspect(Error::Cluster { problem, .. }) if problem.is_usage() => {
                ExitStatus::Usage
            }
            Self::Inspect(Error::Cluster { problem, .. }) if problem.is_not_found() => {
                ExitStatus::NotFound
            }
            Self::Inspect(Error::Cluster { .. }) => ExitStatus::Storage,
            Self::Inspect(Error::File { source, .. }) => of_file(source),
            Self::Inspect(Error::Ambiguous { .. }) => ExitStatus::Usage,
            Self::Inspect(Error::Storage(error))
                if matches!(error.kind(), StorageErrorKind::BadSetting) =>
            {
                ExitStatus::Usage
            }
            Self::Inspect(Error::Storage(error)) if error.is_not_found() => ExitStatus::NotFound,
            // Whatever else keeps a command from its input.
            Self::Inspect(_) | Self::Input { .. } | Self::Output { .. } | Self::Runtime(_) => {
                ExitStatus::Storage
            }
            Self::File { source, .. } => of_file(source),
            Self::FlinkConf { .. }
            | Self::BadJob { .. }
            | Self::NotText { .. }
            | Self::NotInPlaceOf { .. }
            | Self::Usage(_) => ExitStatus::Usage,
            Self::Apply(ApplyError::Storage(_)) => ExitStatus::Storage,
            Self::Apply(ApplyError::Quarantine(_)) => ExitStatus::Usage,
            // Of what is not known to have come before the first deletion, that is the safe answer.
            Self::Apply(_) => ExitStatus::PartlyDeleted,
            Self::NotConfirmed => ExitStatus::Refused,
            Self::Gap(_) => ExitStatus::Bug,
        }
    }

    /// What to do next, where that can be said.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Inspect(error) => error.hint(),
            Self::FlinkConf { .. } => Some(
                "--flink-conf takes the directory that holds config.yaml or flink-conf.yaml"
                    .to_owned(),
            ),
            Self::BadJob { .. } => Some(
                "--job takes what `statescope job from` or docs/StatescopeJob.java writes"
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
            | Self::Usage(_)
            | Self::Gap(_)
            | Self::Runtime(_) => None,
        }
    }
}

/// Of a file that is no snapshot's.
fn of_file(error: &io::Error) -> ExitStatus {
    match error.kind() {
        io::ErrorKind::NotFound => ExitStatus::NotFound,
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::FileTooLarge => {
            ExitStatus::Usage
        }
        _ => ExitStatus::Storage,
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
