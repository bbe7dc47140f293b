use std::collections::HashSet;
use std::num::NonZeroU32;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::inspector::discover::discover;
use crate::inspector::progress::Progress;
use crate::inspector::retention::applied::{Applied, ApplyError, State};
use crate::inspector::retention::read::{Reader, Reading};
use crate::inspector::retention::remover::Remover;
use crate::inspector::retention::survey::{Decisions, survey};
use crate::inspector::retention::walk::Bases;
use crate::location::{Location, Scheme};
use crate::parse::to_u64;
use crate::retention::{
    Class, Deletion, Found, Journal, JournalEntry, Outcome, Plan, Refusal, Step, confirm,
    confirm_directories, decide_as_planned, refuse_plan,
};
use crate::storage::Storage;
use crate::time::UtcSeconds;

/// How a plan is carried out.
#[derive(Clone, Debug)]
pub struct ApplyRequest {
    /// Check everything, and delete nothing.
    pub dry_run: bool,
    /// Move files below this place in place of deleting them.
    pub quarantine: Option<Location>,
    /// At most so many files per second.
    pub rate: NonZeroU32,
    /// Whether a minimum age below an hour is meant.
    pub knows: bool,
    /// The time to count ages from.
    pub now: UtcSeconds,
}

/// Files that are deleted by one request at most.
const BATCH_MAX: u32 = 1000;

/// Reads everything again, and carries out a plan if all that it relies on still holds.
///
/// # Errors
/// When a base cannot be listed or the journal cannot be written. [`Applied::refusals`] says why
/// nothing, or nothing more, was deleted.
pub async fn apply(
    storage: &Storage,
    plan: &Plan,
    request: &ApplyRequest,
    journal: &mut dyn Journal,
    progress: &dyn Progress,
) -> Result<Applied, ApplyError> {
    let mut applied = Applied::new(plan, request.dry_run, request.quarantine.as_ref());
    let store = storage.identity(&plan.base);
    applied.refusals = refuse_plan(plan, &store, request.knows, request.now);
    if !applied.refusals.is_empty() {
        return Ok(applied);
    }
    let bases = Bases::new(storage, &plan.base, &plan.also);
    if let Some(quarantine) = &request.quarantine {
        let place = storage.absolute(quarantine);
        if bases.contain(place.join("x").as_str()) {
            return Err(ApplyError::Quarantine("it is below a base of the plan"));
        }
        if storage.identity(quarantine) != store || quarantine.scheme() != plan.base.scheme() {
            return Err(ApplyError::Quarantine("it is in another store"));
        }
    }
    let decided = |snapshots: &[_]| decide_as_planned(snapshots, plan, request.now);
    let survey = survey(storage, &bases, progress, Decisions::Planned, decided);
    let mut survey = match survey.await? {
        Ok(survey) => survey,
        Err(refusals) => return Ok(applied.refused(refusals)),
    };
    let confirmed = match confirm(plan, &mut survey, request.now) {
        Ok(confirmed) => confirmed,
        Err(refusals) => return Ok(applied.refused(refusals)),
    };
    applied.confirmed(&confirmed);
    if request.dry_run {
        return Ok(applied);
    }
    let known = survey.snapshots.iter().enumerate();
    let known = known.filter(|(at, _)| !survey.goes(*at));
    let known = known.map(|(_, snapshot)| snapshot.directory.place());
    let mut run = Run {
        storage,
        plan,
        request,
        progress,
        journal,
        reader: Reader {
            storage,
            prints: &survey.prints,
            bases: &bases,
            listed: None,
        },
        known: known.collect(),
        planned: with_metadata_to_go(plan, &confirmed),
        undeleted: Vec::new(),
    };
    let batch = usize::try_from(request.rate.get().min(BATCH_MAX)).unwrap_or(1);
    let directories = confirm_directories(plan, &survey);
    let mut deletion = Deletion::new(plan, &confirmed, directories, &survey.prints, batch);
    run.carry_out(&mut deletion, &confirmed, &mut applied)
        .await?;
    Ok(applied)
}

struct Run<'r> {
    storage: &'r Storage,
    plan: &'r Plan,
    request: &'r ApplyRequest,
    progress: &'r dyn Progress,
    journal: &'r mut dyn Journal,
    reader: Reader<'r>,
    /// Directories of snapshots that stay, and whose files are known to stay with them.
    known: HashSet<PlaceKey>,
    /// Directories of snapshots whose metadata is still to go.
    planned: HashSet<PlaceKey>,
    /// Directories of snapshots whose metadata could not be deleted.
    undeleted: Vec<Location>,
}

/// What is the same for all spellings of a place.
type PlaceKey = (Scheme, Vec<u8>);

/// The directories whose metadata is confirmed to go. Whoever strikes it from a plan keeps the
/// snapshot, and then it is one that may need files.
fn with_metadata_to_go(plan: &Plan, confirmed: &[usize]) -> HashSet<PlaceKey> {
    let confirmed = confirmed.iter().filter_map(|at| plan.objects.get(*at));
    let metadata = confirmed.filter(|object| object.class == Class::Metadata);
    metadata
        .map(|object| object.location.parent().place())
        .collect()
}

