use std::collections::BTreeMap;

use crate::retention::decide::names;
use crate::retention::garbage::{Garbage, garbage};
use crate::retention::plan::{
    Class, Freed, JobSummary, LeftOutside, ListingSummary, PLAN_VERSION, Plan, PlannedObject,
    PlannedSnapshot,
};
use crate::retention::survey::{Record, Survey};
use crate::retention::{Policy, Refusal};
use statescope_format::location::Location;
use statescope_format::reader::to_u64;
use statescope_format::time::UtcSeconds;

/// An hour: what takes longer to write than this is rare enough to be asked about.
const MIN_AGE_LEAST_SECONDS: u64 = 60 * 60;
/// Clocks may differ by so much.
pub const CLOCK_SKEW_MOST_SECONDS: u64 = 5 * 60;

/// What a plan is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// Below which files may go.
    pub base: Location,
    /// Other bases, which are only read.
    pub also: Vec<Location>,
    /// The store of the base, as its clients call it.
    pub store: String,
}

/// What is wrong with a policy, whatever there is to apply it to. With `knows`, the user takes the
/// blame for a short minimum age.
pub fn refuse_policy(policy: &Policy, knows: bool) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    if policy.keeps_nothing() {
        refusals.push(Refusal::NoKeepRule);
    }
    if policy.min_age_seconds < MIN_AGE_LEAST_SECONDS && !knows {
        refusals.push(Refusal::MinAgeTooShort {
            seconds: policy.min_age_seconds,
        });
    }
    refusals
}

/// Makes the plan.
///
/// # Errors
/// Why nothing may be deleted here.
pub fn build(
    survey: &Survey,
    scope: &Scope,
    policy: &Policy,
    now: UtcSeconds,
) -> Result<Plan, Vec<Refusal>> {
    let Garbage {
        objects,
        directories,
        left_alone,
    } = garbage(survey, policy, now);
    let refusals = refuse_survey(survey, scope, policy, now, !objects.is_empty());
    if !refusals.is_empty() {
        return Err(refusals);
    }
    Ok(Plan {
        plan_version: PLAN_VERSION,
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        created: now,
        base: scope.base.clone(),
        also: scope.also.clone(),
        store: scope.store.clone(),
        policy: policy.clone(),
        listing: listing(survey),
        freed: freed(&objects),
        left_outside: left_outside(survey),
        jobs: jobs(survey, &objects),
        snapshots: snapshots(survey),
        objects,
        directories,
        left_alone,
    })
}

/// What makes a survey no ground to delete anything on.
pub(super) fn refuse_survey(
    survey: &Survey,
    scope: &Scope,
    policy: &Policy,
    now: UtcSeconds,
    deletes: bool,
) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    let survives = survey.records.iter().any(|record| !record.goes());
    if survey.records.is_empty() && is_root(&scope.base) {
        refusals.push(Refusal::RootWithoutSnapshots {
            base: scope.base.clone(),
        });
    } else if deletes && !survives {
        refusals.push(Refusal::NothingSurvives);
    }
    for location in &policy.keep {
        let listed_as = survey.inventory.aliases().listed_as(location);
        let is_there = |record: &Record| names(&listed_as, &record.snapshot);
        if !survey.records.iter().any(is_there) {
            refusals.push(Refusal::KeptNotFound {
                location: location.clone(),
            });
        }
    }
    let newest_write = survey.inventory.directories().iter();
    let newest_write = newest_write.flat_map(|directory| directory.files());
    let newest_write = newest_write.filter_map(|file| file.settled).max();
    let ahead = newest_write.map_or(0, |newest| newest.since(now));
    if ahead > CLOCK_SKEW_MOST_SECONDS {
        refusals.push(Refusal::ClockSkew { seconds: ahead });
    }
    refusals
}

/// Whether a base is all of a bucket or file system.
fn is_root(base: &Location) -> bool {
    let (_, path) = base.place();
    let parts = path
        .split(|&byte| byte == b'/')
        .filter(|part| !part.is_empty());
    let authority = usize::from(
        base.parts()
            .is_some_and(|parts| !parts.authority.is_empty()),
    );
    parts.count() <= authority
}

fn listing(survey: &Survey) -> ListingSummary {
    let directories = survey.inventory.directories();
    let files = directories.iter().flat_map(|directory| directory.files());
    ListingSummary {
        directories: to_u64(directories.len()),
        files: to_u64(survey.inventory.file_count()),
        bytes: files.fold(0, |sum, file| sum.saturating_add(file.bytes)),
        snapshots: to_u64(survey.records.len()),
    }
}

fn snapshots(survey: &Survey) -> Vec<PlannedSnapshot> {
    let planned = survey.records.iter().map(|record| PlannedSnapshot {
        location: record.snapshot.directory.clone(),
        job: record.snapshot.job.clone(),
        kind: record.snapshot.kind,
        checkpoint_id: record.snapshot.number,
        written: record.snapshot.written,
        keep: !record.goes(),
        reasons: record.reasons.clone(),
        missing_file: record.missing.clone(),
    });
    planned.collect()
}

fn freed(objects: &[PlannedObject]) -> Vec<Freed> {
    let of = |class: Class| {
        let of_class = objects.iter().filter(|object| object.class == class);
        let (files, bytes) = of_class.fold((0, 0_u64), |(files, bytes), object| {
            (files + 1, bytes.saturating_add(object.bytes))
        });
        Freed {
            class,
            files,
            bytes,
        }
    };
    Class::ALL.map(of).to_vec()
}

/// Nothing outside the bases is ever deleted, but whoever pays for it wants to know.
fn left_outside(survey: &Survey) -> LeftOutside {
    let outside = survey.outside.iter();
    let left =
        outside.filter(|(file, _)| survey.dying.mentions(**file) && !survey.live.mentions(**file));
    left.fold(LeftOutside::default(), |sum, (_, bytes)| LeftOutside {
        files: sum.files + 1,
        bytes: sum.bytes.saturating_add(*bytes),
    })
}

fn jobs(survey: &Survey, objects: &[PlannedObject]) -> Vec<JobSummary> {
    let mut jobs: BTreeMap<&str, JobSummary> = BTreeMap::new();
    let empty = |job: &str| JobSummary {
        job: job.to_owned(),
        kept: 0,
        deleted: 0,
        files: 0,
        bytes: 0,
    };
    for record in &survey.records {
        let job = &record.snapshot.job;
        let job = jobs.entry(job).or_insert_with(|| empty(job));
        match record.goes() {
            true => job.deleted += 1,
            false => job.kept += 1,
        }
    }
    for object in objects {
        let job = jobs
            .entry(&object.job)
            .or_insert_with(|| empty(&object.job));
        job.files += 1;
        job.bytes = job.bytes.saturating_add(object.bytes);
    }
    jobs.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_buckets_hosts_and_the_root_directory() {
        for (base, root) in [
            ("s3://b", true),
            ("s3://b//", true),
            ("s3://b/c", false),
            ("hdfs://nn:8020/", true),
            ("hdfs:///", true),
            ("hdfs:///c", false),
            ("/", true),
            ("file:///", true),
            ("/data", false),
            ("abfs://c@a/", true),
        ] {
            assert_eq!(is_root(&Location::new(base)), root, "{base}");
        }
    }
}
