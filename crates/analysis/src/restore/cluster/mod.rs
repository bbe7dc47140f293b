//! What the REST endpoint of a running cluster says of a job (docs/upgrade.md). It knows vertices,
//! which are chains of operators, and of each only the id of the first operator.

mod describe;
mod gaps;

use std::collections::HashMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use statescope_format::model::checkpoint::OperatorId;

pub use gaps::ClusterGaps;

/// A running job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestJob {
    /// Its name.
    pub name: Option<String>,
    /// Its vertices, sources first.
    pub vertices: Vec<RestVertex>,
}

/// A chain of operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestVertex {
    /// The id of its first operator.
    pub id: OperatorId,
    /// The names of its operators, joined by arrows.
    pub name: String,
    /// How many operators it has, as its description lists them; `None` without one.
    pub operators: Option<usize>,
    /// Number of subtasks.
    pub parallelism: u32,
    /// Its max parallelism, whoever chose it; `None` where the cluster does not say.
    pub max_parallelism: Option<u32>,
    /// The vertices that it reads from, in the order of its inputs.
    pub inputs: Vec<OperatorId>,
}

/// How a running job takes checkpoints; `None` where the cluster does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestCheckpoints {
    /// The class of its state backend.
    pub state_backend: Option<String>,
    /// Whether its state goes through the changelog backend.
    pub changelog: Option<bool>,
    /// Whether its checkpoints are unaligned.
    pub unaligned: Option<bool>,
}

/// An answer that is not what a cluster says.
#[derive(Debug, thiserror::Error)]
pub enum RestError {
    /// Not the JSON that was expected.
    #[error("not the answer of a Flink cluster: {0}")]
    Json(#[from] serde_json::Error),
    /// An id of other than 32 hex digits.
    #[error("not the answer of a Flink cluster: the vertex id {0:?} has not 32 hex digits")]
    VertexId(String),
}

#[derive(Deserialize)]
struct Job {
    name: Option<String>,
    vertices: Vec<Vertex>,
    plan: Option<Plan>,
}

#[derive(Deserialize)]
struct Vertex {
    id: String,
    name: String,
    parallelism: u32,
    /// -1 where it is not known.
    #[serde(rename = "maxParallelism")]
    max_parallelism: Option<i64>,
}

#[derive(Deserialize)]
struct Plan {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    description: Option<String>,
    #[serde(default)]
    inputs: Vec<Input>,
}

#[derive(Deserialize)]
struct Input {
    #[serde(default)]
    num: u32,
    id: String,
}

/// Reads the answer of `/jobs/<job id>`.
///
/// # Errors
/// When it is anything else.
pub fn job(answer: &[u8]) -> Result<RestJob, RestError> {
    let job: Job = read(answer)?;
    let nodes = job.plan.map(|plan| plan.nodes).unwrap_or_default();
    let mut nodes: HashMap<String, Node> = (nodes.into_iter())
        .map(|node| (node.id.clone(), node))
        .collect();
    let mut vertices = Vec::new();
    for vertex in job.vertices {
        let node = nodes.remove(&vertex.id);
        let mut inputs = Vec::new();
        let mut operators = None;
        if let Some(node) = node {
            operators = node.description.as_deref().and_then(listed);
            let mut numbered = node.inputs;
            numbered.sort_by_key(|input| input.num);
            for input in numbered {
                inputs.push(id(&input.id)?);
            }
        }
        vertices.push(RestVertex {
            id: id(&vertex.id)?,
            name: vertex.name,
            operators,
            parallelism: vertex.parallelism,
            max_parallelism: (vertex.max_parallelism)
                .and_then(|max| u32::try_from(max).ok())
                .filter(|&max| max > 0),
            inputs,
        });
    }
    Ok(RestJob {
        name: job.name,
        vertices,
    })
}

#[derive(Deserialize)]
struct Checkpoints {
    state_backend: Option<String>,
    state_changelog_enabled: Option<bool>,
    unaligned_checkpoints: Option<bool>,
}

/// Reads the answer of `/jobs/<job id>/checkpoints/config`.
///
/// # Errors
/// When it is anything else.
pub fn checkpoints(answer: &[u8]) -> Result<RestCheckpoints, RestError> {
    let answer: Checkpoints = read(answer)?;
    Ok(RestCheckpoints {
        state_backend: answer.state_backend,
        changelog: answer.state_changelog_enabled,
        unaligned: answer.unaligned_checkpoints,
    })
}

/// Reads the answer of `/config`: the cluster's release.
///
/// # Errors
/// When it is anything else.
pub fn flink_version(answer: &[u8]) -> Result<String, RestError> {
    #[derive(Deserialize)]
    struct Config {
        #[serde(rename = "flink-version")]
        version: String,
    }
    Ok(read::<Config>(answer)?.version)
}

fn read<T: DeserializeOwned>(answer: &[u8]) -> Result<T, RestError> {
    Ok(serde_json::from_slice(answer)?)
}

fn id(text: &str) -> Result<OperatorId, RestError> {
    let id = text.parse();
    id.map_err(|_| RestError::VertexId(text.to_owned()))
}

/// Operators of a chain, each in a line of HTML.
fn listed(description: &str) -> Option<usize> {
    let lines = description.split("<br/>");
    let count = lines.filter(|line| !line.trim().is_empty()).count();
    (count > 0).then_some(count)
}
