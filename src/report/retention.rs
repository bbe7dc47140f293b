use crate::inspect::retention::{Applied, Restored, RestoredState, State};
use crate::location::Location;
use crate::report::{Cell, Fact, Report, Room, Rows, Table, column, counted, fact, optional};
use crate::retention::{Freed, GroupBy, Grouping, Plan};

/// What stays and what goes: one row per snapshot.
pub fn retention_plan(plan: &Plan) -> Report<'_> {
    let rows = Rows::new(&plan.snapshots, |snapshot| {
        let reasons: Vec<_> = snapshot
            .reasons
            .iter()
            .map(|reason| reason.label())
            .collect();
        vec![
            below(&plan.base, &snapshot.location).into(),
            Cell::Word(snapshot.kind.label()),
            snapshot.written.map(|time| time.to_string()).into(),
            Cell::Word(if snapshot.keep { "keep" } else { "delete" }),
            match snapshot.keep {
                true => reasons.join(", ").into(),
                false => Cell::Word("no rule keeps it"),
            },
            snapshot.missing_file.clone().into(),
        ]
    });
    let table = Table {
        rows,
        columns: vec![
            column("location", "Snapshot", Room::Shrinks),
            column("kind", "Kind", Room::Drops(2)),
            column("written", "Written", Room::Drops(1)),
            column("decision", "Decision", Room::Fixed),
            column("reasons", "Why", Room::Wraps),
            optional(column("missing_file", "Missing", Room::Wraps)),
        ],
    };
    Report {
        facts: facts(plan),
        table,
        ..Report::default()
    }
}

/// What stays and what goes: one row per job.
pub fn retention_jobs(plan: &Plan) -> Report<'_> {
    let rows = Rows::new(&plan.jobs, |job| {
        vec![
            job.job.clone().into(),
            Cell::Count(Some(job.kept)),
            Cell::Count(Some(job.deleted)),
            Cell::Count(Some(job.files)),
            Cell::Bytes(Some(job.bytes)),
        ]
    });
    let table = Table {
        rows,
        columns: vec![
            column("job", "Job", Room::Shrinks),
            column("kept", "Kept", Room::Fixed),
            column("deleted", "Deleted", Room::Fixed),
            column("files", "Files freed", Room::Drops(1)),
            column("bytes", "Freed", Room::Fixed),
        ],
    };
    Report {
        facts: facts(plan),
        table,
        ..Report::default()
    }
}

/// What was deleted: one row per file. A dry run has the same rows.
pub fn retention_applied(applied: &Applied) -> Report<'_> {
    let there = applied
        .objects
        .iter()
        .filter(|object| object.state != State::Gone);
    let rows = Rows::new(there, |object| {
        let problem = match object.state {
            State::Spared => Cell::Word("a snapshot that could not be deleted needs it"),
            State::Planned if !applied.dry_run => Cell::Word("not tried"),
            _ => object.error.clone().into(),
        };
        vec![
            Cell::Word(object.class.label()),
            Cell::Bytes(Some(object.bytes)),
            object.location.to_string().into(),
            problem,
        ]
    });
    let files = crate::reader::to_u64(rows.len());
    let table = Table {
        rows,
        columns: vec![
            column("class", "Class", Room::Fixed),
            column("bytes", "Size", Room::Fixed),
            column("location", "File", Room::Wraps),
            optional(column("problem", "Still there", Room::Wraps)),
        ],
    };
    let mut facts = vec![
        fact("below", [applied.base.to_string().into()]),
        fact(
            "frees",
            [
                Cell::Bytes(Some(applied.freed_bytes)),
                format!("in {}", counted(files - left(applied), "file")).into(),
            ],
        ),
    ];
    if let Some(quarantine) = &applied.quarantine {
        facts.push(fact("moved below", [quarantine.to_string().into()]));
    }
    if left(applied) > 0 {
        facts.push(fact("still there", [counted(left(applied), "file").into()]));
    }
    Report {
        facts,
        table,
        ..Report::default()
    }
}

