use std::path::{Path, PathBuf};

use clap::Args;
use statescope::Limits;
use statescope::cluster::ClusterJob;
use statescope::inspect::{self, JobChoice, NewJob, NewJobSources, UidSources};
use statescope::restore::FlinkRelease;
use statescope::restore::job::{ClaimMode, JobDescription, JobSettings, StateBackend};

use crate::cli::args::PathMapArgs;
use crate::cli::error::CliError;
use crate::cli::input_file;
use crate::cli::place_argument::PLACE;
use crate::cli::session::Session;

/// Where the new job is known from.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "The new job")]
pub(crate) struct JobSources {
    /// A description of the new job (docs/upgrade.md)
    #[arg(long, value_name = "FILE")]
    pub(crate) job: Option<PathBuf>,
    /// A snapshot made by the new job; with --job, for its states alone
    #[arg(value_parser = PLACE, long, value_name = "LOCATION")]
    pub(crate) against: Option<String>,
    /// A cluster that runs the new job: the http:// URL of its REST endpoint; tells less than a
    /// description
    #[arg(long, value_name = "URL", requires = "job_id", conflicts_with = "job")]
    pub(crate) rest: Option<String>,
    /// With --rest, the job's id on that cluster; else, of BASE@latest and BASE@chk-N, the job that
    /// is meant
    #[arg(long, value_name = "ID")]
    pub(crate) job_id: Option<String>,
    /// A jar of the new job: uids of the snapshot that it does not have are told; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) new_jar: Vec<PathBuf>,
    /// A SQL plan of the new job, of COMPILE PLAN: as --new-jar; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(crate) new_plan: Vec<PathBuf>,
    /// Judge as if the job were started with --allowNonRestoredState
    #[arg(long)]
    pub(crate) allow_non_restored_state: bool,
    /// The state backend of the new job [default: the job description's, or Flink's configuration]
    #[arg(long, value_name = "BACKEND", value_parser = backend)]
    pub(crate) state_backend: Option<StateBackend>,
    /// Whether the new job's state goes through the changelog backend
    #[arg(long, value_name = "BOOL")]
    pub(crate) changelog: Option<bool>,
    /// Whether the new job's checkpoints are unaligned
    #[arg(long, value_name = "BOOL")]
    pub(crate) unaligned: Option<bool>,
    /// How the new job takes over the snapshot: no_claim, claim, or legacy (before Flink 2.0)
    #[arg(long, value_name = "MODE", value_parser = claim_mode)]
    pub(crate) claim_mode: Option<ClaimMode>,
    /// The release that is to restore it, such as 1.20 [default: the job description's]; works without a
    /// new job, too
    #[arg(long, value_name = "VERSION")]
    pub(crate) flink_version: Option<FlinkRelease>,
}

impl JobSources {
    /// The new job, if anything is said of one.
    pub(crate) fn load(
        &self,
        session: &Session,
        moved: &PathMapArgs,
    ) -> Result<Option<NewJob>, CliError> {
        let description = self.job.as_deref().map(read).transpose()?;
        let cluster = self.rest.clone().zip(self.job_id.clone());
        let against = match &self.against {
            Some(location) => {
                let (loaded, chosen) = session.load(location, &JobChoice::default())?;
                session.messages().findings(&chosen);
                Some(loaded)
            }
            None => None,
        };
        let storage = session.storage_with(moved)?;
        let sources = NewJobSources {
            description,
            cluster: cluster.map(|(url, job_id)| ClusterJob {
                url,
                job_id,
                timeout: session.timeout(),
            }),
            against: against.as_ref(),
            settings: JobSettings {
                state_backend: self.state_backend,
                changelog: self.changelog,
                unaligned: self.unaligned,
                claim_mode: self.claim_mode,
            },
        };
        let progress = session.progress();
        let new = session.wait(inspect::new_job(&storage, sources, &progress))?;
        progress.finish();
        if let Some(new) = &new {
            session.messages().findings(&new.notes);
        }
        Ok(new)
    }

    /// The jars and plans of the new job, for its uids.
    pub(crate) fn uids(&self) -> Option<UidSources> {
        (!self.new_jar.is_empty() || !self.new_plan.is_empty()).then(|| UidSources {
            lists: Vec::new(),
            jars: self.new_jar.clone(),
            plans: self.new_plan.clone(),
        })
    }
}

fn backend(name: &str) -> Result<StateBackend, &'static str> {
    StateBackend::named(name).ok_or("one of hashmap, rocksdb, forst")
}

fn claim_mode(name: &str) -> Result<ClaimMode, &'static str> {
    ClaimMode::named(name).ok_or("one of no_claim, claim, legacy")
}

fn read(file: &Path) -> Result<JobDescription, CliError> {
    let text = input_file::text(file, Limits::default().job_bytes)?;
    let malformed = |problem: String| CliError::BadJob {
        path: file.display().to_string(),
        problem,
    };
    let job: JobDescription =
        serde_json::from_str(&text).map_err(|error| malformed(error.to_string()))?;
    job.check().map_err(|error| malformed(error.to_string()))?;
    Ok(job)
}
