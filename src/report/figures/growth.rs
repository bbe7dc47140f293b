use std::cmp::Reverse;
use std::collections::HashMap;

use crate::checkpoint::OperatorId;
use crate::growth::{Growth, JobGrowth, OperatorGrowth, SeriesPoint};
use crate::report::figures::{
    Figure, FigureContent, Layer, Mark, OPERATORS_MAX, Section, SkewRow, StackedArea, TONES, Tile,
    Tone, state_tiles, tiles,
};
use crate::report::{counted, growth::job_facts};

/// Of more jobs than this, the first are drawn.
const JOBS_MAX: usize = 20;
/// So many moments can be told apart on a screen.
const MOMENTS_MAX: usize = 240;

/// One section per job, of those that grow fastest.
pub fn growth_sections(growth: &Growth) -> Vec<Section> {
    let jobs = growth.jobs.iter().take(JOBS_MAX);
    let several = growth.jobs.len() > 1;
    jobs.map(|job| Section {
        title: job.label(),
        // Those of a single job are said of the whole.
        facts: match several {
            true => job_facts(job, growth.limit_bytes),
            false => Vec::new(),
        },
        figures: figures(job),
    })
    .collect()
}

fn figures(job: &JobGrowth) -> Vec<Figure> {
    let tones = tones(job);
    let area = area(job, &tones);
    let latest = job.series.iter().rposition(|point| point.in_trend);
    let latest = latest.unwrap_or_default();
    let mut figures = Vec::from_iter(area);
    figures.push(treemap(job, &tones, latest));
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

/// The operators over time; `None` below two snapshots.
fn area(job: &JobGrowth, tones: &Tones) -> Option<Figure> {
    let mut notes = Vec::new();
    let left_out = |wanted: fn(&SeriesPoint) -> bool| {
        let points = job.series.iter().filter(|point| wanted(point));
        points.count() as u64
    };
    let savepoints = left_out(|point| !point.in_trend);
    if savepoints > 0 {
        let what = counted(savepoints, "snapshot");
        notes.push(format!(
            "{what} not drawn: savepoints have other sizes than checkpoints"
        ));
    }
    let unknown = left_out(|point| point.in_trend && point.state_bytes.is_none());
    if unknown > 0 {
        let what = counted(unknown, "snapshot");
        notes.push(format!("{what} not drawn: Flink did not record all sizes"));
    }
    let points = job.series.iter().enumerate();
    let drawn: Vec<(usize, &SeriesPoint, u64)> = points
        .filter(|(_, point)| point.in_trend)
        .filter_map(|(at, point)| Some((at, point, point.state_bytes?)))
        .collect();
    let per_moment = drawn.len().div_ceil(MOMENTS_MAX).max(1);
    if per_moment > 1 {
        let what = counted(per_moment as u64, "snapshot");
        notes.push(format!("each point is the median of {what}"));
    }
    let moments: Vec<_> = drawn.chunks(per_moment).filter_map(median).collect();
    if moments.len() < 2 {
        return None;
    }
    Some(Figure {
        title: "State by operator over time",
        content: FigureContent::StackedArea(StackedArea {
            times_ms: moments.iter().map(|(_, point, _)| point.time_ms).collect(),
            layers: layers(job, tones, &moments),
            marks: marks(job),
        }),
        notes,
    })
}

/// The snapshot of middle size.
fn median<'p>(chunk: &[(usize, &'p SeriesPoint, u64)]) -> Option<(usize, &'p SeriesPoint, u64)> {
    let mut chunk = chunk.to_vec();
    chunk.sort_by_key(|&(_, _, bytes)| bytes);
    chunk.get(chunk.len() / 2).copied()
}

/// What grows most lies on top of what is flat.
fn layers(job: &JobGrowth, tones: &Tones, moments: &[(usize, &SeriesPoint, u64)]) -> Vec<Layer> {
    let mut own: Vec<(Option<i64>, Layer)> = Vec::with_capacity(TONES);
    for operator in &job.operators {
        let tone = tone(tones, operator);
        if tone == Tone::Rest {
            continue;
        }
        let at = |&(at, _, _): &(usize, _, _)| operator.values.get(at).copied().flatten();
        let layer = Layer {
            label: operator.label(),
            tone,
            // All sizes of these snapshots are known: no size means that it is not there.
            bytes: moments
                .iter()
                .map(|moment| at(moment).unwrap_or(0))
                .collect(),
        };
        if layer.bytes.iter().any(|&bytes| bytes > 0) {
            own.push((operator.trend.per_hour, layer));
        }
    }
    own.sort_by(|(a, of_a), (b, of_b)| (a, &of_a.label).cmp(&(b, &of_b.label)));
    let mut layers: Vec<_> = own.into_iter().map(|(_, layer)| layer).collect();
    let rest: Vec<u64> = moments
        .iter()
        .enumerate()
        .map(|(at, &(_, _, total))| {
            let told = layers.iter().filter_map(|layer| layer.bytes.get(at));
            total.saturating_sub(told.copied().fold(0, u64::saturating_add))
        })
        .collect();
    if rest.iter().any(|&bytes| bytes > 0) {
        layers.insert(
            0,
            Layer {
                label: "everything else".to_owned(),
                tone: Tone::Rest,
                bytes: rest,
            },
        );
    }
    layers
}

/// Where the trend changed, and where the job began anew.
fn marks(job: &JobGrowth) -> Vec<Mark> {
    let mut marks = Vec::new();
    if let Some(since) = job.total.since {
        marks.push(Mark {
            time_ms: since.time_ms,
            label: format!("growing since checkpoint {}", since.checkpoint_id),
        });
    }
    let mut counted = job.series.iter().filter(|point| point.in_trend).peekable();
    while let Some(point) = counted.next() {
        let next = counted
            .peek()
            .filter(|next| next.location.parent() != point.location.parent());
        if let Some(next) = next {
            marks.push(Mark {
                time_ms: next.time_ms,
                label: format!("restarted, next checkpoint {}", next.checkpoint_id),
            });
        }
    }
    marks
}

fn treemap(job: &JobGrowth, tones: &Tones, latest: usize) -> Figure {
    let mut notes = Vec::new();
    let value = |values: &[Option<u64>]| values.get(latest).copied().flatten();
    let operators = job.operators.iter().filter_map(|operator| {
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
    let tiles = tiles(operators.collect(), OPERATORS_MAX, "operator");
    if job
        .operators
        .iter()
        .all(|operator| operator.states.is_none())
    {
        notes.push("--by state looks into the operators".to_owned());
    }
    Figure {
        title: "State of the latest snapshot",
        content: FigureContent::Treemap(tiles),
        notes,
    }
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