impl Run<'_> {
    async fn carry_out(
        &mut self,
        deletion: &mut Deletion<'_>,
        confirmed: &[usize],
        applied: &mut Applied,
    ) -> Result<(), ApplyError> {
        self.write(&JournalEntry::Begun {
            time: SystemTime::now().into(),
            base: &self.plan.base,
            files: to_u64(confirmed.len()),
            quarantine: self.request.quarantine.as_ref(),
        })?;
        self.progress.expect(to_u64(confirmed.len()));
        loop {
            match deletion.next_step() {
                Step::LookAgain => {
                    let found = match self.look_again().await {
                        Ok(found) => found,
                        Err(refusals) => {
                            applied.refusals = refusals;
                            break;
                        }
                    };
                    if let Err(refusals) = deletion.looked_again(&found) {
                        applied.refusals = refusals;
                        break;
                    }
                }
                Step::Delete(batch) => self.delete(&batch, deletion).await?,
                Step::RemoveDirectories(directories) => {
                    applied.directories = self.remove(directories).await;
                }
                Step::Done => break,
            }
        }
        applied.outcomes(deletion.outcomes());
        self.write(&JournalEntry::Ended {
            time: SystemTime::now().into(),
            deleted: applied.count(State::Deleted),
            left: applied.left(),
        })
    }

    /// Finds and reads the snapshots that are not known to stay.
    async fn look_again(&self) -> Result<Vec<Found>, Vec<Refusal>> {
        let unknown = self.unknown_snapshots().await?;
        let mut found = Vec::new();
        let mut refusals = Vec::new();
        let take = |at: usize, reading: Reading| match reading {
            Reading::Read(mentioned) => {
                if let Some((_, directory)) = unknown.get(at) {
                    found.push(Found {
                        directory: directory.clone(),
                        mentioned,
                    });
                }
            }
            // It was never complete, or is gone as planned.
            Reading::Gone => {}
            Reading::Refused(refusal) => refusals.push(refusal),
        };
        let silent = crate::inspector::NoProgress;
        self.reader.read_each(&unknown, &silent, take).await;
        match refusals.is_empty() {
            true => Ok(found),
            false => Err(refusals),
        }
    }

    /// The directories of snapshots that are new, or are there although their metadata was to go.
    async fn unknown_snapshots(&self) -> Result<Vec<(usize, Location)>, Vec<Refusal>> {
        let mut unknown = self.undeleted.clone();
        for base in std::iter::once(&self.plan.base).chain(&self.plan.also) {
            let discovery = match discover(self.storage, base).await {
                Ok(discovery) => discovery,
                Err(error) => return Err(vec![partial(base.clone(), error.to_string())]),
            };
            let unreadable = discovery.unreadable.into_iter();
            let refusals: Vec<_> = unreadable
                .map(|place| partial(place.location, place.reason))
                .collect();
            if !refusals.is_empty() {
                return Err(refusals);
            }
            let candidates = discovery.candidates.into_iter();
            let directories = candidates.map(|candidate| candidate.directory);
            unknown.extend(directories.filter(|directory| {
                let place = directory.place();
                !self.known.contains(&place) && !self.planned.contains(&place)
            }));
        }
        Ok(unknown.into_iter().enumerate().collect())
    }

    async fn delete(
        &mut self,
        batch: &[usize],
        deletion: &mut Deletion<'_>,
    ) -> Result<(), ApplyError> {
        let begun = Instant::now();
        let plan = self.plan;
        let objects = batch.iter().filter_map(|at| plan.objects.get(*at));
        let files: Vec<Location> = objects.map(|object| object.location.clone()).collect();
        if let Some(first) = files.first() {
            self.write(&JournalEntry::Batch {
                files: to_u64(files.len()),
                first,
            })?;
        }
        let remover = Remover {
            storage: self.storage,
            base: &plan.base,
            quarantine: self.request.quarantine.as_ref(),
        };
        let answers = remover.remove(&files).await;
        for (&at, answer) in batch.iter().zip(answers) {
            self.progress.step();
            let Some(object) = plan.objects.get(at) else {
                continue;
            };
            let location = &object.location;
            let outcome = match answer {
                Ok(()) => {
                    self.write(&JournalEntry::Deleted {
                        location,
                        class: object.class,
                        bytes: object.bytes,
                    })?;
                    Outcome::Deleted
                }
                Err(error) => {
                    let reason = error.to_string();
                    self.write(&JournalEntry::Failed {
                        location,
                        reason: &reason,
                    })?;
                    Outcome::Failed(reason)
                }
            };
            if object.class == Class::Metadata {
                self.planned.remove(&location.parent().place());
                if outcome != Outcome::Deleted {
                    self.undeleted.push(location.parent());
                }
            }
            deletion.record(at, outcome);
        }
        let seconds = f64::from(u32::try_from(files.len()).unwrap_or(BATCH_MAX))
            / f64::from(self.request.rate.get());
        tokio::time::sleep_until(begun + Duration::from_secs_f64(seconds)).await;
        Ok(())
    }

    /// Removes directories that are empty; tells which are gone.
    async fn remove(&self, directories: Vec<Location>) -> Vec<Location> {
        let mut removed = Vec::new();
        for directory in directories {
            // One that is not empty or not ours to remove stays: it takes no room.
            if let Ok(true) = self.storage.remove_empty_directory(&directory).await {
                removed.push(directory);
            }
        }
        removed
    }

    fn write(&mut self, entry: &JournalEntry<'_>) -> Result<(), ApplyError> {
        self.journal.write(entry).map_err(ApplyError::Journal)
    }
}

fn partial(location: Location, reason: String) -> Refusal {
    Refusal::PartialListing { location, reason }
}
