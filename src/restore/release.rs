use std::fmt;
use std::str::FromStr;

/// A Flink release line, such as 1.20 or 2.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlinkRelease {
    major: u32,
    minor: u32,
}

impl FlinkRelease {
    /// The line `major.minor`.
    pub const fn new(major: u32, minor: u32) -> Self {
        Self { major, minor }
    }

    /// The newest metadata version that it reads; what Flink says of a newer one is
    /// "Unrecognized checkpoint version number".
    pub fn newest_metadata_version(self) -> u32 {
        match self {
            _ if self >= Self::new(2, 1) => 6,
            _ if self >= Self::new(2, 0) => 5,
            _ if self >= Self::new(1, 16) => 4,
            _ => 3,
        }
    }

    /// The newest head of operator state that it reads (`OperatorBackendSerializationProxy`).
    pub fn newest_operator_head(self) -> i32 {
        if self >= Self::new(1, 18) { 6 } else { 5 }
    }

    /// The oldest head of keyed state that it reads: since 1.17 none from before Flink 1.8.
    pub fn oldest_keyed_head(self) -> i32 {
        if self >= Self::new(1, 17) { 6 } else { 1 }
    }

    /// Whether it reads the time-to-live settings that changelogs of Flink 1.15 to 1.18 hold: the
    /// class of one of their fields changed.
    pub fn reads_old_ttl_config(self) -> bool {
        self < Self::new(1, 19)
    }

    /// Whether it reads segments of merged files and their directories (tags 15 to 17).
    pub fn reads_merged_files(self) -> bool {
        self >= Self::new(1, 20)
    }
}

/// The text does not begin with two numbers and a dot between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a Flink release looks like 1.20 or 2.3.0")]
pub struct InvalidRelease;

impl FromStr for FlinkRelease {
    type Err = InvalidRelease;

    fn from_str(text: &str) -> Result<Self, InvalidRelease> {
        let mut parts = text.split(['.', '-']);
        let mut number = || parts.next()?.parse().ok();
        match (number(), number()) {
            (Some(major), Some(minor)) => Ok(Self { major, minor }),
            _ => Err(InvalidRelease),
        }
    }
}

impl fmt::Display for FlinkRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_read_with_whatever_follows_the_line() {
        for (text, release) in [
            ("1.20", FlinkRelease::new(1, 20)),
            ("1.20.5", FlinkRelease::new(1, 20)),
            ("2.0-preview1", FlinkRelease::new(2, 0)),
        ] {
            assert_eq!(text.parse(), Ok(release));
        }
        assert_eq!("latest".parse::<FlinkRelease>(), Err(InvalidRelease));
    }
}
