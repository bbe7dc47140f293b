//! Making a survey, as a machine that does nothing itself: it says what to read and what to look at,
//! is told what was found, and decides what becomes of each snapshot.
//!
//! Names and times decide first, so that one reading is enough for most snapshots. What the metadata
//! says can only keep more: checkpoints of a second job in the same directory, the newest that lacks
//! no file, what is one file under two names. Those are read again, and needed from then on.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::retention::build::CLOCK_SKEW_MOST_SECONDS;
use crate::retention::confirm::decide_as_planned;
use crate::retention::decide::{decide, newest_of_jobs};
use crate::retention::fingerprint::Fingerprints;
use crate::retention::inventory::Inventory;
use crate::retention::kinship::tell_jobs_apart;
use crate::retention::mentions::Mentioned;
use crate::retention::reachability::Reachable;
use crate::retention::survey::{Record, Survey, Wholeness, complete_snapshots};
use crate::retention::{KeepReason, Kind, Plan, Policy, Refusal, Snapshot};
use statescope_format::layout::METADATA_FILE;
use statescope_format::location::Location;
use statescope_format::time::UtcSeconds;

/// What decides about the snapshots.
#[derive(Clone, Copy, Debug)]
pub enum Decisions<'d> {
    /// The rules of a policy.
    Policy(&'d Policy),
    /// A plan that is to be checked.
    Plan(&'d Plan),
}

/// What is to be done next for a survey.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Read the metadata of these snapshots, and tell [`Surveying::read`].
    Read(Vec<(usize, Location)>),
    /// Look for each file of these snapshots, outside the bases too, and tell
    /// [`Surveying::looked_closely`].
    LookClosely(Vec<(usize, Location)>),
    /// Begin anew: what is there has changed too much.
    ListAgain,
    /// Nothing: [`Surveying::finish`].
    Nothing,
}

/// What came of reading a snapshot's metadata.
#[derive(Clone, Debug)]
pub enum Reading {
    /// What it mentions.
    Read(Mentioned),
    /// It was deleted since it was listed.
    Gone,
    /// It says nothing that can be relied on.
    Refused(Refusal),
}

/// What came of a close look at a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CloseLook {
    /// Each file is there and long enough.
    Whole,
    /// This file is not.
    Lacks(String),
    /// Of some file nobody could tell.
    Unknown,
    /// The snapshot was deleted since it was listed.
    Gone,
}

/// A survey while it is being made.
#[derive(Debug)]
pub struct Surveying<'d> {
    survey: Survey,
    decisions: Decisions<'d>,
    now: UtcSeconds,
    stage: Stage,
    /// Snapshots that went when they were read, and stay.
    changed: HashSet<usize>,
    refusals: Vec<Refusal>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Begun,
    AllRead,
    Checkpoints,
    Savepoints,
    Kept,
    Over,
}

impl<'d> Surveying<'d> {
    /// Of what was listed.
    pub fn new(inventory: Inventory, decisions: Decisions<'d>, now: UtcSeconds) -> Self {
        let mut surveying = Self {
            survey: Survey {
                records: complete_snapshots(&inventory),
                inventory,
                live: Reachable::default(),
                dying: Reachable::default(),
                outside: HashMap::new(),
                ended: HashSet::new(),
                prints: Fingerprints::default(),
            },
            decisions,
            now,
            stage: Stage::Begun,
            changed: HashSet::new(),
            refusals: Vec::new(),
        };
        surveying.spare_link_targets();
        surveying.decide();
        surveying
    }

    /// What a symbolic link leads to is needed as long as the link is there, by its name as by its path.
    fn spare_link_targets(&mut self) {
        for target in self.survey.inventory.link_targets() {
            let print = self.survey.prints.path(target.as_str());
            self.survey.live.add_file(print);
        }
    }

    /// What fingerprints are to be made with.
    pub fn prints(&self) -> &Fingerprints {
        &self.survey.prints
    }

    /// What was listed.
    pub fn inventory(&self) -> &Inventory {
        &self.survey.inventory
    }

    /// How many snapshots there are.
    pub fn snapshots(&self) -> usize {
        self.survey.records.len()
    }

