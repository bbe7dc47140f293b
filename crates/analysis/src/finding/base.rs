use crate::finding::Severity;

/// What lies below a base, where that is not what whoever asked will expect.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BaseFinding {
    /// Nothing is there to look at.
    NoSnapshots {
        /// What was looked for: "snapshot", "complete snapshot", ...
        wanted: &'static str,
        /// How many others are there, which are not what was looked for.
        others: u64,
    },
    /// Everything is older than what was asked for.
    AllOlder {
        /// How many snapshots there are.
        older: u64,
    },
    /// Snapshots of several jobs, of which the newest was taken.
    SeveralJobs {
        /// How many jobs.
        jobs: u64,
        /// The job that was taken, as far as names tell.
        taken: Option<String>,
    },
    /// Rules count each snapshot by itself, so that they keep all.
    GroupsOfOne {
        /// How many groups.
        groups: u64,
    },
    /// A directory in which no snapshot stays.
    DirectoryEmptied {
        /// How many snapshots go there.
        snapshots: u64,
    },
}

impl BaseFinding {
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::NoSnapshots { .. } => "no-snapshots",
            Self::AllOlder { .. } => "all-older",
            Self::SeveralJobs { .. } => "several-jobs",
            Self::GroupsOfOne { .. } => "groups-of-one",
            Self::DirectoryEmptied { .. } => "directory-emptied",
        }
    }

    pub(super) fn severity(&self) -> Severity {
        Severity::Warning
    }

    pub(super) fn message(&self) -> String {
        match self {
            Self::NoSnapshots { wanted, others: 0 } => format!("no {wanted} is there"),
            Self::NoSnapshots { wanted, others } => {
                format!("no {wanted} is there; {others} others are")
            }
            Self::AllOlder { older: 1 } => {
                "the only snapshot that is there is older than --since".to_owned()
            }
            Self::AllOlder { older } => {
                format!("all {older} snapshots that are there are older than --since")
            }
            Self::SeveralJobs { jobs, taken } => {
                let taken = taken.as_deref().unwrap_or("a job whose id is not known");
                format!("snapshots of {jobs} jobs are there; the newest of all is of {taken}")
            }
            Self::GroupsOfOne { groups } => format!(
                "each of the {groups} groups that the rules count in has one snapshot, so they \
                 keep all of them"
            ),
            Self::DirectoryEmptied { snapshots: 1 } => {
                "the only snapshot in this directory goes".to_owned()
            }
            Self::DirectoryEmptied { snapshots } => {
                format!("all {snapshots} snapshots in this directory go")
            }
        }
    }

    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::NoSnapshots { .. } => {
                "is the path right? `statescope list` shows what is below a directory, unfinished \
                 snapshots included"
            }
            Self::AllOlder { .. } => "has the job stopped? An earlier --since takes them in",
            Self::SeveralJobs { .. } => {
                "name the job with --job-id, or give its own directory; --one-job makes this an \
                 error"
            }
            Self::GroupsOfOne { .. } => {
                "a job that is started anew has a new id: --group-by directory counts all \
                 snapshots of one directory together"
            }
            Self::DirectoryEmptied { .. } => {
                "if they are a job's only snapshots, keep one with --keep, or count per directory \
                 with --group-by directory"
            }
        }
    }
}