/// `8 snapshots in 4 groups, by job`.
fn counted_together(plan: &Plan) -> String {
    let Grouping { snapshots, groups } = plan.grouping();
    let by = match plan.policy.group_by {
        GroupBy::Job => "by job",
        GroupBy::Directory => "by directory",
        GroupBy::None => "all together",
    };
    let (snapshots, groups) = (counted(snapshots, "snapshot"), counted(groups, "group"));
    format!("{snapshots} in {groups}, {by}")
}

/// What came back: one row per file. A dry run has the same rows.
pub fn retention_restored(restored: &Restored) -> Report<'_> {
    let rows = Rows::new(&restored.objects, |object| {
        let problem = match object.state {
            RestoredState::Present => Cell::Word("it was there already"),
            _ => object.error.clone().into(),
        };
        vec![
            Cell::Bytes(object.bytes),
            object.location.to_string().into(),
            problem,
        ]
    });
    let back = match restored.dry_run {
        true => RestoredState::Planned,
        false => RestoredState::Restored,
    };
    let mut facts = vec![fact(
        "brings back",
        [
            Cell::Bytes(Some(restored.restored_bytes)),
            format!("in {}", counted(restored.count(back), "file")).into(),
        ],
    )];
    for (label, state) in [
        ("there already", RestoredState::Present),
        ("not back", RestoredState::Left),
    ] {
        let files = restored.count(state);
        if files > 0 {
            facts.push(fact(label, [counted(files, "file").into()]));
        }
    }
    let table = Table {
        rows,
        columns: vec![
            column("bytes", "Size", Room::Fixed),
            column("location", "File", Room::Wraps),
            optional(column("problem", "Not moved", Room::Wraps)),
        ],
    };
    Report {
        facts,
        table,
        ..Report::default()
    }
}

fn left(applied: &Applied) -> u64 {
    match applied.dry_run {
        true => 0,
        false => applied.left(),
    }
}

fn facts(plan: &Plan) -> Vec<Fact> {
    let kept = plan
        .snapshots
        .iter()
        .filter(|snapshot| snapshot.keep)
        .count();
    let kept = crate::reader::to_u64(kept);
    let total = plan.listing.snapshots;
    let mut facts = vec![
        fact("below", [plan.base.to_string().into()]),
        fact(
            "snapshots",
            [format!("{total}, {kept} stay, {} go", total - kept).into()],
        ),
        fact("counted", [counted_together(plan).into()]),
        fact(
            "there are",
            [
                Cell::Bytes(Some(plan.listing.bytes)),
                format!("in {}", counted(plan.listing.files, "file")).into(),
            ],
        ),
    ];
    for also in &plan.also {
        facts.insert(1, fact("read only", [also.to_string().into()]));
    }
    let total = |of: fn(&Freed) -> u64| plan.freed.iter().map(of).sum::<u64>();
    facts.push(fact(
        "frees",
        [
            Cell::Bytes(Some(total(|freed| freed.bytes))),
            format!("in {}", counted(total(|freed| freed.files), "file")).into(),
        ],
    ));
    for freed in plan.freed.iter().filter(|freed| freed.files > 0) {
        facts.push(fact(
            freed.class.label(),
            [
                Cell::Bytes(Some(freed.bytes)),
                format!("in {}", counted(freed.files, "file")).into(),
            ],
        ));
    }
    if plan.left_outside.files > 0 {
        let files = counted(plan.left_outside.files, "file");
        facts.push(fact(
            "left outside",
            [
                Cell::Bytes(Some(plan.left_outside.bytes)),
                format!("in {files} that only snapshots to delete mention, below no base").into(),
            ],
        ));
    }
    for left in &plan.left_alone {
        facts.push(fact(
            "left alone",
            [
                Cell::Bytes(Some(left.bytes)),
                format!("in {} of", counted(left.files, "file")).into(),
                below(&plan.base, &left.directory).into(),
                format!("({}; {})", left.reason.label(), left.example).into(),
            ],
        ));
    }
    facts
}

/// The path below the base; the whole path of what is elsewhere.
fn below(base: &Location, location: &Location) -> String {
    let (base, path) = (base.to_string(), location.to_string());
    match path
        .strip_prefix(base.trim_end_matches('/'))
        .and_then(|rest| rest.strip_prefix('/'))
    {
        Some(below) if !below.is_empty() => below.to_owned(),
        _ => path,
    }
}
