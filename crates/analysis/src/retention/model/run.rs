//! One case: a plan is made of a random world and carried out, with everything that may go wrong.

use std::collections::{BTreeMap, BTreeSet};

use super::judged::{is_for_successors, unreachable_is_all_that_goes};
use super::random::Random;
use super::rule::{Blind, Rule};
use super::shown::{jobs, scope};
use super::world::World;
use crate::retention::{
    Decisions, Deletion, Found, Mark, Outcome, Plan, Policy, Refusal, Sighting, Step, Survey,
    build, confirm, refuse_plan,
};
use statescope_format::location::Location;
use statescope_format::time::UtcSeconds;

pub(super) struct Case {
    pub(super) random: Random,
    pub(super) blind: Option<Blind>,
    /// Snapshots that have appeared since the last look: a batch that has begun may hit them.
    fresh: BTreeSet<String>,
    /// Checkpoints that replaced others while a survey was made, and what they need of those.
    pub(super) successors: Vec<(String, Vec<String>)>,
    /// Whether a snapshot has appeared while a plan was carried out.
    has_appeared: bool,
    /// Whose each checkpoint was when a plan was last confirmed.
    pub(super) confirmed: BTreeMap<String, (String, u32)>,
    /// The store's clock, seconds ahead of this machine's.
    pub(super) clock_ahead: i64,
    /// Whether checkpoints replace others while a survey is made.
    pub(super) is_busy: bool,
}

/// What came of a case without a violation.
#[derive(Debug, Default)]
pub(super) struct Summary {
    pub(super) deleted: u64,
    pub(super) finished: bool,
}

/// How one run of `apply` ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    Finished,
    Crashed,
    Refused(Vec<Refusal>),
    /// Refused, for what counted as one job counts as two now.
    Split,
}

/// What goes wrong during a run.
#[derive(Clone, Copy, Debug, Default)]
struct Trouble {
    /// The process dies after so many deletions.
    crash_after: Option<u64>,
    /// So many of a hundred deletions fail.
    failures: u64,
    /// So many of a hundred moments see a new snapshot.
    newcomers: u64,
}

impl Case {
    pub(super) fn new(seed: u64, blind: Option<Blind>) -> Self {
        Self {
            random: Random::new(seed),
            blind,
            fresh: BTreeSet::new(),
            successors: Vec::new(),
            has_appeared: false,
            confirmed: BTreeMap::new(),
            clock_ahead: 0,
            is_busy: true,
        }
    }

    pub(super) fn breaks(&self, rule: Rule) -> bool {
        self.blind == Some(Blind::Rule(rule))
    }

    /// Runs it; the violation, if there is one.
    pub(super) fn run(mut self) -> Result<Summary, String> {
        let mut world = World::random(&mut self.random);
        let policy = self.policy();
        if self.random.chance(3) {
            self.clock_ahead = -10 * 86_400;
        }
        let now = UtcSeconds::from_unix(world.now - self.clock_ahead);
        let Ok(survey) = self.survey(&mut world, Decisions::Policy(&policy), now) else {
            return Ok(Summary::default());
        };
        let Ok(plan) = build(&survey, &scope(), &policy, now) else {
            return Ok(Summary::default());
        };
        unreachable_is_all_that_goes(&world, &plan)?;
        self.every_job_can_start(&world, &plan)?;
        self.meanwhile(&mut world, &plan);
        let mut deleted = 0;
        let trouble = Trouble {
            crash_after: self.random.chance(40).then(|| self.random.below(12)),
            failures: self.random.one_of(&[0, 0, 10, 60]),
            newcomers: self.random.one_of(&[0, 0, 10, 30]),
        };
        let end = self.apply(&mut world, &plan, trouble, &mut deleted)?;
        // Again, and with nothing in the way.
        self.is_busy = false;
        let moved = self.successors.clone();
        let again = self.apply(&mut world, &plan, Trouble::default(), &mut deleted)?;
        if again == End::Finished {
            let before = world.files.clone();
            let third = self.apply(&mut world, &plan, Trouble::default(), &mut deleted)?;
            if third != End::Finished || world.files != before {
                return Err(format!("a run after the last is not idle: {third:?}"));
            }
            let left = plan
                .objects
                .iter()
                .filter(|object| before.contains_key(object.location.as_str()));
            if let Some(object) = left.into_iter().next() {
                return Err(format!("not deleted: {}", object.location));
            }
        } else if matches!(end, End::Finished | End::Crashed)
            && !self.has_appeared
            && !is_for_successors(&world, &moved, &again)
            && again != End::Split
        {
            let moved: Vec<&String> = moved.iter().map(|(successor, _)| successor).collect();
            return Err(format!(
                "{end:?}, and then it cannot be finished: {again:?}; appeared: {moved:?}"
            ));
        }
        self.plan_anew(&mut world, &policy, &mut deleted)?;
        Ok(Summary {
            deleted,
            finished: again == End::Finished,
        })
    }

