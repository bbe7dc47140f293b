//! Which hour, day, week, month or year a moment is in, in UTC.

use jiff::tz::TimeZone;

use statescope_format::time::UtcSeconds;

/// A unit of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Period {
    Hour,
    Day,
    /// From Monday to Sunday, as ISO 8601 counts them.
    Week,
    Month,
    Year,
}

/// The hour, day, ... of a moment: equal for all moments in it. `None` for a moment that no
/// calendar has.
pub(super) fn period_of(moment: UtcSeconds, period: Period) -> Option<[i16; 4]> {
    let time = moment.timestamp()?.to_zoned(TimeZone::UTC);
    let (year, month, day) = (time.year(), i16::from(time.month()), i16::from(time.day()));
    Some(match period {
        Period::Hour => [year, month, day, i16::from(time.hour())],
        Period::Day => [year, month, day, 0],
        Period::Week => {
            let week = time.date().iso_week_date();
            [week.year(), i16::from(week.week()), 0, 0]
        }
        Period::Month => [year, month, 0, 0],
        Period::Year => [year, 0, 0, 0],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(period: Period, a: &str, b: &str) -> bool {
        let of = |text: &str| period_of(text.parse().unwrap(), period).unwrap();
        of(a) == of(b)
    }

    #[test]
    fn each_period_ends_where_the_calendar_says() {
        for (period, first, last, next) in [
            (
                Period::Hour,
                "2026-02-28T10:00:00Z",
                "2026-02-28T10:59:59Z",
                "2026-02-28T11:00:00Z",
            ),
            (
                Period::Day,
                "2024-02-29T00:00:00Z",
                "2024-02-29T23:59:59Z",
                "2024-03-01T00:00:00Z",
            ),
            (
                Period::Week,
                "2026-12-28T00:00:00Z",
                "2027-01-03T23:59:59Z",
                "2027-01-04T00:00:00Z",
            ),
            (
                Period::Month,
                "2026-02-01T00:00:00Z",
                "2026-02-28T23:59:59Z",
                "2026-03-01T00:00:00Z",
            ),
            (
                Period::Year,
                "2026-01-01T00:00:00Z",
                "2026-12-31T23:59:59Z",
                "2027-01-01T00:00:00Z",
            ),
        ] {
            assert!(same(period, first, last), "{period:?}");
            assert!(!same(period, last, next), "{period:?}");
        }
    }

    #[test]
    fn the_same_hour_of_another_day_is_another_hour() {
        assert!(!same(
            Period::Hour,
            "2026-02-27T10:00:00Z",
            "2026-02-28T10:00:00Z"
        ));
        assert!(!same(
            Period::Day,
            "2026-01-28T10:00:00Z",
            "2026-02-28T10:00:00Z"
        ));
        assert!(!same(
            Period::Week,
            "2025-02-10T10:00:00Z",
            "2026-02-10T10:00:00Z"
        ));
        assert!(!same(
            Period::Month,
            "2025-02-28T10:00:00Z",
            "2026-02-28T10:00:00Z"
        ));
    }
}
