use crate::dump::ByteRange;
use crate::report::{Cell, Report, Room, Table, column};

/// One row per field.
pub fn dump(ranges: &[ByteRange]) -> Report {
    let rows = ranges.iter().map(|range| {
        vec![
            Cell::Count(Some(range.start)),
            Cell::Count(Some(range.end)),
            range.within.join(" > ").into(),
            Cell::Word(range.field),
            range.value.clone().into(),
        ]
    });
    Report {
        facts: Vec::new(),
        table: Table {
            rows: rows.collect(),
            columns: vec![
                column("start", "Start", Room::Fixed),
                column("end", "End", Room::Fixed),
                column("within", "Within", Room::Shrinks),
                column("field", "Field", Room::Fixed),
                column("value", "Value", Room::Shrinks),
            ],
        },
    }
}