    /// What to do next.
    pub fn next_ask(&mut self) -> Ask {
        loop {
            if !self.refusals.is_empty() {
                return Ask::Nothing;
            }
            match self.stage {
                Stage::Begun => {
                    self.stage = Stage::AllRead;
                    return Ask::Read(self.directories(|_, _| true));
                }
                Stage::AllRead => {
                    tell_jobs_apart(&mut self.survey.records);
                    self.decide();
                    self.stage = Stage::Checkpoints;
                }
                Stage::Checkpoints => {
                    let candidates = self.newest_that_may_be_whole();
                    let unseen = self.unseen(&candidates);
                    if !unseen.is_empty() {
                        return Ask::LookClosely(unseen);
                    }
                    self.keep(&candidates, KeepReason::NewestOfJob);
                    let doubtful = self.doubtful();
                    self.keep(&doubtful, KeepReason::PerhapsOnlyWhole);
                    self.stage = Stage::Savepoints;
                }
                Stage::Savepoints => {
                    let candidates = self.savepoints_to_start_from();
                    let unseen = self.unseen(&candidates);
                    if !unseen.is_empty() {
                        return Ask::LookClosely(unseen);
                    }
                    self.keep(&candidates, KeepReason::NewestOfJob);
                    let in_doubt = self.in_doubt();
                    self.keep(&in_doubt, KeepReason::PerhapsNewestWhole);
                    let twins = self.under_other_names();
                    self.keep(&twins, KeepReason::SameFile);
                    self.stage = Stage::Kept;
                }
                Stage::Kept => {
                    self.stage = Stage::Over;
                    let changed = std::mem::take(&mut self.changed);
                    let again = self.directories(|at, _| changed.contains(&at));
                    if !again.is_empty() {
                        return Ask::Read(again);
                    }
                }
                Stage::Over => {
                    return match self.successors_are_read() {
                        true => Ask::Nothing,
                        false => Ask::ListAgain,
                    };
                }
            }
        }
    }

    /// Tells what came of reading a snapshot.
    pub fn read(&mut self, at: usize, reading: Reading) {
        let Some(record) = self.survey.records.get_mut(at) else {
            return;
        };
        match reading {
            Reading::Read(mut mentioned) => {
                let led_to = std::mem::take(&mut mentioned.led_to);
                if record.goes() {
                    // What its paths lead to is no more garbage for that.
                    self.survey.dying.add(&mentioned);
                } else {
                    self.survey.live.add(&mentioned);
                    self.survey.live.add_led_to(&led_to);
                    self.refusals.extend(led_to.unresolved);
                }
                for (file, bytes) in mentioned.outside {
                    let known = self.survey.outside.entry(file).or_default();
                    *known = bytes.max(*known);
                }
                record.content = mentioned.content;
                record.missing = record.missing.take().or(mentioned.missing);
                record.kinship = Some(mentioned.kinship);
            }
            Reading::Gone => record.is_gone(),
            Reading::Refused(refusal) => self.refusals.push(refusal),
        }
    }

    /// Tells what came of a close look.
    pub fn looked_closely(&mut self, at: usize, look: CloseLook) {
        let Some(record) = self.survey.records.get_mut(at) else {
            return;
        };
        record.whole = Some(match look {
            CloseLook::Whole => Wholeness::Whole,
            CloseLook::Unknown => Wholeness::Unknown,
            CloseLook::Lacks(file) => {
                record.missing = Some(file);
                Wholeness::Broken
            }
            CloseLook::Gone => {
                record.is_gone();
                Wholeness::Broken
            }
        });
    }

    /// The survey. `clock_ahead` is by how many seconds the store's clock is ahead, where it says.
    ///
    /// # Errors
    /// Why nothing may be deleted here.
    pub fn finish(self, clock_ahead: Option<i64>) -> Result<Survey, Vec<Refusal>> {
        if !self.refusals.is_empty() {
            return Err(self.refusals);
        }
        let seconds = clock_ahead.map_or(0, i64::unsigned_abs);
        match seconds > CLOCK_SKEW_MOST_SECONDS {
            true => Err(vec![Refusal::ClockSkew { seconds }]),
            false => Ok(self.survey),
        }
    }

    /// Decides by names, times and jobs. What stays for another reason goes on staying.
    fn decide(&mut self) {
        let snapshots: Vec<Snapshot> = self.snapshots_only();
        let reasons = match self.decisions {
            Decisions::Policy(policy) => {
                let mut policy = policy.clone();
                let aliases = self.survey.inventory.aliases();
                for kept in &mut policy.keep {
                    *kept = aliases.listed_as(kept);
                }
                decide(&snapshots, &policy, self.now)
            }
            Decisions::Plan(plan) => decide_as_planned(&snapshots, plan, self.now),
        };
        let pinned = self.behind_other_names();
        for (at, new) in reasons.into_iter().enumerate() {
            let is_pinned = pinned.contains(&at).then_some(KeepReason::SameFile);
            for reason in new.into_iter().chain(is_pinned) {
                self.keep_one(at, reason);
            }
        }
    }

