use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use statescope::job::JobDescription;
use statescope::restore::FlinkRelease;
use statescope::summary::Detail;

use crate::cli::error::CliError;
use crate::cli::session::Session;
use crate::cli::states;

/// Where the new job is known from.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "The new job")]
pub(crate) struct JobSources {
    /// A description of the new job (docs/upgrade.md)
    #[arg(long, value_name = "FILE")]
    pub(crate) job: Option<PathBuf>,
    /// A snapshot made by the new job; with --job, for its states alone
    #[arg(long, value_name = "LOCATION")]
    pub(crate) against: Option<String>,
    /// Judge as if the job were started with --allowNonRestoredState
    #[arg(long)]
    pub(crate) allow_non_restored_state: bool,
    /// The release that runs the new job [default: the job description's]
    #[arg(long, value_name = "VERSION")]
    pub(crate) flink_version: Option<FlinkRelease>,
}

impl JobSources {
    /// The new job, if anything is said of one.
    pub(crate) fn load(&self, session: &Session) -> Result<Option<JobDescription>, CliError> {
        let described = self.job.as_deref().map(read).transpose()?;
        let against = match &self.against {
            Some(location) => Some(of_snapshot(session, location)?),
            None => None,
        };
        Ok(match (described, against) {
            (Some(mut job), Some(against)) => {
                job.add_states_of(&against);
                Some(job)
            }
            (job, against) => job.or(against),
        })
    }
}

fn read(file: &Path) -> Result<JobDescription, CliError> {
    let mut text = String::new();
    let unreadable = |source| CliError::File {
        path: file.display().to_string(),
        source,
    };
    File::open(file)
        .and_then(|mut file| file.read_to_string(&mut text))
        .map_err(unreadable)?;
    let malformed = |problem: String| CliError::BadJob {
        path: file.display().to_string(),
        problem,
    };
    let job: JobDescription =
        serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))?;
    job.check().map_err(|error| malformed(error.to_string()))?;
    Ok(job)
}

/// The job that made a snapshot, with its states.
fn of_snapshot(session: &Session, location: &str) -> Result<JobDescription, CliError> {
    let loaded = session.load(location)?;
    let (mut snapshot, _) = statescope::inspector::summarize(&loaded, Detail::Operators)?;
    let storage = session.storage()?;
    let unread = states::look_inside(
        session,
        &storage,
        &loaded,
        &mut snapshot,
        statescope::inspector::StatesOptions {
            sizes: false,
            all_heads: false,
        },
    )?;
    session.messages().findings(&unread);
    Ok(JobDescription::from_snapshot(&snapshot))
}
