use super::*;

const MIB: f64 = 1024.0 * 1024.0;

/// A number in [-1, 1) that looks random and is always the same.
fn noise(seed: u64) -> f64 {
    let mut x = seed
        .wrapping_add(0x9e37_79b9_7f4a_7c15)
        .wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 31;
    x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^= x >> 29;
    (x >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}

/// Hourly points.
fn hourly(count: u64, value: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    let point = |hour: u64| (490_000.0 + hour as f64, value(hour as f64));
    (0..count).map(point).collect()
}

fn wave(hour: f64) -> f64 {
    (hour / 24.0 * std::f64::consts::TAU).sin()
}

fn noisy(hour: f64) -> f64 {
    noise(hour as u64)
}

#[track_caller]
fn assert_rate(trend: &Trend, per_hour: f64, part: f64) {
    let rate = trend.per_hour.expect("a rate");
    assert!(
        (rate - per_hour).abs() <= per_hour.abs() * part,
        "{rate} is not {per_hour}: {trend:?}"
    );
}

#[test]
fn a_line_with_noise_is_linear_with_its_rate() {
    for count in [8, 40, 300, 2000] {
        let trend = trend(&hourly(count, |t| {
            100.0 * MIB + 3.0 * MIB * t + MIB * noisy(t)
        }));
        assert_eq!(trend.class, TrendClass::Linear, "{count} points");
        assert_rate(&trend, 3.0 * MIB, 0.1);
        assert_eq!(trend.since, Some(0), "{count} points");
        let (low, high) = trend.per_hour_interval.unwrap();
        assert!(low < high && low > 0.0);
    }
}

#[test]
fn noise_alone_is_steady() {
    for shift in 0..200_u64 {
        for count in [8_u64, 10, 12, 30, 100, 500] {
            let noisy = |t: f64| 500.0 * MIB + 20.0 * MIB * noise(t as u64 * 31 + shift * 1000);
            let trend = trend(&hourly(count, noisy));
            assert!(
                !trend.class.grows(),
                "{count} points, series {shift}: {trend:?}"
            );
        }
    }
}

#[test]
fn a_value_that_never_changes_is_steady() {
    for value in [0.0, 1.0, 1e15] {
        let trend = trend(&hourly(50, |_| value));
        assert_eq!(trend.class, TrendClass::Steady);
        assert_eq!(trend.per_hour, Some(0.0));
    }
}

#[test]
fn a_daily_wave_is_steady_and_known_as_one_from_three_days_on() {
    for hours in (49..24 * 20).step_by(7) {
        let trend = trend(&hourly(hours, |t| {
            1000.0 * MIB + 300.0 * MIB * wave(t) + 5.0 * MIB * noisy(t)
        }));
        assert!(!trend.class.grows(), "{hours} hours: {trend:?}");
        if hours > 80 {
            assert_eq!(trend.daily_wave, Some(true), "{hours} hours");
        }
    }
}

#[test]
fn growth_below_a_daily_wave_is_found() {
    let trend = trend(&hourly(24 * 10 + 7, |t| {
        1000.0 * MIB + 300.0 * MIB * wave(t) + 4.0 * MIB * t
    }));
    assert_eq!(trend.class, TrendClass::Linear, "{trend:?}");
    assert_rate(&trend, 4.0 * MIB, 0.1);
    assert_eq!(trend.daily_wave, Some(true));
}

#[test]
fn growth_that_began_late_is_dated() {
    for began in [30.0, 100.0, 200.0, 290.0] {
        let trend = trend(&hourly(312, |t: f64| {
            200.0 * MIB + 2.0 * MIB * noisy(t) + 5.0 * MIB * (t - began).max(0.0)
        }));
        assert_eq!(trend.class, TrendClass::Linear, "{began}: {trend:?}");
        assert_rate(&trend, 5.0 * MIB, 0.15);
        let since = trend.since.unwrap() as f64;
        assert!((since - began).abs() <= 8.0, "{began}: {since}");
    }
}

#[test]
fn a_plateau_is_levelling_off() {
    let cut = trend(&hourly(200, |t| 10.0 * MIB * t.min(80.0) + MIB * noisy(t)));
    assert_eq!(cut.class, TrendClass::LevellingOff, "{cut:?}");
    let saturating = trend(&hourly(240, |t| {
        800.0 * MIB * (1.0 - (-t / 40.0).exp()) + MIB * noisy(t)
    }));
    assert_eq!(saturating.class, TrendClass::LevellingOff, "{saturating:?}");
    assert_eq!(saturating.hours_until(1e12), None);
}

#[test]
fn jumps_are_stepwise_growth() {
    for steps in [1.0, 2.0, 4.0] {
        let trend = trend(&hourly(160, |t| {
            300.0 * MIB + (t * (steps + 1.0) / 160.0).floor() * 100.0 * MIB + MIB * noisy(t)
        }));
        assert_eq!(trend.class, TrendClass::Stepwise, "{steps}: {trend:?}");
        assert_eq!(trend.steps as f64, steps);
        let since = trend.since.unwrap() as f64;
        assert!((since - 160.0 / (steps + 1.0)).abs() <= 3.0, "{since}");
    }
}

#[test]
fn a_square_wave_is_no_growth() {
    let trend = trend(&hourly(160, |t| {
        300.0 * MIB + ((t / 20.0).floor() % 2.0) * 100.0 * MIB + MIB * noisy(t)
    }));
    assert!(!trend.class.grows(), "{trend:?}");
}

#[test]
fn what_becomes_smaller_is_shrinking() {
    let trend = trend(&hourly(100, |t| {
        900.0 * MIB - 5.0 * MIB * t + MIB * noisy(t)
    }));
    assert_eq!(trend.class, TrendClass::Shrinking);
    assert_rate(&trend, -5.0 * MIB, 0.05);
}

#[test]
fn wild_values_and_gaps_do_not_tilt_a_line() {
    let mut points = hourly(150, |t| 100.0 * MIB + 3.0 * MIB * t + MIB * noisy(t));
    for at in [3, 40, 41, 90, 149] {
        points[at].1 *= 25.0;
    }
    points[70].1 = 0.0;
    points.drain(100..130);
    let trend = trend(&points);
    assert_eq!(trend.class, TrendClass::Linear, "{trend:?}");
    assert_rate(&trend, 3.0 * MIB, 0.05);
}

#[test]
fn wild_values_make_no_growth_of_a_steady_series() {
    let mut points = hourly(150, |t| 100.0 * MIB + MIB * noisy(t));
    for at in [140, 145, 149] {
        points[at].1 *= 25.0;
    }
    let trend = trend(&points);
    assert_eq!(trend.class, TrendClass::Steady, "{trend:?}");
}

#[test]
fn state_that_was_dropped_starts_the_series_anew() {
    let trend = trend(&hourly(150, |t| {
        let since = if t < 75.0 { t } else { t - 75.0 };
        10.0 * MIB + 3.0 * MIB * since + MIB * noisy(t)
    }));
    assert_eq!(trend.class, TrendClass::Linear, "{trend:?}");
    assert_rate(&trend, 3.0 * MIB, 0.05);
    assert!(trend.since.unwrap() >= 74, "{trend:?}");
}

#[test]
fn compactions_saw_teeth_are_steady() {
    let trend = trend(&hourly(200, |t| {
        500.0 * MIB + (t % 13.0) * 20.0 * MIB + 5.0 * MIB * noisy(t)
    }));
    assert!(!trend.class.grows(), "{trend:?}");
}

/// Compared at the same hours of different days, teeth of 23 hours rise by an hour's growth a day.
#[test]
fn teeth_that_no_day_is_a_multiple_of_are_steady() {
    for period in (5..24_u64).chain((25..60).step_by(5)) {
        for days in [5_u64, 6, 7, 10, 14, 30]
            .into_iter()
            .filter(|days| days * 24 > period * 4)
        {
            let teeth = trend(&hourly(24 * days, |t| {
                500.0 * MIB + (t % period as f64) * 8.0 * MIB + 5.0 * MIB * noisy(t)
            }));
            assert!(
                !teeth.class.grows(),
                "{period} hours, {days} days: {teeth:?}"
            );
        }
    }
    let growing = trend(&hourly(24 * 7, |t| {
        500.0 * MIB + (t % 23.0) * 8.0 * MIB + 2.0 * MIB * t
    }));
    assert_eq!(growing.class, TrendClass::Linear, "{growing:?}");
    assert_rate(&growing, 2.0 * MIB, 0.3);
}

/// Of many points, a sample is a median of hours, and few parts of a day lie unevenly on its wave.
#[test]
fn a_daily_wave_is_known_in_any_phase_and_at_any_width() {
    for hours in [100.0, 300.0, 700.0, 1000.0] {
        for phase in 0..24_u64 {
            let points: Vec<_> = hourly(hours as u64, |t| {
                let level = 1000.0 * MIB + 0.8 * MIB * t;
                level + 300.0 * MIB * wave(t + phase as f64) + 5.0 * MIB * noisy(t)
            });
            let trend = trend(&points);
            assert_eq!(trend.daily_wave, Some(true), "{hours}, {phase}: {trend:?}");
            assert_eq!(
                trend.class,
                TrendClass::Linear,
                "{hours}, {phase}: {trend:?}"
            );
            assert_rate(&trend, 0.8 * MIB, 0.3);
        }
    }
}

/// A state that wanders slowly has many points that say the same.
#[test]
fn what_wanders_slowly_is_not_trusted() {
    let mut trusted = 0;
    for series in 0..100_u64 {
        let mut off = 0.0;
        let points: Vec<_> = (0..24 * 5_u64)
            .map(|hour| {
                off = 0.97 * off + 0.25 * noise(series * 1000 + hour);
                (490_000.0 + hour as f64, 1000.0 * MIB + 40.0 * MIB * off)
            })
            .collect();
        let trend = trend(&points);
        let sure = trend.confidence != Some(Confidence::Low);
        trusted += usize::from(trend.class.grows() && sure);
    }
    assert!(trusted <= 10, "{trusted} of 100");
}

#[test]
fn few_points_are_called_few() {
    for count in 0..POINTS_MIN as u64 {
        let trend = trend(&hourly(count, |t| t * MIB));
        assert_eq!(trend.class, TrendClass::TooFewPoints);
        assert_eq!(trend.per_hour, None);
        assert_eq!(trend.points as u64, count);
    }
    let at_once = vec![(7.0, 5.0); 50];
    assert_eq!(trend(&at_once).class, TrendClass::TooFewPoints);
}

#[test]
fn a_hundred_thousand_points_have_the_rate_of_their_line() {
    let minutes = (0..100_000_u64).map(|minute| {
        let hour = minute as f64 / 60.0;
        let value = 1e9 + 2e6 * hour + 1e8 * wave(hour) + 1e7 * noise(minute);
        (hour, value)
    });
    let trend = trend(&minutes.collect::<Vec<_>>());
    assert_eq!(trend.class, TrendClass::Linear, "{trend:?}");
    assert_rate(&trend, 2e6, 0.1);
    assert_eq!(trend.confidence, Some(Confidence::High));
}

#[test]
fn the_time_until_a_limit_is_what_is_left_over_the_rate() {
    let line = trend(&hourly(100, |t| MIB * t));
    let hours = line.hours_until(199.0 * MIB).unwrap();
    assert!((hours - 100.0).abs() < 2.0, "{hours}");
    assert_eq!(line.hours_until(MIB), Some(0.0));
    let flat = trend(&hourly(100, |_| MIB));
    assert_eq!(flat.hours_until(2.0 * MIB), None);
}

#[test]
fn only_what_never_falls_never_shrinks() {
    assert!(trend(&hourly(60, |t| MIB * t)).never_shrinks);
    assert!(!trend(&hourly(60, |t| MIB * t + 20.0 * MIB * (t % 7.0))).never_shrinks);
}

#[test]
fn a_shift_in_time_and_a_change_of_unit_change_nothing_else() {
    let value = |t: f64| 100.0 + 3.0 * (t - 50.0).max(0.0) + noisy(t);
    let plain = trend(&hourly(130, value));
    let scaled = trend(&hourly(130, |t| 1e6 * value(t)));
    let shifted = hourly(130, value)
        .into_iter()
        .map(|(t, v)| (t - 489_992.0, v));
    let shifted = trend(&shifted.collect::<Vec<_>>());
    for other in [scaled, shifted] {
        assert_eq!((other.class, other.since), (plain.class, plain.since));
    }
    assert_rate(&scaled, plain.per_hour.unwrap() * 1e6, 1e-6);
    assert_rate(&shifted, plain.per_hour.unwrap(), 1e-6);
}