    fn snapshots_only(&self) -> Vec<Snapshot> {
        let records = self.survey.records.iter();
        records.map(|record| record.snapshot.clone()).collect()
    }

    /// Snapshots in directories that have another name below the bases: whoever made it wants them.
    /// A name that leads back to where it is in is none.
    fn behind_other_names(&self) -> HashSet<usize> {
        let mut pinned = HashSet::new();
        for alias in self.survey.inventory.aliases().iter() {
            if is_at_or_below(&alias.location, &alias.listed_as) {
                continue;
            }
            let records = self.survey.records.iter().enumerate();
            let below = records
                .filter(|(_, record)| is_at_or_below(&record.snapshot.directory, &alias.listed_as));
            pinned.extend(below.map(|(at, _)| at));
        }
        pinned
    }

    /// The newest checkpoints that may be whole, of each job of which any checkpoint goes; of all jobs
    /// where savepoints go, for those may be what a job has left.
    fn newest_that_may_be_whole(&self) -> HashSet<usize> {
        let losing = self.losing();
        let savepoints_go = self.of_kind(Kind::Savepoint).any(|(_, it)| it.goes());
        let counts = |at: usize| {
            self.survey.records.get(at).is_some_and(|record| {
                record.seems_whole() && (savepoints_go || losing.contains(&job(&record.snapshot)))
            })
        };
        newest_of_jobs(&self.snapshots_only(), counts)
            .into_iter()
            .collect()
    }

    /// The jobs of which a checkpoint goes.
    fn losing(&self) -> HashSet<(String, u32)> {
        let checkpoints = self.of_kind(Kind::Checkpoint);
        let goes = checkpoints.filter(|(_, record)| record.goes());
        goes.map(|(_, record)| job(&record.snapshot)).collect()
    }

    fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (usize, &Record)> {
        let records = self.survey.records.iter().enumerate();
        records.filter(move |(_, record)| record.snapshot.kind == kind)
    }

    /// The jobs that have a checkpoint which is whole.
    fn jobs_with_whole_checkpoint(&self) -> HashSet<(String, u32)> {
        let whole = self
            .of_kind(Kind::Checkpoint)
            .filter(|(_, record)| record.seems_whole());
        whole.map(|(_, record)| job(&record.snapshot)).collect()
    }

    /// Checkpoints of which nobody could tell whether they are whole, of jobs that have none which
    /// is: each may be the only one that the job can start from.
    fn doubtful(&self) -> HashSet<usize> {
        let with_whole = self.jobs_with_whole_checkpoint();
        let doubtful = self.of_kind(Kind::Checkpoint).filter(|(_, record)| {
            record.may_be_whole() && !with_whole.contains(&job(&record.snapshot))
        });
        doubtful.map(|(at, _)| at).collect()
    }

    /// Snapshots that were looked at and of which nobody could tell whether they are whole: what
    /// counts as the newest whole one in their place is older.
    fn in_doubt(&self) -> HashSet<usize> {
        let records = self.survey.records.iter().enumerate();
        let in_doubt = records.filter(|(_, record)| record.whole == Some(Wholeness::Unknown));
        in_doubt.map(|(at, _)| at).collect()
    }

    /// The newest savepoint that may be whole, of each job that has no whole checkpoint, and of each
    /// group of savepoints of which those that stay are not whole.
    fn savepoints_to_start_from(&self) -> HashSet<usize> {
        let with_whole = self.jobs_with_whole_checkpoint();
        let mut without: BTreeMap<(String, u32), Vec<&Record>> = BTreeMap::new();
        for (_, record) in self.of_kind(Kind::Checkpoint) {
            let job = job(&record.snapshot);
            if !with_whole.contains(&job) {
                without.entry(job).or_default().push(record);
            }
        }
        let newest_of = |savepoints: &mut dyn Iterator<Item = (usize, &Record)>| {
            let whole = savepoints.filter(|(_, record)| record.seems_whole());
            let newest = whole.max_by_key(|(at, record)| (record.snapshot.written, *at));
            newest.map(|(at, _)| at)
        };
        let mut newest = HashSet::new();
        for checkpoints in without.values() {
            let mut of_job = self.of_kind(Kind::Savepoint).filter(|(_, savepoint)| {
                let mut checkpoints = checkpoints.iter();
                checkpoints.any(|checkpoint| shares_operators(savepoint, checkpoint))
            });
            newest.extend(newest_of(&mut of_job));
        }
        let mut groups: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
        for (at, record) in self.of_kind(Kind::Savepoint) {
            let Snapshot { directory, job, .. } = &record.snapshot;
            let group = (directory.parent().to_string(), job.clone());
            groups.entry(group).or_default().push(at);
        }
        for group in groups.into_values() {
            let members: Vec<(usize, &Record)> = group
                .into_iter()
                .filter_map(|at| Some((at, self.survey.records.get(at)?)))
                .collect();
            let goes = members.iter().any(|(_, record)| record.goes());
            let stays = members.iter().any(|(_, record)| !record.goes());
            if goes && stays {
                newest.extend(newest_of(&mut members.iter().copied()));
            }
        }
        newest
    }

