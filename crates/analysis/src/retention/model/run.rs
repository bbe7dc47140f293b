//! One case: a plan is made of a random world and carried out, with everything that may go wrong.

use std::collections::{BTreeMap, BTreeSet};

use super::handles::{HandleClass, operator};
use super::random::Random;
use super::world::{ALSO, BASE, BEGIN, World};
use crate::retention::{
    Ask, CloseLook, Decisions, Deletion, File, Fingerprints, Found, Inventory, Kind, Kinship, Mark,
    Mentioned, Mentions, Outcome, Plan, Policy, Reading, Refusal, Scope, Sighting, Snapshot, Step,
    Survey, Surveying, build, confirm, refuse_plan,
};
use crate::snapshot::references::Base;
use statescope_format::location::Location;
use statescope_format::time::UtcSeconds;

pub(super) struct Case {
    random: Random,
    blind: Option<Blind>,
    /// Snapshots that have appeared since the last look: a batch that has begun may hit them.
    fresh: BTreeSet<String>,
    /// Checkpoints that replaced others while a survey was made, and what they need of those.
    successors: Vec<(String, Vec<String>)>,
    /// Whether a snapshot has appeared while a plan was carried out.
    has_appeared: bool,
    /// Whose each checkpoint was when a plan was last confirmed.
    confirmed: BTreeMap<String, (String, u32)>,
    /// The store's clock, seconds ahead of this machine's.
    clock_ahead: i64,
    /// Whether checkpoints replace others while a survey is made.
    is_busy: bool,
}

/// What is overlooked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Blind {
    Class(HandleClass),
    Rule(Rule),
}

/// What a machine is not told, so that it cannot keep a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// The newest checkpoint that is whole stays.
    NewestWhole,
    /// What may be the only whole checkpoint stays.
    PerhapsOnlyWhole,
    /// A savepoint stays where no checkpoint is whole.
    Savepoints,
    /// Two jobs in one directory are two.
    JobsApart,
    /// One file under two names is one.
    SameFile,
    /// What another name leads to stays.
    OtherNames,
    /// What replaced a checkpoint that is gone was read.
    Successors,
    /// Clocks agree.
    Clock,
    /// Snapshots are looked for before each batch.
    LookBeforeBatch,
    /// They are looked for inside other snapshots, too.
    LookInsideSnapshots,
    /// They are looked for where one was known.
    LookAtKnown,
}

impl Rule {
    pub(super) const ALL: [Self; 11] = [
        Self::NewestWhole,
        Self::PerhapsOnlyWhole,
        Self::Savepoints,
        Self::JobsApart,
        Self::SameFile,
        Self::OtherNames,
        Self::Successors,
        Self::Clock,
        Self::LookBeforeBatch,
        Self::LookInsideSnapshots,
        Self::LookAtKnown,
    ];
}

/// What came of a case without a violation.
#[derive(Debug, Default)]
pub(super) struct Summary {
    pub(super) deleted: u64,
    pub(super) finished: bool,
}

/// How one run of `apply` ended.
#[derive(Clone, Debug, PartialEq, Eq)]
enum End {
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

