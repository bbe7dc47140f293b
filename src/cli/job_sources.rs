use std::path::{Path, PathBuf};

use clap::Args;
use statescope::finding::Finding;
use statescope::inspect::JobChoice;
use statescope::restore::job::{ClaimMode, JobDescription, JobSettings, StateBackend};
use statescope::restore::{FlinkRelease, RestoreOptions, RestoreReport, by_uids, restore};
use statescope::snapshot::summary::{Detail, SnapshotSummary};
use statescope::snapshot::uid::Dictionary;
use statescope::{Limits, Location};

use crate::cli::args::PathMapArgs;
use crate::cli::error::CliError;
use crate::cli::input_file;
use crate::cli::place_argument::PLACE;
use crate::cli::rest::{self, RestGaps};
use crate::cli::session::Session;
use crate::cli::states;
use crate::cli::uid_sources::UidSources;

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
        let described = match (&self.job, &self.rest, &self.job_id) {
            (Some(file), ..) => Some(read(file)?.into()),
            (None, Some(url), Some(job_id)) => Some(of_cluster(session, url, job_id)?),
            _ => None,
        };
        let against = match &self.against {
            Some(location) => Some(of_snapshot(session, location, moved)?),
            None => None,
        };
        let configured = session.flink_configuration()?;
        let configured = JobSettings::of_configuration(|name| configured.get(name));
        Ok(match (described, against) {
            (Some(mut new), Some(against)) => {
                new.job.add_states_of(&against);
                Some(new)
            }
            (new, against) => new.or(against.map(NewJob::from)),
        }
        .map(|mut new| {
            new.job.set(JobSettings {
                state_backend: self.state_backend,
                changelog: self.changelog,
                unaligned: self.unaligned,
                claim_mode: self.claim_mode,
            });
            new.job.fill(configured);
            new
        }))
    }
}

/// The new job, and what its source leaves open.
pub(crate) struct NewJob {
    job: JobDescription,
    /// Of a cluster, what it cannot tell.
    gaps: Option<RestGaps>,
}

impl From<JobDescription> for NewJob {
    fn from(job: JobDescription) -> Self {
        Self { job, gaps: None }
    }
}

impl NewJob {
    pub(crate) fn restore(
        mut self,
        snapshot: &SnapshotSummary,
        options: RestoreOptions,
    ) -> RestoreReport {
        match self.gaps {
            Some(gaps) => gaps.restore(&mut self.job, snapshot, options),
            None => restore(snapshot, &self.job, options),
        }
    }
}

fn of_cluster(session: &Session, url: &str, job_id: &str) -> Result<NewJob, CliError> {
    let asked = rest::ask(url, job_id, session.timeout());
    let answer = asked.map_err(|problem| CliError::Rest {
        url: Location::new(url).to_string(),
        problem,
    })?;
    Ok(NewJob {
        job: answer.job,
        gaps: Some(answer.gaps),
    })
}

impl JobSources {
    /// What the new jar or plan tells: operators with state whose uid is known, but not found
    /// there. Where it is `all` that is known of the new job, most of what Flink asks is open.
    pub(crate) fn vanished(
        &self,
        snapshot: &SnapshotSummary,
        all: bool,
    ) -> Result<Vec<Finding>, CliError> {
        if self.new_jar.is_empty() && self.new_plan.is_empty() {
            return Ok(Vec::new());
        }
        let sources = UidSources {
            uids: Vec::new(),
            jar: self.new_jar.clone(),
            plan: self.new_plan.clone(),
        };
        let mut found = Dictionary::of(snapshot.operators.iter().map(|o| o.operator_id));
        let mut findings = sources.fill(&mut found, "")?;
        let is_found = |id| found.get(id).is_some();
        findings.extend(by_uids(snapshot, is_found, all));
        Ok(findings)
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

/// The job that made a snapshot, with its states.
fn of_snapshot(
    session: &Session,
    location: &str,
    moved: &PathMapArgs,
) -> Result<JobDescription, CliError> {
    let (loaded, chosen) = session.load(location, &JobChoice::default())?;
    session.messages().findings(&chosen);
    let (mut snapshot, _) = statescope::inspect::summarize(&loaded, Detail::Operators)?;
    let storage = session.storage_with(moved)?;
    let unread = states::look_inside(
        session,
        &storage,
        &loaded,
        &mut snapshot,
        statescope::inspect::StatesOptions {
            sizes: false,
            all_heads: false,
        },
    )?;
    session.messages().findings(&unread);
    Ok(JobDescription::from_snapshot(&snapshot).of_a_test())
}
