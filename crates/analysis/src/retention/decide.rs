use std::collections::{BTreeMap, HashMap};

use crate::retention::calendar::{Period, period_of};
use crate::retention::{GroupBy, KeepReason, Kind, Policy, Snapshot};
use statescope_format::layout::METADATA_FILE;
use statescope_format::location::Location;
use statescope_format::time::UtcSeconds;

/// For each snapshot why it is kept, the reasons in their order; a snapshot without any goes.
pub fn decide(snapshots: &[Snapshot], policy: &Policy, now: UtcSeconds) -> Vec<Vec<KeepReason>> {
    let mut reasons = always_kept(snapshots, policy, now);
    for group in groups(snapshots, policy.group_by) {
        by_rules(&group, policy, &mut |at, reason| {
            keep(&mut reasons, at, reason);
        });
    }
    for reasons in &mut reasons {
        reasons.sort_unstable();
        reasons.dedup();
    }
    reasons
}

/// The reasons that hold whatever is counted: those of each snapshot by itself, and that the newest
/// of each job stays.
pub(super) fn always_kept(
    snapshots: &[Snapshot],
    policy: &Policy,
    now: UtcSeconds,
) -> Vec<Vec<KeepReason>> {
    let mut reasons: Vec<Vec<KeepReason>> = snapshots
        .iter()
        .map(|snapshot| of_itself(snapshot, policy, now))
        .collect();
    for at in newest_of_jobs(snapshots, |_| true) {
        keep(&mut reasons, at, KeepReason::NewestOfJob);
    }
    reasons
}

fn keep(reasons: &mut [Vec<KeepReason>], at: usize, reason: KeepReason) {
    if let Some(reasons) = reasons.get_mut(at) {
        reasons.push(reason);
    }
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
        METADATA_FILE => location.parent(),
        _ => location.clone(),
    };
    trimmed(&directory) == trimmed(&snapshot.directory)
}

/// A snapshot's position and its time. Within a directory a checkpoint counts as no older than
/// those with lower numbers: copies are not written in the order of the originals.
pub(super) type Timed = (usize, UtcSeconds);

