use std::collections::BTreeMap;

use crate::growth::lineage::JobSeries;
use crate::growth::observation::{FileClass, Observation, OperatorObservation};
use crate::growth::result::{
    ClassGrowth, Figures, JobGrowth, Moment, OperatorGrowth, SeriesPoint, StateGrowth, TrendSummary,
};
use crate::growth::trend::trend;
use crate::snapshot::summary::{SnapshotKind, skew};
use statescope_format::model::checkpoint::OperatorId;

/// Milliseconds of an hour.
const HOUR: f64 = 3_600_000.0;

/// A job's snapshots as the analyses of it share them.
pub(super) struct Job<'s> {
    pub(super) series: &'s JobSeries,
    limit: Option<u64>,
    /// Whether each snapshot counts for trends: savepoints among checkpoints do not, they are
    /// written in another way and have another size.
    counts: Vec<bool>,
}

impl<'s> Job<'s> {
    pub(super) fn new(series: &'s JobSeries, limit: Option<u64>) -> Self {
        let is_savepoint = |seen: &Observation| seen.kind == Some(SnapshotKind::Savepoint);
        let observations = &series.observations;
        let savepoints = observations
            .iter()
            .filter(|seen| is_savepoint(seen))
            .count();
        let mostly = savepoints * 2 > observations.len();
        let counts = observations.iter();
        Self {
            series,
            limit,
            counts: counts.map(|seen| is_savepoint(seen) == mostly).collect(),
        }
    }

    /// The trend of one value per snapshot.
    pub(super) fn trend(
        &self,
        value: impl Fn(&Observation) -> Option<u64>,
        limit: Option<u64>,
    ) -> TrendSummary {
        let mut points = Vec::new();
        let mut moments = Vec::new();
        let (mut first, mut last) = (None, None);
        for (seen, counts) in self.series.observations.iter().zip(&self.counts) {
            let Some(value) = value(seen).filter(|_| *counts) else {
                continue;
            };
            first = first.or(Some(value));
            last = Some(value);
            points.push((seen.time_ms as f64 / HOUR, value as f64));
            moments.push(moment(seen));
        }
        TrendSummary::new(&trend(&points), &moments, (first, last), limit)
    }

    /// The trend of one value per snapshot of one operator.
    pub(super) fn operator_trend(
        &self,
        id: OperatorId,
        value: impl Fn(&OperatorObservation) -> Option<u64>,
    ) -> TrendSummary {
        self.trend(|seen| value(operator(seen, id)?), None)
    }

    /// Everything of the job but what its files are together.
    pub(super) fn growth(&self) -> Option<JobGrowth> {
        let observations = &self.series.observations;
        let (first, last) = (observations.first()?, observations.last()?);
        let total = self.trend(|seen| seen.state_bytes, self.limit);
        let grown = total
            .class
            .grows()
            .then_some(total.change)
            .flatten()
            .filter(|&change| change > 0);
        Some(JobGrowth {
            job_ids: self.series.job_ids.clone(),
            directory: last.location.parent(),
            snapshot_count: observations.len() as u64,
            first: moment(first),
            last: moment(last),
            misplaced_times: self.series.misplaced_times,
            retained_bytes: None,
            figures: Figures {
                checkpointed: self.trend(|seen| seen.checkpointed_bytes, None),
                unique: self.trend(|seen| seen.unique_bytes, None),
                new: self.trend(|seen| seen.new_bytes, None),
                metadata: self.trend(|seen| Some(seen.metadata_bytes), None),
                files: self.trend(|seen| Some(seen.file_count), None),
            },
            classes: self.classes(grown),
            operators: self.operators(grown),
            series: observations.iter().zip(&self.counts).map(point).collect(),
            total,
        })
    }

    fn classes(&self, grown: Option<i64>) -> Vec<ClassGrowth> {
        let classes = FileClass::ALL.into_iter().map(|class| {
            let value = |seen: &Observation| of_class(seen, class);
            let trend = self.trend(value, None);
            ClassGrowth {
                class,
                share_of_growth: share(&trend, grown),
                trend,
                values: self.series.observations.iter().map(value).collect(),
            }
        });
        let is_used = |class: &ClassGrowth| class.values.iter().any(|bytes| *bytes != Some(0));
        classes.filter(is_used).collect()
    }

    fn operators(&self, grown: Option<i64>) -> Vec<OperatorGrowth> {
        // The latest snapshot that has it says what it is called.
        let mut latest: BTreeMap<OperatorId, &OperatorObservation> = BTreeMap::new();
        for seen in &self.series.observations {
            for operator in &seen.operators {
                latest.insert(operator.operator_id, operator);
            }
        }
        let mut operators: Vec<_> = latest
            .into_values()
            .map(|latest| self.operator(latest, grown))
            .collect();
        operators.sort_by_key(|operator| growth_first(&operator.trend));
        operators
    }

