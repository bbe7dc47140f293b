//! Takes wild samples and the shape of a day out of a series.

use super::samples::{Sample, Samples, median};
use super::theil_sen::Slope;

/// So many full days show the shape of a day.
const DAYS_MIN: usize = 3;
/// A wave explains at least such a part of what a straight line leaves.
const WAVE_PART: f64 = 0.5;
/// A persistent fall to this part of what was starts a series anew: state was dropped.
const FALL: f64 = 0.5;
/// So many samples on each side tell a persistent fall from a wild one.
const SIDE: usize = 3;

/// Each value replaced by the median of itself and `reach` neighbours on either side: single wild
/// values go, steps and bends stay where they are.
pub(super) fn smoothed(samples: &[Sample], reach: usize) -> Vec<Sample> {
    let smooth = |(at, sample): (usize, &Sample)| {
        // The same number on both sides, or a slope would be bent at its ends.
        let reach = reach.min(at).min(samples.len() - 1 - at);
        let near = samples.iter().skip(at - reach).take(2 * reach + 1);
        let value = median(near.map(|sample| sample.value));
        Sample {
            value: value.unwrap_or(sample.value),
            ..*sample
        }
    };
    samples.iter().enumerate().map(smooth).collect()
}

/// Takes the wave of a day out, where there is one. Says whether there was.
pub(super) fn without_daily_wave(samples: &mut Samples, slope: Slope) -> bool {
    let seasons = samples.samples.iter().map(|sample| sample.season).max();
    let Some(seasons) = seasons.filter(|&seasons| samples.daily && seasons > 0) else {
        return false;
    };
    let off_line = |sample: &Sample| sample.value - slope.per_hour * sample.hours;
    let mut profile = Vec::new();
    for season in 0..=seasons {
        let alike = samples.samples.iter().filter(|s| s.season == season);
        let alike: Vec<f64> = alike.map(off_line).collect();
        if !alike.is_empty() && alike.len() < DAYS_MIN {
            return false;
        }
        profile.push(median(alike).unwrap_or_default());
    }
    let middle = median(profile.iter().copied()).unwrap_or_default();
    let wave = |season: u32| {
        let value = profile.get(season as usize).copied();
        value.unwrap_or(middle) - middle
    };
    let line = median(samples.samples.iter().map(off_line)).unwrap_or_default();
    let error = |rest: &dyn Fn(&Sample) -> f64| {
        let errors = samples.samples.iter().map(|sample| rest(sample).abs());
        median(errors).unwrap_or_default()
    };
    let without = error(&|sample| off_line(sample) - middle - wave(sample.season));
    let with = error(&|sample| off_line(sample) - line);
    if without > with * (1.0 - WAVE_PART) {
        return false;
    }
    for sample in &mut samples.samples {
        sample.value -= wave(sample.season);
    }
    true
}

/// Where the series starts anew: behind the last fall to less than half that lasts.
pub(super) fn last_restart(samples: &[Sample]) -> usize {
    let level = |from: usize| median(samples.iter().skip(from).take(SIDE).map(|s| s.value));
    let mut start = 0;
    for at in SIDE..samples.len().saturating_sub(SIDE - 1) {
        let (Some(before), Some(after)) = (level(at - SIDE), level(at)) else {
            continue;
        };
        let fell = |sample: &Sample| sample.value < before * FALL;
        let is_first = samples.get(at).is_some_and(fell)
            && samples.get(at - 1).is_some_and(|sample| !fell(sample));
        if is_first && after < before * FALL {
            start = at;
        }
    }
    start
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::growth::trend::samples::hourly;

    #[test]
    fn a_lasting_fall_starts_a_series_anew_and_a_wild_value_does_not() {
        let fallen = (0..40).map(|i| if i < 25 { 100.0 } else { 10.0 });
        assert_eq!(last_restart(&hourly(fallen)), 25);
        let wild = (0..40).map(|i| if i == 25 { 1.0 } else { 100.0 });
        assert_eq!(last_restart(&hourly(wild)), 0);
        assert_eq!(last_restart(&hourly([1.0, 2.0])), 0);
    }

    #[test]
    fn smoothing_keeps_steps_and_slopes_and_drops_wild_values() {
        let mut line: Vec<f64> = (0..20).map(f64::from).collect();
        let plain = smoothed(&hourly(line.clone()), 2);
        assert!(plain.iter().all(|sample| sample.value == sample.hours));
        line[7] = 1e9;
        let value = smoothed(&hourly(line), 2)[7].value;
        assert!((6.0..=9.0).contains(&value));
    }
}
