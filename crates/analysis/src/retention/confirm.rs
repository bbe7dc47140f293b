//! Does a plan still hold? A survey made anew, with what is planned to go as what goes, must allow
//! each planned deletion again.

use std::collections::{HashMap, HashSet};

use crate::retention::build::{Scope, refuse_survey};
use crate::retention::decide::always_kept;
use crate::retention::garbage::garbage;
use crate::retention::place::Place;
use crate::retention::plan::{Class, PLAN_VERSION, Plan, PlannedObject};
use crate::retention::survey::{Record, Survey};
use crate::retention::{KeepReason, Kind, Refusal, Snapshot};
use statescope_format::location::{Location, PlaceKey, place_key};
use statescope_format::time::UtcSeconds;

/// A plan may be carried out for a day.
const PLAN_AGE_MOST_SECONDS: u64 = 24 * 60 * 60;
/// So many refusals of one sort say it all.
const REFUSALS_MAX: usize = 20;

/// What is wrong with a plan whatever there is now. With `knows`, the user takes the blame for a
/// short minimum age.
pub fn refuse_plan(plan: &Plan, store: &str, knows: bool, now: UtcSeconds) -> Vec<Refusal> {
    let mut refusals = super::refuse_policy(&plan.policy, knows);
    if plan.plan_version != PLAN_VERSION {
        refusals.push(Refusal::UnknownPlan {
            reason: format!("its version is {}", plan.plan_version),
        });
    }
    if plan.created > now {
        refusals.push(Refusal::PlanTooOld { seconds: None });
    } else if now.since(plan.created) > PLAN_AGE_MOST_SECONDS {
        let seconds = Some(now.since(plan.created));
        refusals.push(Refusal::PlanTooOld { seconds });
    }
    if plan.store != store {
        refusals.push(Refusal::OtherStore {
            planned: plan.store.clone(),
            found: store.to_owned(),
        });
    }
    refusals
}

/// What becomes of the snapshots that are there when a plan is carried out: those that it deletes
/// go, unless they are of those that always stay, and all others stay, whether the plan knew them
/// or not.
pub fn decide_as_planned(
    snapshots: &[Snapshot],
    plan: &Plan,
    now: UtcSeconds,
) -> Vec<Vec<KeepReason>> {
    let planned = planned(plan);
    let mut reasons = always_kept(snapshots, &plan.policy, now);
    for (snapshot, reasons) in snapshots.iter().zip(&mut reasons) {
        if !planned.contains(&place_key(&snapshot.directory)) {
            reasons.push(KeepReason::Named);
        }
    }
    reasons
}

/// The places of the snapshots that a plan deletes.
fn planned(plan: &Plan) -> HashSet<PlaceKey> {
    let planned = plan.snapshots.iter().filter(|snapshot| !snapshot.keep);
    planned
        .map(|snapshot| place_key(&snapshot.location))
        .collect()
}

/// After an interruption, metadata that mentioned planned files is gone; only then is the plan's word
/// taken for what it mentioned.
fn resume(plan: &Plan, planned: &HashSet<PlaceKey>, survey: &mut Survey) {
    let there: HashSet<_> = survey
        .records
        .iter()
        .map(|record| place_key(&record.snapshot.directory))
        .collect();
    if planned.is_subset(&there) {
        return;
    }
    let mentioned = plan.objects.iter();
    for object in mentioned.filter(|object| {
        matches!(object.class, Class::Shared)
            || (object.class == Class::Exclusive
                && planned.contains(&object.location.parent().place()))
    }) {
        let print = survey.prints.path(object.location.as_str());
        survey.dying.add_file(print);
    }
    let ended = plan.snapshots.iter().filter(|snapshot| !snapshot.keep);
    let ended = ended.map(|snapshot| snapshot.location.as_str().to_owned());
    survey.ended.extend(ended);
}

/// The planned directories that were found where a plan may remove any.
pub fn confirm_directories(plan: &Plan, survey: &Survey) -> Vec<Location> {
    let found = survey.inventory.directories().iter();
    let removable: HashSet<&str> = found
        .filter(|directory| directory.touchable && directory.parent.is_some())
        .filter(|directory| directory.place != Place::Unknown)
        .map(|directory| directory.location.as_str())
        .collect();
    let planned = plan.directories.iter();
    planned
        .filter(|directory| removable.contains(directory.as_str()))
        .cloned()
        .collect()
}

/// Which of the planned files are still there, by position in the plan, after everything that the
/// plan relies on was found unchanged.
///
/// # Errors
/// Why nothing may be deleted.
pub fn confirm(
    plan: &Plan,
    survey: &mut Survey,
    now: UtcSeconds,
) -> Result<Vec<usize>, Vec<Refusal>> {
    let planned = planned(plan);
    resume(plan, &planned, survey);
    let scope = Scope {
        base: plan.base.clone(),
        also: plan.also.clone(),
        store: plan.store.clone(),
    };
    let mut policy = plan.policy.clone();
    // They were there when the plan was made; whether they still are is another matter.
    policy.keep.clear();
    let mut refusals = refuse_survey(survey, &scope, &policy, now, !plan.objects.is_empty());
    refusals.extend(survivors_lost(survey, &planned));
    let allowed = garbage(survey, &policy, now).objects;
    let allowed: HashMap<&str, &PlannedObject> = allowed
        .iter()
        .map(|object| (object.location.as_str(), object))
        .collect();
    let there = there(survey);
    let mut confirmed = Vec::new();
    let mut wrong = Vec::new();
    for (at, object) in plan.objects.iter().enumerate() {
        let path = object.location.as_str();
        match allowed.get(path) {
            Some(found) if is_same(object, found) => confirmed.push(at),
            Some(_) => wrong.push(Refusal::Changed {
                location: object.location.clone(),
            }),
            None if there.contains(&survey.prints.path(path).path) => {
                wrong.push(why_not(survey, object));
            }
            // Gone already.
            None => {}
        }
    }
    // What is wrong with all of it explains what is wrong with single files.
    if refusals.is_empty() {
        wrong.truncate(REFUSALS_MAX);
        refusals = wrong;
    }
    match refusals.is_empty() {
        true => Ok(confirmed),
        false => Err(refusals),
    }
}

