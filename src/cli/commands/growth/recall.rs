//! Records, reads back, and joins what a history holds with what is there.

use std::collections::BTreeSet;

use statescope::Location;
use statescope::growth::Observation;
use statescope::inspect::{self, Collected, Recalled};
use statescope::storage::Storage;

use crate::cli::commands::growth::history::HistoryArgs;
use crate::cli::commands::growth::{GrowthArgs, Judge};
use crate::cli::error::CliError;
use crate::cli::session::Session;

/// Of more jobs than this, each is judged by itself: to join restarts, all must be in memory.
const JOINED_MAX: usize = 1000;

impl HistoryArgs {
    /// Collects, records, recalls, and hands all to `judge`.
    pub(super) fn run(
        &self,
        args: &GrowthArgs,
        session: &Session,
        locations: &[Location],
        judge: &mut Judge,
    ) -> Result<(), CliError> {
        let mut here = match locations {
            [] if self.record.is_some() => {
                return Err(CliError::Usage("--record needs a BASE to look at"));
            }
            [] => Collected::default(),
            _ => args.collect(session, locations)?,
        };
        if !self.job_id.is_empty() {
            here.observations.retain(|seen| self.is_wanted(seen));
        }
        let storage = session.storage()?;
        if let Some(history) = &self.record {
            record(session, &storage, &Location::new(history), &here)?;
        }
        let Some(history) = &self.history else {
            judge.all(here);
            return Ok(());
        };
        let history = Location::new(history);
        let recorded = || session.wait(inspect::recorded_jobs(&storage, &history));
        let since = judge.since;
        let recall = |jobs, each: &mut dyn FnMut(Recalled)| {
            let progress = session.progress();
            session.wait(inspect::recall(
                &storage, &history, jobs, since, &progress, each,
            ))?;
            progress.finish();
            Ok::<_, CliError>(())
        };
        if !self.job_id.is_empty() {
            recall(self.job_id.iter().cloned().collect(), &mut |of_job| {
                add(&mut here, of_job);
            })?;
            let is_asked_for = |seen: &Observation| since.is_none_or(|since| seen.time_ms >= since);
            here.observations.retain(is_asked_for);
            self.all_found(&here)?;
            judge.all(here);
        } else if !locations.is_empty() && here.observations.is_empty() {
            // There may be no history yet, either.
            judge.all(here);
        } else if !locations.is_empty() {
            let mut jobs: BTreeSet<String> = partitions(&here).collect();
            let wanted = jobs.clone();
            let recorded = recorded()?;
            if recorded.len() <= JOINED_MAX {
                let present = &here.observations;
                let before = inspect::jobs_before(&storage, &history, &recorded, present);
                jobs.append(&mut session.wait(before)?);
            } else {
                not_joined(session, recorded.len());
            }
            recall(jobs, &mut |of_job| add(&mut here, of_job))?;
            judge.some(here, |series| {
                let mut seen = series.observations.iter();
                seen.any(|seen| wanted.contains(&inspect::partition_of(seen)))
            });
        } else {
            let jobs: BTreeSet<String> = recorded()?.into_iter().collect();
            if jobs.len() <= JOINED_MAX {
                recall(jobs, &mut |of_job| add(&mut here, of_job))?;
                judge.all(here);
            } else {
                not_joined(session, jobs.len());
                recall(jobs, &mut |of_job| {
                    let mut alone = Collected::default();
                    add(&mut alone, of_job);
                    judge.all(alone);
                })?;
            }
        }
        Ok(())
    }

    /// Whether a snapshot is of one of the jobs that were asked for.
    fn is_wanted(&self, seen: &Observation) -> bool {
        self.job_id.contains(&inspect::partition_of(seen))
    }

    /// A mistyped id must not look like a job that is fine.
    fn all_found(&self, collected: &Collected) -> Result<(), CliError> {
        let found: BTreeSet<String> = partitions(collected).collect();
        match self.job_id.iter().find(|&id| !found.contains(id)) {
            // What could not be read may be of that job; that is told.
            Some(id) if collected.not_read.is_empty() => {
                Err(CliError::NoSuchJob { wanted: id.clone() })
            }
            _ => Ok(()),
        }
    }
}

fn record(
    session: &Session,
    storage: &Storage,
    history: &Location,
    seen: &Collected,
) -> Result<(), CliError> {
    let progress = session.progress();
    let recorded = inspect::record(storage, history, &seen.observations, &progress);
    let recorded = session.wait(recorded)?;
    progress.finish();
    session.messages().note(&format!(
        "recorded {} new rows in {} files",
        recorded.rows, recorded.files
    ));
    Ok(())
}

fn add(collected: &mut Collected, mut of_job: Recalled) {
    collected.observations.append(&mut of_job.observations);
    collected.not_read.append(&mut of_job.not_read);
}

fn partitions(collected: &Collected) -> impl Iterator<Item = String> {
    collected.observations.iter().map(inspect::partition_of)
}

fn not_joined(session: &Session, jobs: usize) {
    session.messages().note(&format!(
        "of {jobs} jobs, restarts under a new id are not joined; name both with --job-id to join them"
    ));
}
