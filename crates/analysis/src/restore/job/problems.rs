use std::collections::HashSet;

use crate::restore::job::JobDescription;
use crate::restore::release::InvalidRelease;
use statescope_format::model::checkpoint::OperatorId;

/// Why a description cannot be one of a job.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JobError {
    /// A version of the format that this build does not know.
    #[error("version {0} of job descriptions is not known; this build reads version 1")]
    Version(u32),
    /// A `flink_version` that tells no release.
    #[error("flink_version \"{0}\" is not understood: {InvalidRelease}")]
    Release(String),
    /// An operator without id and uid.
    #[error("operator {0} has neither operator_id nor uid")]
    NoId(usize),
    /// An id that is not that of the uid.
    #[error("operator_id {id} is not that of uid \"{uid}\", which has {hash}")]
    Mismatch {
        /// The uid.
        uid: String,
        /// The id as given.
        id: OperatorId,
        /// The id of the uid.
        hash: OperatorId,
    },
}

impl JobDescription {
    /// Checks what the format alone cannot.
    ///
    /// # Errors
    /// See [`JobError`].
    pub fn check(&self) -> Result<(), JobError> {
        if self.version != Self::VERSION {
            return Err(JobError::Version(self.version));
        }
        if let (Some(text), Some(Err(_))) = (&self.flink_version, self.release()) {
            return Err(JobError::Release(text.clone()));
        }
        for (at, operator) in self.operators.iter().enumerate() {
            if let (Some(uid), Some(id)) = (&operator.uid, operator.operator_id) {
                let hash = OperatorId::of_uid(uid);
                if hash != id {
                    let uid = uid.clone();
                    return Err(JobError::Mismatch { uid, id, hash });
                }
            }
            if operator.id().is_none() {
                return Err(JobError::NoId(at));
            }
        }
        Ok(())
    }

    /// Ids that more than one operator has: Flink refuses such a job.
    pub fn duplicate_ids(&self) -> Vec<OperatorId> {
        let mut seen = HashSet::new();
        let ids = self.operators.iter().filter_map(|operator| operator.id());
        let mut twice: Vec<_> = ids.filter(|id| !seen.insert(*id)).collect();
        twice.sort_unstable();
        twice.dedup();
        twice
    }
}
