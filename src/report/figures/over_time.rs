use crate::growth::{JobGrowth, SeriesPoint};
use crate::report::counted;
use crate::report::figures::{Figure, FigureContent, Layer, Mark, StackedArea, TONES, Tone};
use crate::snapshot::summary::SnapshotKind;

/// So many moments can be told apart on a screen.
const MOMENTS_MAX: usize = 240;

/// More marks would hide what they are on.
const RESTARTS_MAX: usize = 12;

/// A part of a job's state over time.
pub(super) struct Part<'j> {
    pub(super) label: String,
    pub(super) tone: Tone,
    /// Its growth, which decides where it lies.
    pub(super) per_hour: Option<i64>,
    /// Its bytes in each snapshot of the job's series.
    pub(super) values: &'j [Option<u64>],
}

/// The snapshots of a job that are drawn.
pub(super) struct OverTime<'j> {
    job: &'j JobGrowth,
    moments: Vec<Moment<'j>>,
    notes: Vec<String>,
}

#[derive(Clone, Copy)]
struct Moment<'j> {
    /// Its place in the series.
    at: usize,
    point: &'j SeriesPoint,
    state_bytes: u64,
}

impl<'j> OverTime<'j> {
    pub(super) fn new(job: &'j JobGrowth) -> Self {
        let mut notes = Vec::new();
        let mut note = |count: usize, why: &str| {
            if count > 0 {
                let what = counted(count as u64, "snapshot");
                notes.push(format!("{what} not drawn: {why}"));
            }
        };
        let in_trend = || job.series.iter().filter(|point| point.in_trend);
        note(
            job.series.len() - in_trend().count(),
            "savepoints and checkpoints have other sizes, and there are more of the other kind",
        );
        note(
            in_trend()
                .filter(|point| point.state_bytes.is_none())
                .count(),
            "Flink did not record all sizes",
        );
        let drawn: Vec<_> = job
            .series
            .iter()
            .enumerate()
            .filter(|(_, point)| point.in_trend)
            .filter_map(|(at, point)| {
                let state_bytes = point.state_bytes?;
                Some(Moment {
                    at,
                    point,
                    state_bytes,
                })
            })
            .collect();
        let per_moment = drawn.len().div_ceil(MOMENTS_MAX).max(1);
        if per_moment > 1 {
            let what = counted(per_moment as u64, "snapshot");
            notes.push(format!("each point is the median of {what}"));
        }
        Self {
            job,
            moments: drawn.chunks(per_moment).filter_map(median).collect(),
            notes,
        }
    }

    /// The parts, stacked to the size of each snapshot; `None` below two snapshots.
    pub(super) fn stacked<'p>(
        &self,
        title: &'static str,
        parts: impl Iterator<Item = Part<'p>>,
    ) -> Option<Figure> {
        let times = self.moments.iter().map(|moment| moment.point.time_ms);
        (self.moments.len() > 1).then(|| Figure {
            title,
            content: FigureContent::StackedArea(StackedArea {
                times_ms: times.collect(),
                layers: self.layers(parts),
                marks: marks(self.job),
            }),
            notes: self.notes.clone(),
        })
    }

    /// What grows most lies on top of what is flat.
    fn layers<'p>(&self, parts: impl Iterator<Item = Part<'p>>) -> Vec<Layer> {
        let mut own: Vec<(Option<i64>, Layer)> = Vec::with_capacity(TONES);
        for part in parts.filter(|part| part.tone != Tone::Rest) {
            // All sizes of these snapshots are known: no size means that it is not there.
            let bytes = |moment: &Moment<'_>| part.values.get(moment.at).copied().flatten();
            let bytes = self.moments.iter().map(|moment| bytes(moment).unwrap_or(0));
            let layer = Layer {
                label: part.label,
                tone: part.tone,
                bytes: bytes.collect(),
            };
            if layer.bytes.iter().any(|&bytes| bytes > 0) {
                own.push((part.per_hour, layer));
            }
        }
        own.sort_by(|(a, of_a), (b, of_b)| (a, &of_a.label).cmp(&(b, &of_b.label)));
        let mut layers: Vec<_> = own.into_iter().map(|(_, layer)| layer).collect();
        let rest = self.rest(&layers);
        if rest.iter().any(|&bytes| bytes > 0) {
            let rest = Layer {
                label: "everything else".to_owned(),
                tone: Tone::Rest,
                bytes: rest,
            };
            layers.insert(0, rest);
        }
        layers
    }

    /// What the layers do not tell of each snapshot.
    fn rest(&self, layers: &[Layer]) -> Vec<u64> {
        let moments = self.moments.iter().enumerate();
        let rest = moments.map(|(at, moment)| {
            let told = layers.iter().filter_map(|layer| layer.bytes.get(at));
            let told = told.copied().fold(0, u64::saturating_add);
            moment.state_bytes.saturating_sub(told)
        });
        rest.collect()
    }
}

/// The snapshot of middle size.
fn median<'j>(chunk: &[Moment<'j>]) -> Option<Moment<'j>> {
    let mut chunk = chunk.to_vec();
    chunk.sort_by_key(|moment| moment.state_bytes);
    chunk.get(chunk.len() / 2).copied()
}

/// Where the trend changed, and the latest moments at which the job began anew.
fn marks(job: &JobGrowth) -> Vec<Mark> {
    let since = job.total.since.map(|since| Mark {
        time_ms: since.time_ms,
        label: format!("growing since checkpoint {}", since.checkpoint_id),
    });
    // Savepoints may lie in any directory.
    let is_checkpoint = |point: &&SeriesPoint| point.kind != Some(SnapshotKind::Savepoint);
    let points: Vec<_> = job.series.iter().filter(is_checkpoint).collect();
    let mut restarts: Vec<Mark> = points
        .windows(2)
        .filter_map(|pair| match pair {
            [point, next] if next.location.parent() != point.location.parent() => Some(Mark {
                time_ms: next.time_ms,
                label: format!("restarted, next checkpoint {}", next.checkpoint_id),
            }),
            _ => None,
        })
        .collect();
    let earlier = restarts.len().saturating_sub(RESTARTS_MAX);
    restarts.drain(..earlier);
    since.into_iter().chain(restarts).collect()
}
