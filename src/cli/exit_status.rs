/// What the process tells its caller (docs/exit-codes.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    Ok,
    Usage,
    InvalidMetadata,
    UnsupportedVersion,
    NotFound,
    Storage,
    Bug,
}

impl ExitStatus {
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Ok => 0,
            Self::Usage => 2,
            Self::InvalidMetadata => 3,
            Self::UnsupportedVersion => 4,
            Self::NotFound => 5,
            Self::Storage => 6,
            Self::Bug => 101,
        }
    }
}
