use crate::report::{Cell, Report, Room, Rows, Table, column, optional};
use crate::snapshot::uid::{UidEntry, UidSource};

/// One row per uid.
pub fn uids(uids: &[UidEntry]) -> Report<'_> {
    let rows = Rows::new(uids, |entry| {
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
            rows,
            columns: vec![
                column("operator_id", "Operator id", Room::Fixed),
                column("uid", "Uid", Room::Shrinks),
                optional(column("uid_source", "From", Room::Fixed)),
                optional(column("name", "Name", Room::Shrinks)),
            ],
        },
        ..Report::default()
    }
}
