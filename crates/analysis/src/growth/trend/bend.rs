//! Where a series bends: two straight lines that meet.

use super::samples::Sample;

/// Two lines that meet at a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bend {
    /// Index of the sample.
    pub(super) at: usize,
    /// How much of the squared error of one straight line is left; 1 is all of it.
    pub(super) left_over: f64,
    /// Slopes per hour.
    pub(super) before: f64,
    pub(super) after: f64,
}

/// So many samples on either side, for a slope that means anything.
const SIDE_MIN: usize = 6;

/// The best bend of samples in the order of time, by least squares; one pass with running sums.
/// Wild samples must have been taken out.
pub(super) fn bend(samples: &[Sample]) -> Option<Bend> {
    let origin = samples.first()?;
    let (t0, y0) = (origin.hours, origin.value);
    let points: Vec<_> = samples
        .iter()
        .map(|sample| (sample.hours - t0, sample.value - y0))
        .collect();
    let all = Sums::of(&points);
    let line = all.line_error();
    let mut right = all;
    let mut best: Option<Bend> = None;
    for (at, &(t, y)) in points.iter().enumerate() {
        let enough = at >= SIDE_MIN && at + SIDE_MIN < points.len();
        if enough && let Some((error, before, after)) = all.error_with_bend(&right, t) {
            let left_over = if line > 0.0 { error / line } else { 1.0 };
            if best.is_none_or(|best| left_over < best.left_over) {
                best = Some(Bend {
                    at,
                    left_over,
                    before,
                    after,
                });
            }
        }
        right.take(t, y);
    }
    best
}

/// Sums over points.
#[derive(Clone, Copy, Default)]
struct Sums {
    n: f64,
    t: f64,
    tt: f64,
    y: f64,
    ty: f64,
    yy: f64,
}

impl Sums {
    fn of(points: &[(f64, f64)]) -> Self {
        let mut sums = Self::default();
        for &(t, y) in points {
            sums.n += 1.0;
            sums.t += t;
            sums.tt += t * t;
            sums.y += y;
            sums.ty += t * y;
            sums.yy += y * y;
        }
        sums
    }

    fn take(&mut self, t: f64, y: f64) {
        self.n -= 1.0;
        self.t -= t;
        self.tt -= t * t;
        self.y -= y;
        self.ty -= t * y;
        self.yy -= y * y;
    }

    /// Squared error of the best straight line.
    fn line_error(&self) -> f64 {
        let spread = self.tt - self.t * self.t / self.n;
        let together = self.ty - self.t * self.y / self.n;
        let total = self.yy - self.y * self.y / self.n;
        if spread <= 0.0 {
            return total.max(0.0);
        }
        (total - together * together / spread).max(0.0)
    }

    /// Squared error and both slopes of `a + b t + c max(0, t - bend)`, where `right` are the sums
    /// of the points from `bend` on.
    fn error_with_bend(&self, right: &Self, bend: f64) -> Option<(f64, f64, f64)> {
        // With h = max(0, t - bend), which is 0 on the left.
        let h = right.t - bend * right.n;
        let hh = right.tt - 2.0 * bend * right.t + bend * bend * right.n;
        let th = right.tt - bend * right.t;
        let hy = right.ty - bend * right.y;
        // Centred, the three equations become two.
        let (stt, shh, sth) = (
            self.tt - self.t * self.t / self.n,
            hh - h * h / self.n,
            th - self.t * h / self.n,
        );
        let (sty, shy) = (self.ty - self.t * self.y / self.n, hy - h * self.y / self.n);
        let syy = self.yy - self.y * self.y / self.n;
        let determinant = stt * shh - sth * sth;
        if determinant <= stt * shh * 1e-9 {
            return None;
        }
        let b = (sty * shh - shy * sth) / determinant;
        let c = (shy * stt - sty * sth) / determinant;
        let error = (syy - b * sty - c * shy).max(0.0);
        Some((error, b, b + c))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn samples(values: impl IntoIterator<Item = f64>) -> Vec<Sample> {
        let values = values.into_iter().enumerate();
        let sample = |(at, value): (usize, f64)| Sample {
            hours: 400_000.0 + at as f64,
            value,
            season: 0,
        };
        values.map(sample).collect()
    }

    #[test]
    fn the_bend_of_two_lines_is_found() {
        for at in [10_u32, 37, 80] {
            let values = (0..100_u32).map(|i| 1e9 + f64::from(i.saturating_sub(at)) * 5e6);
            let bend = bend(&samples(values)).unwrap();
            assert_eq!(bend.at, at as usize);
            assert!(bend.left_over < 1e-3);
            assert!(bend.before.abs() < 1e4 && (bend.after - 5e6).abs() < 1e4);
        }
    }

    #[test]
    fn a_straight_line_leaves_nothing_to_a_bend() {
        let noise = |i: u32| f64::from(i * 7919 % 100);
        let line = samples((0..100).map(|i| f64::from(i) * 1000.0 + noise(i)));
        assert!(bend(&line).unwrap().left_over > 0.8);
        assert_eq!(bend(&line[..12]), None);
    }
}
