//! The order of deletion, as a machine that does nothing itself: it says what to do next and is told
//! how it went.
//!
//! Metadata goes first, then the files of single snapshots, then those that several shared. Wherever
//! it stops, every snapshot that still has its metadata has all its files. Before each batch, what
//! snapshots there are is looked at again: files of one whose metadata could not be deleted are
//! spared, and one that has just been taken and needs a file that is about to go ends it all.

use std::collections::{HashMap, HashSet};

use crate::retention::Refusal;
use crate::retention::fingerprint::Fingerprints;
use crate::retention::mentions::Mentioned;
use crate::retention::plan::{Class, Plan, PlannedObject};
use crate::retention::reachability::Reachable;
use crate::retention::survey::Survey;
use crate::retention::watch::{Acquaintance, Sighting, Watch, metadata};
use statescope_format::location::Location;

/// How often a file is tried again that an overloaded store did not delete.
const TRIES_AGAIN: u32 = 4;

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Find every directory with a `_metadata`, ask [`Deletion::unknown`] which of them to read, and
    /// tell [`Deletion::looked_again`] of those.
    LookAgain,
    /// Delete these files, by position in the plan.
    Delete(Vec<usize>),
    /// Remove these directories, in this order, if they are empty.
    RemoveDirectories(Vec<Location>),
    /// Nothing.
    Done,
}

/// How deleting a file went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is gone.
    Deleted,
    /// The store refused; why.
    Failed(String),
    /// The store was busy: it is tried again later, a few times.
    Busy(String),
    /// There was no time for it since the last look: it is in the next batch.
    NotTried,
    /// A snapshot that could not be deleted needs it.
    Spared,
}

/// Carries out a plan, step by step.
#[derive(Debug)]
pub struct Deletion<'p> {
    plan: &'p Plan,
    prints: &'p Fingerprints,
    /// What is to go of each class that is still to come, first the next.
    phases: Vec<Vec<usize>>,
    /// What is left of the class whose turn it is; batches are taken off the end.
    queue: Vec<usize>,
    batch: usize,
    looked: bool,
    spared: Reachable,
    watch: Watch,
    /// How often files were tried in vain.
    tries: HashMap<usize, u32>,
    directories: Option<Vec<Location>>,
    /// Directories in which something is left.
    left: HashSet<String>,
    outcomes: Vec<Option<Outcome>>,
}

/// A snapshot that was read when looking again.
#[derive(Clone, Debug)]
pub struct Found {
    /// The snapshot as it was seen.
    pub seen: Sighting,
    /// What it mentions.
    pub mentioned: Mentioned,
}

impl<'p> Deletion<'p> {
    /// Deletes the files of a plan that are `confirmed`, at most `batch` at a time, and then
    /// `directories`, as far as they are empty. `survey` is what they were confirmed by.
    pub fn new(
        plan: &'p Plan,
        confirmed: &[usize],
        directories: Vec<Location>,
        survey: &'p Survey,
        batch: usize,
    ) -> Self {
        let of = |classes: &[Class]| -> Vec<usize> {
            let is_of = |at: &usize| {
                let object = plan.objects.get(*at);
                object.is_some_and(|object| classes.contains(&object.class))
            };
            confirmed.iter().rev().copied().filter(is_of).collect()
        };
        let mut phases = vec![
            of(&[Class::Shared, Class::Orphan]),
            of(&[Class::Exclusive]),
            of(&[Class::Metadata]),
        ];
        phases.retain(|phase| !phase.is_empty());
        Self {
            plan,
            prints: &survey.prints,
            phases,
            queue: Vec::new(),
            batch: batch.max(1),
            looked: false,
            spared: Reachable::default(),
            watch: Watch::new(plan, confirmed, survey),
            tries: HashMap::new(),
            directories: Some(directories),
            left: HashSet::new(),
            outcomes: vec![None; plan.objects.len()],
        }
    }

    /// What to do next.
    pub fn next_step(&mut self) -> Step {
        loop {
            if self.queue.is_empty() {
                let Some(phase) = self.phases.pop() else {
                    return self.finish();
                };
                self.queue = phase;
            }
            if !self.looked {
                return Step::LookAgain;
            }
            let batch = self.batch();
            if !batch.is_empty() {
                self.looked = false;
                return Step::Delete(batch);
            }
        }
    }

