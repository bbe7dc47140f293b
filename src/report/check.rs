use crate::check::{Check, Verdict};
use crate::parse::to_u64;
use crate::report::{
    Cell, Fact, Report, Room, Rows, Table, column, counted, fact, hints, optional,
};
use crate::restore::{OperatorOutcome, Outcome};
use crate::uid::UidSource;
use crate::verify::{FileCheck, Relation};

/// The verdict, and one row per finding.
pub fn check(check: &Check) -> Report<'_> {
    let verdict = match check.verdict {
        // Flink would not say a word; we do.
        Some(Verdict::Restorable) if check.loses_state() => "restorable, but state is lost",
        Some(verdict) => verdict.label(),
        None => "unknown",
    };
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
    facts.push(match check.flink_version {
        Some(release) => fact("restored by", [format!("Flink {release}").into()]),
        None => fact(
            "restored by",
            [Cell::Word(
                "not given: what separates releases was not looked at (--flink-version)",
            )],
        ),
    });
    facts.extend(check.operators.as_deref().map(new_job));
    match &check.files {
        Some(files) => facts.extend(files_facts(files)),
        None => facts.push(fact("files", [Cell::Word("not looked for")])),
    }
    let rows = Rows::new(&check.findings, |finding| {
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
        rows,
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
    facts.extend(hints(&check.findings));
    Report { facts, table }
}

/// What becomes of the operators: `5 restored, 1 dropped`.
fn new_job(operators: &[OperatorOutcome]) -> Fact {
    let outcomes = [
        Outcome::Restored,
        Outcome::RestoredAfterMigration,
        Outcome::StartsEmpty,
        Outcome::Dropped,
        Outcome::Lost,
        Outcome::Unknown,
        Outcome::Fails,
    ];
    let parts = outcomes.into_iter().filter_map(|outcome| {
        let of_this = operators
            .iter()
            .filter(|operator| operator.outcome == outcome);
        match of_this.count() {
            0 => None,
            count => Some(format!("{count} {}", outcome.label())),
        }
    });
    let parts: Vec<_> = parts.collect();
    let count = counted(to_u64(operators.len()), "operator");
    fact("new job", [format!("{count}: {}", parts.join(", ")).into()])
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