    /// What is left behind, by a crash or since a plan does not hold any more, can be planned anew, and
    /// that plan can be carried out.
    fn plan_anew(
        &mut self,
        world: &mut World,
        policy: &Policy,
        deleted: &mut u64,
    ) -> Result<(), String> {
        let now = UtcSeconds::from_unix(world.now - self.clock_ahead);
        let refused = |refusals: Vec<Refusal>| format!("no new plan: {refusals:?}");
        let survey = self.survey(world, Decisions::Policy(policy), now);
        let survey = survey.map_err(refused)?;
        let next = build(&survey, &scope(), policy, now).map_err(refused)?;
        unreachable_is_all_that_goes(world, &next)?;
        self.every_job_can_start(world, &next)?;
        match self.apply(world, &next, Trouble::default(), deleted)? {
            End::Finished => Ok(()),
            end => Err(format!("a new plan is not carried out: {end:?}")),
        }
    }

    fn policy(&mut self) -> Policy {
        let mut some = |most: u64| {
            let count = u32::try_from(1 + self.random.below(most)).unwrap();
            self.random.chance(50).then_some(count)
        };
        let mut policy = Policy {
            keep_last: some(3),
            keep_daily: some(4),
            keep_weekly: some(2),
            ..Policy::default()
        };
        if policy.keeps_nothing() {
            policy.keep_last = Some(1);
        }
        policy.include_savepoints = self.random.chance(50);
        policy.min_age_seconds = self.random.one_of(&[3600, 86_400, 3 * 86_400]);
        policy
    }

    /// What happens between plan and apply.
    fn meanwhile(&mut self, world: &mut World, plan: &Plan) {
        world.now += 600;
        if self.random.chance(30) {
            world.checkpoint(&mut self.random, None);
        }
        if self.random.chance(10) {
            let snapshots: Vec<String> = world.snapshots.keys().cloned().collect();
            if !snapshots.is_empty() {
                let restored = self.random.one_of_strings(&snapshots);
                world.checkpoint(&mut self.random, Some(&restored));
            }
        }
        if self.random.chance(5) {
            world.lose_newest();
        }
        if self.random.chance(5)
            && let Some(object) = plan.objects.first()
        {
            // Somebody writes it anew.
            world
                .files
                .insert(object.location.as_str().to_owned(), world.now);
        }
        if self.random.chance(10) {
            world.newcomer(&mut self.random, &[]);
        }
    }

    fn apply(
        &mut self,
        world: &mut World,
        plan: &Plan,
        trouble: Trouble,
        deleted: &mut u64,
    ) -> Result<End, String> {
        let now = UtcSeconds::from_unix(world.now - self.clock_ahead);
        if !refuse_plan(plan, &plan.store, false, now).is_empty() {
            return Err("a fresh plan is refused".to_owned());
        }
        let mut survey = match self.survey(world, Decisions::Plan(plan), now) {
            Ok(survey) => survey,
            Err(refusals) => return Ok(End::Refused(refusals)),
        };
        let jobs = jobs(&survey);
        let confirmed = match confirm(plan, &mut survey, now) {
            Ok(confirmed) => confirmed,
            Err(refusals) if self.is_for_split(world, plan, &jobs, &refusals) => {
                return Ok(End::Split);
            }
            Err(refusals) => return Ok(End::Refused(refusals)),
        };
        self.confirmed = jobs;
        let could_start = world.startable_jobs(|_| true);
        let end = self.carry_out(world, plan, &survey, &confirmed, trouble, deleted)?;
        let can_start = world.startable_jobs(|_| true);
        let is_blind_to_it = matches!(self.blind, Some(Blind::Class(_)));
        match could_start.difference(&can_start).next() {
            // A job whose only whole checkpoint appeared while its batch was under way.
            Some(job) if trouble.newcomers == 0 && !is_blind_to_it => {
                Err(format!("{job:?} cannot start any more"))
            }
            _ => Ok(end),
        }
    }

