//! Times as results show them.

use std::time::SystemTime;

/// RFC 3339 in UTC, to the second; `None` for an unknown time and for one that no calendar has.
pub(crate) fn rfc_3339(time: Option<SystemTime>) -> Option<String> {
    let timestamp = jiff::Timestamp::try_from(time?).ok()?;
    let seconds = jiff::Timestamp::from_second(timestamp.as_second()).ok()?;
    Some(seconds.to_string())
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
    }
}
