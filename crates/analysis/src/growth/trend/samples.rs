//! Few medians in place of many points, so that what follows has a bounded cost, and a day keeps
//! its shape.

use super::clean::smoothed;

/// So many buckets at most: their pairs are what a trend costs.
const BUCKETS_MAX: f64 = 300.0;
const HOURS_OF_A_DAY: f64 = 24.0;
/// From so many days on, a daily wave can be told from growth.
const DAYS_FOR_A_WAVE: f64 = 2.0;
/// Widths that a day is a multiple of, in hours.
const WIDTHS: [f64; 11] = [0.25, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 24.0, 48.0];

/// A size at a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Sample {
    /// Hours since any fixed moment.
    pub(super) hours: f64,
    /// Bytes, or whatever is counted.
    pub(super) value: f64,
    /// The part of the day, of samples that are compared day by day; else 0.
    pub(super) season: u32,
}

/// The samples that a trend is computed from.
#[derive(Clone, Debug, Default)]
pub(super) struct Samples {
    /// In the order of time.
    pub(super) samples: Vec<Sample>,
    /// The same without wild ones, and with the wave of a day even where that was taken out.
    pub(super) whole: Vec<Sample>,
    /// Whether seasons are parts of a day.
    pub(super) daily: bool,
}

impl Samples {
    /// Points, as hours and values in the order of time, as at most some hundred medians.
    pub(super) fn of(points: &[(f64, f64)]) -> Self {
        let (Some(first), Some(last)) = (points.first(), points.last()) else {
            return Self::default();
        };
        let span = last.0 - first.0;
        let daily = span >= DAYS_FOR_A_WAVE * HOURS_OF_A_DAY;
        if !daily {
            let width = if points.len() as f64 <= BUCKETS_MAX {
                0.0
            } else {
                span / BUCKETS_MAX
            };
            return Self::new(medians(points, width, false), daily);
        }
        // Narrower than the points are apart, most buckets would be empty, and no two days alike.
        let apart = points.iter().zip(points.iter().skip(1));
        let apart = median(apart.map(|(a, b)| b.0 - a.0)).unwrap_or_default();
        let fits = |width: &f64| span / width <= BUCKETS_MAX && *width >= apart * 0.99;
        let mut width = WIDTHS.into_iter().find(fits).unwrap_or(48.0);
        while !fits(&width) {
            width *= 2.0;
        }
        Self::new(medians(points, width, true), daily)
    }

    fn new(samples: Vec<Sample>, daily: bool) -> Self {
        Self {
            whole: smoothed(&samples, 2),
            samples,
            daily,
        }
    }

    /// Leaves out the first samples.
    pub(super) fn begin_at(&mut self, start: usize) {
        self.samples.drain(..start);
        self.whole.drain(..start);
    }

    /// The change per hour from the first whole day to the last one, from a sample on; `None` below
    /// two days. What goes up and down within a day has none, in whatever rhythm.
    pub(super) fn day_by_day(&self, start: usize) -> Option<f64> {
        let whole = self.whole.get(start..)?;
        let (first, last) = (whole.first()?.hours, whole.last()?.hours);
        let between = last - first - HOURS_OF_A_DAY;
        // The mean: half of some teeth would lie above the median, and all of others.
        let of_day = |from: f64| {
            let day = whole
                .iter()
                .filter(|sample| (from..=from + HOURS_OF_A_DAY).contains(&sample.hours));
            let (sum, count) = day.fold((0.0, 0.0), |(sum, count), s| (sum + s.value, count + 1.0));
            (count > 0.0).then(|| sum / count)
        };
        let change = of_day(last - HOURS_OF_A_DAY)? - of_day(first)?;
        (self.daily && between >= HOURS_OF_A_DAY).then(|| change / between)
    }
}

/// Where a series stands behind each of its sudden falls by more than `fall`, from a sample on.
pub(super) fn troughs(samples: &[Sample], fall: f64) -> Vec<Sample> {
    /// A fall takes no longer than so many samples.
    const SUDDEN: usize = 2;
    let mut troughs = Vec::new();
    let mut at = 0;
    while let Some(before) = samples.get(at) {
        let after = samples.iter().enumerate().skip(at + 1).take(SUDDEN);
        let lowest = after.min_by(|(_, a), (_, b)| a.value.total_cmp(&b.value));
        at += 1;
        if let Some((behind, lowest)) = lowest
            && before.value - lowest.value > fall
        {
            troughs.push(*lowest);
            at = behind;
        }
    }
    troughs
}

/// One sample per interval of `width` hours; every point by itself for a width of 0.
fn medians(points: &[(f64, f64)], width: f64, daily: bool) -> Vec<Sample> {
    let bucket = |hours: f64| {
        if width > 0.0 {
            (hours / width).floor()
        } else {
            hours
        }
    };
    let alike = points.chunk_by(|a, b| bucket(a.0) == bucket(b.0));
    let samples = alike.filter_map(|chunk| {
        let hours = median(chunk.iter().map(|point| point.0))?;
        let value = median(chunk.iter().map(|point| point.1))?;
        let season = if daily && width < HOURS_OF_A_DAY {
            (bucket(hours).rem_euclid(HOURS_OF_A_DAY / width)) as u32
        } else {
            0
        };
        Some(Sample {
            hours,
            value,
            season,
        })
    });
    samples.collect()
}

/// The middle value, the mean of two; `None` of nothing.
pub(super) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.into_iter().collect();
    median_of(&mut values)
}

/// As [`median`], without a copy; the order is lost.
pub(super) fn median_of(values: &mut [f64]) -> Option<f64> {
    let middle = values.len() / 2;
    if values.is_empty() {
        return None;
    }
    let is_odd = values.len() % 2 == 1;
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let upper = *upper;
    if is_odd {
        return Some(upper);
    }
    let lower = below.iter().copied().max_by(f64::total_cmp)?;
    Some(f64::midpoint(lower, upper))
}

/// A value an hour.
#[cfg(test)]
pub(super) fn hourly(values: impl IntoIterator<Item = f64>) -> Vec<Sample> {
    let values = values.into_iter().enumerate();
    let sample = |(at, value): (usize, f64)| Sample {
        hours: at as f64,
        value,
        season: at as u32 % 24,
    };
    values.map(sample).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians_are_the_middle() {
        assert_eq!(median([]), None);
        assert_eq!(median([3.0]), Some(3.0));
        assert_eq!(median([9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median([9.0, 1.0, 2.0, 4.0]), Some(3.0));
    }

    #[test]
    fn many_points_become_few_samples_that_keep_the_hours_of_a_day_apart() {
        let points: Vec<_> = (0..100_000).map(|i| (f64::from(i) / 100.0, 1.0)).collect();
        let samples = Samples::of(&points);
        assert!(samples.daily);
        assert!(samples.samples.len() <= 301, "{}", samples.samples.len());
        let season = |hours: f64| {
            let near = |sample: &&Sample| (sample.hours - hours).abs() <= 2.0;
            samples.samples.iter().find(near).unwrap().season
        };
        assert_eq!(season(6.0), season(30.0));
        assert_ne!(season(6.0), season(18.0));
    }

    #[test]
    fn few_points_stay_what_they_are() {
        let samples = Samples::of(&[(0.0, 1.0), (1.0, 5.0), (1.5, 2.0)]);
        assert!(!samples.daily);
        let values: Vec<_> = samples.samples.iter().map(|sample| sample.value).collect();
        assert_eq!(values, [1.0, 5.0, 2.0]);
    }
}