    /// Which of the directories with metadata have to be read: those that are new, that are not what
    /// they were, or whose metadata could not be deleted.
    pub fn unknown(&self, seen: Vec<Sighting>) -> Vec<Sighting> {
        let mut seen = seen;
        seen.retain(|seen| self.watch.acquaintance(seen) != Acquaintance::Known);
        seen
    }

    /// Tells what the snapshots mention that were to be read, except those that are gone.
    ///
    /// # Errors
    /// When one of them needs a file that is still to go, or metadata that was to go was written
    /// anew.
    pub fn looked_again(&mut self, found: &[Found]) -> Result<(), Vec<Refusal>> {
        let mut newcomers = Reachable::default();
        let mut refusals = Vec::new();
        for snapshot in found {
            if self.watch.is_other(&snapshot.seen) {
                let location = metadata(&snapshot.seen);
                refusals.push(Refusal::Changed { location });
            }
            match self.watch.acquaintance(&snapshot.seen) {
                Acquaintance::Known => {}
                Acquaintance::Undeleted => self.spare(snapshot),
                Acquaintance::New => newcomers.add(&snapshot.mentioned),
            }
        }
        if !newcomers.is_empty() {
            let to_come = self.phases.iter().flatten().chain(&self.queue);
            let needed = to_come.filter_map(|&at| {
                let object = self.plan.objects.get(at)?;
                let location = object.location.clone();
                self.needs(&newcomers, object)
                    .then_some(Refusal::StillNeeded { location })
            });
            refusals.extend(needed.take(1));
        }
        if !refusals.is_empty() {
            return Err(refusals);
        }
        for snapshot in found {
            self.watch.is_read(&snapshot.seen);
        }
        self.looked = true;
        Ok(())
    }

    /// Tells how deleting a file went.
    pub fn record(&mut self, at: usize, outcome: Outcome) {
        let Some(object) = self.plan.objects.get(at) else {
            return;
        };
        let outcome = match outcome {
            Outcome::NotTried => {
                self.queue.push(at);
                return;
            }
            Outcome::Busy(reason) => {
                let tries = self.tries.entry(at).or_default();
                *tries += 1;
                if *tries <= TRIES_AGAIN {
                    self.queue.push(at);
                    return;
                }
                Outcome::Failed(reason)
            }
            outcome => outcome,
        };
        let is_deleted = outcome == Outcome::Deleted;
        if object.class == Class::Metadata {
            self.watch.metadata_tried(object, is_deleted);
        }
        if !is_deleted {
            self.left.insert(object.location.parent().to_string());
        }
        if let Some(known) = self.outcomes.get_mut(at) {
            *known = Some(outcome);
        }
    }

    /// How each file of the plan fared; `None` for those not tried, or gone before.
    pub fn outcomes(&self) -> &[Option<Outcome>] {
        &self.outcomes
    }

    /// A snapshot whose metadata is still there keeps its files.
    fn spare(&mut self, snapshot: &Found) {
        self.spared.add(&snapshot.mentioned);
        self.left.insert(snapshot.seen.directory.to_string());
    }

    fn needs(&self, snapshots: &Reachable, object: &PlannedObject) -> bool {
        let print = self.prints.path(object.location.as_str());
        let directory = self.prints.directory(object.location.parent().as_str());
        snapshots.need(directory, print).is_some()
    }

    fn batch(&mut self) -> Vec<usize> {
        let mut batch = Vec::new();
        while batch.len() < self.batch {
            let Some(at) = self.queue.pop() else {
                break;
            };
            let object = self.plan.objects.get(at);
            match object.is_some_and(|object| self.needs(&self.spared, object)) {
                true => self.record(at, Outcome::Spared),
                false => batch.push(at),
            }
        }
        batch
    }

    fn finish(&mut self) -> Step {
        let Some(mut directories) = self.directories.take() else {
            return Step::Done;
        };
        directories.retain(|directory| !self.left.contains(directory.as_str()));
        match directories.is_empty() {
            true => Step::Done,
            false => Step::RemoveDirectories(directories),
        }
    }
}
