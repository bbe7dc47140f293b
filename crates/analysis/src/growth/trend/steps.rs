//! Growth by jumps, with flat stretches between them.

use super::samples::{Sample, median};

/// The jumps of a series.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Steps {
    /// How many jumps go up.
    pub(super) up: usize,
    /// Where the first of these ends: an index.
    pub(super) first: usize,
    /// Hours between the last of these and the end.
    pub(super) hours_since: f64,
    /// All of them together.
    pub(super) risen: f64,
    /// Those that go down.
    pub(super) fallen: f64,
    /// What lies between the jumps, over the whole time.
    pub(super) drift: f64,
}

/// A jump is so many times what neighbours usually differ by...
const TIMES_USUAL: f64 = 8.0;
/// ... and such a part of the largest value.
const PART_OF_LARGEST: f64 = 0.02;
/// It takes so many intervals at most: a bucket may hold the jump.
const INTERVALS_MAX: usize = 2;

/// The jumps of samples in the order of time, without wild ones.
pub(super) fn steps(samples: &[Sample]) -> Option<Steps> {
    let pairs = || samples.iter().zip(samples.iter().skip(1));
    let rate = |(a, b): (&Sample, &Sample)| (b.value - a.value) / (b.hours - a.hours);
    let usual_rate = median(pairs().filter(|(a, b)| b.hours > a.hours).map(rate))?;
    // What is left of each difference when the usual rate is taken off: a gap in the data is no jump.
    let left: Vec<f64> = pairs()
        .map(|(a, b)| b.value - a.value - usual_rate * (b.hours - a.hours))
        .collect();
    let usual = median(left.iter().map(|left| left.abs()))?;
    let largest = samples.iter().map(|sample| sample.value.abs());
    let least = (usual * TIMES_USUAL).max(largest.fold(0.0, f64::max) * PART_OF_LARGEST);
    let mut steps = Steps::default();
    let mut at = 0;
    for run in left.chunk_by(|a, b| (a.abs() > least) == (b.abs() > least)) {
        let is_jump = run.first().is_some_and(|left| left.abs() > least);
        let jump: f64 = run.iter().sum();
        if is_jump && run.len() <= INTERVALS_MAX {
            if jump > 0.0 {
                if steps.up == 0 {
                    steps.first = at + run.len();
                }
                let end = samples.get(at + run.len()).zip(samples.last());
                steps.hours_since = end.map_or(0.0, |(end, last)| last.hours - end.hours);
                steps.up += 1;
                steps.risen += jump;
            } else {
                steps.fallen -= jump;
            }
        }
        at += run.len();
    }
    let (first, last) = (samples.first()?, samples.last()?);
    steps.drift = usual_rate * (last.hours - first.hours);
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(values: impl IntoIterator<Item = (f64, f64)>) -> Vec<Sample> {
        let sample = |(hours, value)| Sample {
            hours,
            value,
            season: 0,
        };
        values.into_iter().map(sample).collect()
    }

    #[test]
    fn jumps_are_counted_and_gaps_are_not() {
        let stairs = samples((0..40).map(|i| (f64::from(i), 1e6 + f64::from(i / 10) * 5e5)));
        let found = steps(&stairs).unwrap();
        assert_eq!((found.up, found.first, found.risen), (3, 10, 1.5e6));
        let gap = (0..40).map(|i| if i < 20 { i } else { i + 60 });
        let gap = samples(gap.map(|i| (f64::from(i), f64::from(i) * 1e6)));
        assert_eq!(steps(&gap).unwrap().up, 0);
    }
}
