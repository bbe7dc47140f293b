//! The views of `show`.

use std::collections::{BTreeSet, HashMap};

use crate::location::PlaceParts;
use crate::model::checkpoint::{PostCheckpointAction, SavepointFormat, StateSlot};
use crate::reader::to_u64;
use crate::report::{
    Cell, Fact, Report, Room, Rows, Table, column, counted, fact, optional, share,
};
use crate::snapshot::summary::{
    FileStorage, FileSummary, HandleSummary, OperatorSummary, SnapshotSummary, SubtaskSummary,
};
use crate::snapshot::uid::UidSource;

/// One row per operator.
pub fn operators(snapshot: &SnapshotSummary) -> Report<'_> {
    let columns = vec![
        column("operator", "Operator", Room::Shrinks),
        column("operator_id", "Id", Room::Drops(3)),
        optional(column("uid_remark", "Uid", Room::Drops(6))),
        column("parallelism", "Par", Room::Fixed),
        column("max_parallelism", "Max", Room::Drops(1)),
        column("state_kinds", "State kinds", Room::Drops(4)),
        column("skew", "Skew", Room::Drops(5)),
        column("checkpointed_bytes", "Checkpointed", Room::Drops(2)),
        column("state_bytes", "State", Room::Fixed),
        column("share", "Share", Room::Fixed),
    ];
    let rows = Rows::new(&snapshot.operators, |operator| {
        vec![
            operator_label(operator),
            operator.operator_id.to_string().into(),
            uid_remark(operator),
            Cell::Count(Some(operator.parallelism.into())),
            Cell::Count(Some(operator.max_parallelism.into())),
            state_kinds(operator),
            Cell::Ratio(operator.skew),
            Cell::Bytes(operator.checkpointed_bytes),
            Cell::Bytes(operator.state_bytes),
            share(operator.state_bytes, snapshot.state_bytes),
        ]
    });
    Report {
        facts: facts(snapshot),
        table: Table { columns, rows },
        ..Report::default()
    }
}

/// One row per subtask, with its size against the mean of its operator.
pub fn subtasks(snapshot: &SnapshotSummary) -> Report<'_> {
    let columns = vec![
        column("operator", "Operator", Room::Shrinks),
        column("operator_id", "Id", Room::Drops(3)),
        optional(column("uid_remark", "Uid", Room::Drops(5))),
        column("subtask", "Subtask", Room::Fixed),
        column("status", "Status", Room::Drops(1)),
        column("checkpointed_bytes", "Checkpointed", Room::Drops(2)),
        column("state_bytes", "State", Room::Fixed),
        column("share_of_operator", "Share", Room::Drops(4)),
        column("against_mean", "Against mean", Room::Fixed),
    ];
    let operators = snapshot.operators.iter();
    let subtasks = operators.flat_map(|operator| {
        let subtasks = operator.subtasks.iter();
        subtasks.map(move |subtask| (operator, subtask))
    });
    let rows = Rows::new(subtasks, |(operator, subtask)| {
        let in_subtasks = operator
            .state_bytes
            .map(|bytes| bytes.saturating_sub(operator.coordinator_bytes.unwrap_or_default()));
        vec![
            operator_label(operator),
            operator.operator_id.to_string().into(),
            uid_remark(operator),
            Cell::Count(Some(subtask.index.into())),
            status(subtask),
            Cell::Bytes(subtask.checkpointed_bytes),
            Cell::Bytes(subtask.state_bytes),
            share(subtask.state_bytes, in_subtasks),
            against_mean(subtask.state_bytes, in_subtasks, operator.parallelism),
        ]
    });
    Report {
        facts: facts(snapshot),
        table: Table { columns, rows },
        ..Report::default()
    }
}

fn status(subtask: &SubtaskSummary) -> Cell {
    match (subtask.finished, subtask.referenced_checkpoint_id) {
        (true, _) => Cell::Word("finished"),
        (false, None) => Cell::Word("running"),
        (false, Some(earlier)) => format!("of checkpoint {earlier}").into(),
    }
}