    fn breaks(&self, rule: Rule) -> bool {
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

    /// What `inspector::retention` makes of a store.
    fn survey(
        &mut self,
        world: &mut World,
        decisions: Decisions<'_>,
        now: UtcSeconds,
    ) -> Result<Survey, Vec<Refusal>> {
        self.successors.clear();
        for _ in 0..5 {
            let mut listed = world.clone();
            if self.breaks(Rule::OtherNames) {
                listed.links.clear();
            }
            let mut surveying = Surveying::new(inventory(&listed), decisions, now);
            let prints = surveying.prints().clone();
            loop {
                match surveying.next_ask() {
                    Ask::Read(snapshots) => {
                        for (at, directory) in snapshots {
                            if self.is_busy && self.random.chance(1) {
                                self.successors.extend(world.succeed(&mut self.random));
                            }
                            let reading = self.reading(world, &prints, directory.as_str());
                            surveying.read(at, reading);
                        }
                    }
                    Ask::LookClosely(snapshots) => {
                        for (at, directory) in snapshots {
                            surveying.looked_closely(at, self.close_look(world, &directory));
                        }
                    }
                    Ask::ListAgain if !self.breaks(Rule::Successors) => break,
                    Ask::ListAgain | Ask::Nothing => {
                        let told = !self.breaks(Rule::Clock);
                        return surveying.finish(told.then_some(self.clock_ahead));
                    }
                }
            }
        }
        Err(Vec::new())
    }

    fn reading(&self, world: &World, prints: &Fingerprints, snapshot: &str) -> Reading {
        if !world.snapshots.contains_key(snapshot) {
            return Reading::Gone;
        }
        let mut mentioned = self.mentioned(world, prints, snapshot);
        if !self.breaks(Rule::SameFile) {
            let twin = world.twin.as_ref().filter(|(_, other)| other == snapshot);
            let file = twin.map_or(snapshot, |(one, _)| one.as_str());
            mentioned.content = Some(prints.content(file.as_bytes()));
        }
        let is_savepoint = snapshot.contains("/savepoint-");
        if self.breaks(Rule::JobsApart) || self.breaks(Rule::Savepoints) && is_savepoint {
            mentioned.kinship = Kinship::default();
        }
        if !self.breaks(Rule::NewestWhole) {
            let handles = world.snapshots[snapshot].handles.iter();
            let mut inside = handles.filter(|handle| {
                !matches!(
                    handle.class,
                    HandleClass::MergedShared | HandleClass::MergedTaskOwned
                ) && !world.outside.contains_key(&handle.path)
            });
            let missing = inside.find(|handle| !world.files.contains_key(&handle.path));
            mentioned.missing = missing.map(|handle| handle.path.clone());
        }
        Reading::Read(mentioned)
    }

    fn close_look(&self, world: &World, directory: &Location) -> CloseLook {
        let Some(metadata) = world.snapshots.get(directory.as_str()) else {
            return CloseLook::Gone;
        };
        if self.breaks(Rule::NewestWhole) {
            return CloseLook::Whole;
        }
        let outside = || {
            let handles = metadata.handles.iter();
            handles.filter_map(|handle| Some((handle, world.outside.get(&handle.path)?)))
        };
        if let Some((handle, _)) = outside().find(|(_, file)| file.is_asked && !file.is_there) {
            return CloseLook::Lacks(handle.path.clone());
        }
        match outside().find(|(_, file)| !file.is_asked) {
            Some((handle, _)) if self.breaks(Rule::PerhapsOnlyWhole) => {
                CloseLook::Lacks(handle.path.clone())
            }
            Some(_) => CloseLook::Unknown,
            None => CloseLook::Whole,
        }
    }

    fn mentioned(&self, world: &World, prints: &Fingerprints, snapshot: &str) -> Mentioned {
        let base = Base::new(Some(Location::new(snapshot)));
        let mut nobody = |_: &str, _| false;
        let mut mentions = Mentions::new(prints, &base, &mut nobody);
        let metadata = &world.snapshots[snapshot];
        for handle in &metadata.handles {
            if self.blind != Some(Blind::Class(handle.class)) {
                let alias = handle.path.replace("s3://", "s3a://");
                mentions.operator(&operator(handle, &alias, &metadata.uid));
            }
        }
        mentions.finish()
    }

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
    fn is_for_split(
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
    fn every_job_can_start(&self, world: &World, plan: &Plan) -> Result<(), String> {
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

/// Whose each checkpoint is: its directory, and which of the jobs that write there.
fn jobs(survey: &Survey) -> BTreeMap<String, (String, u32)> {
    let records = survey.records.iter().map(|record| &record.snapshot);
    let checkpoints = records.filter(|snapshot| snapshot.kind == Kind::Checkpoint);
    let job = |snapshot: &Snapshot| {
        let directory = snapshot.directory.to_string();
        let job = (parent(&directory), snapshot.lineage);
        (directory, job)
    };
    checkpoints.map(job).collect()
}

/// Whether a run was refused for what replaced other checkpoints while the run before was confirmed.
fn is_for_successors(world: &World, successors: &[(String, Vec<String>)], end: &End) -> bool {
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

fn parent(path: &str) -> String {
    path.rsplit_once('/').unwrap().0.to_owned()
}

fn scope() -> Scope {
    Scope {
        base: Location::new(BASE),
        also: vec![Location::new(ALSO)],
        store: "s3 b".to_owned(),
    }
}

fn inventory(world: &World) -> Inventory {
    let mut tree: BTreeMap<&str, Vec<(&str, i64)>> = BTreeMap::new();
    let links = world.links.iter().map(|(link, _)| format!("{link}/"));
    let links: Vec<String> = links.collect();
    for (path, modified) in &world.files {
        assert!(!links.iter().any(|link| path.starts_with(link)));
        let (directory, name) = path.rsplit_once('/').unwrap();
        tree.entry(directory).or_default().push((name, *modified));
        // Those that hold directories alone.
        let mut above = directory;
        while let Some((parent, _)) = above.rsplit_once('/') {
            if !parent.starts_with(BASE) && !parent.starts_with(ALSO) {
                break;
            }
            tree.entry(parent).or_default();
            above = parent;
        }
    }
    let mut inventory = Inventory::default();
    let mut positions: BTreeMap<&str, usize> = BTreeMap::new();
    let is_checkpoint = |name: &str| name.starts_with("chk-");
    let with_checkpoints: BTreeSet<&str> = tree
        .keys()
        .filter_map(|directory| directory.rsplit_once('/'))
        .filter_map(|(parent, name)| is_checkpoint(name).then_some(parent))
        .collect();
    for (directory, files) in &tree {
        let parent = directory.rsplit_once('/').map_or("", |(parent, _)| parent);
        let at = inventory.add_directory(
            Location::new(*directory),
            positions.get(parent).copied(),
            directory.starts_with(BASE),
            with_checkpoints.contains(parent),
        );
        positions.insert(directory, at);
        for (name, modified) in files {
            let modified = Some(UtcSeconds::from_unix(*modified));
            assert!(inventory.add_file(
                at,
                &File {
                    name,
                    bytes: 1,
                    modified,
                    settled: modified,
                    etag: None,
                    revision: None,
                }
            ));
        }
    }
    for (link, directory) in &world.links {
        if positions.contains_key(directory.as_str()) {
            inventory.add_alias(
                Location::new(link.as_str()),
                Location::new(directory.as_str()),
            );
        }
    }
    inventory
}

/// Of what is planned, nothing is needed by a snapshot that stays, and all of it is old.
fn unreachable_is_all_that_goes(world: &World, plan: &Plan) -> Result<(), String> {
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
