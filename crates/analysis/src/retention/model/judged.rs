//! What must hold when a plan was made, and which refusals are right.

use std::collections::{BTreeMap, BTreeSet};

use super::rule::Blind;
use super::run::{Case, End};
use super::shown::parent;
use super::world::{BASE, BEGIN, World};
use crate::retention::{Plan, Refusal};
use statescope_format::time::UtcSeconds;

impl Case {
    /// Whether what replaced the newest checkpoint of a job, while a survey was made, cannot be started
    /// from. What that one needed is judged when the plan is carried out.
    fn is_replaced(&self, world: &World, job: &(String, String)) -> bool {
        let mut successors = self.successors.iter().map(|(successor, _)| successor);
        successors.any(|successor| {
            let metadata = world.snapshots.get(successor);
            parent(successor) == job.0
                && metadata.is_some_and(|metadata| metadata.uid == job.1)
                && !world.is_startable(successor)
        })
    }

    /// Whether all that a plan is refused for is that checkpoints of a directory counted as of one job
    /// when it was confirmed, and do no more, since a run has deleted one that joined them: then the
    /// newest of either stays.
    pub(super) fn is_for_split(
        &self,
        world: &World,
        plan: &Plan,
        jobs: &BTreeMap<String, (String, u32)>,
        refusals: &[Refusal],
    ) -> bool {
        let planned = plan.snapshots.iter().filter(|snapshot| !snapshot.keep);
        let planned: BTreeSet<&str> = planned.map(|it| it.location.as_str()).collect();
        let lost_one = |directory: &str| {
            let mut gone = self.confirmed.keys();
            gone.any(|it| {
                parent(it) == directory && !jobs.contains_key(it) && planned.contains(it.as_str())
            })
        };
        let is_split = |directory: &str| {
            let both = jobs.iter().filter(|(_, (of, _))| of == directory);
            let both: Vec<(u32, Option<&(String, u32)>)> = both
                .map(|(it, (_, now))| (*now, self.confirmed.get(it)))
                .collect();
            let pairs = both
                .iter()
                .flat_map(|one| both.iter().map(move |other| (one, other)));
            let mut apart = pairs.filter(|(one, other)| one.1 == other.1 && one.0 != other.0);
            lost_one(directory) && apart.any(|(one, _)| one.1.is_some())
        };
        refusals.iter().all(|refusal| match refusal {
            Refusal::SurvivorsLost { location } => is_split(location.as_str()),
            Refusal::StillNeeded { location } | Refusal::Changed { location } => {
                let path = location.as_str();
                let mut of = planned.iter().filter(|snapshot| {
                    world.needs(snapshot, path) || path.starts_with(&format!("{snapshot}/"))
                });
                // Of each of the two, the newest must be younger than what nothing mentions.
                let mut directories = jobs.values().map(|(directory, _)| directory);
                of.any(|snapshot| is_split(&parent(snapshot)))
                    || directories.any(|directory| {
                        path.starts_with(&format!("{directory}/")) && is_split(directory)
                    })
            }
            _ => false,
        })
    }

