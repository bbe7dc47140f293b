use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::inspect::NoProgress;
use crate::inspect::progress::Progress;
use crate::inspect::retention::applied::{Applied, ApplyError, State};
use crate::inspect::retention::apply::ApplyRequest;
use crate::inspect::retention::lookout::Lookout;
use crate::inspect::retention::read::Reader;
use crate::storage::{Doomed, Removal, StorageError, StorageErrorKind};
use statescope_analysis::retention::{
    Deletion, Found, Journal, JournalEntry, Outcome, Plan, PlannedObject, Reading, Refusal, Step,
    in_quarantine,
};
use statescope_format::location::Location;
use statescope_format::reader::to_u64;

/// Files that are deleted between two looks at most.
pub(super) const BATCH_MAX: u32 = 1000;
/// No request to delete begins later after a look than this, but for the first.
const LOOK_HOLDS: Duration = Duration::from_secs(2);
/// How long an overloaded store is left alone, at first and at most.
const PAUSE: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Carrying out a plan that was confirmed.
pub(super) struct Run<'r> {
    pub(super) removal: Removal,
    /// The revision that was confirmed of each file of the plan.
    pub(super) revisions: Vec<Option<u64>>,
    pub(super) plan: &'r Plan,
    pub(super) request: &'r ApplyRequest,
    pub(super) progress: &'r dyn Progress,
    pub(super) journal: &'r mut dyn Journal,
    pub(super) reader: Reader<'r>,
    pub(super) lookout: Lookout<'r>,
}

