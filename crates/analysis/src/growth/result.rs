//! The result of `growth` (docs/json.md).

use serde::{Serialize, Serializer};

use crate::finding::Confidence;
use crate::finding::Finding;
use crate::growth::observation::FileClass;
use crate::growth::trend::{Trend, TrendClass};
use crate::snapshot::summary::SnapshotKind;
use statescope_format::location::Location;
use statescope_format::model::checkpoint::{OperatorId, StateSlot};
use statescope_format::time::rfc_3339_of_millis;

/// The `data` of `growth`.
#[derive(Clone, Debug, Serialize)]
pub struct Growth {
    /// Where snapshots were looked for.
    pub locations: Vec<Location>,
    /// Snapshots older than this were left out.
    #[serde(serialize_with = "time")]
    pub since: Option<i64>,
    /// Snapshots that were used.
    pub snapshot_count: u64,
    /// The limit that was asked about.
    pub limit_bytes: Option<u64>,
    /// The jobs, fastest growth first, then by id.
    pub jobs: Vec<JobGrowth>,
    /// What was noticed, worst first.
    pub findings: Vec<Finding>,
}

/// One job, over all its restarts.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct JobGrowth {
    /// The ids that it had, oldest first; empty where no directory says.
    pub job_ids: Vec<String>,
    /// The directory of its latest snapshot's directory.
    pub directory: Location,
    /// How many snapshots there are.
    pub snapshot_count: u64,
    /// The first snapshot.
    pub first: Moment,
    /// The last snapshot.
    pub last: Moment,
    /// Snapshots whose time did not fit their number.
    pub misplaced_times: u64,
    /// Bytes of the distinct files of all snapshots that are there, and of their inline state.
    pub retained_bytes: Option<u64>,
    /// The state's full size over time.
    pub total: TrendSummary,
    /// Other figures of whole snapshots over time.
    pub figures: Figures,
    /// State bytes by class over time; classes without any bytes are left out.
    pub classes: Vec<ClassGrowth>,
    /// The operators, most growth first, then by id.
    pub operators: Vec<OperatorGrowth>,
    /// The snapshots in order.
    pub series: Vec<SeriesPoint>,
}

impl JobGrowth {
    /// What to call it: its latest id, else its directory.
    pub fn label(&self) -> String {
        let id = self.job_ids.last();
        id.map_or_else(|| self.directory.to_string(), Clone::clone)
    }
}

/// When a snapshot was, by time and number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Moment {
    /// When it was written.
    #[serde(rename = "time", serialize_with = "time_of")]
    pub time_ms: i64,
    /// The checkpoint's number.
    pub checkpoint_id: u64,
}

/// Figures of whole snapshots over time.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Bytes that each snapshot added.
    pub checkpointed: TrendSummary,
    /// Bytes of each snapshot's distinct files.
    pub unique: TrendSummary,
    /// Bytes of files that are new in each snapshot.
    pub new: TrendSummary,
    /// Bytes of the metadata file.
    pub metadata: TrendSummary,
    /// Distinct files; numbers of files, not bytes.
    pub files: TrendSummary,
}

/// One class of state bytes over time.
#[derive(Clone, Debug, Serialize)]
pub struct ClassGrowth {
    /// The class.
    pub class: FileClass,
    /// Its bytes over time.
    pub trend: TrendSummary,
    /// Its part of the job's growth; `None` if the job does not grow.
    pub share_of_growth: Option<f64>,
    /// Its bytes in each snapshot of the job's series; `None` where a size is not recorded.
    pub values: Vec<Option<u64>>,
}

/// One operator over time.
#[derive(Clone, Debug, Serialize)]
pub struct OperatorGrowth {
    /// The operator's id.
    pub operator_id: OperatorId,
    /// Its uid, where known.
    pub uid: Option<String>,
    /// Its name, where known.
    pub name: Option<String>,
    /// Number of subtasks in the latest snapshot.
    pub parallelism: u32,
    /// The subtask with the most state in the latest snapshot that has the operator.
    pub largest_subtask: Option<u32>,
    /// Its bytes.
    pub largest_subtask_bytes: Option<u64>,
    /// Its bytes over the mean of all subtasks, coordinator left out: 1 is even.
    pub skew: Option<f64>,
    /// Its bytes over time.
    pub trend: TrendSummary,
    /// Its part of the job's growth; `None` if the job does not grow.
    pub share_of_growth: Option<f64>,
    /// The states, most growth first; `None` unless they were looked into.
    pub states: Option<Vec<StateGrowth>>,
    /// Its bytes in each snapshot of the job's series; `None` where it is not there.
    pub values: Vec<Option<u64>>,
}

impl OperatorGrowth {
    /// What to call it: its uid, else its name, else the start of its id.
    pub fn label(&self) -> String {
        match (&self.uid, &self.name) {
            (Some(text), _) | (None, Some(text)) => text.clone(),
            (None, None) => self.operator_id.short(),
        }
    }
}

