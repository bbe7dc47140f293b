//! The views of `growth`.

use std::collections::HashMap;

use crate::growth::{Growth, JobGrowth, Moment, TrendSummary};
use crate::report::{Cell, Column, Fact, Report, Room, Table, column, fact, optional};
use crate::time::rfc_3339_of_millis;

/// What one row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrowthRows {
    /// A job.
    Totals,
    /// A file class of a job.
    Classes,
    /// An operator of a job.
    Operators,
    /// A state of an operator of a job.
    States,
}

/// One row per job, file class, operator or state; of the last two, largest growth first within a
/// job.
pub fn growth(growth: &Growth, rows: GrowthRows) -> Report<'_> {
    let several = growth.jobs.len() > 1;
    let jobs = growth.jobs.iter().zip(labels(growth));
    Report {
        facts: facts(growth),
        table: Table {
            columns: columns(rows, several),
            rows: jobs
                .flat_map(|(job, label)| job_rows(job, rows, several.then_some(label.as_str())))
                .collect::<Vec<_>>()
                .into(),
        },
        ..Report::default()
    }
}

/// What to call each job: two in different directories can have one id.
pub(super) fn labels(growth: &Growth) -> Vec<String> {
    let mut times: HashMap<String, usize> = HashMap::new();
    for job in &growth.jobs {
        *times.entry(job.label()).or_default() += 1;
    }
    let label = |job: &JobGrowth| {
        let label = job.label();
        match times.get(&label) {
            Some(2..) => job.directory.to_string(),
            _ => label,
        }
    };
    growth.jobs.iter().map(label).collect()
}

fn facts(growth: &Growth) -> Vec<Fact> {
    let locations = growth.locations.iter();
    let mut facts = vec![
        fact(
            "below",
            locations.map(|place| Cell::Text(place.to_string())),
        ),
        fact("snapshots", [Cell::Count(Some(growth.snapshot_count))]),
    ];
    let [job] = growth.jobs.as_slice() else {
        facts.push(fact("jobs", [Cell::Count(Some(growth.jobs.len() as u64))]));
        return facts;
    };
    facts.extend(job_facts(job, growth.limit_bytes));
    facts
}

/// What there is to say of one job.
pub(super) fn job_facts(job: &JobGrowth, limit_bytes: Option<u64>) -> Vec<Fact> {
    let mut facts = Vec::new();
    if !job.job_ids.is_empty() {
        let ids = job.job_ids.iter().cloned();
        facts.push(fact("job", ids.map(Cell::Text)));
    }
    facts.push(fact("from", moment(job.first)));
    facts.push(fact("to", moment(job.last)));
    let total = &job.total;
    facts.push(fact(
        "state",
        [
            Cell::Bytes(total.last),
            Cell::Word(total.class.label()),
            Cell::Change(total.per_day),
            Cell::Word("a day"),
        ],
    ));
    if let Some(since) = total.since {
        facts.push(fact("growing since", moment(since)));
    }
    if let (Some(hours), Some(limit)) = (total.hours_until_limit, limit_bytes) {
        facts.push(fact(
            "limit",
            [
                Cell::Bytes(Some(limit)),
                Cell::Text(format!("in {}", duration(hours))),
            ],
        ));
    }
    if let Some(confidence) = total.confidence {
        facts.push(fact("confidence", [Cell::Word(confidence.name())]));
    }
    if let Some((new, used_again)) = churn(job) {
        let parts = [
            Cell::Bytes(Some(new)),
            Cell::Word("new,"),
            Cell::Bytes(Some(used_again)),
            Cell::Word("used again"),
        ];
        facts.push(fact("latest", parts));
    }
    if job.retained_bytes.is_some() {
        facts.push(fact("all retained", [Cell::Bytes(job.retained_bytes)]));
    }
    if job.misplaced_times > 0 {
        let count = Cell::Count(Some(job.misplaced_times));
        facts.push(fact("times out of order", [count]));
    }
    facts
}

/// Bytes of the latest snapshot that are new, inline state with them, and of files of earlier ones.
fn churn(job: &JobGrowth) -> Option<(u64, u64)> {
    let last = job.series.iter().rfind(|point| point.in_trend)?;
    let new = last.new_bytes?;
    Some((new, last.unique_bytes?.checked_sub(new)?))
}

fn columns(rows: GrowthRows, several: bool) -> Vec<Column> {
    let mut columns = vec![Column {
        optional: !several,
        ..column("job", "Job", Room::Shrinks)
    }];
    match rows {
        GrowthRows::Totals => {}
        GrowthRows::Classes => columns.push(column("file_class", "Files", Room::Fixed)),
        GrowthRows::Operators | GrowthRows::States => {
            columns.push(column("operator", "Operator", Room::Shrinks));
            columns.push(column("operator_id", "Id", Room::Drops(9)));
        }
    }
    if rows == GrowthRows::States {
        columns.push(column("state", "State", Room::Shrinks));
    }
    columns.extend([
        column("class", "Trend", Room::Fixed),
        column("history", "History", Room::Drops(2)),
        column("points", "Points", Room::Drops(8)),
        column("bytes", "Bytes", Room::Fixed),
        column("change_bytes", "Change", Room::Drops(3)),
        column("per_day_bytes", "Per day", Room::Fixed),
        column("part_per_day", "Per day %", Room::Drops(4)),
        column("share_of_growth", "Share", Room::Drops(1)),
        optional(column("since", "Since", Room::Drops(5))),
        optional(column("since_checkpoint_id", "Checkpoint", Room::Drops(6))),
        column("confidence", "Confidence", Room::Drops(7)),
    ]);
    if rows == GrowthRows::Totals {
        columns.push(optional(column(
            "hours_until_limit",
            "Hours left",
            Room::Fixed,
        )));
    }
    columns
}

