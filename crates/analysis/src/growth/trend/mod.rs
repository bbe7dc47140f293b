//! What a series of sizes does: the class, the rate and since when. Robust: one huge snapshot, a
//! restart or a daily wave do not change the answer.

mod bend;
mod clean;
mod samples;
mod steps;
mod theil_sen;

use serde::Serialize;

use clean::{last_restart, smoothed, without_daily_wave};
use samples::{Sample, Samples, median, troughs};
use theil_sen::{Slope, slope};

use crate::finding::Confidence;

/// With fewer points nothing is said.
pub const POINTS_MIN: usize = 8;
/// A bend counts if it leaves at most such a part of the error of one straight line.
const BEND_LEFT_OVER: f64 = 0.4;
/// Growth that is slower behind a bend than this part of before is levelling off.
const LEVELLED: f64 = 0.3;
/// A change is growth from so many times the usual distance from the line on.
const TIMES_NOISE: f64 = 3.0;
/// A change within a week, at the rate found, matters from such a part of the size on.
const PART_THAT_MATTERS: f64 = 0.05;
const HOURS_OF_A_WEEK: f64 = 7.0 * 24.0;
/// Seen in another way there is at least such a part of a slope.
const PART_THAT_AGREES: f64 = 0.25;
/// Jumps that ended before such a part of the time are over.
const STEPS_LONG_AGO: f64 = 2.0 / 3.0;
/// With fewer points, a jump is not told from noise.
const STEPS_POINTS_MIN: usize = 12;
/// Jumps make up at least such a part of growth that is called stepwise.
const STEPS_PART: f64 = 0.7;

/// What a series does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TrendClass {
    /// Too few points to say anything.
    TooFewPoints,
    /// No change that matters.
    Steady,
    /// It grows at a steady rate.
    Linear,
    /// It grows by jumps, and is flat between them.
    Stepwise,
    /// It grew, and hardly does any more.
    LevellingOff,
    /// It becomes smaller.
    Shrinking,
}

impl TrendClass {
    /// The class in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::TooFewPoints => "too few points",
            Self::Steady => "steady",
            Self::Linear => "growing",
            Self::Stepwise => "stepwise",
            Self::LevellingOff => "levelling off",
            Self::Shrinking => "shrinking",
        }
    }

    /// Whether it still grows.
    pub fn grows(self) -> bool {
        matches!(self, Self::Linear | Self::Stepwise)
    }
}

/// The trend of one series. Values are in the series' own unit, mostly bytes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// What the series does.
    pub class: TrendClass,
    /// Points with a known value.
    pub points: usize,
    /// Change per hour: of growth, at the end of the series; `None` with too few points.
    pub per_hour: Option<f64>,
    /// The interval that holds the rate with 95 % confidence.
    pub per_hour_interval: Option<(f64, f64)>,
    /// Where the last points lie, without wild ones.
    pub level: Option<f64>,
    /// By how much it changed since growth began, or else since the first point.
    pub change: Option<f64>,
    /// Index of the point at which growth began; 0 if it grew from the start.
    pub since: Option<usize>,
    /// Jumps, where the growth is stepwise.
    pub steps: usize,
    /// Whether it follows the hours of the day; `None` below two days.
    pub daily_wave: Option<bool>,
    /// How far the rate can be trusted.
    pub confidence: Option<Confidence>,
    /// Whether no point is below any earlier one, single wild points aside.
    pub never_shrinks: bool,
}

impl Trend {
    fn too_few(points: &[(f64, f64)]) -> Self {
        Self {
            class: TrendClass::TooFewPoints,
            points: points.len(),
            per_hour: None,
            per_hour_interval: None,
            level: points.last().map(|point| point.1),
            change: None,
            since: None,
            steps: 0,
            daily_wave: None,
            confidence: None,
            never_shrinks: false,
        }
    }

    /// Hours until `limit` is reached at this rate: 0 where it is reached, `None` where the series
    /// does not grow.
    pub fn hours_until(&self, limit: f64) -> Option<f64> {
        let level = self.level?;
        if level >= limit {
            return Some(0.0);
        }
        let rate = self.per_hour.filter(|&rate| rate > 0.0)?;
        self.class.grows().then_some((limit - level) / rate)
    }

    /// The part of the present size by which it changes in an hour.
    pub fn part_per_hour(&self) -> Option<f64> {
        let level = self.level.filter(|&level| level > 0.0)?;
        Some(self.per_hour? / level)
    }
}