    /// What was planned leaves each job a checkpoint to start from, or else a savepoint.
    pub(super) fn every_job_can_start(&self, world: &World, plan: &Plan) -> Result<(), String> {
        if matches!(self.blind, Some(Blind::Class(_))) {
            return Ok(());
        }
        let planned = plan.snapshots.iter();
        let kept = planned.clone().filter(|snapshot| snapshot.keep);
        let kept: BTreeSet<&str> = kept.map(|snapshot| snapshot.location.as_str()).collect();
        let known: BTreeSet<&str> = planned.map(|snapshot| snapshot.location.as_str()).collect();
        // What the plan does not know stays, too.
        let stays = |snapshot: &str| kept.contains(snapshot) || !known.contains(snapshot);
        let can = world.startable_jobs(stays);
        for (job, newest) in world.newest_startable() {
            if !self.is_replaced(world, &job) && !stays(&newest) {
                return Err(format!(
                    "{newest} is the newest that {job:?} can start from, and goes"
                ));
            }
        }
        for (snapshot, metadata) in &world.snapshots {
            let uid = &metadata.uid;
            let is_checkpoint = snapshot.contains("/chk-") && known.contains(snapshot.as_str());
            let job = (parent(snapshot), uid.clone());
            if !is_checkpoint || can.contains(&job) || self.is_replaced(world, &job) {
                continue;
            }
            let mut savepoints = known.iter().filter(|savepoint| {
                savepoint.contains("/savepoint-1a2b3c-")
                    && world
                        .snapshots
                        .get(**savepoint)
                        .is_some_and(|it| it.uid == *uid)
                    && world.is_startable(savepoint)
            });
            let any = savepoints.clone().next();
            if any.is_some() && !savepoints.any(|savepoint| kept.contains(savepoint)) {
                return Err(format!("the job of {snapshot} is left without a savepoint"));
            }
        }
        if let Some((one, other)) = &world.twin
            && kept.contains(other.as_str())
            && known.contains(one.as_str())
            && !kept.contains(one.as_str())
            && world.files.get(&format!("{one}/_metadata"))
                == world.files.get(&format!("{other}/_metadata"))
        {
            return Err(format!("{other} is {one}, and goes with it"));
        }
        for (link, directory) in &world.links {
            let is_circle = link.starts_with(&format!("{directory}/"));
            let mut below = known.iter().filter(|snapshot| {
                *snapshot == directory || snapshot.starts_with(&format!("{directory}/"))
            });
            if !is_circle && below.any(|snapshot| !kept.contains(snapshot)) {
                return Err(format!("what {link} leads to is planned"));
            }
        }
        for (successor, inherited) in &self.successors {
            let mut objects = plan.objects.iter();
            let needed = objects.find(|object| {
                let path = object.location.as_str();
                inherited.iter().any(|file| file == path) && world.needs(successor, path)
            });
            if let Some(object) = needed {
                return Err(format!("{successor} needs {}", object.location));
            }
        }
        Ok(())
    }
}

/// Whether a run was refused for what replaced other checkpoints while the run before was confirmed.
pub(super) fn is_for_successors(
    world: &World,
    successors: &[(String, Vec<String>)],
    end: &End,
) -> bool {
    let End::Refused(refusals) = end else {
        return false;
    };
    let of_successor = |refusal: &Refusal| {
        let mut successors = successors.iter().map(|(successor, _)| successor);
        match refusal {
            Refusal::StillNeeded { location } => {
                successors.any(|successor| world.needs(successor, location.as_str()))
            }
            Refusal::SurvivorsLost { location } => {
                successors.any(|successor| parent(successor) == location.as_str())
            }
            // Its job writes again, so what nothing mentions may be about to be mentioned.
            Refusal::Changed { location } => successors.any(|successor| {
                let job = format!("{}/", parent(successor));
                location.as_str().starts_with(&job)
            }),
            _ => false,
        }
    };
    refusals.iter().all(of_successor)
}

/// Of what is planned, nothing is needed by a snapshot that stays, and all of it is old.
pub(super) fn unreachable_is_all_that_goes(world: &World, plan: &Plan) -> Result<(), String> {
    let kept = plan.snapshots.iter().filter(|snapshot| snapshot.keep);
    let kept: Vec<&str> = kept.map(|snapshot| snapshot.location.as_str()).collect();
    for object in &plan.objects {
        let path = object.location.as_str();
        if let Some(snapshot) = kept.iter().find(|snapshot| world.needs(snapshot, path)) {
            return Err(format!(
                "{snapshot} needs {path}, planned as {:?}",
                object.class
            ));
        }
        let age = UtcSeconds::from_unix(world.now).since(object.modified);
        if age < plan.policy.min_age_seconds {
            return Err(format!("{path} is {age} s old and planned"));
        }
        if !path.starts_with(BASE) || path.contains("README") || path.contains("backup") {
            return Err(format!("{path} is nobody's to delete"));
        }
    }
    assert!(plan.created.unix() >= BEGIN);
    Ok(())
}
