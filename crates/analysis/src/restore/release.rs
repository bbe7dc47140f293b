use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A Flink release line, such as 1.20 or 2.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FlinkRelease {
    major: u32,
    minor: u32,
}

impl FlinkRelease {
    /// The newest line of each major version whose rules are known.
    const NEWEST: [Self; 2] = [Self::new(1, 20), Self::new(2, 3)];

    /// The line `major.minor`.
    pub const fn new(major: u32, minor: u32) -> Self {
        Self { major, minor }
    }

    /// True if it was out when this build was made: what others read, nobody can know.
    pub fn is_known(self) -> bool {
        let mut lines = Self::NEWEST.iter();
        lines.any(|newest| newest.major == self.major && self.minor <= newest.minor)
    }

    /// The newest metadata version that it reads; what Flink says of a newer one is
    /// "Unrecognized checkpoint version number".
    pub fn newest_metadata_version(self) -> u32 {
        match self {
            _ if self >= Self::new(2, 1) => 6,
            _ if self >= Self::new(2, 0) => 5,
            _ if self >= Self::new(1, 16) => 4,
            _ if self >= Self::new(1, 11) => 3,
            _ if self >= Self::new(1, 3) => 2,
            _ => 1,
        }
    }
}

impl Serialize for FlinkRelease {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The text does not tell a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a Flink release looks like 1.20 or 2.3.0")]
pub struct InvalidRelease;

impl FromStr for FlinkRelease {
    type Err = InvalidRelease;

    /// Reads what people and vendors write: `1.20`, `v1.17.2`, `Flink 2.0-preview1`,
    /// `1.18.1-amzn-2`, `1.17-SNAPSHOT`. A major version alone is no release.
    fn from_str(text: &str) -> Result<Self, InvalidRelease> {
        let line = without_name(text.trim());
        let (major, rest) = number(line).ok_or(InvalidRelease)?;
        let (minor, rest) = rest
            .strip_prefix('.')
            .and_then(number)
            .ok_or(InvalidRelease)?;
        // Whatever a vendor adds, it is set off from the number.
        match rest.chars().next() {
            None | Some('.' | '-' | '+' | '_' | ' ') => Ok(Self { major, minor }),
            Some(_) => Err(InvalidRelease),
        }
    }
}

/// Takes off what is written in front of a number: `Apache Flink `, `flink-`, `release-`, `v`.
fn without_name(mut text: &str) -> &str {
    for name in ["apache", "flink", "release", "version", "v"] {
        let start = text.get(..name.len());
        if start.is_some_and(|start| start.eq_ignore_ascii_case(name)) {
            let rest = text.get(name.len()..).unwrap_or_default();
            text = rest.trim_start_matches([' ', '-', '_', ':']);
        }
    }
    text
}

fn number(text: &str) -> Option<(u32, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit());
    let (digits, rest) = text.split_at(end.unwrap_or(text.len()));
    Some((digits.parse().ok()?, rest))
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
    fn releases_are_read_as_people_and_vendors_write_them() {
        for (text, major, minor) in [
            ("1.20", 1, 20),
            ("1.20.5", 1, 20),
            ("2.0-preview1", 2, 0),
            ("v1.17.2", 1, 17),
            ("V1.17", 1, 17),
            ("Flink 1.17.2", 1, 17),
            ("Apache Flink 2.3.0", 2, 3),
            ("flink-1.18.1", 1, 18),
            ("release-1.17", 1, 17),
            ("1.17-SNAPSHOT", 1, 17),
            ("1.18.1-amzn-2", 1, 18),
            ("1.15-vvr-6.0.7-1", 1, 15),
            ("1.16.1-csa1.9.0.0", 1, 16),
            ("1.19.1+3", 1, 19),
            ("1.20.x", 1, 20),
            (" 1.20\n", 1, 20),
            ("3.0", 3, 0),
        ] {
            assert_eq!(text.parse(), Ok(FlinkRelease::new(major, minor)), "{text}");
        }
    }

    #[test]
    fn what_tells_no_release_is_refused() {
        for text in [
            "",
            " ",
            "1",
            "v1",
            "1.",
            ".17",
            "latest",
            "1.x",
            "1.17rc",
            "-1.17",
            "1,17",
            "1 . 17",
            "emr-6.15",
            "<unknown>",
            "99999999999.1",
            "1.-17",
            "1.17ä",
            "ⅴ1.17",
        ] {
            assert_eq!(text.parse::<FlinkRelease>(), Err(InvalidRelease), "{text}");
        }
    }

    #[test]
    fn only_releases_that_are_out_are_known() {
        let known = |text: &str| text.parse().is_ok_and(FlinkRelease::is_known);
        for text in ["1.3", "1.20.9", "2.0", "2.3.1"] {
            assert!(known(text), "{text}");
        }
        for text in ["0.9", "1.21", "2.4", "3.0", "17.2"] {
            assert!(!known(text), "{text}");
        }
    }
}
