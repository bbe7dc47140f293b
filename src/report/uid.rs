use crate::report::{Report, Room, Table, column};
use crate::uid::UidHash;

/// One row per uid.
pub fn uids(uids: &[UidHash]) -> Report {
    let rows = uids
        .iter()
        .map(|hash| vec![hash.operator_id.to_string().into(), hash.uid.clone().into()]);
    Report {
        facts: Vec::new(),
        table: Table {
            rows: rows.collect(),
            columns: vec![
                column("operator_id", "Operator id", Room::Fixed),
                column("uid", "Uid", Room::Shrinks),
            ],
        },
    }
}
