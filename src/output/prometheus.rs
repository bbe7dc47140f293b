//! The text format of Prometheus. Every metric is a gauge: of the latest snapshot, or a trend.

use std::io::{self, Write};

use crate::growth::{Growth, JobGrowth, TrendSummary};
use crate::output::escape::label;
use crate::report::GrowthRows;

/// So many operators or states of a job have metrics of their own: those that grow most, and then
/// the largest. A monitoring system pays for every combination of labels.
const SERIES_OF_A_JOB_MAX: usize = 100;

/// A metric: name, what it tells, and its value.
struct Gauge<T> {
    name: &'static str,
    help: &'static str,
    value: fn(&T) -> Option<f64>,
}

const JOB: &[Gauge<JobGrowth>] = &[
    Gauge {
        name: "statescope_job_state_bytes",
        help: "Full size of the state in the latest snapshot.",
        value: |job| job.series.last()?.state_bytes.map(float),
    },
    Gauge {
        name: "statescope_job_checkpointed_bytes",
        help: "Bytes that the latest snapshot added.",
        value: |job| job.series.last()?.checkpointed_bytes.map(float),
    },
    Gauge {
        name: "statescope_job_unique_bytes",
        help: "Bytes of distinct files and inline state of the latest snapshot.",
        value: |job| job.series.last()?.unique_bytes.map(float),
    },
    Gauge {
        name: "statescope_job_retained_bytes",
        help: "Bytes of distinct files and inline state of all snapshots that are there.",
        value: |job| job.retained_bytes.map(float),
    },
    Gauge {
        name: "statescope_job_channel_bytes",
        help: "In-flight data in the latest snapshot, a part of its state.",
        value: |job| job.series.last()?.channel_bytes.map(float),
    },
    Gauge {
        name: "statescope_job_metadata_bytes",
        help: "Size of the latest metadata file.",
        value: |job| job.series.last().map(|point| float(point.metadata_bytes)),
    },
    Gauge {
        name: "statescope_job_files",
        help: "Distinct files and segments of the latest snapshot.",
        value: |job| job.series.last().map(|point| float(point.file_count)),
    },
    Gauge {
        name: "statescope_job_snapshots",
        help: "Snapshots that were looked at.",
        value: |job| Some(float(job.snapshot_count)),
    },
    Gauge {
        name: "statescope_job_last_snapshot_timestamp_seconds",
        help: "When the latest snapshot was written.",
        value: |job| Some(job.last.time_ms as f64 / 1000.0),
    },
    Gauge {
        name: "statescope_job_last_checkpoint_id",
        help: "Number of the latest snapshot.",
        value: |job| Some(float(job.last.checkpoint_id)),
    },
    Gauge {
        name: "statescope_job_growth_bytes_per_day",
        help: "Change of the state's size in a day, by the trend; absent with too few snapshots.",
        value: |job| per_day(&job.total),
    },
    Gauge {
        name: "statescope_job_growing",
        help: "1 if the state grows, 0 if not; absent with too few snapshots.",
        value: |job| growing(&job.total),
    },
    Gauge {
        name: "statescope_job_limit_seconds",
        help: "Time until the state reaches --limit-bytes, by the trend; absent without growth.",
        value: |job| {
            job.total
                .hours_until_limit
                .map(|hours| float(hours) * 3600.0)
        },
    },
];

/// An operator or a state.
struct Part {
    labels: String,
    trend: TrendSummary,
}

const OPERATOR: &[Gauge<Part>] = &[
    Gauge {
        name: "statescope_operator_state_bytes",
        help: "Size of the operator's state in the latest snapshot that has it.",
        value: |part| part.trend.last.map(float),
    },
    Gauge {
        name: "statescope_operator_growth_bytes_per_day",
        help: "Change of the operator's state in a day, by the trend.",
        value: |part| per_day(&part.trend),
    },
    Gauge {
        name: "statescope_operator_growing",
        help: "1 if the operator's state grows, 0 if not.",
        value: |part| growing(&part.trend),
    },
];

const STATE: &[Gauge<Part>] = &[
    Gauge {
        name: "statescope_state_bytes",
        help: "Size of the state in the latest snapshot that has it.",
        value: |part| part.trend.last.map(float),
    },
    Gauge {
        name: "statescope_state_growth_bytes_per_day",
        help: "Change of the state's size in a day, by the trend.",
        value: |part| per_day(&part.trend),
    },
    Gauge {
        name: "statescope_state_growing",
        help: "1 if the state grows, 0 if not.",
        value: |part| growing(&part.trend),
    },
];

