/// The layouts that hide behind version 3 (docs/format.md 8). Files do not say which they are;
/// only channel state and changelog handles differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// Flink 1.11: channel handles without subtask index.
    Flink1_11,
    /// Flink 1.14 (and 1.12, 1.13, which have no changelog): short changelog handles.
    Flink1_14,
    /// Flink 1.15, and every file of another version.
    Flink1_15,
}

impl Dialect {
    /// In the order in which they are tried.
    pub(super) const ALL: [Self; 3] = [Self::Flink1_15, Self::Flink1_14, Self::Flink1_11];

    /// True where channel handles name their subtask.
    pub(super) fn has_channel_subtask(self) -> bool {
        self != Self::Flink1_11
    }

    /// True where changelog handles have sizes and ids.
    pub(super) fn has_long_changelog(self) -> bool {
        self == Self::Flink1_15
    }
}
