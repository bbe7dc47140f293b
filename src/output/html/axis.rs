//! Where the lines of a chart go, and what they are called.

use crate::output::ByteUnits;

/// A line of a grid: where, as a part of the axis, and its label.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    pub(super) at: f64,
    pub(super) label: String,
}

/// An axis of bytes from 0, with its end and its lines.
pub(super) fn of_bytes(largest: u64, bytes: ByteUnits) -> (u64, Vec<Tick>) {
    const LINES: u64 = 4;
    let step = byte_step(largest.div_ceil(LINES), bytes);
    let count = largest.div_ceil(step).max(1);
    let end = step.saturating_mul(count);
    let tick = |number: u64| {
        let value = step.saturating_mul(number);
        Tick {
            at: part(value, end),
            label: bytes.format(value),
        }
    };
    (end, (0..=count).map(tick).collect())
}

/// The least round number that is not below `least`: 1, 2, 4, 8, … or 1, 2, 5, 10, ….
fn byte_step(least: u64, bytes: ByteUnits) -> u64 {
    let (base, factors): (u64, &[u64]) = match bytes {
        ByteUnits::Binary => (2, &[1]),
        ByteUnits::Metric | ByteUnits::Exact => (10, &[1, 2, 5]),
    };
    let units = std::iter::successors(Some(1_u64), |unit| unit.checked_mul(base));
    let mut steps = units.flat_map(|unit| factors.iter().map(move |f| unit.saturating_mul(*f)));
    steps.find(|&step| step >= least).unwrap_or(u64::MAX)
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Up to two weeks; longer steps are months.
const STEPS: [i64; 14] = [
    1000,
    10_000,
    MINUTE,
    5 * MINUTE,
    15 * MINUTE,
    30 * MINUTE,
    HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    7 * DAY,
    14 * DAY,
];
/// Months of a step that begins with a year's first month.
const MONTHS: [i32; 10] = [1, 2, 3, 6, 12, 24, 60, 120, 240, 1200];
/// So many labels have room beside each other on a phone.
const LABELS_MAX: i64 = 4;

/// Round moments between two others, in milliseconds since 1970.
pub(super) fn of_times(first: i64, last: i64) -> Vec<Tick> {
    let span = last.saturating_sub(first);
    let tick = |(time, label): (i64, String)| Tick {
        at: moment(time, first, last),
        label,
    };
    match STEPS.iter().find(|&&step| span / step < LABELS_MAX) {
        Some(&step) => equal_steps(first, last, step)
            .into_iter()
            .map(tick)
            .collect(),
        None => months(first, last).into_iter().map(tick).collect(),
    }
}

fn equal_steps(first: i64, last: i64, step: i64) -> Vec<(i64, String)> {
    let start = first.div_euclid(step).saturating_mul(step);
    let times = std::iter::successors(Some(start), |time| time.checked_add(step));
    times
        .skip_while(|&time| time < first)
        .take_while(|&time| time <= last)
        .filter_map(|time| Some((time, label(time, step)?)))
        .collect()
}

/// The first days of months, which have no equal lengths.
fn months(first: i64, last: i64) -> Vec<(i64, String)> {
    let date = |time| {
        let time = jiff::Timestamp::from_millisecond(time).ok()?;
        Some(time.to_zoned(jiff::tz::TimeZone::UTC).date())
    };
    let (Some(begin), Some(end)) = (date(first), date(last)) else {
        return Vec::new();
    };
    let month = |date: jiff::civil::Date| i32::from(date.year()) * 12 + i32::from(date.month()) - 1;
    let (begin, end) = (month(begin), month(end));
    let fits = |step: &&i32| i64::from((end - begin) / **step) < LABELS_MAX;
    let step = MONTHS.iter().find(fits).copied().unwrap_or(12_000);
    let numbers = (begin..=end).filter(|number| number.rem_euclid(step) == 0);
    let times = numbers.filter_map(|number| {
        let year = i16::try_from(number.div_euclid(12)).ok()?;
        let month = i8::try_from(number.rem_euclid(12)).ok()? + 1;
        let date = jiff::civil::Date::new(year, month, 1).ok()?;
        let time = date.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        let label = format!("{year:04}-{month:02}");
        Some((time.timestamp().as_millisecond(), label))
    });
    times
        .filter(|(time, _)| (first..=last).contains(time))
        .collect()
}

/// As little as tells the lines apart: a phone has no room for more.
fn label(time_ms: i64, step: i64) -> Option<String> {
    let time = crate::time::rfc_3339_of_millis(time_ms)?;
    let (date, clock) = time.split_once('T')?;
    let text = match step {
        MINUTE.. if time_ms.rem_euclid(DAY) == 0 => date.get(5..)?,
        MINUTE.. => clock.get(..5)?,
        _ => clock.get(..8)?,
    };
    Some(text.to_owned())
}

/// Where a moment lies between two others, from 0 to 1.
#[allow(clippy::cast_precision_loss)]
pub(super) fn moment(time: i64, first: i64, last: i64) -> f64 {
    let span = last.saturating_sub(first).max(1);
    (time.saturating_sub(first) as f64 / span as f64).clamp(0.0, 1.0)
}

/// `value` as a part of `end`.
#[allow(clippy::cast_precision_loss)]
pub(super) fn part(value: u64, end: u64) -> f64 {
    value as f64 / end.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(ticks: &[Tick]) -> Vec<&str> {
        ticks.iter().map(|tick| tick.label.as_str()).collect()
    }

    #[test]
    fn bytes_have_round_lines() {
        let (end, ticks) = of_bytes(3 << 30, ByteUnits::Binary);
        assert_eq!(end, 3 << 30);
        assert_eq!(labels(&ticks), ["0 B", "1.0 GiB", "2.0 GiB", "3.0 GiB"]);
        let (end, ticks) = of_bytes(1300 << 20, ByteUnits::Binary);
        assert_eq!(end, 1536 << 20);
        let expected = ["0 B", "512.0 MiB", "1.0 GiB", "1.5 GiB"];
        assert_eq!(labels(&ticks), expected);
        let (end, ticks) = of_bytes(1_700, ByteUnits::Metric);
        assert_eq!(end, 2_000);
        assert_eq!(ticks.len(), 5);
        assert_eq!(of_bytes(0, ByteUnits::Binary).0, 1);
        assert_eq!(
            of_bytes(u64::MAX, ByteUnits::Binary)
                .1
                .last()
                .map(|tick| tick.at),
            Some(1.0)
        );
    }

    #[test]
    fn times_have_round_lines() {
        let start = 1_788_220_800_000; // 2026-09-01
        let ticks = of_times(start + HOUR, start + 3 * DAY);
        assert_eq!(labels(&ticks), ["09-02", "09-03", "09-04"]);
        let ticks = of_times(start, start + 2 * HOUR);
        assert_eq!(labels(&ticks), ["09-01", "01:00", "02:00"]);
        let ticks = of_times(start - 5 * HOUR, start + 100 * DAY);
        assert_eq!(labels(&ticks), ["2026-09", "2026-11"]);
        let ticks = of_times(start, start + 100 * DAY);
        assert_eq!(labels(&ticks), ["2026-09", "2026-10", "2026-11", "2026-12"]);
        let parts: Vec<_> = ticks.iter().map(|tick| (tick.at * 100.0).round()).collect();
        assert_eq!(parts, [0.0, 30.0, 61.0, 91.0]);
        let ticks = of_times(0, start);
        assert_eq!(labels(&ticks), ["1980-01", "2000-01", "2020-01"]);
        let ticks = of_times(start, start + 5_000);
        assert_eq!(labels(&ticks), ["00:00:00"]);
    }

    #[test]
    fn no_times_make_an_endless_axis() {
        for (first, last) in [
            (0, 0),
            (5, 3),
            (i64::MIN, i64::MAX),
            (i64::MAX - 1, i64::MAX),
        ] {
            assert!(of_times(first, last).len() <= 5, "{first} {last}");
        }
        for span in [1, 999, 59_999, DAY, 400 * DAY, 20_000 * DAY] {
            assert!(of_times(0, span).len() <= 5, "{span}");
        }
    }
}
