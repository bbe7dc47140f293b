//! Findings for people: what is the same on many operators is one row, and Flink's sentence is
//! quoted once.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::finding::{Finding, Severity};
use crate::reader::to_u64;
use crate::report::{Cell, Fact, Room, Rows, Table, column, counted, fact, hints, optional};
use crate::snapshot::uid::UidSource;

/// How findings become rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FindingRows {
    /// One row for what is the same in many places.
    Grouped,
    /// One row each.
    Each,
}

/// Findings that say the same of different places; never empty.
pub(super) struct Group<'f> {
    pub(super) first: &'f Finding,
    all: Vec<&'f Finding>,
}

/// Puts together what says the same, in the order of the first of each.
pub(super) fn grouped(findings: &[Finding]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places: HashMap<(&str, String), usize> = HashMap::new();
    for finding in findings {
        let key = (finding.kind.code(), finding.brief());
        let known = places.get(&key).and_then(|&at| groups.get_mut(at));
        match known {
            Some(group) => group.all.push(finding),
            None => {
                places.insert(key, groups.len());
                groups.push(Group {
                    first: finding,
                    all: vec![finding],
                });
            }
        }
    }
    groups
}

impl Group<'_> {
    /// Where: one place in full, or how many.
    pub(super) fn place(&self) -> String {
        const SAID: usize = 3;
        if let [one] = &*self.all {
            return place(one);
        }
        let operators: BTreeMap<_, _> = (self.all.iter())
            .filter_map(|finding| {
                let id = finding.place.operator_id?;
                let label = finding.place.uid.as_ref().and_then(|_| label(finding));
                Some((id, label.unwrap_or_else(|| id.short())))
            })
            .collect();
        let count = |what: fn(&Finding) -> Option<&String>| {
            let of_each = (self.all.iter())
                .filter_map(|finding| Some((finding.place.operator_id, what(finding)?)));
            to_u64(of_each.collect::<BTreeSet<_>>().len())
        };
        let (states, files) = (
            count(|finding| finding.place.state.as_ref()),
            count(|finding| finding.place.path.as_ref()),
        );
        let inner = match (states, files) {
            (0, 0) => None,
            (0, files) => Some(counted(files, "file")),
            (states, _) => Some(counted(states, "state")),
        };
        let of_operators = match operators.len() {
            0 => None,
            count => {
                let said: Vec<_> = operators.values().take(SAID).map(String::as_str).collect();
                let more = if count > SAID { ", …" } else { "" };
                let count = counted(to_u64(count), "operator");
                Some(format!("{count} ({}{more})", said.join(", ")))
            }
        };
        match (inner, of_operators) {
            (Some(inner), Some(operators)) => format!("{inner} of {operators}"),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => format!("{} times", self.all.len()),
        }
    }

    /// What, and the code to search for.
    pub(super) fn text(&self) -> String {
        format!("{} [{}]", self.first.brief(), self.first.kind.code())
    }

    fn path(&self) -> Option<String> {
        match &*self.all {
            [one] => one.place.path.clone(),
            _ => None,
        }
    }
}

/// The operator, state and subtask; what belongs to none of them is the job's or the snapshot's.
fn place(finding: &Finding) -> String {
    let place = &finding.place;
    let parts = [
        label(finding),
        place.state.as_ref().map(|state| format!("state {state}")),
        place.subtask.map(|subtask| format!("subtask {subtask}")),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    if !parts.is_empty() {
        return parts.join(", ");
    }
    match finding.kind.is_of_job() {
        true => "(new job)".to_owned(),
        false => "(snapshot)".to_owned(),
    }
}

fn label(finding: &Finding) -> Option<String> {
    let place = &finding.place;
    let label = (place.uid.clone()).or(place.operator_id.map(|id| id.to_string()))?;
    Some(match place.uid_source.and_then(UidSource::remark) {
        Some(remark) => format!("{label} ({remark})"),
        None => label,
    })
}

/// One row per group, narrow enough for 60 columns.
pub(super) fn grouped_table(findings: &[Finding]) -> Table<'_> {
    let rows = Rows::new(grouped(findings), |group| {
        vec![
            Cell::Word(group.first.kind.severity().name()),
            group.place().into(),
            group.text().into(),
            group.path().into(),
        ]
    });
    Table {
        rows,
        columns: vec![
            column("severity", "Severity", Room::Fixed),
            column("place", "Where", Room::Wraps),
            column("message", "What", Room::Wraps),
            optional(column("path", "File", Room::Wraps)),
        ],
    }
}

/// One row per finding, with all that is known of its place.
pub(super) fn each_table(findings: &[Finding]) -> Table<'_> {
    let rows = Rows::new(findings, |finding| {
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
    Table {
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
    }
}

/// What to do, and what Flink would print: each once, as below or beside all rows.
pub(super) fn advice(findings: &[Finding], rows: FindingRows) -> Vec<Fact> {
    // What is only good to know needs no advice beside what is wrong.
    let worst = findings.iter().map(|finding| finding.kind.severity()).max();
    let least = match (rows, worst) {
        (FindingRows::Grouped, Some(Severity::Error | Severity::Warning)) => Severity::Warning,
        _ => Severity::Info,
    };
    let telling = findings.iter().filter(|f| f.kind.severity() >= least);
    let mut facts = hints(telling);
    if rows == FindingRows::Grouped {
        let mut codes = BTreeSet::new();
        for finding in findings {
            if let Some(sentence) = finding.flink_says()
                && codes.insert(finding.kind.code())
            {
                facts.push(fact("Flink says", [sentence.into()]));
            }
        }
    }
    facts
}
