use std::collections::{HashMap, HashSet};
use std::time::SystemTime;

use crate::inspector::progress::Progress;
use crate::inspector::retention::read::{Listed, Reader, Reading};
use crate::inspector::retention::walk::{Bases, walk};
use crate::layout::METADATA_FILE;
use crate::location::Location;
use crate::parse::to_u64;
use crate::retention::{
    CLOCK_SKEW_MOST_SECONDS, Fingerprint, Fingerprints, Inventory, KeepReason, Mentioned,
    Reachable, Refusal, Snapshot, Survey, complete_snapshots, newest_of_jobs,
};
use crate::storage::{Storage, StorageError};
use crate::time::UtcSeconds;

/// How often what is below the bases is looked at anew because running jobs replace their
/// checkpoints meanwhile.
const ROUNDS_MAX: usize = 5;

/// Where it was decided what becomes of the snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decisions {
    /// Here, by rules.
    New,
    /// In a plan, which is to be checked.
    Planned,
}

/// Lists and reads everything below the bases. `decide` says why each snapshot is kept.
///
/// # Errors
/// When a base cannot be listed; inside, why nothing may be deleted here.
pub(super) async fn survey(
    storage: &Storage,
    bases: &Bases,
    progress: &dyn Progress,
    decisions: Decisions,
    decide: impl Fn(&[Snapshot]) -> Vec<Vec<KeepReason>>,
) -> Result<Result<Survey, Vec<Refusal>>, StorageError> {
    for _ in 0..ROUNDS_MAX {
        let begun = SystemTime::now().into();
        let walk = walk(storage, bases).await?;
        if !walk.refusals.is_empty() {
            return Ok(Err(walk.refusals));
        }
        let snapshots = complete_snapshots(&walk.inventory);
        let reasons = decide(&snapshots);
        progress.expect(to_u64(snapshots.len()));
        let mut reading = Surveying::new(walk.inventory, snapshots, reasons, begun);
        reading.read(storage, bases, decisions, progress).await;
        if !reading.refusals.is_empty() {
            return Ok(Err(reading.refusals));
        }
        if reading.successors_are_read() {
            return Ok(match clock_skew(storage) {
                Some(refusal) => Err(vec![refusal]),
                None => Ok(reading.survey),
            });
        }
    }
    let location = bases.first().clone();
    let reason = format!("checkpoints were replaced while they were read, {ROUNDS_MAX} times");
    Ok(Err(vec![Refusal::PartialListing { location, reason }]))
}

fn clock_skew(storage: &Storage) -> Option<Refusal> {
    let seconds = storage.clock_ahead_seconds()?.unsigned_abs();
    (seconds > CLOCK_SKEW_MOST_SECONDS).then_some(Refusal::ClockSkew { seconds })
}

/// A survey while it is being made.
struct Surveying {
    survey: Survey,
    begun: UtcSeconds,
    gone: HashSet<usize>,
    /// Fingerprints of the metadata files.
    contents: Vec<Option<Fingerprint>>,
    refusals: Vec<Refusal>,
}

impl Surveying {
    fn new(
        inventory: Inventory,
        snapshots: Vec<Snapshot>,
        reasons: Vec<Vec<KeepReason>>,
        begun: UtcSeconds,
    ) -> Self {
        Self {
            contents: vec![None; snapshots.len()],
            survey: Survey {
                inventory,
                missing: vec![None; snapshots.len()],
                snapshots,
                reasons,
                live: Reachable::default(),
                dying: Reachable::default(),
                ended: HashSet::new(),
                prints: Fingerprints::default(),
            },
            begun,
            gone: HashSet::new(),
            refusals: Vec::new(),
        }
    }

    async fn read(
        &mut self,
        storage: &Storage,
        bases: &Bases,
        decisions: Decisions,
        progress: &dyn Progress,
    ) {
        let prints = self.survey.prints.clone();
        let listed = Listed::new(&self.survey.inventory, &prints, self.begun);
        let reader = Reader {
            storage,
            prints: &prints,
            bases,
            listed: Some(listed),
        };
        let all: Vec<(usize, Location)> = self.directories(|_| true);
        reader
            .read_each(&all, progress, |at, reading| self.take(at, reading))
            .await;
        if decisions == Decisions::New {
            let newest = self.newest_whole();
            self.keep(newest, KeepReason::NewestOfJob, &reader, progress)
                .await;
        }
        let twins = self.under_other_names();
        self.keep(twins, KeepReason::SameFile, &reader, progress)
            .await;
    }

