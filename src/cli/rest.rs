//! Asks a running cluster for a job.

use std::collections::HashMap;
use std::time::Duration;

use statescope::Limits;
use statescope::finding::{Finding, FindingKind, Place};
use statescope::model::checkpoint::OperatorId;
use statescope::restore::cluster::{self, RestError};
use statescope::restore::job::{JobDescription, JobOperator};
use statescope::restore::verdict::Question;
use statescope::restore::{RestoreOptions, RestoreReport, restore};
use statescope::snapshot::summary::SnapshotSummary;
use ureq::Agent;

/// What a cluster says of a job.
pub(crate) struct Answer {
    /// The job, by the first operators of its vertices.
    pub(crate) job: JobDescription,
    /// What it leaves open.
    pub(crate) gaps: RestGaps,
}

/// What a cluster does not tell of a job.
pub(crate) struct RestGaps {
    /// True if its vertices have more operators than their first.
    hides_operators: bool,
    /// The max parallelism of vertices, whoever chose it.
    max_parallelism: HashMap<OperatorId, Option<u32>>,
}

impl RestGaps {
    /// Judges a job of which only this much is known: a "yes" that may be wrong is not said.
    pub(crate) fn restore(
        &self,
        job: &mut JobDescription,
        snapshot: &SnapshotSummary,
        options: RestoreOptions,
    ) -> RestoreReport {
        let mut differ = Vec::new();
        for operator in &snapshot.operators {
            let id = operator.operator_id;
            match self.max_parallelism.get(&id) {
                Some(max) if *max == Some(operator.max_parallelism) => {}
                Some(_) => differ.push(operator),
                // It may be inside a chain.
                None if self.hides_operators => job.operators.push(JobOperator {
                    operator_id: Some(id),
                    ..JobOperator::default()
                }),
                None => {}
            }
        }
        for operator in &mut job.operators {
            if (differ.iter()).any(|other| Some(other.operator_id) == operator.operator_id) {
                // Set by the program it would fail, chosen by Flink it would adapt.
                operator.max_parallelism = None;
            }
        }
        let mut report = restore(snapshot, job, options);
        if self.hides_operators {
            report.findings.push(note(
                "a cluster tells only the first operator of each chain: whether the job has the \
                 others is not known",
                Place::default(),
            ));
        }
        for operator in &differ {
            report.findings.push(note(
                "a cluster does not tell who chose a max parallelism, and that of its job is \
                 another: if the program sets it, the restore fails",
                Place {
                    operator_id: Some(operator.operator_id),
                    uid: operator.uid.clone(),
                    uid_source: operator.uid_source,
                    ..Place::default()
                },
            ));
        }
        if self.hides_operators {
            report.leave_open(Question::Operators);
        }
        if !differ.is_empty() {
            report.leave_open(Question::Parallelism);
        }
        report
    }
}

fn note(reason: &str, place: Place) -> Finding {
    Finding {
        kind: FindingKind::NotRead {
            reason: reason.to_owned(),
        },
        place,
    }
}

/// Why a cluster could not be asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("https is not supported: forward a local port to the cluster and give its http:// URL")]
    Https,
    #[error("not an http:// URL")]
    NoUrl,
    #[error("a job id has 32 hex digits")]
    JobId,
    #[error("{0}")]
    Http(#[from] Box<ureq::Error>),
    #[error("HTTP status {0}")]
    Status(u16),
    #[error("it redirects to {0}, which is not followed")]
    Redirect(String),
    #[error("{0}")]
    Answer(#[from] RestError),
}

impl Problem {
    pub(crate) fn is_usage(&self) -> bool {
        matches!(self, Self::Https | Self::NoUrl | Self::JobId)
    }

    pub(crate) fn is_redirect(&self) -> bool {
        matches!(self, Self::Redirect(_))
    }

    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::Status(404))
    }
}

/// Asks the cluster at `url` for a job; nothing takes longer than `timeout`.
pub(crate) fn ask(url: &str, job_id: &str, timeout: Duration) -> Result<Answer, Problem> {
    let base = url.trim_end_matches('/');
    let scheme = base
        .split("://")
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    match scheme.as_str() {
        "http" if base.contains("://") => {}
        "https" => return Err(Problem::Https),
        _ => return Err(Problem::NoUrl),
    }
    // Job ids look like operator ids.
    let job_id: OperatorId = job_id.parse().map_err(|_| Problem::JobId)?;
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(timeout))
        .max_redirects(0)
        .http_status_as_error(false)
        .proxy(None)
        .build()
        .into();
    let of_job = format!("{base}/jobs/{job_id}");
    let job = cluster::job(&get(&agent, &of_job)?)?;
    // What old clusters, or jobs without checkpoints, do not tell stays unknown.
    let checkpoints = get(&agent, &format!("{of_job}/checkpoints/config"));
    let checkpoints = match checkpoints {
        Ok(answer) => cluster::checkpoints(&answer)?,
        Err(Problem::Status(404)) => cluster::RestCheckpoints::default(),
        Err(problem) => return Err(problem),
    };
    let version = cluster::flink_version(&get(&agent, &format!("{base}/config"))?)?;
    let max_parallelism = (job.vertices.iter())
        .map(|v| (v.id, v.max_parallelism))
        .collect();
    Ok(Answer {
        gaps: RestGaps {
            hides_operators: job.hides_operators(),
            max_parallelism,
        },
        job: job.describe(&checkpoints, Some(version)),
    })
}

fn get(agent: &Agent, url: &str) -> Result<Vec<u8>, Problem> {
    let mut response = agent.get(url).call().map_err(Box::new)?;
    let status = response.status().as_u16();
    if (300..400).contains(&status)
        && let Some(to) = response.headers().get("location")
    {
        return Err(Problem::Redirect(host_of(to.as_bytes(), url)));
    }
    if status != 200 {
        return Err(Problem::Status(status));
    }
    let body = response
        .body_mut()
        .with_config()
        .limit(Limits::default().job_bytes);
    Ok(body.read_to_vec().map_err(Box::new)?)
}

/// The host that a redirect names: what follows may hold anything. One without a host stays where it is.
fn host_of(target: &[u8], url: &str) -> String {
    let target = String::from_utf8_lossy(target);
    let host = |url: &str| {
        let url: ureq::http::Uri = url.parse().ok()?;
        let host = url.host()?.to_owned();
        Some(match url.port_u16() {
            Some(port) => format!("{host}:{port}"),
            None => host,
        })
    };
    let of_target = match target.strip_prefix("//") {
        Some(rest) => host(&format!("http://{rest}")),
        None => host(&target),
    };
    let is_elsewhere = target.contains("//");
    match of_target {
        Some(host) => host,
        None if is_elsewhere => "an address that is none".to_owned(),
        None => format!("another path of {}", host(url).unwrap_or_default()),
    }
}