/// One state over time.
#[derive(Clone, Debug, Serialize)]
pub struct StateGrowth {
    /// Its name.
    pub name: String,
    /// The slot that its handles are in.
    pub slot: StateSlot,
    /// Its bytes over time.
    pub trend: TrendSummary,
    /// Its part of the job's growth; `None` if the job does not grow.
    pub share_of_growth: Option<f64>,
    /// Its bytes in each snapshot of the job's series; `None` where it is not there.
    pub values: Vec<Option<u64>>,
}

/// One snapshot of a series.
#[derive(Clone, Debug, Serialize)]
pub struct SeriesPoint {
    /// When it was written.
    #[serde(rename = "time", serialize_with = "time_of")]
    pub time_ms: i64,
    /// The checkpoint's number.
    pub checkpoint_id: u64,
    /// What it is, where that is known.
    pub kind: Option<SnapshotKind>,
    /// The snapshot's directory.
    pub location: Location,
    /// Whether it counts for trends: savepoints between checkpoints do not, nor checkpoints between
    /// savepoints.
    pub in_trend: bool,
    /// Full size of the state.
    pub state_bytes: Option<u64>,
    /// Bytes that it added, as Flink counts them.
    pub checkpointed_bytes: Option<u64>,
    /// Bytes of its distinct files and inline state.
    pub unique_bytes: Option<u64>,
    /// Bytes of files that no earlier snapshot mentions.
    pub new_bytes: Option<u64>,
    /// In-flight data, a part of `state_bytes`.
    pub channel_bytes: Option<u64>,
    /// Its operators.
    pub operator_count: u64,
    /// Bytes of the metadata file.
    pub metadata_bytes: u64,
    /// State bytes inside the metadata file.
    pub inline_bytes: u64,
    /// Distinct files and segments.
    pub file_count: u64,
    /// Files smaller than 64 KiB.
    pub small_file_count: u64,
}

/// A trend in whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct TrendSummary {
    /// What the series does.
    pub class: TrendClass,
    /// Snapshots with a known value, savepoints between checkpoints left out.
    pub points: u64,
    /// The first known value.
    pub first: Option<u64>,
    /// The last known value.
    pub last: Option<u64>,
    /// By how much it changed since growth began, else since the first point; wild points aside.
    pub change: Option<i64>,
    /// Change in an hour.
    pub per_hour: Option<i64>,
    /// The interval that holds it with 95 % confidence.
    pub per_hour_low: Option<i64>,
    /// Its upper end.
    pub per_hour_high: Option<i64>,
    /// Change in a day.
    pub per_day: Option<i64>,
    /// Change in a day as a part of the present size.
    pub part_per_day: Option<f64>,
    /// When growth began; `None` without growth, and where it grew from the first snapshot on.
    pub since: Option<Moment>,
    /// Jumps, of stepwise growth.
    pub steps: u64,
    /// Whether it follows the hours of the day; `None` below two days.
    pub daily_wave: Option<bool>,
    /// How far the rate can be trusted.
    pub confidence: Option<Confidence>,
    /// Whether it never became smaller.
    pub never_shrinks: bool,
    /// Hours until the limit that was asked about; `None` without one, or without growth.
    pub hours_until_limit: Option<u64>,
}

impl TrendSummary {
    /// `moments` are those of the points.
    pub(super) fn new(
        trend: &Trend,
        moments: &[Moment],
        (first, last): (Option<u64>, Option<u64>),
        limit: Option<u64>,
    ) -> Self {
        let whole = |value: f64| value.round() as i64;
        let interval = trend.per_hour_interval;
        let since = trend.since.filter(|&at| at > 0);
        let until = limit.and_then(|limit| trend.hours_until(limit as f64));
        Self {
            class: trend.class,
            points: trend.points as u64,
            first,
            last,
            change: trend.change.map(whole),
            per_hour: trend.per_hour.map(whole),
            per_hour_low: interval.map(|(low, _)| whole(low)),
            per_hour_high: interval.map(|(_, high)| whole(high)),
            per_day: trend.per_hour.map(|per_hour| whole(per_hour * 24.0)),
            part_per_day: trend.part_per_hour().map(|part| part * 24.0),
            since: since.and_then(|at| moments.get(at)).copied(),
            steps: trend.steps as u64,
            daily_wave: trend.daily_wave,
            confidence: trend.confidence,
            never_shrinks: trend.never_shrinks,
            hours_until_limit: until.map(|hours| hours.round() as u64),
        }
    }
}

fn time<S: Serializer>(time_ms: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    time_ms.and_then(rfc_3339_of_millis).serialize(serializer)
}

fn time_of<S: Serializer>(time_ms: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    rfc_3339_of_millis(*time_ms).serialize(serializer)
}
