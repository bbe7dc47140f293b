use clap::Args;
use statescope::Location;

#[cfg(not(feature = "history"))]
use crate::cli::commands::growth::{GrowthArgs, Judge};
#[cfg(not(feature = "history"))]
use crate::cli::error::CliError;
use crate::cli::place_argument::PLACE;
#[cfg(not(feature = "history"))]
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
}

/// The name of a directory, which leads nowhere else.
fn parse_job_id(text: &str) -> Result<String, &'static str> {
    match text.is_empty() || text.contains('/') {
        true => Err("a job's id is what stands behind `job=` in the history"),
        false => Ok(text.to_owned()),
    }
}
