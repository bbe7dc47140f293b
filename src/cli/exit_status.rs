/// What the process tells its caller (docs/exit-codes.md), from the best to the worst: of several,
/// the worst counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ExitStatus {
    Ok,
    /// The answer is not known, and that is no yes.
    Undecided,
    Findings,
    /// Something could not be looked at.
    Incomplete,
    PartlyDeleted,
    InvalidMetadata,
    UnsupportedVersion,
    NotFound,
    Storage,
    Refused,
    Usage,
    Bug,
}

impl ExitStatus {
    /// This status where `holds`, and all well where not.
    pub(crate) fn when(self, holds: bool) -> Self {
        if holds { self } else { Self::Ok }
    }

    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::InvalidMetadata => 3,
            Self::UnsupportedVersion => 4,
            Self::NotFound => 5,
            Self::Storage => 6,
            Self::Incomplete | Self::Undecided => 7,
            Self::Refused => 8,
            Self::PartlyDeleted => 9,
            Self::Bug => 101,
        }
    }
}
