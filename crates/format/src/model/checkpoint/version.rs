/// The versions of `_metadata` that can be read (docs/format.md 2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MetadataVersion {
    /// Flink 1.3 to 1.10.
    V2,
    /// Flink 1.11 to 1.15: coordinator state, channel state, relative paths.
    V3,
    /// Flink 1.16 to 1.20: checkpoint properties.
    V4,
    /// Flink 2.0: operator names and uids.
    V5,
    /// Flink 2.1 to 2.3: tagged and merged channel state.
    V6,
    /// No release yet: subtasks that use the state of an earlier checkpoint again (FLIP-600).
    V7,
}

impl MetadataVersion {
    /// Every version, oldest first.
    pub const ALL: [Self; 6] = [Self::V2, Self::V3, Self::V4, Self::V5, Self::V6, Self::V7];

    /// The number in the file.
    pub const fn number(self) -> u32 {
        match self {
            Self::V2 => 2,
            Self::V3 => 3,
            Self::V4 => 4,
            Self::V5 => 5,
            Self::V6 => 6,
            Self::V7 => 7,
        }
    }

    /// The version with that number.
    pub fn from_number(number: i32) -> Option<Self> {
        let number = u32::try_from(number).ok()?;
        Self::ALL.into_iter().find(|v| v.number() == number)
    }

    /// True if it has room for the names and uids of operators.
    pub const fn has_uids(self) -> bool {
        matches!(self, Self::V5 | Self::V6 | Self::V7)
    }

    /// True if a release of Flink writes it: what none does may still change.
    pub const fn is_released(self) -> bool {
        !self.flink_releases().is_empty()
    }

    /// The Flink releases that write it.
    pub const fn flink_releases(self) -> &'static [&'static str] {
        match self {
            Self::V2 => &["1.3", "1.4", "1.5", "1.6", "1.7", "1.8", "1.9", "1.10"],
            Self::V3 => &["1.11", "1.12", "1.13", "1.14", "1.15"],
            Self::V4 => &["1.16", "1.17", "1.18", "1.19", "1.20"],
            Self::V5 => &["2.0"],
            Self::V6 => &["2.1", "2.2", "2.3"],
            Self::V7 => &[],
        }
    }
}
