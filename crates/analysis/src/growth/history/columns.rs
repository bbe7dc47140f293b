//! The columns, in the order of the files. A contract: columns are only added (docs/history.md).

/// Columns of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Level,
    JobId,
    Location,
    Kind,
    OperatorId,
    Uid,
    OperatorName,
    Slot,
    State,
}

impl Text {
    pub(super) const ALL: [(Self, &'static str); 9] = [
        (Self::Level, "level"),
        (Self::JobId, "job_id"),
        (Self::Location, "location"),
        (Self::Kind, "kind"),
        (Self::OperatorId, "operator_id"),
        (Self::Uid, "uid"),
        (Self::OperatorName, "operator_name"),
        (Self::Slot, "slot"),
        (Self::State, "state_name"),
    ];
}

/// Columns of whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Number {
    CheckpointId,
    Time,
    Parallelism,
    MetadataBytes,
    StateBytes,
    CheckpointedBytes,
    UniqueBytes,
    NewBytes,
    InlineBytes,
    FileCount,
    SmallFileCount,
    SharedBytes,
    PrivateBytes,
    MetaBytes,
    KeyedBytes,
    OperatorBytes,
    ChangelogBytes,
    ChannelBytes,
    CoordinatorBytes,
    UnionBytes,
    LargestSubtask,
    LargestSubtaskBytes,
    Entries,
}

impl Number {
    pub(super) const ALL: [(Self, &'static str); 23] = [
        (Self::CheckpointId, "checkpoint_id"),
        (Self::Time, "time"),
        (Self::Parallelism, "parallelism"),
        (Self::MetadataBytes, "metadata_bytes"),
        (Self::StateBytes, "state_bytes"),
        (Self::CheckpointedBytes, "checkpointed_bytes"),
        (Self::UniqueBytes, "unique_bytes"),
        (Self::NewBytes, "new_bytes"),
        (Self::InlineBytes, "inline_bytes"),
        (Self::FileCount, "file_count"),
        (Self::SmallFileCount, "small_file_count"),
        (Self::SharedBytes, "shared_bytes"),
        (Self::PrivateBytes, "private_bytes"),
        (Self::MetaBytes, "meta_bytes"),
        (Self::KeyedBytes, "keyed_bytes"),
        (Self::OperatorBytes, "operator_bytes"),
        (Self::ChangelogBytes, "changelog_bytes"),
        (Self::ChannelBytes, "channel_bytes"),
        (Self::CoordinatorBytes, "coordinator_bytes"),
        (Self::UnionBytes, "union_bytes"),
        (Self::LargestSubtask, "largest_subtask"),
        (Self::LargestSubtaskBytes, "largest_subtask_bytes"),
        (Self::Entries, "entries"),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_their_position() {
        for (at, (column, _)) in Text::ALL.into_iter().enumerate() {
            assert_eq!(column as usize, at);
        }
        for (at, (column, _)) in Number::ALL.into_iter().enumerate() {
            assert_eq!(column as usize, at);
        }
    }
}
