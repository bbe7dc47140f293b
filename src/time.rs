//! Times as results show them.

use std::time::SystemTime;

/// RFC 3339 in UTC, to the second; `None` for an unknown time and for one that no calendar has.
pub(crate) fn rfc_3339(time: Option<SystemTime>) -> Option<String> {
    let timestamp = jiff::Timestamp::try_from(time?).ok()?;
    let seconds = jiff::Timestamp::from_second(timestamp.as_second()).ok()?;
    Some(seconds.to_string())
}

/// As [`rfc_3339`], of milliseconds since 1970.
pub(crate) fn rfc_3339_of_millis(millis: i64) -> Option<String> {
    let seconds = jiff::Timestamp::from_second(millis.div_euclid(1000)).ok()?;
    Some(seconds.to_string())
}

/// Milliseconds since 1970; `None` for a time that no calendar has.
pub(crate) fn millis(time: SystemTime) -> Option<i64> {
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
    }
}
