use std::collections::HashMap;

use crate::finding::{Finding, FindingKind, Place};
use crate::restore::cluster::RestJob;
use crate::restore::job::{JobDescription, JobOperator};
use crate::restore::verdict::Question;
use crate::restore::{RestoreOptions, RestoreReport, restore};
use crate::snapshot::summary::SnapshotSummary;
use statescope_format::model::checkpoint::OperatorId;

/// What a cluster does not tell of a job.
#[derive(Clone, Debug)]
pub struct ClusterGaps {
    /// True if its vertices have more operators than their first.
    hides_operators: bool,
    /// The max parallelism of vertices, whoever chose it.
    max_parallelism: HashMap<OperatorId, Option<u32>>,
}

impl ClusterGaps {
    /// What is not told of `job`.
    pub fn of(job: &RestJob) -> Self {
        let vertices = job.vertices.iter();
        Self {
            hides_operators: job.hides_operators(),
            max_parallelism: vertices.map(|v| (v.id, v.max_parallelism)).collect(),
        }
    }

    /// Judges a job of which only this much is known: a "yes" that may be wrong is not said.
    pub fn restore(
        &self,
        mut job: JobDescription,
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
        let mut report = restore(snapshot, &job, options);
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
