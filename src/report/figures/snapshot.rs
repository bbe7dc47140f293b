use crate::report::counted;
use crate::report::figures::{
    Figure, Section, SkewRow, Tile, Tone, skew_figure, state_tiles, treemap,
};
use crate::report::states::of_no_state;
use crate::snapshot::summary::{OperatorSummary, SnapshotSummary};

/// Bars of one operator; of more subtasks, neighbours share one.
const BARS_MAX: usize = 96;

/// The listed operators of a snapshot, which must have their subtasks (`Detail::Subtasks`).
pub fn snapshot_section(snapshot: &SnapshotSummary) -> Section {
    let mut operators: Vec<_> = snapshot.operators.iter().collect();
    operators.sort_by_key(|operator| std::cmp::Reverse(operator.state_bytes));
    let operators: Vec<_> = operators
        .into_iter()
        .enumerate()
        .map(|(rank, operator)| (operator, Tone::of_rank(rank)))
        .collect();
    let mut figures = vec![treemap_of(snapshot, &operators)];
    let rows = operators
        .iter()
        .filter_map(|&(operator, tone)| row(operator, tone));
    if let Some(mut figure) = skew_figure(rows.collect()) {
        if operators.iter().any(|(operator, _)| per_bar(operator) > 1) {
            let note =
                format!("of more than {BARS_MAX} subtasks, a bar is the largest of neighbours");
            figure.notes.push(note);
        }
        figures.push(figure);
    }
    Section {
        title: snapshot.location.clone(),
        facts: Vec::new(),
        figures,
    }
}

fn treemap_of(snapshot: &SnapshotSummary, operators: &[(&OperatorSummary, Tone)]) -> Figure {
    let tiles = operators.iter().filter_map(|&(operator, tone)| {
        let bytes = operator.state_bytes?;
        let states = operator.states.states.as_deref();
        Some(Tile {
            label: operator.label(),
            tone,
            bytes,
            parts: states.map_or_else(Vec::new, |states| {
                let sizes = states
                    .iter()
                    .filter_map(|state| Some((state.name.clone(), state.bytes?)));
                let rest = of_no_state(operator).map(|(name, bytes)| (name.to_owned(), bytes));
                state_tiles(sizes.chain(rest), bytes, tone)
            }),
        })
    });
    let unknown = operators
        .iter()
        .filter(|(operator, _)| operator.state_bytes.is_none());
    let unknown = unknown.count() as u64;
    let mut figure = treemap(
        "State by operator",
        tiles.collect(),
        snapshot.state_bytes,
        unknown,
    );
    let shown = operators.len() as u64;
    if let Some(more) = snapshot
        .operator_count
        .checked_sub(shown)
        .filter(|&more| more > 0)
    {
        let what = counted(more, "operator");
        figure.notes.push(format!(
            "{what} not listed; shares are of the whole snapshot"
        ));
    }
    let is_open = |(operator, _): &(&OperatorSummary, Tone)| operator.states.states.is_some();
    if !operators.iter().any(is_open) {
        figure
            .notes
            .push("--states looks into the operators".to_owned());
    }
    figure
}

fn row(operator: &OperatorSummary, tone: Tone) -> Option<SkewRow> {
    let largest_bytes = operator.largest_subtask_bytes?;
    let mut subtasks = operator.subtasks.iter();
    let largest = subtasks.find(|subtask| subtask.state_bytes == Some(largest_bytes));
    Some(SkewRow {
        label: operator.label(),
        tone,
        parallelism: operator.parallelism,
        largest: largest.map(|subtask| subtask.index),
        largest_bytes,
        skew: operator.skew?,
        bytes: bars(operator),
    })
}

/// Bytes by index; a subtask without state has 0.
fn bars(operator: &OperatorSummary) -> Vec<u64> {
    let per_bar = per_bar(operator);
    let mut bars = vec![0; parallelism(operator).div_ceil(per_bar)];
    for subtask in &operator.subtasks {
        let index = usize::try_from(subtask.index).unwrap_or(usize::MAX);
        if let Some(bar) = bars.get_mut(index / per_bar) {
            *bar = subtask.state_bytes.unwrap_or(0).max(*bar);
        }
    }
    bars
}

fn per_bar(operator: &OperatorSummary) -> usize {
    parallelism(operator).div_ceil(BARS_MAX).max(1)
}

fn parallelism(operator: &OperatorSummary) -> usize {
    usize::try_from(operator.parallelism).unwrap_or(usize::MAX)
}