/// The snapshots that count together, newest first. Those of unknown age are in none.
pub(super) fn groups(snapshots: &[Snapshot], by: GroupBy) -> Vec<Vec<Timed>> {
    let times = times(snapshots);
    let mut groups: BTreeMap<(Kind, String), Vec<Timed>> = BTreeMap::new();
    for (at, snapshot) in snapshots.iter().enumerate() {
        let Some(&time) = times.get(&at) else {
            continue;
        };
        let name = match by {
            GroupBy::Job => job_directory(snapshot),
            GroupBy::Directory => snapshot.directory.parent().to_string(),
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

/// One id may be used by several jobs: what sets them apart is where they write, and what.
fn job_directory(snapshot: &Snapshot) -> String {
    let Snapshot { job, lineage, .. } = snapshot;
    format!("{} {job} {lineage}", snapshot.directory.parent())
}

fn times(snapshots: &[Snapshot]) -> HashMap<usize, UtcSeconds> {
    let mut in_order: Vec<usize> = (0..snapshots.len()).collect();
    let place = |at: usize| {
        let snapshot = snapshots.get(at)?;
        Some((job_directory(snapshot), snapshot.number))
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
        let parent = job_directory(snapshot);
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

/// The newest checkpoint of each job in each directory of checkpoints, by number and by time (a job that begins
/// anew in the directory of an old one counts from 1), of those that `counts` says yes to.
pub(super) fn newest_of_jobs(snapshots: &[Snapshot], counts: impl Fn(usize) -> bool) -> Vec<usize> {
    let mut by_job: HashMap<(String, u32), [usize; 2]> = HashMap::new();
    let number = |at: usize| snapshots.get(at).and_then(|snapshot| snapshot.number);
    let written = |at: usize| snapshots.get(at).and_then(|snapshot| snapshot.written);
    for (at, snapshot) in snapshots.iter().enumerate() {
        if snapshot.kind != Kind::Checkpoint || !counts(at) {
            continue;
        }
        let [by_number, by_time] = by_job
            .entry((snapshot.directory.parent().to_string(), snapshot.lineage))
            .or_insert([at, at]);
        if number(at) > number(*by_number) {
            *by_number = at;
        }
        if (written(at), number(at)) > (written(*by_time), number(*by_time)) {
            *by_time = at;
        }
    }
    let mut newest: Vec<usize> = by_job.into_values().flatten().collect();
    newest.sort_unstable();
    newest.dedup();
    newest
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOB: &str = "0040568ceebf0040568ceebf0040568c";

    fn at(time: &str) -> UtcSeconds {
        time.parse().unwrap()
    }

    /// Checkpoints 1, 2, ... of one job, taken at these times.
    fn checkpoints(times: &[&str]) -> Vec<Snapshot> {
        let checkpoint = |(number, time): (usize, &&str)| {
            let directory = format!("s3://b/{JOB}/chk-{}", number + 1);
            Snapshot::new(Location::new(directory), Some(at(time)), true)
        };
        times.iter().enumerate().map(checkpoint).collect()
    }

    /// A policy under which nothing stays for its age.
    fn policy() -> Policy {
        Policy {
            min_age_seconds: 0,
            include_savepoints: true,
            ..Policy::default()
        }
    }

    /// The numbers of the checkpoints that one reason keeps.
    fn kept(snapshots: &[Snapshot], policy: &Policy, reason: KeepReason) -> Vec<u64> {
        let reasons = decide(snapshots, policy, at("2030-01-01T00:00:00Z"));
        let pairs = snapshots.iter().zip(reasons);
        let kept = pairs.filter(|(_, reasons)| reasons.contains(&reason));
        kept.filter_map(|(snapshot, _)| snapshot.number).collect()
    }

    #[test]
    fn keep_last_keeps_the_newest() {
        let snapshots = checkpoints(&[
            "2026-01-01T00:00:00Z",
            "2026-01-01T01:00:00Z",
            "2026-01-01T02:00:00Z",
        ]);
        let policy = |count| Policy {
            keep_last: Some(count),
            ..policy()
        };
        assert_eq!(kept(&snapshots, &policy(2), KeepReason::Last), [2, 3]);
        assert_eq!(kept(&snapshots, &policy(9), KeepReason::Last), [1, 2, 3]);
        assert!(kept(&snapshots, &policy(0), KeepReason::Last).is_empty());
    }

    #[test]
    fn keep_within_counts_from_the_newest_and_not_from_now() {
        let snapshots = checkpoints(&[
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:01Z",
            "2026-01-02T00:00:01Z",
        ]);
        let policy = Policy {
            keep_within_seconds: Some(24 * 60 * 60),
            ..policy()
        };
        assert_eq!(kept(&snapshots, &policy, KeepReason::Within), [2, 3]);
    }

    #[test]
    fn keep_hourly_keeps_the_newest_of_each_hour() {
        let snapshots = checkpoints(&[
            "2026-01-01T07:30:00Z",
            "2026-01-01T09:10:00Z",
            "2026-01-01T09:50:00Z",
            "2026-01-02T09:20:00Z",
            "2026-01-02T09:40:00Z",
        ]);
        let policy = Policy {
            keep_hourly: Some(2),
            ..policy()
        };
        assert_eq!(kept(&snapshots, &policy, KeepReason::Hourly), [3, 5]);
    }

    #[test]
    fn keep_daily_keeps_the_newest_of_each_day() {
        let snapshots = checkpoints(&[
            "2026-01-28T10:00:00Z",
            "2026-02-27T10:00:00Z",
            "2026-02-28T10:00:00Z",
            "2026-02-28T23:59:59Z",
            "2026-03-01T00:00:00Z",
        ]);
        let policy = Policy {
            keep_daily: Some(3),
            ..policy()
        };
        assert_eq!(kept(&snapshots, &policy, KeepReason::Daily), [2, 4, 5]);
    }

    #[test]
    fn keep_weekly_keeps_the_newest_of_each_week_from_monday() {
        let snapshots = checkpoints(&[
            "2026-12-20T10:00:00Z",
            "2026-12-28T10:00:00Z",
            "2027-01-03T10:00:00Z",
            "2027-01-04T10:00:00Z",
        ]);
        let policy = Policy {
            keep_weekly: Some(2),
            ..policy()
        };
        assert_eq!(kept(&snapshots, &policy, KeepReason::Weekly), [3, 4]);
    }

    #[test]
    fn keep_monthly_keeps_the_newest_of_each_month() {
        let snapshots = checkpoints(&[
            "2025-02-28T10:00:00Z",
            "2026-01-31T10:00:00Z",
            "2026-02-01T10:00:00Z",
            "2026-02-28T10:00:00Z",
        ]);
        let policy = Policy {
            keep_monthly: Some(2),
            ..policy()
        };
        assert_eq!(kept(&snapshots, &policy, KeepReason::Monthly), [2, 4]);
    }

    #[test]
    fn keep_yearly_keeps_the_newest_of_each_year() {
        let snapshots = checkpoints(&[
            "2023-06-01T10:00:00Z",
            "2024-12-31T23:59:59Z",
            "2025-01-01T00:00:00Z",
            "2025-06-01T10:00:00Z",
        ]);
        let policy = Policy {
            keep_yearly: Some(2),
            ..policy()
        };
        assert_eq!(kept(&snapshots, &policy, KeepReason::Yearly), [2, 4]);
    }

    #[test]
    fn the_oldest_stays_while_a_count_is_not_used_up() {
        let snapshots = checkpoints(&["2026-01-01T09:10:00Z", "2026-01-01T09:50:00Z"]);
        let policy = |count| Policy {
            keep_daily: Some(count),
            ..policy()
        };
        assert_eq!(kept(&snapshots, &policy(2), KeepReason::Daily), [1, 2]);
        assert_eq!(kept(&snapshots, &policy(1), KeepReason::Daily), [2]);
    }

    #[test]
    fn keep_keeps_what_it_names_however_it_is_written() {
        let snapshots = checkpoints(&["2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"]);
        for spelling in [
            format!("s3a://b/{JOB}/chk-1"),
            format!("s3://b/{JOB}/chk-1/"),
            format!("s3://b/{JOB}/chk-1/_metadata"),
        ] {
            let policy = Policy {
                keep: vec![Location::new(spelling.as_str())],
                ..policy()
            };
            assert_eq!(
                kept(&snapshots, &policy, KeepReason::Named),
                [1],
                "{spelling}"
            );
        }
    }

    #[test]
    fn the_newest_of_each_directory_always_stays_by_number_and_by_time() {
        // A job that began anew in the directory of an old one.
        let snapshots = checkpoints(&[
            "2026-01-05T00:00:00Z",
            "2026-01-02T00:00:00Z",
            "2026-01-03T00:00:00Z",
        ]);
        assert_eq!(kept(&snapshots, &policy(), KeepReason::NewestOfJob), [1, 3]);
    }

    #[test]
    fn what_is_younger_than_the_minimum_stays() {
        let snapshots = checkpoints(&[
            "2029-12-30T23:59:59Z",
            "2029-12-31T00:00:00Z",
            "2029-12-31T00:00:01Z",
        ]);
        let policy = Policy {
            min_age_seconds: 24 * 60 * 60,
            ..policy()
        };
        assert_eq!(kept(&snapshots, &policy, KeepReason::TooYoung), [3]);
    }

    #[test]
    fn savepoints_stay_unless_they_are_included_and_count_apart() {
        let mut snapshots = checkpoints(&["2026-01-01T00:00:00Z"]);
        for (name, time) in [("0", "2026-01-01T00:00:00Z"), ("1", "2026-01-02T00:00:00Z")] {
            let directory = format!("s3://b/savepoint-004056-00000000000{name}");
            snapshots.push(Snapshot::new(
                Location::new(directory),
                Some(at(time)),
                true,
            ));
        }
        let now = at("2030-01-01T00:00:00Z");
        let mut policy = Policy {
            keep_last: Some(1),
            ..policy()
        };
        let reasons = decide(&snapshots, &policy, now);
        assert_eq!(reasons[0], [KeepReason::Last, KeepReason::NewestOfJob]);
        assert_eq!(reasons[1], []);
        assert_eq!(reasons[2], [KeepReason::Last]);
        policy.include_savepoints = false;
        let reasons = decide(&snapshots, &policy, now);
        assert_eq!(reasons[1], [KeepReason::Savepoint]);
    }

    #[test]
    fn what_no_rule_can_judge_stays() {
        let odd =
            |path: &str, written, touchable| Snapshot::new(Location::new(path), written, touchable);
        let time = Some(at("2026-01-01T00:00:00Z"));
        let snapshots = [
            odd("s3://b/c/chk-1", None, true),
            odd("s3://b/before-upgrade", time, true),
            odd("s3://b/d/chk-1", time, false),
            odd("s3://b/c/chk-2", time, true),
        ];
        let reasons = decide(&snapshots, &policy(), at("2030-01-01T00:00:00Z"));
        assert_eq!(reasons[0], [KeepReason::UnknownTime]);
        assert_eq!(reasons[1], [KeepReason::Renamed]);
        assert!(reasons[2].contains(&KeepReason::OutsideBase));
    }

    #[test]
    fn jobs_count_apart_unless_they_are_grouped() {
        let mut snapshots = checkpoints(&["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]);
        let other = Location::new(format!("s3://b/{}/chk-1", "f".repeat(32)));
        snapshots.push(Snapshot::new(other, Some(at("2026-01-03T00:00:00Z")), true));
        let by = |group_by| Policy {
            keep_last: Some(1),
            group_by,
            ..policy()
        };
        assert_eq!(
            kept(&snapshots, &by(GroupBy::Job), KeepReason::Last),
            [2, 1]
        );
        assert_eq!(kept(&snapshots, &by(GroupBy::None), KeepReason::Last), [1]);
    }

    #[test]
    fn copies_count_by_their_numbers() {
        let snapshots = checkpoints(&[
            "2026-01-03T00:00:00Z",
            "2026-01-01T00:00:00Z",
            "2026-01-02T00:00:00Z",
        ]);
        let policy = Policy {
            keep_last: Some(1),
            ..policy()
        };
        assert_eq!(kept(&snapshots, &policy, KeepReason::Last), [3]);
    }

    #[test]
    fn rules_add_up_and_say_so() {
        let snapshots = checkpoints(&["2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"]);
        let policy = Policy {
            keep_last: Some(1),
            keep_daily: Some(2),
            keep_yearly: Some(1),
            ..policy()
        };
        let reasons = decide(&snapshots, &policy, at("2030-01-01T00:00:00Z"));
        assert_eq!(reasons[0], [KeepReason::Daily]);
        let of_newest = [
            KeepReason::Last,
            KeepReason::Daily,
            KeepReason::Yearly,
            KeepReason::NewestOfJob,
        ];
        assert_eq!(reasons[1], of_newest);
    }
}
