use clap::Args;
#[cfg(feature = "history")]
use statescope::Location;
#[cfg(feature = "history")]
use statescope::inspect::{Grew, HistoryRequest};

use crate::cli::error::CliError;
use crate::cli::place_argument::PLACE;
#[cfg(feature = "history")]
use crate::cli::session::Session;

#[derive(Args, Debug)]
pub(super) struct HistoryArgs {
    /// Add what is seen to a history: a directory of Parquet files, in any store
    #[arg(value_parser = PLACE, long, value_name = "DIR")]
    pub(super) record: Option<String>,
    /// Look at what a history holds, too; without BASE at all of its jobs
    #[arg(value_parser = PLACE, long, value_name = "DIR")]
    pub(super) history: Option<String>,
    /// Only the job with this id, all of it that the history has; can be repeated
    #[arg(long, value_name = "ID", requires = "history", value_parser = parse_job_id)]
    pub(super) job_id: Vec<String>,
}

/// What a build without histories says.
#[cfg(not(feature = "history"))]
pub(in crate::cli::commands) const NOT_BUILT: &str =
    "this build has no histories: build it with --features history";

impl HistoryArgs {
    /// The histories that are written and read.
    pub(super) fn places(&self) -> impl Iterator<Item = &String> {
        self.record.iter().chain(&self.history)
    }

    #[cfg(feature = "history")]
    pub(super) fn request(&self, has_base: bool) -> Result<HistoryRequest, CliError> {
        if self.record.is_some() && !has_base {
            return Err(CliError::Usage("--record needs a BASE to look at"));
        }
        Ok(HistoryRequest {
            record: self.record.as_ref().map(Location::new),
            recall: self.history.as_ref().map(Location::new),
            job_ids: self.job_id.clone(),
        })
    }

    #[cfg(not(feature = "history"))]
    pub(super) fn refuse(&self) -> Result<(), CliError> {
        match self.record.is_some() || self.history.is_some() {
            true => Err(CliError::Usage(NOT_BUILT)),
            false => Ok(()),
        }
    }
}

/// Says what was done beside judging.
#[cfg(feature = "history")]
pub(super) fn say(session: &Session, grew: &Grew) {
    if let Some(recorded) = grew.recorded {
        session.messages().note(&format!(
            "recorded {} new rows in {} files",
            recorded.rows, recorded.files
        ));
    }
    if let Some(jobs) = grew.not_joined {
        session.messages().note(&format!(
            "of {jobs} jobs, restarts under a new id are not joined; name both with --job-id to join them"
        ));
    }
}

/// The name of a directory, which leads nowhere else.
fn parse_job_id(text: &str) -> Result<String, &'static str> {
    match text.is_empty() || text.contains('/') {
        true => Err("a job's id is what stands behind `job=` in the history"),
        false => Ok(text.to_owned()),
    }
}