    fn carry_out(
        &mut self,
        world: &mut World,
        plan: &Plan,
        survey: &Survey,
        confirmed: &[usize],
        trouble: Trouble,
        deleted: &mut u64,
    ) -> Result<End, String> {
        let batch = usize::try_from(1 + self.random.below(5)).unwrap();
        let mut deletion = Deletion::new(plan, confirmed, Vec::new(), survey, batch);
        let directories: BTreeSet<String> = world.snapshots.keys().cloned().collect();
        let mut deletions = 0;
        let mut looks = 0;
        loop {
            match deletion.next_step() {
                Step::LookAgain => {
                    self.newcomer(world, trouble, &directories);
                    looks += 1;
                    let seen = match self.breaks(Rule::LookBeforeBatch) && looks > 1 {
                        true => Vec::new(),
                        false => self.look(world, &directories),
                    };
                    self.fresh.clear();
                    let looked = self.looked_again(world, survey, &mut deletion, seen);
                    if let Err(refusals) = looked {
                        return Ok(End::Refused(refusals));
                    }
                }
                Step::Delete(files) => {
                    for at in files {
                        self.newcomer(world, trouble, &directories);
                        if trouble.crash_after == Some(deletions) {
                            return Ok(End::Crashed);
                        }
                        deletions += 1;
                        let outcome = if self.random.chance(trouble.failures) {
                            match self.random.below(3) {
                                0 => Outcome::Busy("busy".to_owned()),
                                1 => Outcome::NotTried,
                                _ => Outcome::Failed("no".to_owned()),
                            }
                        } else {
                            if world.remove(plan.objects[at].location.as_str()) {
                                *deleted += 1;
                            }
                            Outcome::Deleted
                        };
                        deletion.record(at, outcome);
                        self.every_snapshot_is_whole(world, &plan.objects[at].location)?;
                    }
                }
                Step::RemoveDirectories(_) => {}
                Step::Done => return Ok(End::Finished),
            }
        }
    }

    /// Perhaps a snapshot appears.
    fn newcomer(&mut self, world: &mut World, trouble: Trouble, known: &BTreeSet<String>) {
        if !self.random.chance(trouble.newcomers) {
            return;
        }
        let before = world.snapshots.clone();
        if self.random.chance(30) {
            world.now += 1;
            let snapshots: Vec<String> = world.snapshots.keys().cloned().collect();
            let restored = self.random.chance(50) && !snapshots.is_empty();
            let restored = restored.then(|| self.random.one_of_strings(&snapshots));
            world.checkpoint(&mut self.random, restored.as_deref());
        } else {
            let left: Vec<String> = known
                .iter()
                .filter(|snapshot| !world.snapshots.contains_key(*snapshot))
                .cloned()
                .collect();
            world.newcomer(&mut self.random, &left);
        }
        let is_new = |(snapshot, metadata): (&String, &super::world::Metadata)| {
            let known = before.get(snapshot);
            let same = known.is_some_and(|known| known.handles == metadata.handles);
            (!same).then(|| snapshot.clone())
        };
        self.has_appeared = true;
        self.fresh.extend(world.snapshots.iter().filter_map(is_new));
    }

    /// Every directory with metadata.
    fn look(&self, world: &World, known: &BTreeSet<String>) -> Vec<Sighting> {
        let is_inside = |snapshot: &str| {
            let mut others = known.iter();
            others.any(|other| snapshot.starts_with(&format!("{other}/")))
        };
        let snapshots = world.snapshots.keys().filter(|snapshot| {
            let overlooked = self.breaks(Rule::LookInsideSnapshots) && is_inside(snapshot)
                || self.breaks(Rule::LookAtKnown) && known.contains(*snapshot);
            !overlooked
        });
        snapshots
            .map(|snapshot| Sighting {
                directory: Location::new(snapshot.as_str()),
                mark: Mark {
                    bytes: 1,
                    modified: Some(UtcSeconds::from_unix(
                        world.files[&format!("{snapshot}/_metadata")],
                    )),
                    etag: None,
                    revision: None,
                },
            })
            .collect()
    }

    fn looked_again(
        &self,
        world: &World,
        survey: &Survey,
        deletion: &mut Deletion<'_>,
        seen: Vec<Sighting>,
    ) -> Result<(), Vec<Refusal>> {
        let found: Vec<Found> = deletion
            .unknown(seen)
            .into_iter()
            .map(|seen| Found {
                mentioned: self.mentioned(world, &survey.prints, seen.directory.as_str()),
                seen,
            })
            .collect();
        deletion.looked_again(&found)
    }

    /// Every snapshot that has its metadata still has the file that was last deleted, if it needs it,
    /// unless it appeared when the batch was under way.
    fn every_snapshot_is_whole(&self, world: &World, deleted: &Location) -> Result<(), String> {
        let path = deleted.as_str();
        if world.files.contains_key(path) {
            return Ok(());
        }
        let snapshots = world.snapshots.keys();
        let mut lost = snapshots
            .filter(|snapshot| !self.fresh.contains(*snapshot) && world.needs(snapshot, path));
        match lost.next() {
            Some(snapshot) => Err(format!("{snapshot} has lost {path}")),
            None => Ok(()),
        }
    }
}