    /// Those that nobody has looked at closely.
    fn unseen(&self, candidates: &HashSet<usize>) -> Vec<(usize, Location)> {
        self.directories(|at, record| candidates.contains(&at) && record.whole.is_none())
    }

    /// Snapshots that go and have the metadata of one that stays. Through a link, a mount or another
    /// name of a NameNode that is one file, and whoever deletes it deletes both. Other files are
    /// recognised by their names.
    fn under_other_names(&self) -> HashSet<usize> {
        let mark = |record: &Record| Some((record.content?, record.snapshot.written));
        let records = || self.survey.records.iter().enumerate();
        let stays = records().filter(|(_, record)| !record.goes());
        let stays: HashSet<_> = stays.filter_map(|(_, record)| mark(record)).collect();
        let goes = records().filter(|(_, record)| record.goes());
        goes.filter(|(_, record)| mark(record).is_some_and(|mark| stays.contains(&mark)))
            .map(|(at, _)| at)
            .collect()
    }

    fn keep(&mut self, snapshots: &HashSet<usize>, reason: KeepReason) {
        for &at in snapshots {
            let goes = self.survey.records.get(at).is_some_and(Record::goes);
            if goes {
                self.keep_one(at, reason);
            }
        }
    }

    /// Keeps a snapshot. One that has been read as one that goes is read again: what it mentions is
    /// needed now.
    fn keep_one(&mut self, at: usize, reason: KeepReason) {
        let Some(record) = self.survey.records.get_mut(at) else {
            return;
        };
        if record.goes() && self.stage != Stage::Begun {
            self.changed.insert(at);
        }
        record.keep(reason);
    }

    fn directories(&self, wanted: impl Fn(usize, &Record) -> bool) -> Vec<(usize, Location)> {
        let all = self.survey.records.iter().enumerate();
        all.filter(|(at, record)| wanted(*at, record))
            .map(|(at, record)| (at, record.snapshot.directory.clone()))
            .collect()
    }

    /// Whether no directory has lost its newest checkpoint since it was listed: what replaced it
    /// would not have been read, and needs what it needed.
    fn successors_are_read(&self) -> bool {
        let mut newest_read: HashMap<String, Option<u64>> = HashMap::new();
        let directory = |record: &Record| record.snapshot.directory.parent().to_string();
        let read = self.survey.records.iter().filter(|record| !record.gone);
        for record in read {
            let newest = newest_read.entry(directory(record)).or_default();
            *newest = (*newest).max(record.snapshot.number);
        }
        let mut gone = self.survey.records.iter().filter(|record| record.gone);
        gone.all(|gone| {
            let newest = newest_read.get(&directory(gone));
            newest.is_some_and(|newest| *newest > gone.snapshot.number)
        })
    }
}

impl Record {
    fn is_gone(&mut self) {
        self.gone = true;
        self.missing = Some(self.snapshot.directory.join(METADATA_FILE).to_string());
    }
}

fn shares_operators(one: &Record, other: &Record) -> bool {
    let both = one.kinship.as_ref().zip(other.kinship.as_ref());
    both.is_some_and(|(one, other)| one.shares_operators(other))
}

/// The job of a snapshot: where it writes, and which of the jobs that write there.
fn job(snapshot: &Snapshot) -> (String, u32) {
    (snapshot.directory.parent().to_string(), snapshot.lineage)
}

fn is_at_or_below(location: &Location, directory: &Location) -> bool {
    let directory = directory.as_str().trim_end_matches('/');
    let below = location.as_str().strip_prefix(directory);
    below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
