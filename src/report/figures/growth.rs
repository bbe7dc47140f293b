use std::cmp::Reverse;
use std::collections::HashMap;

use crate::growth::{Growth, JobGrowth, OperatorGrowth};
use crate::model::checkpoint::OperatorId;
use crate::report::figures::over_time::{OverTime, Part};
use crate::report::figures::{Figure, Section, SkewRow, Tile, Tone, state_tiles, treemap};
use crate::report::growth::{job_facts, labels};
use crate::report::{Cell, counted, fact};

/// Of more jobs than this, the first are drawn.
const JOBS_MAX: usize = 20;

/// One section per job, of those that grow fastest.
pub fn growth_sections(growth: &Growth) -> Vec<Section> {
    let jobs = growth.jobs.iter().zip(labels(growth)).take(JOBS_MAX);
    let several = growth.jobs.len() > 1;
    let sections = jobs.map(|(job, title)| Section {
        title,
        // Those of a single job are said of the whole.
        facts: match several {
            true => job_facts(job, growth.limit_bytes),
            false => Vec::new(),
        },
        figures: figures(job),
    });
    let mut sections: Vec<_> = sections.collect();
    if let Some(more) = growth
        .jobs
        .len()
        .checked_sub(JOBS_MAX)
        .filter(|&more| more > 0)
    {
        sections.push(Section {
            title: format!("{} more", counted(more as u64, "job")),
            facts: vec![fact(
                "not drawn",
                [Cell::Word("they are in the table below")],
            )],
            figures: Vec::new(),
        });
    }
    sections
}

fn figures(job: &JobGrowth) -> Vec<Figure> {
    let tones = tones(job);
    let over_time = OverTime::new(job);
    let operators = job.operators.iter().map(|operator| Part {
        label: operator.label(),
        tone: tone(&tones, operator),
        per_hour: operator.trend.per_hour,
        values: &operator.values,
    });
    let classes = job.classes.iter().enumerate().map(|(rank, class)| Part {
        label: class.class.name().to_owned(),
        tone: Tone::of_rank(rank),
        per_hour: class.trend.per_hour,
        values: &class.values,
    });
    let latest = job.series.iter().rposition(|point| point.in_trend);
    let latest = latest.unwrap_or_default();
    let mut figures = Vec::new();
    figures.extend(over_time.stacked("State by operator over time", operators));
    figures.extend(over_time.stacked("State by file class over time", classes));
    figures.push(treemap_of(job, &tones, latest));
    figures.extend(skew(job, &tones, latest));
    figures
}

type Tones = HashMap<OperatorId, Tone>;

/// Colours for the operators that were ever largest.
fn tones(job: &JobGrowth) -> Tones {
    let peak = |operator: &OperatorGrowth| operator.values.iter().copied().flatten().max();
    let mut operators: Vec<_> = job.operators.iter().collect();
    operators.sort_by_cached_key(|operator| (Reverse(peak(operator)), operator.operator_id));
    let ranked = operators.iter().enumerate();
    ranked
        .map(|(rank, operator)| (operator.operator_id, Tone::of_rank(rank)))
        .collect()
}

fn tone(tones: &Tones, operator: &OperatorGrowth) -> Tone {
    let tone = tones.get(&operator.operator_id);
    tone.copied().unwrap_or(Tone::Rest)
}

fn treemap_of(job: &JobGrowth, tones: &Tones, latest: usize) -> Figure {
    let value = |values: &[Option<u64>]| values.get(latest).copied().flatten();
    let tiles = job.operators.iter().filter_map(|operator| {
        let bytes = value(&operator.values)?;
        let tone = tone(tones, operator);
        let states = operator.states.iter().flatten();
        let states = states.filter_map(|state| Some((state.name.clone(), value(&state.values)?)));
        Some(Tile {
            label: operator.label(),
            tone,
            bytes,
            parts: match operator.states {
                Some(_) => state_tiles(states, bytes, tone),
                None => Vec::new(),
            },
        })
    });
    let tiles: Vec<_> = tiles.collect();
    let point = job.series.get(latest);
    let state_bytes = point.and_then(|point| point.state_bytes);
    let there = point.map_or(0, |point| point.operator_count);
    let unknown = there.saturating_sub(tiles.len() as u64);
    let title = "State of the latest snapshot";
    let mut figure = treemap(title, tiles, state_bytes, unknown);
    if job
        .operators
        .iter()
        .all(|operator| operator.states.is_none())
    {
        figure
            .notes
            .push("--by state looks into the operators".to_owned());
    }
    figure
}

fn skew(job: &JobGrowth, tones: &Tones, latest: usize) -> Option<Figure> {
    let rows = job.operators.iter().filter_map(|operator| {
        operator.values.get(latest).copied().flatten()?;
        Some(SkewRow {
            label: operator.label(),
            tone: tone(tones, operator),
            parallelism: operator.parallelism,
            largest: operator.largest_subtask,
            largest_bytes: operator.largest_subtask_bytes?,
            skew: operator.skew?,
            bytes: Vec::new(),
        })
    });
    super::skew_figure(rows.collect())
}
