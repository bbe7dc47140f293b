use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use crate::location::Location;
use crate::retention::calendar::{Period, period_of};
use crate::retention::{Kind, Snapshot};
use crate::time::UtcSeconds;

/// What is to be kept. Rules add up: a snapshot is kept if any of them keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The newest so many of each group.
    pub keep_last: Option<u32>,
    /// Those so many seconds older than the newest of their group, at most.
    pub keep_within_seconds: Option<u64>,
    /// The newest of each of the last so many hours that have any.
    pub keep_hourly: Option<u32>,
    /// The same for days, in UTC.
    pub keep_daily: Option<u32>,
    /// The same for weeks, from Monday on.
    pub keep_weekly: Option<u32>,
    /// The same for months.
    pub keep_monthly: Option<u32>,
    /// The same for years.
    pub keep_yearly: Option<u32>,
    /// These snapshots.
    pub keep: Vec<Location>,
    /// Whether savepoints may go at all.
    pub include_savepoints: bool,
    /// Nothing younger than so many seconds goes.
    pub min_age_seconds: u64,
    /// Which snapshots count together.
    pub group_by: GroupBy,
}

/// Which snapshots the rules count together; kinds are always counted apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupBy {
    /// Those of one job in one directory.
    #[default]
    Job,
    /// All of them.
    None,
}

/// Why a snapshot is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeepReason {
    /// `--keep-last`.
    Last,
    /// `--keep-within`.
    Within,
    /// `--keep-hourly`.
    Hourly,
    /// `--keep-daily`.
    Daily,
    /// `--keep-weekly`.
    Weekly,
    /// `--keep-monthly`.
    Monthly,
    /// `--keep-yearly`.
    Yearly,
    /// `--keep`.
    Named,
    /// The newest complete checkpoint of its job: always kept.
    NewestOfJob,
    /// Younger than `--min-age`.
    TooYoung,
    /// A savepoint, without `--include-savepoints`.
    Savepoint,
    /// In a directory whose name is not Flink's.
    Renamed,
    /// In a base that is only read.
    OutsideBase,
    /// The store does not say how old it is.
    UnknownTime,
}

impl KeepReason {
    /// The reason in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Last => "last",
            Self::Within => "within",
            Self::Hourly => "hourly",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
            Self::Yearly => "yearly",
            Self::Named => "named",
            Self::NewestOfJob => "newest of its job",
            Self::TooYoung => "too young",
            Self::Savepoint => "a savepoint",
            Self::Renamed => "renamed",
            Self::OutsideBase => "outside the base",
            Self::UnknownTime => "age unknown",
        }
    }
}

impl Policy {
    /// Three days: a weekend of failing checkpoints is no reason to lose what the next one needs
    /// (docs/retention.md).
    pub const MIN_AGE_SECONDS: u64 = 3 * 24 * 60 * 60;

    /// Whether no rule keeps anything.
    pub fn keeps_nothing(&self) -> bool {
        let Self {
            keep_last,
            keep_within_seconds,
            keep,
            ..
        } = self;
        keep_last.is_none()
            && keep_within_seconds.is_none()
            && keep.is_empty()
            && self.by_period().iter().all(|(_, _, count)| count.is_none())
    }

    fn by_period(&self) -> [(Period, KeepReason, Option<u32>); 5] {
        [
            (Period::Hour, KeepReason::Hourly, self.keep_hourly),
            (Period::Day, KeepReason::Daily, self.keep_daily),
            (Period::Week, KeepReason::Weekly, self.keep_weekly),
            (Period::Month, KeepReason::Monthly, self.keep_monthly),
            (Period::Year, KeepReason::Yearly, self.keep_yearly),
        ]
    }
}

impl Default for Policy {
    /// No rule, and the default age.
    fn default() -> Self {
        Self {
            keep_last: None,
            keep_within_seconds: None,
            keep_hourly: None,
            keep_daily: None,
            keep_weekly: None,
            keep_monthly: None,
            keep_yearly: None,
            keep: Vec::new(),
            include_savepoints: false,
            min_age_seconds: Self::MIN_AGE_SECONDS,
            group_by: GroupBy::Job,
        }
    }
}

/// For each snapshot why it is kept, the reasons in their order; a snapshot without any goes.
pub fn decide(snapshots: &[Snapshot], policy: &Policy, now: UtcSeconds) -> Vec<Vec<KeepReason>> {
    let mut reasons: Vec<Vec<KeepReason>> = snapshots
        .iter()
        .map(|snapshot| of_itself(snapshot, policy, now))
        .collect();
    let mut keep = |at: usize, reason: KeepReason| {
        if let Some(reasons) = reasons.get_mut(at) {
            reasons.push(reason);
        }
    };
    for group in groups(snapshots, policy.group_by) {
        by_rules(&group, policy, &mut keep);
    }
    for at in newest_of_jobs(snapshots, |_| true) {
        keep(at, KeepReason::NewestOfJob);
    }
    for reasons in &mut reasons {
        reasons.sort_unstable();
        reasons.dedup();
    }
    reasons
}

/// Why a snapshot is kept whatever others there are.
fn of_itself(snapshot: &Snapshot, policy: &Policy, now: UtcSeconds) -> Vec<KeepReason> {
    let is_named = policy.keep.iter().any(|kept| names(kept, snapshot));
    let too_young = |written: UtcSeconds| now.since(written) < policy.min_age_seconds;
    let savepoint = snapshot.kind == Kind::Savepoint && !policy.include_savepoints;
    [
        (is_named, KeepReason::Named),
        (
            snapshot.written.is_some_and(too_young),
            KeepReason::TooYoung,
        ),
        (savepoint, KeepReason::Savepoint),
        (snapshot.kind == Kind::Other, KeepReason::Renamed),
        (!snapshot.touchable, KeepReason::OutsideBase),
        (snapshot.written.is_none(), KeepReason::UnknownTime),
    ]
    .into_iter()
    .filter_map(|(applies, reason)| applies.then_some(reason))
    .collect()
}

