use serde::{Deserialize, Serialize};

use statescope_format::layout::{self, DirectoryKind, directory_kind};
use statescope_format::location::Location;
use statescope_format::time::UtcSeconds;

/// A complete snapshot as a listing shows it: nothing of it was read yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// Its directory.
    pub directory: Location,
    /// The job that it is of, as far as names tell.
    pub job: String,
    /// What its directory's name says it is.
    pub kind: Kind,
    /// The number in `chk-N`.
    pub number: Option<u64>,
    /// Which of the jobs that write to its directory it is of: 0 unless there are several.
    pub lineage: u32,
    /// When its metadata was written.
    pub written: Option<UtcSeconds>,
    /// Whether it lies where something may be deleted: below the base of the plan, and not below
    /// one that is only read.
    pub touchable: bool,
}

/// Which sort of snapshot a directory holds, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `chk-N`.
    Checkpoint,
    /// `savepoint-...`.
    Savepoint,
    /// A name that is not Flink's: somebody put it there, and it stays.
    Other,
}

impl Kind {
    /// The kind in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Checkpoint => "checkpoint",
            Self::Savepoint => "savepoint",
            Self::Other => "renamed snapshot",
        }
    }
}

impl Snapshot {
    /// The snapshot in a directory whose metadata was written at that time.
    pub fn new(directory: Location, written: Option<UtcSeconds>, touchable: bool) -> Self {
        let (kind, number) = match directory_kind(directory.file_name()) {
            DirectoryKind::Checkpoint(number) => (Kind::Checkpoint, Some(number)),
            DirectoryKind::Savepoint => (Kind::Savepoint, None),
            _ => (Kind::Other, None),
        };
        Self {
            job: job_of(&directory, kind),
            kind,
            number,
            lineage: 0,
            written,
            touchable,
            directory,
        }
    }
}

/// The job id in the path; the digits of it in a savepoint's name; else the directory that the
/// checkpoints are in.
fn job_of(directory: &Location, kind: Kind) -> String {
    if let Some(job) = layout::job_id(directory) {
        return job.to_owned();
    }
    match kind {
        Kind::Savepoint => {
            let mut parts = directory.file_name().split('-');
            format!("{}...", parts.nth(1).unwrap_or_default())
        }
        Kind::Checkpoint | Kind::Other => directory.parent().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_job_is_told_by_the_path_or_the_savepoints_name() {
        let job = "a".repeat(32);
        for (path, expected) in [
            (format!("s3://b/{job}/chk-3"), job.clone()),
            (
                "s3://b/savepoint-1a2b3c-0123456789ab".to_owned(),
                "1a2b3c...".to_owned(),
            ),
            ("s3://b/c/chk-3".to_owned(), "s3://b/c".to_owned()),
        ] {
            let snapshot = Snapshot::new(Location::new(path.as_str()), None, true);
            assert_eq!(snapshot.job, expected, "{path}");
        }
    }
}
