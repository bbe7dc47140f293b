use crate::health::check::Verdict;
use crate::reader::to_u64;
use crate::report::findings::{FindingRows, advice, grouped};
use crate::report::{Cell, Fact, Report, Room, Rows, Table, column, counted, fact, optional};
use crate::restore::diff::{
    Change, Diff, FieldChange, FieldValue, OperatorDiff, OperatorHead, SnapshotHead,
};
use crate::snapshot::uid::UidSource;

/// Which operators have rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DiffRows {
    /// Those with something to tell.
    Differences,
    /// All.
    All,
}

/// What changed, one row each.
pub fn diff(diff: &Diff, which: DiffRows, which_findings: FindingRows) -> Report<'_> {
    let mut rows: Vec<_> = (diff.fields.iter())
        .map(|field| Row::Field(None, field))
        .collect();
    for operator in &diff.operators {
        if operator.fields.is_empty() {
            let unchanged = operator.change == Change::Unchanged;
            if !unchanged || which == DiffRows::All {
                rows.push(Row::Operator(operator));
            }
        } else {
            rows.extend(
                operator
                    .fields
                    .iter()
                    .map(|field| Row::Field(Some(operator), field)),
            );
        }
    }
    let table = Table {
        rows: Rows::new(rows, |row| match row {
            Row::Field(operator, field) => of_field(*operator, field),
            Row::Operator(operator) => without_fields(operator),
        }),
        columns: vec![
            column("change", "Change", Room::Fixed),
            column("operator", "Operator", Room::Shrinks),
            column("operator_id", "Id", Room::Drops(2)),
            optional(column("uid_remark", "Uid", Room::Drops(3))),
            optional(column("state", "State", Room::Shrinks)),
            optional(column("field", "What", Room::Fixed)),
            optional(column("part", "Part", Room::Shrinks)),
            optional(column("old", "Old", Room::Wraps)),
            optional(column("new", "New", Room::Wraps)),
        ],
    };
    Report {
        facts: facts(diff),
        table,
        after: after(diff, which_findings),
    }
}

/// What a row is about.
enum Row<'d> {
    /// A change, of an operator or of the snapshot.
    Field(Option<&'d OperatorDiff>, &'d FieldChange),
    /// An operator as a whole.
    Operator(&'d OperatorDiff),
}

fn facts(diff: &Diff) -> Vec<Fact> {
    let mut facts = vec![
        fact("old", head(&diff.old)),
        fact("new", head(&diff.new)),
        fact("operators", [counts(diff).into()]),
    ];
    if let Some(verdict) = diff.verdict {
        let label = match (verdict, diff.loses_state) {
            (Verdict::Restorable, Some(true)) => "restorable, but state is lost",
            (Verdict::Restorable, _) => "restorable, if all its files are there",
            _ => verdict.label(),
        };
        facts.push(fact("restoring old", [Cell::Word(label)]));
    } else if diff.loses_state.is_some() {
        facts.push(fact("restoring old", [Cell::Word("unknown")]));
    }
    if !diff.open_questions.is_empty() {
        let open = diff.open_questions.iter().map(|question| question.label());
        let open = open.collect::<Vec<_>>().join(", ");
        facts.push(fact("not known", [open.into()]));
    }
    facts
}

/// What was noticed, and what to do about it.
fn after(diff: &Diff, rows: FindingRows) -> Vec<Fact> {
    let mut facts: Vec<_> = match rows {
        FindingRows::Grouped => (grouped(&diff.findings).iter())
            .map(|group| {
                let text = format!("{}: {}", group.place(), group.text());
                fact(group.first.kind.severity().name(), [text.into()])
            })
            .collect(),
        FindingRows::Each => (diff.findings.iter())
            .map(|finding| {
                let (place, code) = (finding.place_text(), finding.kind.code());
                let text = format!("{place}: {} [{code}]", finding.message());
                fact(finding.kind.severity().name(), [text.into()])
            })
            .collect(),
    };
    facts.extend(advice(&diff.findings, rows));
    facts
}

fn head(head: &SnapshotHead) -> [Cell; 4] {
    let kind = head.kind.map_or("snapshot", |kind| kind.label());
    [
        format!("{kind} {},", head.checkpoint_id).into(),
        Cell::Bytes(head.state_bytes),
        Cell::Word("in"),
        head.location.clone().into(),
    ]
}

