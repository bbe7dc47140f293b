//! One case: a plan is made of a random world and carried out, with everything that may go wrong.

use std::collections::{BTreeMap, BTreeSet};

use super::handles::{HandleClass, operator};
use super::random::Random;
use super::world::{ALSO, BASE, BEGIN, World};
use crate::location::Location;
use crate::references::Base;
use crate::retention::{
    Deletion, File, Fingerprints, Found, Inventory, KeepReason, Mentioned, Mentions, Outcome, Plan,
    Policy, Reachable, Scope, Snapshot, Step, Survey, build, complete_snapshots, confirm, decide,
    decide_as_planned, refuse_plan,
};
use crate::time::UtcSeconds;

pub(super) struct Case {
    random: Random,
    /// A class of handles that is overlooked.
    blind: Option<HandleClass>,
}

/// What came of a case without a violation.
#[derive(Debug, Default)]
pub(super) struct Summary {
    pub(super) deleted: u64,
    pub(super) finished: bool,
}

/// How one run of `apply` ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Finished,
    Crashed,
    Refused,
}

/// What goes wrong during a run.
#[derive(Clone, Copy, Debug, Default)]
struct Trouble {
    /// The process dies after so many deletions.
    crash_after: Option<u64>,
    /// So many of a hundred deletions fail.
    failures: u64,
    /// So many of a hundred looks are preceded by a new checkpoint.
    newcomers: u64,
}

impl Case {
    pub(super) fn new(seed: u64, blind: Option<HandleClass>) -> Self {
        Self {
            random: Random::new(seed),
            blind,
        }
    }

