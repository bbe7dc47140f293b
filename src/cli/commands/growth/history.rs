#[cfg(feature = "history")]
use std::collections::BTreeSet;

use clap::Args;
use statescope::Location;
#[cfg(feature = "history")]
use statescope::growth::Observation;
#[cfg(feature = "history")]
use statescope::inspector::{self, Collected, Recalled};

use crate::cli::commands::growth::{GrowthArgs, Judge};
use crate::cli::error::CliError;
use crate::cli::session::Session;

#[derive(Args, Debug)]
pub(super) struct HistoryArgs {
    /// Add what is seen to a history: a directory of Parquet files, in any store
    #[arg(long, value_name = "DIR")]
    record: Option<String>,
    /// Look at what a history holds, too; without BASE at all of its jobs
    #[arg(long, value_name = "DIR")]
    history: Option<String>,
    /// Only the job with this id, all of it that the history has; can be repeated
    #[arg(long, value_name = "ID", requires = "history", value_parser = parse_job_id)]
    job_id: Vec<String>,
}

/// What a build without histories says.
#[cfg(not(feature = "history"))]
pub(in crate::cli::commands) const NOT_BUILT: &str =
    "this build has no histories: build it with --features history";

/// Of more jobs than this, each is judged by itself: to join restarts, all must be in memory.
#[cfg(feature = "history")]
const JOINED_MAX: usize = 1000;

impl HistoryArgs {
    /// The history that is read.
    pub(super) fn place(&self) -> Option<Location> {
        self.history.as_ref().map(Location::new)
    }

    #[cfg(not(feature = "history"))]
    pub(super) fn run(
        &self,
        args: &GrowthArgs,
        session: &Session,
        locations: &[Location],
        judge: &mut Judge,
    ) -> Result<(), CliError> {
        if self.record.is_some() || self.history.is_some() {
            return Err(CliError::Usage(NOT_BUILT));
        }
        judge.all(args.collect(session, locations)?);
        Ok(())
    }

    /// Collects, records, recalls, and hands all to `judge`.
    #[cfg(feature = "history")]
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
            let history = Location::new(history);
            let progress = session.progress();
            let recorded = inspector::record(&storage, &history, &here.observations, &progress);
            let recorded = session.wait(recorded)?;
            progress.finish();
            session.messages().note(&format!(
                "recorded {} new rows in {} files",
                recorded.rows, recorded.files
            ));
        }
        let Some(history) = &self.history else {
            judge.all(here);
            return Ok(());
        };
        let history = Location::new(history);
        let jobs: BTreeSet<String> = if !self.job_id.is_empty() {
            self.job_id.iter().cloned().collect()
        } else if locations.is_empty() {
            let jobs = session.wait(inspector::recorded_jobs(&storage, &history))?;
            jobs.into_iter().collect()
        } else {
            here.observations
                .iter()
                .map(inspector::partition_of)
                .collect()
        };
        let progress = session.progress();
        let since = judge.since;
        if jobs.len() > JOINED_MAX && locations.is_empty() && self.job_id.is_empty() {
            session.messages().note(&format!(
                "of {} jobs, restarts under a new id are not joined",
                jobs.len()
            ));
            let mut each = |recalled: Recalled| {
                judge.all(Collected {
                    observations: recalled.observations,
                    not_read: recalled.not_read,
                    ..Collected::default()
                });
            };
            let recalled = inspector::recall(&storage, &history, jobs, since, &progress, &mut each);
            session.wait(recalled)?;
        } else {
            let mut all = here;
            let mut each = |mut recalled: Recalled| {
                all.observations.append(&mut recalled.observations);
                all.not_read.append(&mut recalled.not_read);
            };
            let recalled = inspector::recall(&storage, &history, jobs, since, &progress, &mut each);
            session.wait(recalled)?;
            self.all_found(&all)?;
            judge.all(all);
        }
        progress.finish();
        Ok(())
    }

    /// Whether a snapshot is of one of the jobs that were asked for.
    #[cfg(feature = "history")]
    fn is_wanted(&self, seen: &Observation) -> bool {
        self.job_id.contains(&inspector::partition_of(seen))
    }

    /// A mistyped id must not look like a job that is fine.
    #[cfg(feature = "history")]
    fn all_found(&self, collected: &Collected) -> Result<(), CliError> {
        let seen = collected.observations.iter();
        let found: BTreeSet<String> = seen.map(inspector::partition_of).collect();
        match self.job_id.iter().find(|&id| !found.contains(id)) {
            // What could not be read may be of that job; that is told.
            Some(id) if collected.not_read.is_empty() => {
                Err(CliError::NoSuchJob { wanted: id.clone() })
            }
            _ => Ok(()),
        }
    }
}

/// The name of a directory, which leads nowhere else.
fn parse_job_id(text: &str) -> Result<String, &'static str> {
    match text.is_empty() || text.contains('/') {
        true => Err("a job's id is what stands behind `job=` in the history"),
        false => Ok(text.to_owned()),
    }
}
