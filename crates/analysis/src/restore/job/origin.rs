use serde::{Deserialize, Serialize};

use crate::snapshot::summary::SnapshotSummary;

/// The snapshot that a description was made from: the job that is described wrote it, so its classes
/// and chains are those that fit it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The checkpoint's number.
    pub checkpoint_id: u64,
    /// Version of its metadata.
    pub metadata_version: u32,
    /// A hash of the metadata file, 16 hex digits.
    pub metadata_digest: String,
}

impl Origin {
    /// `None` where the file's bytes were not at hand.
    pub fn of(snapshot: &SnapshotSummary) -> Option<Self> {
        Some(Self {
            checkpoint_id: snapshot.checkpoint_id,
            metadata_version: snapshot.metadata_version,
            metadata_digest: format!("{:016x}", snapshot.metadata_digest?),
        })
    }
}

/// The releases that a job may run on, where one is not known: those that write the metadata version
/// of a snapshot that it made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseRange {
    /// The oldest.
    pub from: String,
    /// The newest.
    pub to: String,
}

impl ReleaseRange {
    /// Those that write such metadata. The newest version may be that of releases to come.
    pub fn of(snapshot: &SnapshotSummary) -> Option<Self> {
        let releases = snapshot.flink_versions;
        let (from, to) = releases.first().zip(releases.last())?;
        Some(Self {
            from: (*from).to_owned(),
            to: (*to).to_owned(),
        })
    }
}