/// The trend of points, as hours since any moment and values, in the order of time.
pub fn trend(points: &[(f64, f64)]) -> Trend {
    if points.len() < POINTS_MIN {
        return Trend::too_few(points);
    }
    let mut series = Samples::of(points);
    let Some(first_slope) = slope(&series.samples, series.daily) else {
        return Trend::too_few(points);
    };
    let wave = without_daily_wave(&mut series, first_slope);
    let smooth = smoothed(&series.samples, 2);
    let restart = last_restart(&smooth);
    let kept = series.samples.len() - restart;
    if kept < POINTS_MIN {
        return Trend::too_few(points);
    }
    series.begin_at(restart);
    let smooth = smoothed(&series.samples, 2);
    let Some(judged) = judge(&series, &smooth) else {
        return Trend::too_few(points);
    };
    let level = median(smooth.iter().rev().take(3).map(|sample| sample.value));
    let since = judged.since.and_then(|at| match at + restart {
        0 => Some(0),
        _ => {
            let began = series.samples.get(at)?.hours;
            Some(points.partition_point(|point| point.0 < began))
        }
    });
    let long = series.daily;
    Trend {
        class: judged.class,
        points: points.len(),
        per_hour: Some(judged.slope.per_hour),
        per_hour_interval: Some((judged.slope.low, judged.slope.high)),
        level,
        change: Some(judged.change),
        since: since.filter(|_| judged.class.grows() || judged.class == TrendClass::LevellingOff),
        steps: judged.steps,
        daily_wave: long.then_some(wave),
        confidence: Some(confidence(judged.slope, kept, long)),
        never_shrinks: never_shrinks(&smooth),
    }
}

/// The answer for a series, in the indexes of its samples.
struct Judged {
    class: TrendClass,
    slope: Slope,
    change: f64,
    since: Option<usize>,
    steps: usize,
}

/// `smooth` are the samples of `series` without wild ones.
fn judge(series: &Samples, smooth: &[Sample]) -> Option<Judged> {
    let whole = Part::of(series, smooth, 0)?;
    if let Some(judged) = stepwise(&series.samples, smooth, &whole) {
        return Some(judged);
    }
    let bend = bend::bend(smooth).filter(|bend| bend.left_over <= BEND_LEFT_OVER);
    if let Some(bend) = bend
        && let Some(after) = Part::of(series, smooth, bend.at)
    {
        let grew = whole.change > 0.0 && whole.matters() && bend.before > 0.0;
        let levelled = grew && after.slope.per_hour < bend.before * LEVELLED;
        if levelled && !after.falls() {
            return Some(Judged {
                change: whole.change,
                since: Some(0),
                ..after.judged(TrendClass::LevellingOff)
            });
        }
        if after.grows() {
            // Growth that only became faster began before.
            let since = if bend.before > after.slope.per_hour / 2.0 {
                0
            } else {
                bend.at
            };
            return Some(Judged {
                since: Some(since),
                ..after.judged(TrendClass::Linear)
            });
        }
        if after.falls() {
            return Some(after.judged(TrendClass::Shrinking));
        }
        if !whole.falls() {
            return Some(after.judged(TrendClass::Steady));
        }
    }
    let class = if whole.grows() {
        TrendClass::Linear
    } else if whole.falls() {
        TrendClass::Shrinking
    } else {
        TrendClass::Steady
    };
    Some(whole.judged(class))
}

fn stepwise(samples: &[Sample], smooth: &[Sample], whole: &Part) -> Option<Judged> {
    let steps = steps::steps(smooth).filter(|_| samples.len() >= STEPS_POINTS_MIN)?;
    let off = samples
        .iter()
        .zip(smooth)
        .map(|(a, b)| (a.value - b.value).abs());
    let noise = 1.4826 * median(off)?;
    let few = steps.up <= (smooth.len() / 8).max(1);
    let ends = |samples: &mut dyn Iterator<Item = &Sample>| {
        median(samples.take(3).map(|sample| sample.value))
    };
    let change = ends(&mut smooth.iter().rev())? - ends(&mut smooth.iter())?;
    let by_jumps = steps.up > 0
        && few
        && change > 0.0
        && steps.risen - steps.fallen >= change * STEPS_PART
        && steps.fallen <= steps.risen * (1.0 - STEPS_PART)
        && steps.drift.abs() <= change * (1.0 - STEPS_PART)
        && change > noise * times_noise(samples.len())
        && change >= whole.level.abs() * PART_THAT_MATTERS;
    let long_ago = steps.hours_since > whole.hours * STEPS_LONG_AGO;
    by_jumps.then(|| Judged {
        class: if long_ago {
            TrendClass::LevellingOff
        } else {
            TrendClass::Stepwise
        },
        // Between jumps nothing happens: the mean says more than the median.
        slope: Slope {
            per_hour: change / whole.hours,
            low: whole.slope.low.min(change / whole.hours),
            high: whole.slope.high.max(change / whole.hours),
        },
        change,
        since: Some(steps.first),
        steps: steps.up,
    })
}

