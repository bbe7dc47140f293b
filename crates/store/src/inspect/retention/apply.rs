use std::num::NonZeroU32;

use crate::inspect::progress::Progress;
use crate::inspect::retention::applied::{Applied, ApplyError};
use crate::inspect::retention::lookout::Lookout;
use crate::inspect::retention::read::Reader;
use crate::inspect::retention::run::{BATCH_MAX, Run};
use crate::inspect::retention::survey::survey;
use crate::inspect::walk::{Bases, Bound};
use crate::storage::Storage;
use statescope_analysis::retention::{
    Decisions, Deletion, Journal, Plan, confirm, confirm_directories, confirmed_revisions,
    refuse_plan,
};
use statescope_format::location::Location;
use statescope_format::reader::to_u64;
use statescope_format::time::UtcSeconds;

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
    // Opened before it is listed: what is listed and what is deleted from are the same.
    let mut removal = storage.removal(&plan.base).await?;
    let decisions = Decisions::Plan(plan);
    let survey = survey(
        storage,
        &bases,
        Bound::of_run(),
        progress,
        decisions,
        request.now,
    );
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
    for directory in survey.inventory.directories() {
        if directory.touchable {
            removal.listed(&directory.location, directory.identity);
        }
    }
    if let Some(quarantine) = &request.quarantine {
        removal.into_quarantine(quarantine).await?;
    }
    let mut run = Run {
        removal,
        revisions: confirmed_revisions(plan, &confirmed, &survey),
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
        lookout: Lookout::new(storage, &bases, &survey.inventory),
    };
    let batch = usize::try_from(request.rate.get().min(BATCH_MAX)).unwrap_or(1);
    let directories = confirm_directories(plan, &survey);
    let mut deletion = Deletion::new(plan, &confirmed, directories, &survey, batch);
    let files = to_u64(confirmed.len());
    run.carry_out(&mut deletion, files, &mut applied).await?;
    Ok(applied)
}