impl Run<'_> {
    pub(super) async fn carry_out(
        &mut self,
        deletion: &mut Deletion<'_>,
        files: u64,
        applied: &mut Applied,
    ) -> Result<(), ApplyError> {
        self.write(&JournalEntry::Begun {
            time: SystemTime::now().into(),
            store: &self.plan.store,
            base: &self.plan.base,
            files,
            quarantine: self.request.quarantine.as_ref(),
        })?;
        self.progress.expect(files);
        let mut pause = PAUSE;
        let mut looked = Instant::now();
        loop {
            match deletion.next_step() {
                Step::LookAgain => {
                    looked = Instant::now();
                    if let Err(refusals) = self.look_again(deletion).await {
                        applied.refusals = refusals;
                        break;
                    }
                }
                Step::Delete(batch) => {
                    let was_busy = self.delete(&batch, deletion, looked).await?;
                    // Waiting comes before the next look, never between a look and what it allows.
                    pause = match was_busy {
                        false => PAUSE,
                        true => {
                            tokio::time::sleep(pause).await;
                            (pause * 2).min(PAUSE_MAX)
                        }
                    };
                }
                Step::RemoveDirectories(directories) => {
                    applied.directories = self.remove(directories).await;
                }
                Step::Done => break,
            }
        }
        applied.outcomes(deletion.outcomes());
        let gone = applied.count(State::Deleted);
        let moves = self.request.quarantine.is_some();
        self.write(&JournalEntry::Ended {
            time: SystemTime::now().into(),
            deleted: if moves { 0 } else { gone },
            moved: if moves { gone } else { 0 },
            left: applied.left(),
        })
    }

    /// Finds every snapshot, and reads those that are not known.
    async fn look_again(&mut self, deletion: &mut Deletion<'_>) -> Result<(), Vec<Refusal>> {
        let unknown = deletion.unknown(self.lookout.look().await?);
        let directories: Vec<(usize, Location)> = unknown
            .iter()
            .enumerate()
            .map(|(at, seen)| (at, seen.directory.clone()))
            .collect();
        let mut found = Vec::new();
        let mut refusals = Vec::new();
        let take = |at: usize, reading: Reading| match reading {
            Reading::Read(mut mentioned) => {
                refusals.append(&mut mentioned.led_to.unresolved);
                found.extend(unknown.get(at).map(|seen| Found {
                    seen: seen.clone(),
                    mentioned,
                }));
            }
            // It was never complete, or is gone as planned.
            Reading::Gone => {}
            Reading::Refused(refusal) => refusals.push(refusal),
        };
        self.reader.read_each(&directories, &NoProgress, take).await;
        match refusals.is_empty() {
            true => deletion.looked_again(&found),
            false => Err(refusals),
        }
    }

    /// Deletes a batch, request by request, for as long as the last look holds. Tells whether the
    /// store was too busy for some of it.
    async fn delete(
        &mut self,
        batch: &[usize],
        deletion: &mut Deletion<'_>,
        looked: Instant,
    ) -> Result<bool, ApplyError> {
        let begun = Instant::now();
        let plan = self.plan;
        let files: Vec<(usize, &PlannedObject)> = batch
            .iter()
            .filter_map(|at| Some((*at, plan.objects.get(*at)?)))
            .collect();
        if let Some((_, first)) = files.first() {
            let moves = self.request.quarantine.is_some();
            let locations = files.iter().map(|(_, file)| file.location.clone());
            let locations: Option<Vec<_>> = moves.then(|| locations.collect());
            self.write(&JournalEntry::Batch {
                files: to_u64(files.len()),
                first: &first.location,
                locations: locations.as_deref(),
            })?;
        }
        let mut tried: u32 = 0;
        let mut was_busy = false;
        for files in files.chunks(self.removal.at_once()) {
            if tried > 0 && looked.elapsed() > LOOK_HOLDS {
                files
                    .iter()
                    .for_each(|(at, _)| deletion.record(*at, Outcome::NotTried));
                continue;
            }
            let doomed: Vec<Doomed> = files
                .iter()
                .map(|(at, object)| Doomed {
                    location: object.location.clone(),
                    seen: self.revisions.get(*at).copied().flatten(),
                })
                .collect();
            let answers = self.removal.remove(&doomed).await;
            for ((at, object), answer) in files.iter().zip(answers) {
                tried = tried.saturating_add(1);
                was_busy |= self.note(*at, object, &answer, deletion)?;
            }
        }
        let seconds = f64::from(tried) / f64::from(self.request.rate.get());
        tokio::time::sleep_until(begun + Duration::from_secs_f64(seconds)).await;
        Ok(was_busy)
    }

    /// Notes how deleting a file went. Tells whether the store was too busy.
    fn note(
        &mut self,
        at: usize,
        object: &PlannedObject,
        answer: &Result<(), StorageError>,
        deletion: &mut Deletion<'_>,
    ) -> Result<bool, ApplyError> {
        let location = &object.location;
        let outcome = match answer {
            Ok(()) => Outcome::Deleted,
            Err(error) if *error.kind() == StorageErrorKind::Throttled => {
                Outcome::Busy(error.to_string())
            }
            Err(error) => Outcome::Failed(error.to_string()),
        };
        let is_busy = matches!(outcome, Outcome::Busy(_));
        deletion.record(at, outcome);
        match deletion.outcomes().get(at) {
            Some(Some(Outcome::Deleted)) => {
                self.progress.step();
                let (class, bytes) = (object.class, object.bytes);
                let to = self.request.quarantine.as_ref();
                let to = to.map(|to| in_quarantine(to, &self.plan.base, location));
                self.write(&match &to {
                    Some(to) => JournalEntry::Moved {
                        location,
                        to,
                        class,
                        bytes,
                    },
                    None => JournalEntry::Deleted {
                        location,
                        class,
                        bytes,
                    },
                })?;
            }
            Some(Some(Outcome::Failed(reason))) => {
                self.progress.step();
                self.write(&JournalEntry::Failed { location, reason })?;
            }
            // It is tried again.
            _ => {}
        }
        Ok(is_busy)
    }

    /// Removes directories that are empty; tells which are gone.
    async fn remove(&self, directories: Vec<Location>) -> Vec<Location> {
        let mut removed = Vec::new();
        for directory in directories {
            // One that is not empty or not ours to remove stays: it takes no room.
            if let Ok(true) = self.removal.remove_empty_directory(&directory).await {
                removed.push(directory);
            }
        }
        removed
    }

    fn write(&mut self, entry: &JournalEntry<'_>) -> Result<(), ApplyError> {
        self.journal.write(entry).map_err(ApplyError::Journal)
    }
}
