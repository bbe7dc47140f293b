use serde::Serialize;

use crate::snapshot::uid::UidSource;
use statescope_format::model::checkpoint::OperatorId;

/// An operator id and its uid: an entry of the `data` of `uid` (docs/json.md).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UidEntry {
    /// The text given to `uid(...)`, where known.
    pub uid: Option<String>,
    /// The operator id that Flink makes of it.
    pub operator_id: OperatorId,
    /// Where the uid is known from; `None` if it was simply given.
    pub uid_source: Option<UidSource>,
    /// True if the id is not that of a uid; `None` if nothing tells.
    pub auto_generated_id: Option<bool>,
    /// The operator's name, where known.
    pub name: Option<String>,
}

impl UidEntry {
    /// Hashes a uid.
    pub fn of(uid: impl Into<String>) -> Self {
        let uid = uid.into();
        Self {
            operator_id: OperatorId::of_uid(&uid),
            uid: Some(uid),
            uid_source: None,
            auto_generated_id: Some(false),
            name: None,
        }
    }
}
