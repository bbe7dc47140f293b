//! The median of the slopes between all pairs of samples (Theil and Sen): up to 29 of 100 samples
//! may be wild and it does not move.

use super::samples::{Sample, median_of};

/// A slope per hour, with the interval that holds it with 95 % confidence (Kendall's statistic).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Slope {
    pub(super) per_hour: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

impl Slope {
    /// The same, so many times as uncertain.
    pub(super) fn widened_by(self, times: f64) -> Self {
        Self {
            low: self.per_hour - (self.per_hour - self.low) * times,
            high: self.per_hour + (self.high - self.per_hour) * times,
            ..self
        }
    }
}

/// 95 % of a normal distribution lie within so many standard deviations.
const Z: f64 = 1.96;
/// With fewer pairs, comparing only the same hours of different days says too little.
const PAIRS_MIN: usize = 15;

/// The slope of samples in the order of time. With `daily`, only samples of the same part of the
/// day are compared, so that a daily wave has no slope.
pub(super) fn slope(samples: &[Sample], daily: bool) -> Option<Slope> {
    if daily && let Some(slope) = of_pairs(samples, true) {
        return Some(slope);
    }
    of_pairs(samples, false)
}

fn of_pairs(samples: &[Sample], same_season: bool) -> Option<Slope> {
    let mut slopes = Vec::new();
    for (at, later) in samples.iter().enumerate() {
        for earlier in samples.iter().take(at) {
            let hours = later.hours - earlier.hours;
            if hours > 0.0 && (!same_season || later.season == earlier.season) {
                slopes.push((later.value - earlier.value) / hours);
            }
        }
    }
    if slopes.is_empty() || (same_season && slopes.len() < PAIRS_MIN) {
        return None;
    }
    let spread = Z * variance(samples, same_season).sqrt();
    let pairs = slopes.len() as f64;
    let low = nth(&mut slopes, (pairs - spread) / 2.0 - 1.0);
    let high = nth(&mut slopes, (pairs + spread) / 2.0);
    let per_hour = median_of(&mut slopes)?;
    Some(Slope {
        per_hour,
        low,
        high,
    })
}

/// The variance of Kendall's statistic; that of several seasons adds up (Hirsch and Slack).
fn variance(samples: &[Sample], same_season: bool) -> f64 {
    let of = |count: f64| count * (count - 1.0) * (2.0 * count + 5.0) / 18.0;
    if !same_season {
        return of(samples.len() as f64);
    }
    let mut seasons: Vec<_> = samples.iter().map(|sample| sample.season).collect();
    seasons.sort_unstable();
    let alike = seasons.chunk_by(|a, b| a == b);
    alike.map(|chunk| of(chunk.len() as f64)).sum()
}

/// The value of that rank, or the last on that side.
fn nth(values: &mut [f64], rank: f64) -> f64 {
    let last = values.len().saturating_sub(1);
    // Casts of negative numbers give 0.
    let at = (rank.round() as usize).min(last);
    if values.is_empty() {
        return 0.0;
    }
    *values.select_nth_unstable_by(at, f64::total_cmp).1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::growth::trend::samples::hourly;

    #[test]
    fn a_line_has_its_slope_even_where_a_quarter_is_wild() {
        let line = hourly((0..100).map(|i| match i % 4 {
            0 => 1e9,
            _ => f64::from(i) * 3.0,
        }));
        let slope = slope(&line, false).unwrap();
        assert!((2.9..3.6).contains(&slope.per_hour), "{slope:?}");
        assert!(slope.low <= slope.per_hour && slope.per_hour <= slope.high);
    }

    #[test]
    fn a_daily_wave_has_no_slope_when_days_are_compared() {
        let wave = |i: i32| 1000.0 * (f64::from(i) / 24.0 * std::f64::consts::TAU).sin();
        // Ends on the upswing of the fourth day.
        let wave = hourly((0..78).map(wave));
        assert!(slope(&wave, true).unwrap().per_hour.abs() < 1e-6);
    }

    #[test]
    fn nothing_has_no_slope() {
        assert_eq!(slope(&[], false), None);
        assert_eq!(slope(&hourly([1.0]), true), None);
    }
}