/// One row per distinct file or segment, largest first, then by path; one per role for inline
/// state.
pub fn files(snapshot: &SnapshotSummary) -> Report<'_> {
    let columns = vec![
        column("path", "File", Room::Shrinks),
        optional(column("segment_start", "From byte", Room::Drops(4))),
        column("role", "Role", Room::Fixed),
        column("storage", "Storage", Room::Drops(2)),
        column("bytes", "Bytes", Room::Fixed),
        column("references", "References", Room::Drops(1)),
        column("operators", "Operators", Room::Drops(3)),
    ];
    let mut files: Vec<_> = distinct_files(snapshot).into_values().collect();
    files.sort_by(|a, b| {
        let bytes = |file: &DistinctFile<'_>| std::cmp::Reverse(file.bytes.unwrap_or(u64::MAX));
        let name = |file: &DistinctFile<'_>| file.file.role;
        let key = |file| (bytes(file), file.file.path.as_deref(), name(file));
        (key(a), a.file.segment_start).cmp(&(key(b), b.file.segment_start))
    });
    let rows = Rows::new(files, |distinct| {
        let file = distinct.file;
        vec![
            match &file.path {
                Some(path) => Cell::Text(path.clone()),
                None => Cell::Word("(inside _metadata)"),
            },
            file.segment_start
                .map_or(Cell::Empty, |start| Cell::Count(Some(start))),
            Cell::Word(file.role.name()),
            Cell::Word(file.storage.name()),
            Cell::Bytes(distinct.bytes),
            Cell::Count(Some(distinct.references)),
            Cell::Text(
                distinct
                    .operators
                    .iter()
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
        ]
    });
    Report {
        facts: facts(snapshot),
        table: Table { columns, rows },
        ..Report::default()
    }
}

struct DistinctFile<'s> {
    file: &'s FileSummary,
    bytes: Option<u64>,
    references: u64,
    operators: BTreeSet<String>,
}

/// Inline state has no path and is gathered by role.
type FileKey<'s> = (
    Option<PlaceParts<'s>>,
    Option<(u64, Option<u64>)>,
    Option<crate::snapshot::references::FileRole>,
);

fn distinct_files(snapshot: &SnapshotSummary) -> HashMap<FileKey<'_>, DistinctFile<'_>> {
    let mut files: HashMap<FileKey<'_>, DistinctFile<'_>> = HashMap::new();
    for operator in &snapshot.operators {
        for file in operator_files(operator) {
            if file.storage == FileStorage::Empty {
                continue;
            }
            let place = file
                .path
                .as_ref()
                .map(|path| PlaceParts::of(path.as_bytes()));
            let role = place.is_none().then_some(file.role);
            let segment = file.segment_start.map(|start| (start, file.bytes));
            let distinct = files
                .entry((place, segment, role))
                .or_insert_with(|| DistinctFile {
                    file,
                    bytes: Some(0),
                    references: 0,
                    operators: BTreeSet::new(),
                });
            distinct.references += 1;
            // Unknown stays unknown. Mentions of a file agree on its size, or the largest counts;
            // inline state adds up.
            distinct.bytes = distinct.bytes.zip(file.bytes).map(|(known, more)| {
                if place.is_some() {
                    known.max(more)
                } else {
                    known.saturating_add(more)
                }
            });
            distinct.operators.insert(operator.label());
        }
    }
    files
}

fn operator_files(operator: &OperatorSummary) -> impl Iterator<Item = &FileSummary> {
    let handles = operator
        .subtasks
        .iter()
        .flat_map(|subtask| &subtask.handles);
    handles.flat_map(|handle: &HandleSummary| &handle.files)
}

pub(super) fn operator_label(operator: &OperatorSummary) -> Cell {
    operator.label().into()
}

/// Where the uid is from, if not from the file itself; that there is none, if that is certain.
fn uid_remark(operator: &OperatorSummary) -> Cell {
    if operator.auto_generated_id == Some(true) {
        return Cell::Word("auto-generated");
    }
    Cell::word(operator.uid_source.and_then(UidSource::remark))
}

