use crate::report::{Cell, Report, Room, Table, column, optional};
use crate::uid::{UidEntry, UidSource};

/// One row per uid.
pub fn uids(uids: &[UidEntry]) -> Report {
    let rows = uids.iter().map(|entry| {
        vec![
            entry.operator_id.to_string().into(),
            entry.uid.clone().into(),
            Cell::word(entry.uid_source.map(UidSource::name)),
            entry.name.clone().into(),
        ]
    });
    Report {
        facts: Vec::new(),
        table: Table {
            rows: rows.collect(),
            columns: vec![
                column("operator_id", "Operator id", Room::Fixed),
                column("uid", "Uid", Room::Shrinks),
                optional(column("uid_source", "From", Room::Fixed)),
                optional(column("name", "Name", Room::Shrinks)),
            ],
        },
    }
}
