/// What the process tells its caller (docs/exit-codes.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    Ok,
    Findings,
    Usage,
    InvalidMetadata,
    UnsupportedVersion,
    NotFound,
    Storage,
    Incomplete,
    Refused,
    PartlyDeleted,
    Bug,
}

impl ExitStatus {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::InvalidMetadata => 3,
            Self::UnsupportedVersion => 4,
            Self::NotFound => 5,
            Self::Storage => 6,
            Self::Incomplete => 7,
            Self::Refused => 8,
            Self::PartlyDeleted => 9,
            Self::Bug => 101,
        }
    }
}
