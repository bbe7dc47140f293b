//! Times as results show them.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A moment in UTC, to the second: what stores tell of files, in eight bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcSeconds(i64);

impl UtcSeconds {
    /// So many seconds after the beginning of 1970.
    pub const fn from_unix(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since the beginning of 1970; negative before.
    pub const fn unix(self) -> i64 {
        self.0
    }

    /// The moment so many seconds before.
    #[must_use]
    pub fn minus(self, seconds: u64) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(seconds).unwrap_or(i64::MAX)),
        )
    }

    /// Seconds from `earlier` to this moment; 0 if that is not earlier.
    pub fn since(self, earlier: Self) -> u64 {
        u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0)
    }

    /// The calendar's view of it; `None` for a moment that no calendar has.
    pub fn timestamp(self) -> Option<jiff::Timestamp> {
        jiff::Timestamp::from_second(self.0).ok()
    }
}

impl From<SystemTime> for UtcSeconds {
    fn from(time: SystemTime) -> Self {
        let whole = |duration: std::time::Duration| i64::try_from(duration.as_secs());
        Self(match time.duration_since(UNIX_EPOCH) {
            Ok(after) => whole(after).unwrap_or(i64::MAX),
            Err(before) => whole(before.duration()).map_or(i64::MIN, |seconds| -seconds),
        })
    }
}

impl std::str::FromStr for UtcSeconds {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.parse::<jiff::Timestamp>()?.as_second()))
    }
}

impl fmt::Display for UtcSeconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.timestamp() {
            Some(timestamp) => timestamp.fmt(f),
            None => write!(f, "{} s after 1970", self.0),
        }
    }
}

/// RFC 3339.
impl Serialize for UtcSeconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for UtcSeconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// RFC 3339 in UTC, to the second; `None` for an unknown time and for one that no calendar has.
pub fn rfc_3339(time: Option<SystemTime>) -> Option<String> {
    let timestamp = jiff::Timestamp::try_from(time?).ok()?;
    let seconds = jiff::Timestamp::from_second(timestamp.as_second()).ok()?;
    Some(seconds.to_string())
}

/// As [`rfc_3339`], of milliseconds since 1970.
pub fn rfc_3339_of_millis(millis: i64) -> Option<String> {
    let seconds = jiff::Timestamp::from_second(millis.div_euclid(1000)).ok()?;
    Some(seconds.to_string())
}

/// Milliseconds since 1970; `None` for a time that no calendar has.
pub fn millis(time: SystemTime) -> Option<i64> {
    let timestamp = jiff::Timestamp::try_from(time).ok()?;
    Some(timestamp.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn times_are_utc_to_the_second() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_790_000_000_900);
        assert_eq!(
            rfc_3339(Some(time)).as_deref(),
            Some("2026-09-21T14:13:20Z")
        );
        assert_eq!(rfc_3339(None), None);
        let time_ms = millis(time).unwrap();
        assert_eq!(rfc_3339_of_millis(time_ms), rfc_3339(Some(time)));
        assert_eq!(rfc_3339_of_millis(i64::MAX), None);
        let seconds = UtcSeconds::from(time);
        assert_eq!(seconds.to_string(), "2026-09-21T14:13:20Z");
        assert_eq!(
            "2026-09-21T14:13:20Z".parse::<UtcSeconds>().unwrap(),
            seconds
        );
        assert_eq!(seconds.since(seconds.minus(7)), 7);
        assert_eq!(seconds.minus(7).since(seconds), 0);
    }
}
