use crate::check::Check;
use crate::report::{Cell, Fact, Report, Room, Table, column, counted, fact, optional};
use crate::uid::UidSource;
use crate::verify::{FileCheck, Relation};

/// The verdict, and one row per finding.
pub fn check(check: &Check) -> Report {
    let verdict = check.verdict.map_or("unknown", |verdict| verdict.label());
    let kind = check.kind.map_or("snapshot", |kind| kind.label());
    let mut facts = vec![
        fact("verdict", [Cell::Word(verdict)]),
        fact(
            "snapshot",
            [format!("{kind} {}", check.checkpoint_id).into()],
        ),
        fact("location", [check.location.clone().into()]),
        fact("owner", [Cell::Word(check.owner.label())]),
    ];
    match &check.files {
        Some(files) => facts.extend(files_facts(files)),
        None => facts.push(fact("files", [Cell::Word("not looked for")])),
    }
    let rows = check.findings.iter().map(|finding| {
        let place = &finding.place;
        let operator = place
            .uid
            .clone()
            .or(place.operator_id.map(|id| id.to_string()));
        vec![
            Cell::Word(finding.kind.severity().name()),
            Cell::Word(finding.kind.code()),
            operator.into(),
            Cell::word(place.uid_source.and_then(UidSource::remark)),
            place
                .subtask
                .map_or(Cell::Empty, |at| Cell::Count(Some(at.into()))),
            place.state.clone().into(),
            finding.message().into(),
            place.path.clone().into(),
        ]
    });
    let table = Table {
        rows: rows.collect(),
        columns: vec![
            column("severity", "Severity", Room::Fixed),
            column("code", "Code", Room::Fixed),
            optional(column("operator", "Operator", Room::Shrinks)),
            optional(column("uid_remark", "Uid", Room::Fixed)),
            optional(column("subtask", "Subtask", Room::Fixed)),
            optional(column("state", "State", Room::Shrinks)),
            column("message", "What", Room::Wraps),
            optional(column("path", "File", Room::Wraps)),
        ],
    };
    facts.extend(hints(check));
    Report { facts, table }
}

fn files_facts(files: &FileCheck) -> Vec<Fact> {
    let mut text = format!("{} needed, {} there", files.needed, files.present);
    for (count, word) in [
        (files.missing, "missing"),
        (files.too_short, "too short"),
        (files.unreachable, "not looked up"),
    ] {
        if count > 0 {
            text.push_str(&format!(", {count} {word}"));
        }
    }
    let mut facts = vec![fact("files", [text.into()])];
    for dependency in &files.dependencies {
        if dependency.relation == Relation::Own {
            continue;
        }
        facts.push(fact(
            "depends on",
            [
                Cell::Bytes(dependency.bytes),
                format!("in {} of", counted(dependency.files, "file")).into(),
                dependency.directory.to_string().into(),
                format!("({})", dependency.relation.label()).into(),
            ],
        ));
    }
    let movable = if files.relocatable {
        "yes: all files are beside its metadata".into()
    } else {
        format!(
            "no: {} files and directories are named by absolute paths",
            files.absolute_paths
        )
    };
    facts.push(fact("can be moved", [movable.into()]));
    facts
}

/// What to do, once per sort of finding.
fn hints(check: &Check) -> Vec<Fact> {
    let mut hints: Vec<&'static str> = Vec::new();
    for finding in &check.findings {
        if let Some(hint) = finding.hint().filter(|hint| !hints.contains(hint)) {
            hints.push(hint);
        }
    }
    let hints = hints.into_iter();
    hints.map(|hint| fact("hint", [Cell::Word(hint)])).collect()
}