/// Which revision of each file of a plan was confirmed, by position in the plan.
pub fn confirmed_revisions(plan: &Plan, confirmed: &[usize], survey: &Survey) -> Vec<Option<u64>> {
    let prints = &survey.prints;
    let of_path = |&at: &usize| {
        let location = &plan.objects.get(at)?.location;
        Some((prints.path(location.as_str()).path, at))
    };
    let positions: HashMap<u64, usize> = confirmed.iter().filter_map(of_path).collect();
    let mut revisions = vec![None; plan.objects.len()];
    for directory in survey.inventory.directories() {
        let print = prints.directory(directory.location.as_str());
        for file in directory.files() {
            let position = positions.get(&prints.file(print, file.name).path);
            if let Some(revision) = position.and_then(|&at| revisions.get_mut(at)) {
                *revision = file.revision;
            }
        }
    }
    revisions
}

/// Fingerprints of all files.
fn there(survey: &Survey) -> HashSet<u64> {
    let mut there = HashSet::with_capacity(survey.inventory.file_count());
    for directory in survey.inventory.directories() {
        let print = survey.prints.directory(directory.location.as_str());
        there.extend(
            directory
                .files()
                .map(|file| survey.prints.file(print, file.name).path),
        );
    }
    there
}

fn is_same(planned: &PlannedObject, found: &PlannedObject) -> bool {
    // A copy that was put in its place can have its size and its time.
    let settled = planned.settled.zip(found.settled);
    let etags = planned.etag.as_ref().zip(found.etag.as_ref());
    planned.bytes == found.bytes
        && planned.modified == found.modified
        && settled.is_none_or(|(planned, found)| found <= planned)
        && etags.is_none_or(|(planned, found)| planned == found)
        && (planned.class == Class::Metadata) == (found.class == Class::Metadata)
}

fn why_not(survey: &Survey, object: &PlannedObject) -> Refusal {
    let location = object.location.clone();
    let directory = survey.prints.directory(location.parent().as_str());
    let print = survey.prints.path(location.as_str());
    match survey.live.need(directory, print) {
        Some(_) => Refusal::StillNeeded { location },
        None => Refusal::Changed { location },
    }
}

/// Jobs of which checkpoints were to go, and no other is complete and has all its files.
fn survivors_lost(survey: &Survey, planned: &HashSet<PlaceKey>) -> Vec<Refusal> {
    let checkpoints = |counts: &dyn Fn(&Record) -> bool| -> HashSet<(String, u32)> {
        let checkpoints = survey.records.iter().filter(|record| {
            record.snapshot.kind == Kind::Checkpoint && record.seems_whole() && counts(record)
        });
        let job = |Snapshot {
                       directory, lineage, ..
                   }: &Snapshot| { (directory.parent().to_string(), *lineage) };
        checkpoints.map(|record| job(&record.snapshot)).collect()
    };
    let is_planned = |record: &Record| planned.contains(&place_key(&record.snapshot.directory));
    let losing = checkpoints(&is_planned);
    let left = checkpoints(&|record| !is_planned(record));
    let mut lost: Vec<_> = losing.difference(&left).cloned().collect();
    lost.sort_unstable();
    lost.into_iter()
        .map(|(directory, _)| Refusal::SurvivorsLost {
            location: Location::new(directory),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(bytes: u64, modified: i64, etag: Option<&str>) -> PlannedObject {
        PlannedObject {
            location: Location::new("s3://b/x"),
            class: Class::Shared,
            job: String::new(),
            bytes,
            modified: UtcSeconds::from_unix(modified),
            settled: Some(UtcSeconds::from_unix(modified)),
            etag: etag.map(str::to_owned),
        }
    }

    #[test]
    fn a_file_is_the_same_by_size_time_and_etag() {
        let planned = object(1, 2, Some("a"));
        assert!(is_same(&planned, &planned));
        // Stores that have none on one day have none to compare.
        assert!(is_same(&planned, &object(1, 2, None)));
        for other in [
            object(2, 2, Some("a")),
            object(1, 3, Some("a")),
            object(1, 2, Some("b")),
        ] {
            assert!(!is_same(&planned, &other), "{other:?}");
        }
        let replaced = PlannedObject {
            settled: Some(UtcSeconds::from_unix(3)),
            ..planned.clone()
        };
        assert!(!is_same(&planned, &replaced), "a copy with its old time");
        let as_orphan = PlannedObject {
            class: Class::Orphan,
            ..planned.clone()
        };
        assert!(
            is_same(&planned, &as_orphan),
            "its snapshot is gone already"
        );
        let as_metadata = PlannedObject {
            class: Class::Metadata,
            ..planned.clone()
        };
        assert!(!is_same(&planned, &as_metadata));
    }
}
