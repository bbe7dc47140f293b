use std::collections::BTreeSet;

use jiff::civil::Date;

/// A job that is restored after a longer pause is not looked for.
const PAUSE_DAYS: i32 = 7;

/// On which days a job was seen, in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Days {
    /// The name of its partition.
    pub job: String,
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
}

impl Days {
    /// Of a job, from the names of days, `YYYY-MM-DD`; others are passed over. `None` without any.
    pub fn of<'d>(job: &str, days: impl Iterator<Item = &'d str>) -> Option<Self> {
        let days: Vec<Date> = days.filter_map(|day| day.parse().ok()).collect();
        Some(Self {
            job: job.to_owned(),
            first: days.iter().min().copied()?,
            last: days.iter().max().copied()?,
        })
    }

    /// By its days alone, `next` can be this job restored.
    fn can_be_continued_by(&self, next: &Self) -> bool {
        let pause = next.first.since(self.last).map(|pause| pause.get_days());
        pause.is_ok_and(|days| (0..=PAUSE_DAYS).contains(&days))
    }
}

/// The jobs among `others` that those of `present` can have been before, over any number of
/// restarts. Whether they were, their snapshots tell.
pub fn earlier_jobs(others: &[Days], present: &[Days]) -> BTreeSet<String> {
    let mut left: Vec<&Days> = others.iter().collect();
    let mut found = BTreeSet::new();
    let mut later: Vec<&Days> = present.iter().collect();
    while let Some(next) = later.pop() {
        left.retain(|days| {
            let can_be = days.can_be_continued_by(next);
            if can_be {
                found.insert(days.job.clone());
                later.push(days);
            }
            !can_be
        });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(job: &str, first: &str, last: &str) -> Days {
        Days::of(job, [last, first, "no day"].into_iter()).expect("days")
    }

    #[test]
    fn a_chain_of_restarts_is_followed_and_others_are_not() {
        let others = [
            days("first", "2026-07-01", "2026-08-01"),
            days("second", "2026-08-01", "2026-09-10"),
            days("long-before", "2026-06-01", "2026-06-10"),
            days("beside", "2026-08-20", "2026-10-20"),
        ];
        let present = [days("present", "2026-09-13", "2026-10-20")];
        let expected = ["first", "second"].map(str::to_owned);
        assert_eq!(earlier_jobs(&others, &present), BTreeSet::from(expected));
        assert_eq!(earlier_jobs(&others, &[]), BTreeSet::new());
    }

    #[test]
    fn a_pause_of_a_week_is_the_longest() {
        let present = [days("b", "2026-03-08", "2026-03-09")];
        let ended = |last| earlier_jobs(&[days("a", "2026-01-01", last)], &present).len();
        assert_eq!(
            ["2026-02-28", "2026-03-01", "2026-03-08", "2026-03-09"].map(ended),
            [0, 1, 1, 0]
        );
    }
}