    /// Runs it; the violation, if there is one.
    pub(super) fn run(mut self) -> Result<Summary, String> {
        let mut world = World::random(&mut self.random);
        let policy = self.policy();
        let now = UtcSeconds::from_unix(world.now);
        let survey = self.survey(&world, |snapshots| decide(snapshots, &policy, now));
        let Ok(plan) = build(&survey, &scope(), &policy, now) else {
            return Ok(Summary::default());
        };
        unreachable_is_all_that_goes(&world, &plan)?;
        self.meanwhile(&mut world, &plan);
        let mut deleted = 0;
        let trouble = Trouble {
            crash_after: self.random.chance(40).then(|| self.random.below(12)),
            failures: self.random.one_of(&[0, 0, 10, 60]),
            newcomers: self.random.one_of(&[0, 0, 30]),
        };
        let end = self.apply(&mut world, &plan, trouble, &mut deleted)?;
        // Again, and with nothing in the way.
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
        } else if end == End::Crashed && trouble.newcomers == 0 {
            return Err("after a crash it cannot be finished".to_owned());
        }
        // What a crash left behind may be planned anew.
        let survey = self.survey(&world, |snapshots| decide(snapshots, &policy, now));
        if let Ok(next) = build(&survey, &scope(), &policy, now) {
            unreachable_is_all_that_goes(&world, &next)?;
        }
        Ok(Summary {
            deleted,
            finished: again == End::Finished,
        })
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
                let place = usize::try_from(self.random.below(snapshots.len() as u64)).unwrap();
                world.checkpoint(&mut self.random, Some(&snapshots[place]));
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
    }

    fn apply(
        &mut self,
        world: &mut World,
        plan: &Plan,
        trouble: Trouble,
        deleted: &mut u64,
    ) -> Result<End, String> {
        let now = UtcSeconds::from_unix(world.now);
        if !refuse_plan(plan, &plan.store, false, now).is_empty() {
            return Err("a fresh plan is refused".to_owned());
        }
        let mut survey = self.survey(world, |snapshots| decide_as_planned(snapshots, plan, now));
        let Ok(confirmed) = confirm(plan, &mut survey, now) else {
            return Ok(End::Refused);
        };
        let known: BTreeSet<String> = survey
            .snapshots
            .iter()
            .enumerate()
            .filter(|(at, _)| !survey.goes(*at))
            .map(|(_, snapshot)| snapshot.directory.as_str().to_owned())
            .collect();
        let batch = usize::try_from(1 + self.random.below(5)).unwrap();
        let mut deletion = Deletion::new(plan, &confirmed, Vec::new(), &survey.prints, batch);
        let mut deletions = 0;
        loop {
            match deletion.next_step() {
                Step::LookAgain => {
                    if self.random.chance(trouble.newcomers) {
                        self.newcomer(world);
                    }
                    let found = self.look_again(world, &survey.prints, &known);
                    if deletion.looked_again(&found).is_err() {
                        return Ok(End::Refused);
                    }
                }
                Step::Delete(files) => {
                    for at in files {
                        if trouble.crash_after == Some(deletions) {
                            return Ok(End::Crashed);
                        }
                        deletions += 1;
                        let outcome = if self.random.chance(trouble.failures) {
                            Outcome::Failed("no".to_owned())
                        } else {
                            if world.remove(plan.objects[at].location.as_str()) {
                                *deleted += 1;
                            }
                            Outcome::Deleted
                        };
                        deletion.record(at, outcome);
                        every_snapshot_is_whole(world, &plan.objects[at].location)?;
                    }
                }
                Step::RemoveDirectories(_) => return Err("S3 has no directories".to_owned()),
                Step::Done => return Ok(End::Finished),
            }
        }
    }

    /// A checkpoint of a job that runs, or of one that was restored from any snapshot there is.
    fn newcomer(&mut self, world: &mut World) {
        world.now += 1;
        let snapshots: Vec<String> = world.snapshots.keys().cloned().collect();
        let restored = self.random.chance(50) && !snapshots.is_empty();
        let place = self.random.below(snapshots.len().max(1) as u64);
        let place = usize::try_from(place).unwrap();
        let restored = restored.then(|| snapshots[place].as_str());
        world.checkpoint(&mut self.random, restored);
    }

    fn look_again(
        &self,
        world: &World,
        prints: &Fingerprints,
        known: &BTreeSet<String>,
    ) -> Vec<Found> {
        let unknown = world
            .snapshots
            .keys()
            .filter(|snapshot| !known.contains(*snapshot));
        unknown
            .map(|snapshot| Found {
                directory: Location::new(snapshot.as_str()),
                mentioned: self.read(world, prints, snapshot),
            })
            .collect()
    }

    /// What `inspector::retention` makes of a store.
    fn survey(
        &self,
        world: &World,
        decide: impl Fn(&[Snapshot]) -> Vec<Vec<KeepReason>>,
    ) -> Survey {
        let inventory = inventory(world);
        let snapshots = complete_snapshots(&inventory);
        let mut survey = Survey {
            reasons: decide(&snapshots),
            missing: vec![None; snapshots.len()],
            snapshots,
            inventory,
            live: Reachable::default(),
            dying: Reachable::default(),
            ended: std::collections::HashSet::new(),
            prints: Fingerprints::default(),
        };
        for at in 0..survey.snapshots.len() {
            let directory = survey.snapshots[at].directory.as_str();
            let mentioned = self.read(world, &survey.prints, directory);
            match survey.goes(at) {
                true => survey.dying.add(&mentioned),
                false => survey.live.add(&mentioned),
            }
        }
        survey
    }

    fn read(&self, world: &World, prints: &Fingerprints, snapshot: &str) -> Mentioned {
        let base = Base::new(Some(Location::new(snapshot)));
        let mut nobody = |_: &str, _| {};
        let mut mentions = Mentions::new(prints, &base, &mut nobody);
        for handle in &world.snapshots[snapshot] {
            if Some(handle.class) != self.blind {
                let alias = handle.path.replace("s3://", "s3a://");
                mentions.operator(&operator(handle, &alias));
            }
        }
        mentions.finish()
    }
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
    for (path, modified) in &world.files {
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
                    etag: None
                }
            ));
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

/// Every snapshot that has its metadata still has the file that was last deleted, if it needs it.
fn every_snapshot_is_whole(world: &World, deleted: &Location) -> Result<(), String> {
    let path = deleted.as_str();
    if world.files.contains_key(path) {
        return Ok(());
    }
    match world
        .snapshots
        .keys()
        .find(|snapshot| world.needs(snapshot, path))
    {
        Some(snapshot) => Err(format!("{snapshot} has lost {path}")),
        None => Ok(()),
    }
}
