//! Operator ids of uids.

use serde::Serialize;

use crate::checkpoint::OperatorId;

/// A uid and the id that Flink makes of it: the `data` of `uid` (docs/json.md).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UidHash {
    /// The text given to `uid(...)`.
    pub uid: String,
    /// The operator id.
    pub operator_id: OperatorId,
}

impl UidHash {
    /// Hashes a uid.
    pub fn of(uid: impl Into<String>) -> Self {
        let uid = uid.into();
        Self {
            operator_id: OperatorId::of_uid(&uid),
            uid,
        }
    }
}
