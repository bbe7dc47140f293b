use crate::dump::ByteRange;
use crate::report::{Cell, Report, Room, Rows, Table, column};

/// One row per field.
pub fn dump(ranges: &[ByteRange]) -> Report<'_> {
    let rows = Rows::new(ranges, |range| {
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
            rows,
            columns: vec![
                column("start", "Start", Room::Fixed),
                column("end", "End", Room::Fixed),
                column("within", "Within", Room::Shrinks),
                column("field", "Field", Room::Fixed),
                column("value", "Value", Room::Shrinks),
            ],
        },
        ..Report::default()
    }
}