pub(super) fn write(
    growth: &Growth,
    rows: GrowthRows,
    now_ms: i64,
    out: &mut dyn Write,
) -> io::Result<()> {
    let jobs: Vec<_> = growth
        .jobs
        .iter()
        .map(|job| (job_labels(job), job))
        .collect();
    for gauge in JOB {
        let values = jobs.iter();
        gauge.write(values.map(|(labels, job)| (labels.as_str(), *job)), out)?;
    }
    if matches!(rows, GrowthRows::Operators | GrowthRows::States) {
        let parts: Vec<_> = jobs.iter().flat_map(operators).collect();
        for gauge in OPERATOR {
            let values = parts.iter();
            gauge.write(values.map(|part| (part.labels.as_str(), part)), out)?;
        }
    }
    if rows == GrowthRows::States {
        let parts: Vec<_> = jobs.iter().flat_map(states).collect();
        for gauge in STATE {
            let values = parts.iter();
            gauge.write(values.map(|part| (part.labels.as_str(), part)), out)?;
        }
    }
    head(
        "statescope_last_run_timestamp_seconds",
        "When these metrics were written.",
        out,
    )?;
    let now = now_ms.div_euclid(1000);
    writeln!(out, "statescope_last_run_timestamp_seconds {now}")
}

impl<T> Gauge<T> {
    fn write<'v>(
        &self,
        values: impl Iterator<Item = (&'v str, &'v T)>,
        out: &mut dyn Write,
    ) -> io::Result<()>
    where
        T: 'v,
    {
        let known = values.filter_map(|(labels, of)| Some((labels, (self.value)(of)?)));
        let mut known = known.peekable();
        if known.peek().is_none() {
            return Ok(());
        }
        head(self.name, self.help, out)?;
        for (labels, value) in known {
            writeln!(out, "{}{{{labels}}} {value}", self.name)?;
        }
        Ok(())
    }
}

fn head(name: &str, help: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# HELP {name} {help}")?;
    writeln!(out, "# TYPE {name} gauge")
}

/// The directory tells jobs apart whose ids are the same.
fn job_labels(job: &JobGrowth) -> String {
    let id = job.job_ids.last().map_or("", String::as_str);
    let directory = job.directory.to_string();
    format!(
        "job_id=\"{}\",directory=\"{}\"",
        label(id),
        label(&directory)
    )
}

fn operators((labels, job): &(String, &JobGrowth)) -> Vec<Part> {
    let parts = job.operators.iter().map(|operator| Part {
        labels: operator_labels(labels, &operator.label(), &operator.operator_id.to_string()),
        trend: operator.trend,
    });
    largest(parts.collect())
}

fn states((labels, job): &(String, &JobGrowth)) -> Vec<Part> {
    let parts = job.operators.iter().flat_map(|operator| {
        let id = operator.operator_id.to_string();
        let labels = operator_labels(labels, &operator.label(), &id);
        operator.states.iter().flatten().map(move |state| Part {
            labels: format!(
                "{labels},slot=\"{}\",state=\"{}\"",
                label(state.slot.name()),
                label(&state.name)
            ),
            trend: state.trend,
        })
    });
    largest(parts.collect())
}

fn operator_labels(job: &str, operator: &str, id: &str) -> String {
    format!(
        "{job},operator_id=\"{id}\",operator=\"{}\"",
        label(operator)
    )
}

/// What grows comes first, then what is large.
fn largest(mut parts: Vec<Part>) -> Vec<Part> {
    parts.sort_by_key(|part| {
        let growth = part.trend.per_day.filter(|_| part.trend.class.grows());
        std::cmp::Reverse((growth, part.trend.last))
    });
    parts.truncate(SERIES_OF_A_JOB_MAX);
    parts
}

fn per_day(trend: &TrendSummary) -> Option<f64> {
    trend.per_day.map(|bytes| bytes as f64)
}

fn growing(trend: &TrendSummary) -> Option<f64> {
    trend.per_day?;
    Some(if trend.class.grows() { 1.0 } else { 0.0 })
}

fn float(value: u64) -> f64 {
    value as f64
}