fn counts(diff: &Diff) -> String {
    const ALL: [Change; 5] = [
        Change::UidDrift,
        Change::Removed,
        Change::Added,
        Change::Changed,
        Change::Unchanged,
    ];
    let counts = ALL.iter().filter_map(|&change| {
        let operators = diff.operators.iter();
        let count = operators
            .filter(|operator| operator.change == change)
            .count();
        (count > 0).then(|| format!("{count} {}", change.label()))
    });
    let counts: Vec<_> = counts.collect();
    match counts.is_empty() {
        true => "none".to_owned(),
        false => counts.join(", "),
    }
}

fn of_field(operator: Option<&OperatorDiff>, field: &FieldChange) -> Vec<Cell> {
    let mut cells = start(operator, field.is_size());
    cells.extend([
        field.state.clone().into(),
        Cell::Word(label(field.field)),
        field.part.clone().into(),
        value(field, field.old.as_ref()),
        value(field, field.new.as_ref()),
    ]);
    cells
}

fn without_fields(operator: &OperatorDiff) -> Vec<Cell> {
    let mut cells = start(Some(operator), false);
    cells.extend([
        Cell::Empty,
        Cell::Empty,
        Cell::Empty,
        summary(operator.old.as_ref()),
        summary(operator.new.as_ref()),
    ]);
    cells
}

/// What is gone or new: how much of what.
fn summary(head: Option<&OperatorHead>) -> Cell {
    const SAID: usize = 3;
    let Some(head) = head else {
        return Cell::Empty;
    };
    match head.states.as_deref() {
        None => Cell::Bytes(head.state_bytes),
        Some([]) => Cell::Word("no states"),
        Some(states) => {
            let said: Vec<_> = states.iter().take(SAID).map(String::as_str).collect();
            let more = states.len().saturating_sub(SAID);
            let more = match more {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let count = counted(to_u64(states.len()), "state");
            format!("{count}: {}{more}", said.join(", ")).into()
        }
    }
}

fn start(operator: Option<&OperatorDiff>, is_size: bool) -> Vec<Cell> {
    let Some(operator) = operator else {
        let change = if is_size { "size" } else { "changed" };
        return vec![
            Cell::Word(change),
            Cell::Word("(snapshot)"),
            Cell::Empty,
            Cell::Empty,
        ];
    };
    let change = match (operator.change, is_size) {
        (Change::Changed | Change::Unchanged, true) => "size",
        (change, _) => change.label(),
    };
    let label = operator.uid.clone().or(operator.name.clone());
    let id = operator.operator_id;
    vec![
        Cell::Word(change),
        label.unwrap_or_else(|| id.short()).into(),
        id.to_string().into(),
        Cell::word(operator.uid_source.and_then(UidSource::remark)),
    ]
}

fn label(field: &'static str) -> &'static str {
    match field {
        "operator_id" => "operator id",
        "max_parallelism" => "max parallelism",
        "key_type" => "key type",
        "user_key_type" => "user key type",
        "pojo_field" => "POJO field",
        "enum_constant" => "enum constant",
        "kryo_registrations" => "Kryo registrations",
        "kryo_order" => "order of registrations",
        "enum_order" => "order of constants",
        "ttl" => "TTL",
        "savepoint_format" => "format",
        "keyed_formats" => "keyed state",
        "materialized_formats" => "materialized",
        "state_bytes" => "state",
        "checkpointed_bytes" => "checkpointed",
        other => other,
    }
}

fn value(field: &FieldChange, value: Option<&FieldValue>) -> Cell {
    match value {
        None => Cell::Empty,
        Some(FieldValue::Number(number)) if field.is_size() && field.field != "entries" => {
            Cell::Bytes(Some(*number))
        }
        Some(FieldValue::Number(number)) => Cell::Count(Some(*number)),
        Some(FieldValue::Flag(true)) => Cell::Word("on"),
        Some(FieldValue::Flag(false)) => Cell::Word("off"),
        Some(FieldValue::Text(text)) => text.clone().into(),
    }
}