/// A series from one of its samples to the end.
struct Part {
    slope: Slope,
    hours: f64,
    change: f64,
    /// The usual distance from the line.
    noise: f64,
    /// The change per hour from whole day to whole day.
    day_by_day: Option<f64>,
    /// Where it stands behind sudden falls that undo as much as the whole change.
    troughs: Vec<Sample>,
    level: f64,
    start: usize,
    samples: usize,
}

impl Part {
    fn of(series: &Samples, smooth: &[Sample], start: usize) -> Option<Self> {
        let samples = series.samples.get(start..)?;
        let slope = slope(samples, series.daily && start == 0)?;
        let slope = slope.widened_by(persistence(samples, slope.per_hour));
        let (first, last) = (samples.first()?, samples.last()?);
        let hours = last.hours - first.hours;
        let off_line = |sample: &Sample| sample.value - slope.per_hour * sample.hours;
        let line = median(samples.iter().map(off_line))?;
        // As wide as one standard deviation of a normal distribution.
        let noise = 1.4826 * median(samples.iter().map(|s| (off_line(s) - line).abs()))?;
        let level = median(smooth.iter().rev().take(3).map(|sample| sample.value))?;
        (hours > 0.0).then_some(Self {
            slope,
            hours,
            change: slope.per_hour * hours,
            noise,
            day_by_day: series.day_by_day(start),
            troughs: troughs(smooth.get(start..)?, (slope.per_hour * hours).abs()),
            level,
            start,
            samples: samples.len(),
        })
    }

    fn matters(&self) -> bool {
        let in_a_week = self.slope.per_hour.abs() * self.hours.max(HOURS_OF_A_WEEK);
        self.change.abs() > self.noise * times_noise(self.samples)
            && in_a_week >= self.level.abs() * PART_THAT_MATTERS
            && self.days_agree()
            && self.troughs_agree()
    }

    /// A rhythm that is no part of a day looks like a slope when the same hours are compared: teeth
    /// of 23 hours are seen an hour later every day.
    fn days_agree(&self) -> bool {
        self.day_by_day.is_none_or(|days| self.agrees(days))
    }

    /// Teeth longer than a day stand at different heights on the first day and on the last. What
    /// they stand on does not change.
    fn troughs_agree(&self) -> bool {
        match self.troughs.as_slice() {
            [first, .., last] => {
                self.agrees((last.value - first.value) / (last.hours - first.hours))
            }
            _ => true,
        }
    }

    fn agrees(&self, per_hour: f64) -> bool {
        per_hour * self.slope.per_hour.signum() >= self.slope.per_hour.abs() * PART_THAT_AGREES
    }

    fn grows(&self) -> bool {
        self.slope.low > 0.0 && self.matters()
    }

    fn falls(&self) -> bool {
        self.slope.high < 0.0 && self.matters()
    }

    fn judged(&self, class: TrendClass) -> Judged {
        Judged {
            class,
            slope: self.slope,
            change: self.change,
            since: Some(self.start),
            steps: 0,
        }
    }
}

/// By how much more uncertain a slope is where what is off the line stays off it for a while: such
/// samples say less than as many that are independent (a first-order autoregressive process).
fn persistence(samples: &[Sample], per_hour: f64) -> f64 {
    /// Nothing more can be told of some hundred samples.
    const MOST: f64 = 0.9;
    let off_line = |sample: &Sample| sample.value - per_hour * sample.hours;
    let line = median(samples.iter().map(off_line)).unwrap_or_default();
    let off: Vec<f64> = samples.iter().map(|s| off_line(s) - line).collect();
    // By signs, which wild samples do not move: for a normal process sin(pi/2 * sign) is its own.
    let alike = |pair: &[f64]| pair.iter().map(|off| off.signum()).product::<f64>();
    let signs = off.windows(2).map(alike).sum::<f64>() / (off.len().max(2) - 1) as f64;
    let correlation = (signs * std::f64::consts::FRAC_PI_2).sin().clamp(0.0, MOST);
    ((1.0 + correlation) / (1.0 - correlation)).sqrt()
}

/// Of few samples, neither the noise nor the change is well known.
fn times_noise(samples: usize) -> f64 {
    TIMES_NOISE * (1.0 + 12.0 / samples as f64)
}

fn confidence(slope: Slope, samples: usize, long: bool) -> Confidence {
    let width = (slope.high - slope.low) / 2.0;
    let is_within = |part: f64| width <= slope.per_hour.abs() * part;
    if !long || samples < 12 || !is_within(0.5) {
        Confidence::Low
    } else if samples >= 30 && is_within(0.2) {
        Confidence::High
    } else {
        Confidence::Medium
    }
}

fn never_shrinks(smooth: &[Sample]) -> bool {
    let pairs = smooth.iter().zip(smooth.iter().skip(1));
    let mut falls = pairs.filter(|(before, after)| after.value < before.value);
    falls.next().is_none()
}

#[cfg(test)]
mod tests;