fn job_rows(job: &JobGrowth, rows: GrowthRows, name: Option<&str>) -> Vec<Vec<Cell>> {
    let label = || Cell::from(name.map(str::to_owned));
    let operators = || job.operators.iter();
    match rows {
        GrowthRows::Totals => {
            let values: Vec<_> = job.series.iter().map(|point| point.state_bytes).collect();
            let mut row = vec![label()];
            row.extend(trend_cells(job, &job.total, None, &values));
            row.push(match job.total.hours_until_limit {
                Some(hours) => Cell::Count(Some(hours)),
                None => Cell::Empty,
            });
            vec![row]
        }
        GrowthRows::Classes => job
            .classes
            .iter()
            .map(|class| {
                let mut row = vec![label(), Cell::Word(class.class.name())];
                let share = class.share_of_growth;
                row.extend(trend_cells(job, &class.trend, share, &class.values));
                row
            })
            .collect(),
        GrowthRows::Operators => operators()
            .map(|operator| {
                let mut row = vec![
                    label(),
                    operator.label().into(),
                    operator.operator_id.to_string().into(),
                ];
                let share = operator.share_of_growth;
                row.extend(trend_cells(job, &operator.trend, share, &operator.values));
                row
            })
            .collect(),
        GrowthRows::States => operators()
            .flat_map(|operator| {
                operator.states.iter().flatten().map(move |state| {
                    let mut row = vec![
                        label(),
                        operator.label().into(),
                        operator.operator_id.to_string().into(),
                        state.name.clone().into(),
                    ];
                    let share = state.share_of_growth;
                    row.extend(trend_cells(job, &state.trend, share, &state.values));
                    row
                })
            })
            .collect(),
    }
}

/// `values` are those of the job's series.
fn trend_cells(
    job: &JobGrowth,
    trend: &TrendSummary,
    share: Option<f64>,
    values: &[Option<u64>],
) -> impl Iterator<Item = Cell> {
    let counts = job.series.iter().map(|point| point.in_trend);
    let counted = values.iter().zip(counts).filter(|(_, counts)| *counts);
    let counted: Vec<_> = counted.map(|(value, _)| *value).collect();
    [
        Cell::Word(trend.class.label()),
        Cell::Sparkline(sparkline(&counted)),
        Cell::Count(Some(trend.points)),
        Cell::Bytes(trend.last),
        Cell::Change(trend.change),
        Cell::Change(trend.per_day),
        Cell::Share(trend.part_per_day),
        Cell::Share(share),
        trend
            .since
            .and_then(|since| rfc_3339_of_millis(since.time_ms))
            .into(),
        match trend.since {
            Some(since) => Cell::Count(Some(since.checkpoint_id)),
            None => Cell::Empty,
        },
        match trend.confidence {
            Some(confidence) => Cell::Word(confidence.name()),
            None => Cell::Empty,
        },
    ]
    .into_iter()
}

fn moment(moment: Moment) -> [Cell; 2] {
    [
        rfc_3339_of_millis(moment.time_ms).into(),
        Cell::Text(format!("checkpoint {}", moment.checkpoint_id)),
    ]
}

fn duration(hours: u64) -> String {
    match hours {
        0..=72 => format!("{hours} hours"),
        _ => format!("{} days", hours / 24),
    }
}

/// So many characters at most.
const WIDTH: usize = 16;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Values over time as bars from 0 to the largest; a space where nothing is known.
fn sparkline(values: &[Option<u64>]) -> String {
    let per_bar = values.len().div_ceil(WIDTH).max(1);
    let bars: Vec<Option<u64>> = values
        .chunks(per_bar)
        .map(|chunk| {
            let mut known: Vec<u64> = chunk.iter().copied().flatten().collect();
            known.sort_unstable();
            known.get(known.len() / 2).copied()
        })
        .collect();
    let largest = bars.iter().flatten().copied().max().unwrap_or_default();
    let bar = |bytes: u64| {
        let steps = u128::from(bytes) * (BARS.len() as u128 - 1);
        let rounded = (steps + u128::from(largest) / 2) / u128::from(largest.max(1));
        usize::try_from(rounded).ok().and_then(|at| BARS.get(at))
    };
    bars.into_iter()
        .map(|bytes| bytes.and_then(bar).copied().unwrap_or(' '))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_go_from_nothing_to_the_largest() {
        assert_eq!(sparkline(&[Some(0), None, Some(50), Some(100)]), "▁ ▅█");
        assert_eq!(sparkline(&[]), "");
        assert_eq!(sparkline(&[Some(0), Some(0)]), "▁▁");
        let many: Vec<_> = (0..1000).map(Some).collect();
        assert_eq!(sparkline(&many).chars().count(), WIDTH);
    }
}