    fn operator(&self, latest: &OperatorObservation, grown: Option<i64>) -> OperatorGrowth {
        let id = latest.operator_id;
        let trend = self.operator_trend(id, |operator| operator.classes.total());
        let values = self.series.observations.iter();
        let values = values.map(|seen| operator(seen, id)?.classes.total());
        let of_subtasks = || {
            let coordinator = latest.classes.get(FileClass::Coordinator)?;
            latest.classes.total()?.checked_sub(coordinator)
        };
        let (largest_subtask, largest_subtask_bytes) = latest.largest_subtask.unzip();
        let skew = largest_subtask_bytes
            .zip(of_subtasks())
            .and_then(|(largest, all)| skew(largest, all, latest.parallelism));
        OperatorGrowth {
            operator_id: id,
            uid: latest.uid.clone(),
            name: latest.name.clone(),
            parallelism: latest.parallelism,
            largest_subtask,
            largest_subtask_bytes,
            skew,
            share_of_growth: share(&trend, grown),
            trend,
            states: self.states(id, grown),
            values: values.collect(),
        }
    }

    fn states(&self, id: OperatorId, grown: Option<i64>) -> Option<Vec<StateGrowth>> {
        let mut names = BTreeMap::new();
        let mut looked_into = false;
        for seen in &self.series.observations {
            let states = operator(seen, id).and_then(|operator| operator.states.as_deref());
            looked_into |= states.is_some();
            for state in states.unwrap_or_default() {
                names.entry((state.slot, state.name.as_str())).or_insert(());
            }
        }
        let growth = |(slot, name): (_, &str)| {
            let value = |seen: &Observation| {
                let states = operator(seen, id)?.states.as_ref()?;
                let mut states = states.iter();
                states
                    .find(|state| state.slot == slot && state.name == name)?
                    .bytes
            };
            let trend = self.trend(value, None);
            StateGrowth {
                name: name.to_owned(),
                slot,
                share_of_growth: share(&trend, grown),
                trend,
                values: self.series.observations.iter().map(value).collect(),
            }
        };
        let mut states: Vec<_> = names.into_keys().map(growth).collect();
        states.sort_by_key(|state| growth_first(&state.trend));
        looked_into.then_some(states)
    }
}

/// An operator of a snapshot.
pub(super) fn operator(seen: &Observation, id: OperatorId) -> Option<&OperatorObservation> {
    let operators = &seen.operators;
    let at = operators.binary_search_by_key(&id, |operator| operator.operator_id);
    operators.get(at.ok()?)
}

/// Bytes of one class in a whole snapshot.
pub(super) fn of_class(seen: &Observation, class: FileClass) -> Option<u64> {
    let operators = seen.operators.iter();
    let bytes = operators.map(|operator| operator.classes.get(class));
    bytes.fold(Some(0), super::observation::plus)
}

/// The key that sorts most growth first, and what is not known last.
pub(super) fn growth_first(trend: &TrendSummary) -> (bool, std::cmp::Reverse<Option<i64>>) {
    (trend.per_hour.is_none(), std::cmp::Reverse(trend.per_hour))
}

fn moment(seen: &Observation) -> Moment {
    Moment {
        time_ms: seen.time_ms,
        checkpoint_id: seen.checkpoint_id,
    }
}

/// What a part's growth is of all growth.
fn share(trend: &TrendSummary, grown: Option<i64>) -> Option<f64> {
    let change = if trend.class.grows() {
        trend.change?
    } else {
        0
    };
    Some(change as f64 / grown? as f64)
}

fn point((seen, &in_trend): (&Observation, &bool)) -> SeriesPoint {
    SeriesPoint {
        time_ms: seen.time_ms,
        checkpoint_id: seen.checkpoint_id,
        kind: seen.kind,
        location: seen.location.clone(),
        in_trend,
        state_bytes: seen.state_bytes,
        checkpointed_bytes: seen.checkpointed_bytes,
        unique_bytes: seen.unique_bytes,
        new_bytes: seen.new_bytes,
        channel_bytes: of_class(seen, FileClass::Channel),
        operator_count: seen.operators.len() as u64,
        metadata_bytes: seen.metadata_bytes,
        inline_bytes: seen.inline_bytes,
        file_count: seen.file_count,
        small_file_count: seen.small_file_count,
    }
}
