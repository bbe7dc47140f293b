use crate::report::{Cell, Report, Room, Table, column};

/// What a compaction did: partitions whose files became one, and files that are gone.
pub fn compacted(partitions: u64, files: u64) -> Report<'static> {
    Report {
        facts: Vec::new(),
        table: Table {
            columns: vec![
                column("partitions", "Partitions merged", Room::Fixed),
                column("files", "Files deleted", Room::Fixed),
            ],
            rows: vec![vec![
                Cell::Count(Some(partitions)),
                Cell::Count(Some(files)),
            ]]
            .into(),
        },
        ..Report::default()
    }
}