/// Whether a location given by the user means that snapshot.
pub(super) fn names(location: &Location, snapshot: &Snapshot) -> bool {
    let trimmed = |location: &Location| {
        let (scheme, mut path) = location.place();
        while path.len() > 1 && path.last() == Some(&b'/') {
            path.pop();
        }
        (scheme, path)
    };
    let directory = match location.file_name() {
        crate::layout::METADATA_FILE => location.parent(),
        _ => location.clone(),
    };
    trimmed(&directory) == trimmed(&snapshot.directory)
}

/// A snapshot's position and its time. Within a directory a checkpoint counts as no older than
/// those with lower numbers: copies are not written in the order of the originals.
type Timed = (usize, UtcSeconds);

/// The snapshots that count together, newest first. Those of unknown age are in none.
fn groups(snapshots: &[Snapshot], by: GroupBy) -> Vec<Vec<Timed>> {
    let times = times(snapshots);
    let mut groups: BTreeMap<(Kind, String), Vec<Timed>> = BTreeMap::new();
    for (at, snapshot) in snapshots.iter().enumerate() {
        let Some(&time) = times.get(&at) else {
            continue;
        };
        let name = match by {
            GroupBy::Job => job_directory(snapshot),
            GroupBy::None => String::new(),
        };
        groups
            .entry((snapshot.kind, name))
            .or_default()
            .push((at, time));
    }
    let newest_first = |mut group: Vec<Timed>| {
        group.sort_by_key(|&(at, time)| {
            let number = snapshots.get(at).and_then(|snapshot| snapshot.number);
            std::cmp::Reverse((time, number, at))
        });
        group
    };
    groups.into_values().map(newest_first).collect()
}

/// One id may be used by several jobs: what sets them apart is where they write.
fn job_directory(snapshot: &Snapshot) -> String {
    format!("{} {}", snapshot.directory.parent(), snapshot.job)
}

fn times(snapshots: &[Snapshot]) -> HashMap<usize, UtcSeconds> {
    let mut in_order: Vec<usize> = (0..snapshots.len()).collect();
    let place = |at: usize| {
        let snapshot = snapshots.get(at)?;
        Some((snapshot.directory.parent().to_string(), snapshot.number))
    };
    in_order.sort_by_cached_key(|&at| place(at));
    let mut times = HashMap::with_capacity(snapshots.len());
    let mut before: Option<(String, UtcSeconds)> = None;
    for at in in_order {
        let Some(snapshot) = snapshots.get(at) else {
            continue;
        };
        let Some(mut time) = snapshot.written else {
            continue;
        };
        let parent = snapshot.directory.parent().to_string();
        if snapshot.number.is_some() {
            if let Some((directory, latest)) = &before
                && *directory == parent
            {
                time = time.max(*latest);
            }
            before = Some((parent, time));
        }
        times.insert(at, time);
    }
    times
}

/// Applies the rules that count to one group, newest first.
fn by_rules(group: &[Timed], policy: &Policy, keep: &mut impl FnMut(usize, KeepReason)) {
    let last = policy.keep_last.unwrap_or(0);
    for &(at, _) in group
        .iter()
        .take(usize::try_from(last).unwrap_or(usize::MAX))
    {
        keep(at, KeepReason::Last);
    }
    if let (Some(within), Some(&(_, newest))) = (policy.keep_within_seconds, group.first()) {
        for &(at, _) in group
            .iter()
            .filter(|(_, time)| newest.since(*time) <= within)
        {
            keep(at, KeepReason::Within);
        }
    }
    for (period, reason, count) in policy.by_period() {
        for at in newest_of_periods(group, period, count.unwrap_or(0)) {
            keep(at, reason);
        }
    }
}

/// The newest snapshot of each of the last `count` periods that have any. While the count is not
/// used up, the oldest snapshot is kept too, so that a history that is only beginning is not thinned
/// out at its end.
fn newest_of_periods(group: &[Timed], period: Period, count: u32) -> Vec<usize> {
    let mut kept = Vec::new();
    let mut left = count;
    let mut last = None;
    for (position, &(at, time)) in group.iter().enumerate() {
        if left == 0 {
            break;
        }
        let this = period_of(time, period);
        let is_oldest = position + 1 == group.len();
        if last != Some(this) || is_oldest {
            kept.push(at);
            left -= 1;
            last = Some(this);
        }
    }
    kept
}

/// The newest checkpoint of each directory of checkpoints, by number and by time (a job that begins
/// anew in the directory of an old one counts from 1), of those that `counts` says yes to.
pub fn newest_of_jobs(snapshots: &[Snapshot], counts: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut by_directory: HashMap<String, [usize; 2]> = HashMap::new();
    let number = |at: usize| snapshots.get(at).and_then(|snapshot| snapshot.number);
    let written = |at: usize| snapshots.get(at).and_then(|snapshot| snapshot.written);
    for (at, snapshot) in snapshots.iter().enumerate() {
        if snapshot.kind != Kind::Checkpoint || !counts(at) {
            continue;
        }
        let [by_number, by_time] = by_directory
            .entry(snapshot.directory.parent().to_string())
            .or_insert([at, at]);
        if number(at) > number(*by_number) {
            *by_number = at;
        }
        if (written(at), number(at)) > (written(*by_time), number(*by_time)) {
            *by_time = at;
        }
    }
    let mut newest: Vec<usize> = by_directory.into_values().flatten().collect();
    newest.sort_unstable();
    newest.dedup();
    newest
}
