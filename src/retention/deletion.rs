//! The order of deletion, as a machine that does nothing itself: it says what to do next and is told
//! how it went.
//!
//! Metadata goes first, then the files of single snapshots, then those that several shared. Wherever
//! it stops, every snapshot that still has its metadata has all its files. Before each class, what
//! snapshots there are is looked at again: files of one whose metadata could not be deleted are
//! spared, and one that has just been taken and needs a file that is about to go ends it all.

use std::collections::HashSet;

use crate::location::{Location, Scheme};
use crate::retention::Refusal;
use crate::retention::fingerprint::Fingerprints;
use crate::retention::mentions::Mentioned;
use crate::retention::plan::{Class, Plan, PlannedObject};
use crate::retention::reachability::Reachable;

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Find every snapshot that has metadata and is not known to stay, and tell of it.
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
    queue: Vec<usize>,
    batch: usize,
    looked: bool,
    spared: Reachable,
    /// The directories of the snapshots that the plan deletes.
    planned: HashSet<Place>,
    /// Metadata whose turn has not come.
    metadata_to_come: HashSet<Place>,
    directories: Option<Vec<Location>>,
    /// Directories in which something is left.
    left: HashSet<String>,
    outcomes: Vec<Option<Outcome>>,
}

/// What is the same for all spellings of a place.
type Place = (Scheme, Vec<u8>);

/// A snapshot that was found when looking again.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its directory.
    pub directory: Location,
    /// What it mentions.
    pub mentioned: Mentioned,
}

impl<'p> Deletion<'p> {
    /// Deletes the files of a plan that are `confirmed`, at most `batch` at a time, and then
    /// `directories`, as far as they are empty.
    pub fn new(
        plan: &'p Plan,
        confirmed: &[usize],
        directories: Vec<Location>,
        prints: &'p Fingerprints,
        batch: usize,
    ) -> Self {
        let of = |classes: &[Class]| -> Vec<usize> {
            let is_of = |at: &usize| {
                let object = plan.objects.get(*at);
                object.is_some_and(|object| classes.contains(&object.class))
            };
            confirmed.iter().copied().filter(is_of).collect()
        };
        let mut phases = vec![
            of(&[Class::Shared, Class::Orphan]),
            of(&[Class::Exclusive]),
            of(&[Class::Metadata]),
        ];
        phases.retain(|phase| !phase.is_empty());
        let going = plan.snapshots.iter().filter(|snapshot| !snapshot.keep);
        let metadata = confirmed.iter().filter_map(|at| plan.objects.get(*at));
        let metadata = metadata.filter(|object| object.class == Class::Metadata);
        Self {
            plan,
            prints,
            phases,
            queue: Vec::new(),
            batch: batch.max(1),
            looked: false,
            spared: Reachable::default(),
            planned: going.map(|snapshot| snapshot.location.place()).collect(),
            metadata_to_come: metadata.map(|object| object.location.place()).collect(),
            directories: Some(directories),
            left: HashSet::new(),
            outcomes: vec![None; plan.objects.len()],
        }
    }

    /// What to do next.
    pub fn next_step(&mut self) -> Step {
        loop {
            if !self.queue.is_empty() {
                return self.batch();
            }
            let Some(phase) = self.phases.last() else {
                return self.finish();
            };
            if !self.looked {
                return Step::LookAgain;
            }
            // Last first: batches are taken off the end.
            self.queue = phase.iter().rev().copied().collect();
            self.phases.pop();
            self.looked = false;
        }
    }

    /// Tells which snapshots have metadata and are not known to stay.
    ///
    /// # Errors
    /// When one of them is not part of the plan and needs a file that is still to go.
    pub fn looked_again(&mut self, found: &[Found]) -> Result<(), Vec<Refusal>> {
        let mut newcomers = Reachable::default();
        for snapshot in found {
            match self.planned.contains(&snapshot.directory.place()) {
                true => self.spare(snapshot),
                false => newcomers.add(&snapshot.mentioned),
            }
        }
        let still_needed = self.phases.iter().flatten().filter_map(|&at| {
            let object = self.plan.objects.get(at)?;
            let location = object.location.clone();
            self.needs(&newcomers, object)
                .then_some(Refusal::StillNeeded { location })
        });
        let refusals: Vec<_> = still_needed.take(1).collect();
        self.looked = true;
        match refusals.is_empty() {
            true => Ok(()),
            false => Err(refusals),
        }
    }

    /// Tells how deleting a file went.
    pub fn record(&mut self, at: usize, outcome: Outcome) {
        if let Some(object) = self.plan.objects.get(at)
            && object.class == Class::Metadata
        {
            self.metadata_to_come.remove(&object.location.place());
        }
        if outcome != Outcome::Deleted
            && let Some(object) = self.plan.objects.get(at)
        {
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

    /// A snapshot whose metadata is still there keeps its files. Before its metadata was to go, that
    /// is as it should be.
    fn spare(&mut self, snapshot: &Found) {
        let metadata = snapshot.directory.join(crate::layout::METADATA_FILE);
        let to_come = self.metadata_to_come.contains(&metadata.place());
        if !to_come {
            self.spared.add(&snapshot.mentioned);
            self.left.insert(snapshot.directory.to_string());
        }
    }

    fn needs(&self, snapshots: &Reachable, object: &PlannedObject) -> bool {
        let print = self.prints.path(object.location.as_str());
        let directory = self.prints.directory(object.location.parent().as_str());
        snapshots.need(directory, print).is_some()
    }

    fn batch(&mut self) -> Step {
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
        match batch.is_empty() {
            true => self.next_step(),
            false => Step::Delete(batch),
        }
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