    /// The newest checkpoints that are whole, where the rules, which count names and times, chose
    /// others.
    fn newest_whole(&self) -> HashSet<usize> {
        let is_whole = |at: usize| {
            let missing = self.survey.missing.get(at);
            missing.is_some_and(Option::is_none)
        };
        let newest = newest_of_jobs(&self.survey.snapshots, is_whole).into_iter();
        newest.filter(|&at| self.survey.goes(at)).collect()
    }

    /// Snapshots that go and have the metadata of one that stays. Through a link, a mount or another
    /// name of a NameNode that is one file, and whoever deletes it deletes both. Other files are
    /// recognised by their names.
    fn under_other_names(&self) -> HashSet<usize> {
        let mark = |at: usize| {
            let written = self.survey.snapshots.get(at)?.written;
            Some(((*self.contents.get(at)?)?, written))
        };
        let all = 0..self.survey.snapshots.len();
        let stays = all.clone().filter(|&at| !self.survey.goes(at));
        let stays: HashSet<_> = stays.filter_map(mark).collect();
        let goes = all.filter(|&at| self.survey.goes(at));
        goes.filter(|&at| mark(at).is_some_and(|mark| stays.contains(&mark)))
            .collect()
    }

    /// Keeps snapshots that were to go: what they mention is read again, and is needed now.
    async fn keep(
        &mut self,
        snapshots: HashSet<usize>,
        reason: KeepReason,
        reader: &Reader<'_>,
        progress: &dyn Progress,
    ) {
        for &at in &snapshots {
            if let Some(reasons) = self.survey.reasons.get_mut(at) {
                reasons.push(reason);
            }
        }
        let directories = self.directories(|at| snapshots.contains(&at));
        reader
            .read_each(&directories, progress, |at, reading| self.take(at, reading))
            .await;
    }

    fn directories(&self, wanted: impl Fn(usize) -> bool) -> Vec<(usize, Location)> {
        let all = self.survey.snapshots.iter().enumerate();
        all.filter(|(at, _)| wanted(*at))
            .map(|(at, snapshot)| (at, snapshot.directory.clone()))
            .collect()
    }

    fn take(&mut self, at: usize, reading: Reading) {
        match reading {
            Reading::Read(mentioned) => {
                self.add(at, &mentioned);
                if let Some(content) = self.contents.get_mut(at) {
                    *content = mentioned.content;
                }
                if let Some(missing) = self.survey.missing.get_mut(at) {
                    *missing = mentioned.missing;
                }
            }
            Reading::Gone => {
                self.gone.insert(at);
                let directory = self.survey.snapshots.get(at).map(|gone| &gone.directory);
                let metadata = directory.map(|directory| directory.join(METADATA_FILE).to_string());
                if let Some(missing) = self.survey.missing.get_mut(at) {
                    *missing = metadata;
                }
            }
            Reading::Refused(refusal) => self.refusals.push(refusal),
        }
    }

    fn add(&mut self, at: usize, mentioned: &Mentioned) {
        match self.survey.goes(at) {
            true => self.survey.dying.add(mentioned),
            false => self.survey.live.add(mentioned),
        }
    }

    /// Whether no directory has lost its newest checkpoint since it was listed: what replaced it
    /// would not have been read, and needs what it needed.
    fn successors_are_read(&self) -> bool {
        if self.gone.is_empty() {
            return true;
        }
        let mut newest_read: HashMap<String, Option<u64>> = HashMap::new();
        for (at, snapshot) in self.survey.snapshots.iter().enumerate() {
            if !self.gone.contains(&at) {
                let newest = newest_read
                    .entry(snapshot.directory.parent().to_string())
                    .or_default();
                *newest = (*newest).max(snapshot.number);
            }
        }
        self.gone.iter().all(|&at| {
            self.survey.snapshots.get(at).is_some_and(|gone| {
                let newest = newest_read.get(gone.directory.parent().as_str());
                newest.is_some_and(|newest| *newest > gone.number)
            })
        })
    }
}
