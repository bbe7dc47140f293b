use crate::restore::cluster::{RestCheckpoints, RestJob, RestVertex};
use crate::restore::job::{JobDescription, JobOperator, StateBackend};
use statescope_format::model::handle::default_max_parallelism;

impl RestJob {
    /// True if a vertex has operators besides its first, or may have: no REST endpoint tells their
    /// ids.
    pub fn hides_operators(&self) -> bool {
        (self.vertices.iter()).any(|vertex| vertex.operators != Some(1))
    }

    /// The description of the job: the first operator of each vertex, without states.
    ///
    /// A cluster does not tell who chose a max parallelism: one that Flink would have chosen counts
    /// as chosen by Flink.
    pub fn describe(
        &self,
        checkpoints: &RestCheckpoints,
        flink_version: Option<String>,
    ) -> JobDescription {
        JobDescription {
            version: JobDescription::VERSION,
            flink_version,
            state_backend: (checkpoints.state_backend.as_deref()).and_then(StateBackend::named),
            changelog: checkpoints.changelog,
            unaligned: checkpoints.unaligned,
            operators: self.vertices.iter().map(operator).collect(),
            ..JobDescription::default()
        }
    }
}

fn operator(vertex: &RestVertex) -> JobOperator {
    let chosen = default_max_parallelism(vertex.parallelism);
    JobOperator {
        operator_id: Some(vertex.id),
        // That of a chain is no operator's.
        name: (vertex.operators == Some(1)).then(|| vertex.name.clone()),
        parallelism: Some(vertex.parallelism),
        max_parallelism: vertex.max_parallelism.filter(|&max| max != chosen),
        vertex: Some(vertex.id),
        inputs: Some(vertex.inputs.clone()),
        ..JobOperator::default()
    }
}
