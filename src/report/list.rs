use crate::inspect::{SnapshotEntry, SnapshotList, SnapshotStatus};
use crate::reader::to_u64;
use crate::report::{Cell, Report, Room, Rows, Table, column, fact, optional};
use crate::time::rfc_3339;

/// One row per snapshot.
pub fn snapshots(list: &SnapshotList) -> Report<'_> {
    let bases = list.bases.iter().map(|base| Cell::Text(base.to_string()));
    let complete = |entry: &&SnapshotEntry| entry.status == SnapshotStatus::Complete;
    let complete = list.snapshots.iter().filter(complete).count();
    let (total, listed) = (list.snapshot_count, to_u64(list.snapshots.len()));
    let mut count = format!("{total} found");
    if listed < total {
        count.push_str(&format!(", {listed} listed"));
    }
    let mut facts = vec![
        fact("below", bases),
        fact(
            "snapshots",
            [format!("{count}, {complete} of them complete").into()],
        ),
    ];
    for problem in &list.unreadable_directories {
        facts.push(fact("not listed", [problem.clone().into()]));
    }
    let rows = Rows::new(&list.snapshots, |entry| {
        vec![
            below_base(list, entry).into(),
            Cell::Word(entry.status.label()),
            Cell::Word(entry.kind.map_or("-", |kind| kind.label())),
            Cell::Count(entry.checkpoint_id),
            rfc_3339(entry.modified).into(),
            Cell::Count(entry.metadata_version.map(u64::from)),
            Cell::Count(entry.operators),
            Cell::Bytes(entry.metadata_bytes),
            Cell::Bytes(entry.checkpointed_bytes),
            Cell::Bytes(entry.state_bytes),
            entry.error.clone().into(),
        ]
    });
    let table = Table {
        rows,
        columns: vec![
            column("location", "Snapshot", Room::Shrinks),
            column("status", "Status", Room::Fixed),
            column("kind", "Kind", Room::Drops(1)),
            column("checkpoint_id", "Number", Room::Drops(2)),
            column("modified", "Written", Room::Drops(3)),
            column("metadata_version", "Version", Room::Drops(6)),
            column("operators", "Operators", Room::Drops(7)),
            column("metadata_bytes", "Metadata", Room::Drops(5)),
            column("checkpointed_bytes", "Checkpointed", Room::Drops(4)),
            column("state_bytes", "State", Room::Fixed),
            optional(column("error", "Problem", Room::Wraps)),
        ],
    };
    Report {
        facts,
        table,
        ..Report::default()
    }
}

/// The path below the only base; the whole path where there are several.
fn below_base(list: &SnapshotList, entry: &SnapshotEntry) -> String {
    let path = entry.location.to_string();
    let [base] = list.bases.as_slice() else {
        return path;
    };
    let base = base.to_string();
    match path
        .strip_prefix(base.trim_end_matches('/'))
        .and_then(|rest| rest.strip_prefix('/'))
    {
        Some(below) if !below.is_empty() => below.to_owned(),
        _ => path,
    }
}
