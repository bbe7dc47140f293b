//! Asks the REST endpoint of a running Flink cluster for a job.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Url};

use statescope_analysis::restore::cluster::{self, ClusterGaps, RestCheckpoints, RestError};
use statescope_analysis::restore::job::JobDescription;
use statescope_format::Limits;
use statescope_format::model::checkpoint::OperatorId;
use statescope_format::reader::to_u64;

/// A job on a running cluster.
#[derive(Clone, Debug)]
pub struct ClusterJob {
    /// The `http://` URL of the cluster's REST endpoint.
    pub url: String,
    /// The job's id: 32 hex digits.
    pub job_id: String,
    /// How long each answer may take.
    pub timeout: Duration,
}

/// What a cluster says of a job.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClusterAnswer {
    /// The job, by the first operators of its vertices.
    pub job: JobDescription,
    /// What it leaves open.
    pub gaps: ClusterGaps,
}

/// Why a cluster could not be asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClusterError {
    /// TLS is for stores alone.
    #[error("https is not supported: forward a local port to the cluster and give its http:// URL")]
    Https,
    /// Something else than a URL of HTTP.
    #[error("not an http:// URL")]
    NoUrl,
    /// Something else than a job id.
    #[error("a job id has 32 hex digits")]
    JobId,
    /// Nobody is there.
    #[error("no connection: {0}")]
    NoConnection(String),
    /// The answer takes too long.
    #[error("no answer within {} seconds", .0.as_secs())]
    Timeout(Duration),
    /// The answer broke off or is none of HTTP.
    #[error("{0}")]
    Broken(String),
    /// It sends to another address, which gets no question.
    #[error("it redirects to {0}, which is not followed")]
    Redirect(String),
    /// Another answer than 200.
    #[error("HTTP status {0}")]
    Status(u16),
    /// The answer is longer than any description of a job.
    #[error("the answer has more than {0} bytes")]
    TooLong(u64),
    /// The answer is not what a Flink cluster says.
    #[error("{0}")]
    Answer(#[from] RestError),
}

impl ClusterError {
    /// Whether the question cannot be asked.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Https | Self::NoUrl | Self::JobId)
    }

    /// Whether the cluster is said to be elsewhere.
    pub fn is_redirect(&self) -> bool {
        matches!(self, Self::Redirect(_))
    }

    /// Whether the cluster does not know the job.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::Status(404))
    }
}

/// Asks the cluster for the job.
///
/// # Errors
/// When it does not answer, or not as a Flink cluster does.
pub async fn ask(at: &ClusterJob) -> Result<ClusterAnswer, ClusterError> {
    let base = base(&at.url)?;
    // Job ids look like operator ids.
    let job_id: OperatorId = at.job_id.parse().map_err(|_| ClusterError::JobId)?;
    #[cfg(feature = "remote")]
    crate::storage::choose_cryptography();
    let client = Client::builder()
        .timeout(at.timeout)
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .map_err(|error| ClusterError::Broken(cause(&error)))?;
    let endpoint = Endpoint {
        client,
        base,
        timeout: at.timeout,
    };
    let job = cluster::job(&endpoint.get(&format!("jobs/{job_id}")).await?)?;
    // What old clusters, or jobs without checkpoints, do not tell stays unknown.
    let checkpoints = format!("jobs/{job_id}/checkpoints/config");
    let checkpoints = match endpoint.get(&checkpoints).await {
        Ok(answer) => cluster::checkpoints(&answer)?,
        Err(ClusterError::Status(404)) => RestCheckpoints::default(),
        Err(error) => return Err(error),
    };
    let version = cluster::flink_version(&endpoint.get("config").await?)?;
    Ok(ClusterAnswer {
        gaps: ClusterGaps::of(&job),
        job: job.describe(&checkpoints, Some(version)),
    })
}

fn base(url: &str) -> Result<Url, ClusterError> {
    let mut base = url.trim_end_matches('/').to_owned();
    base.push('/');
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    match scheme.map(str::to_ascii_lowercase).as_deref() {
        Some("http") => base.parse().map_err(|_| ClusterError::NoUrl),
        Some("https") => Err(ClusterError::Https),
        _ => Err(ClusterError::NoUrl),
    }
}

struct Endpoint {
    client: Client,
    /// Ends with a slash.
    base: Url,
    timeout: Duration,
}

impl Endpoint {
    async fn get(&self, path: &str) -> Result<Vec<u8>, ClusterError> {
        let url = self.base.join(path).map_err(|_| ClusterError::NoUrl)?;
        let failed = |error: reqwest::Error| self.failed(&error);
        let mut response = self.client.get(url).send().await.map_err(failed)?;
        let status = response.status();
        if let (true, Some(to)) = (status.is_redirection(), response.headers().get("location")) {
            return Err(ClusterError::Redirect(host_of(to.as_bytes(), &self.base)));
        }
        let status = status.as_u16();
        if status != 200 {
            return Err(ClusterError::Status(status));
        }
        let limit = Limits::default().job_bytes;
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(failed)? {
            body.extend_from_slice(&piece);
            if to_u64(body.len()) > limit {
                return Err(ClusterError::TooLong(limit));
            }
        }
        Ok(body)
    }

    fn failed(&self, error: &reqwest::Error) -> ClusterError {
        if error.is_timeout() {
            ClusterError::Timeout(self.timeout)
        } else if error.is_connect() {
            ClusterError::NoConnection(cause(error))
        } else {
            ClusterError::Broken(cause(error))
        }
    }
}

/// The host that a redirect names: what follows may hold anything. One without a host stays where it
/// is.
fn host_of(target: &[u8], base: &Url) -> String {
    let target = String::from_utf8_lossy(target);
    let host = |url: &Url| {
        let host = url.host_str().unwrap_or_default();
        match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    };
    match base.join(&target) {
        Ok(to) if to.host_str().is_none() => "an address that is none".to_owned(),
        Ok(to) if target.contains("//") => host(&to),
        Ok(_) => format!("another path of {}", host(base)),
        Err(_) => "an address that is none".to_owned(),
    }
}

/// What lies at the bottom of an error.
fn cause(error: &reqwest::Error) -> String {
    let mut deepest: &dyn std::error::Error = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest.to_string()
}
