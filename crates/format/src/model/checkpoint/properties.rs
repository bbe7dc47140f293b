/// How a snapshot was asked for and who may delete it (`CheckpointProperties`, docs/format.md 7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointProperties {
    /// Deleted when a newer checkpoint replaces it.
    pub discard_subsumed: bool,
    /// Deleted when the job finishes.
    pub discard_finished: bool,
    /// Deleted when the job is cancelled.
    pub discard_cancelled: bool,
    /// Deleted when the job fails.
    pub discard_failed: bool,
    /// Deleted when the job is suspended.
    pub discard_suspended: bool,
    /// Taken even where the coordinator would have declined.
    pub forced: bool,
    /// Restored without claiming; not expected in files.
    pub unclaimed: bool,
    /// Checkpoint or savepoint, and of which sort.
    pub snapshot_type: SnapshotType,
}

/// What sort of snapshot it is (`SnapshotType`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotType {
    /// `CheckpointType`.
    Checkpoint {
        /// Flink's name for it, such as `Full Checkpoint`.
        name: String,
        /// What files it may share with other checkpoints.
        sharing: SharingFilesStrategy,
    },
    /// `SavepointType`.
    Savepoint {
        /// Flink's name for it, such as `Suspend Savepoint`.
        name: String,
        /// Whether any state backend can read it.
        format: SavepointFormat,
        /// What the job does afterwards.
        action: PostCheckpointAction,
    },
}

/// `SnapshotType.SharingFilesStrategy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SharingFilesStrategy {
    /// Uses files of earlier checkpoints and lends its own to later ones.
    ForwardBackward,
    /// Lends its files to later checkpoints, uses none of earlier ones: a full checkpoint.
    Forward,
    /// Shares nothing: a savepoint.
    NoSharing,
}

/// `SavepointFormatType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SavepointFormat {
    /// The same for every state backend.
    Canonical,
    /// The state backend's own files: quick, but tied to it.
    Native,
}

/// `SavepointType.PostCheckpointAction`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PostCheckpointAction {
    /// The job goes on.
    None,
    /// The job stops (`stop`).
    Suspend,
    /// The job stops after it was drained (`stop --drain`).
    Terminate,
}