/// `keyed, operator, coordinator`: the sorts of state that any subtask has.
fn state_kinds(operator: &OperatorSummary) -> Cell {
    if operator.fully_finished {
        return Cell::Word("finished");
    }
    let mut kinds: Vec<&str> = Vec::new();
    for slot in &operator.slots {
        let kind = match slot {
            StateSlot::ManagedOperator => "operator",
            StateSlot::RawOperator => "raw operator",
            StateSlot::ManagedKeyed => "keyed",
            StateSlot::RawKeyed => "raw keyed",
            StateSlot::InputChannel | StateSlot::ResultSubpartition => "channels",
        };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    if operator.coordinator_bytes.is_some() {
        kinds.push("coordinator");
    }
    if kinds.is_empty() {
        return Cell::Word("none");
    }
    kinds.join(", ").into()
}

fn against_mean(bytes: Option<u64>, total: Option<u64>, parallelism: u32) -> Cell {
    match share(bytes, total) {
        Cell::Share(share) => Cell::Ratio(share.map(|share| share * f64::from(parallelism))),
        other => other,
    }
}

pub(super) fn facts(snapshot: &SnapshotSummary) -> Vec<Fact> {
    let mut facts = vec![
        fact("snapshot", [what(snapshot)]),
        fact("location", [snapshot.location.clone().into()]),
        fact(
            "metadata",
            [
                version(snapshot),
                Cell::Bytes(Some(snapshot.metadata_bytes)),
            ],
        ),
        fact("state", [Cell::Bytes(snapshot.state_bytes)]),
        fact("checkpointed", [Cell::Bytes(snapshot.checkpointed_bytes)]),
        fact(
            "unique",
            [
                Cell::Bytes(snapshot.unique_bytes),
                format!("in {} and _metadata", counted(snapshot.file_count, "file")).into(),
            ],
        ),
    ];
    if let Some(oldest) = snapshot.oldest_referenced_checkpoint_id {
        let subtasks = counted(snapshot.referencing_subtasks, "subtask");
        let text = format!("{subtasks} with the state of earlier checkpoints, the oldest {oldest}");
        facts.push(fact("regional", [text.into()]));
    }
    if !snapshot.master_states.is_empty() {
        let names: Vec<_> = snapshot
            .master_states
            .iter()
            .map(|s| s.name.clone())
            .collect();
        facts.push(fact("hook states", [names.join(", ").into()]));
    }
    let shown = to_u64(snapshot.operators.len());
    let total = snapshot.operator_count;
    let operators = if shown == total {
        total.to_string()
    } else {
        format!("{shown} of {total}")
    };
    facts.push(fact("operators", [operators.into()]));
    facts.extend(uid_facts(snapshot));
    facts
}

/// How many of the listed operators have a uid from where, if not all from the file itself, and of
/// how many nobody knows.
fn uid_facts(snapshot: &SnapshotSummary) -> Option<Fact> {
    let mut counts = [UidSource::Uids, UidSource::Jar, UidSource::Plan].map(|source| {
        let of_source = |o: &&OperatorSummary| o.uid_source == Some(source);
        (snapshot.operators.iter().filter(of_source).count(), source)
    });
    counts.sort_by_key(|&(count, source)| (std::cmp::Reverse(count), source));
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let mut parts: Vec<_> = counts
        .map(|(count, source)| format!("{count} from {}", source.name()))
        .collect();
    if snapshot.unknown_uids > 0 {
        let unknown = counted(snapshot.unknown_uids, "operator");
        parts.push(format!("not known of {unknown} with state"));
    }
    (!parts.is_empty()).then(|| fact("uids", [parts.join(", ").into()]))
}

fn what(snapshot: &SnapshotSummary) -> Cell {
    let id = snapshot.checkpoint_id;
    let Some(kind) = snapshot.kind else {
        return format!("number {id}; of which kind is not recorded").into();
    };
    let mut text = format!("{} {id}", kind.label());
    if let Some(format) = snapshot.savepoint_format {
        text.push_str(match format {
            SavepointFormat::Canonical => ", canonical",
            SavepointFormat::Native => ", native",
        });
    }
    match snapshot.post_checkpoint_action {
        Some(PostCheckpointAction::Suspend) => text.push_str(", job stopped"),
        Some(PostCheckpointAction::Terminate) => text.push_str(", job drained and stopped"),
        Some(PostCheckpointAction::None) | None => {}
    }
    text.into()
}

fn version(snapshot: &SnapshotSummary) -> Cell {
    let version = snapshot.metadata_version;
    match snapshot.flink_versions {
        [first, .., last] => format!("version {version} (Flink {first} to {last}),").into(),
        [only] => format!("version {version} (Flink {only}),").into(),
        [] => format!("version {version},").into(),
    }
}
