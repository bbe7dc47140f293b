//! What is worth saying about a job's growth. Each rule looks at its own part of the bytes, so that
//! in-flight data or a coordinator are not taken for state that was never cleared.

use crate::finding::{Finding, FindingKind, Grown, GrowthFinding, Place};
use crate::growth::job::{Job, of_class};
use crate::growth::observation::{FileClass, OperatorObservation};
use crate::growth::rate::RateLimit;
use crate::growth::result::{JobGrowth, OperatorGrowth, TrendSummary};
use crate::growth::trend::{POINTS_MIN, TrendClass};
use crate::snapshot::uid::UidSource;
use statescope_format::model::checkpoint::OperatorId;
use statescope_format::time::rfc_3339_of_millis;

/// Less is not worth a word.
const GROWN_MIN: i64 = 1 << 10;
/// A part of the job's growth that is worth a word...
const SHARE_MIN: f64 = 0.05;
/// ... or a size that is in any case.
const BYTES_THAT_MATTER: u64 = 64 << 20;
/// So many snapshots, for "never".
const NEVER_MIN: u64 = 20;
/// Flink's default for `pekko.framesize`, formerly `akka.framesize`, is ten times this.
const METADATA_GROWING: u64 = 1 << 20;
const METADATA_LARGE: u64 = 10 << 20;
const SMALL_FILES_MIN: u64 = 1000;
/// In-flight data of a snapshot that is worth a word: bytes, and percent of all state.
const IN_FLIGHT_MIN: u64 = 64 << 10;
const IN_FLIGHT_PERCENT: u64 = 20;
/// One subtask of at least so many takes such a part of the growth, in percent.
const SKEW_PARALLELISM: u32 = 4;
const SKEW_PERCENT: u64 = 50;

/// What a run is asked to judge.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// The state must stay below this.
    pub bytes: Option<u64>,
    /// Hours within which the limit must not be reached.
    pub within_hours: Option<u64>,
    /// The state must not grow faster.
    pub rate: Option<RateLimit>,
}

pub(super) fn findings(job: &Job<'_>, growth: &JobGrowth, limits: &Limits) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut of_job = |finding| findings.push(of_place(growth, finding));
    judge(growth, limits, &mut of_job);
    if growth.total.class == TrendClass::TooFewPoints {
        of_job(GrowthFinding::TooFewPoints {
            points: growth.total.points,
            needed: POINTS_MIN as u64,
        });
    }
    whole_snapshots(job, growth, &mut of_job);
    for operator in &growth.operators {
        of_operator(job, operator, &mut |state, subtask, finding| {
            findings.push(Finding {
                kind: FindingKind::Growth(finding),
                place: Place {
                    operator_id: Some(operator.operator_id),
                    uid: operator.uid.clone(),
                    uid_source: operator.uid.as_ref().map(|_| UidSource::Metadata),
                    subtask,
                    state,
                    path: Some(growth.directory.to_string()),
                },
            });
        });
    }
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.kind.severity()));
    findings
}

fn of_place(growth: &JobGrowth, finding: GrowthFinding) -> Finding {
    Finding {
        kind: FindingKind::Growth(finding),
        place: Place {
            path: Some(growth.directory.to_string()),
            ..Place::default()
        },
    }
}

/// The limits that were given.
fn judge(growth: &JobGrowth, limits: &Limits, find: &mut impl FnMut(GrowthFinding)) {
    let total = &growth.total;
    if let (Some(limit), Some(bytes)) = (limits.bytes, total.last) {
        if bytes >= limit {
            find(GrowthFinding::LimitReached { bytes, limit });
        } else if let (Some(within), Some(hours)) = (limits.within_hours, total.hours_until_limit)
            && hours <= within
        {
            find(GrowthFinding::LimitNear { hours, limit });
        }
    }
    if limits.bytes.is_some() && total.last.is_none() {
        find(GrowthFinding::LimitNotJudged);
    }
    if let Some(allowed) = &limits.rate
        && total.class.grows()
        && allowed.is_exceeded_by(total)
    {
        find(GrowthFinding::RateExceeded {
            per_day: total.per_day.map_or(0, to_u64),
            allowed: allowed.to_string(),
        });
    }
}

fn whole_snapshots(job: &Job<'_>, growth: &JobGrowth, find: &mut impl FnMut(GrowthFinding)) {
    let Some(last) = job.series.observations.last() else {
        return;
    };
    let metadata = &growth.figures.metadata;
    let bytes = last.metadata_bytes;
    let grows = metadata.class.grows() && bytes >= METADATA_GROWING;
    if grows || bytes >= METADATA_LARGE {
        find(GrowthFinding::MetadataBloat {
            bytes,
            inline_bytes: last.inline_bytes,
            files: last.file_count,
        });
    }
    let (small, files) = (last.small_file_count, last.file_count);
    if small >= SMALL_FILES_MIN && small >= files / 2 {
        find(GrowthFinding::SmallFiles { small, files });
    }
    if let (Some(channel), Some(state)) = (of_class(last, FileClass::Channel), last.state_bytes)
        && channel >= IN_FLIGHT_MIN
        && channel.saturating_mul(100) >= state.saturating_mul(IN_FLIGHT_PERCENT)
    {
        find(GrowthFinding::InFlightData {
            bytes: channel,
            state_bytes: state,
        });
    }
}

fn of_operator(
    job: &Job<'_>,
    operator: &OperatorGrowth,
    find: &mut impl FnMut(Option<String>, Option<u32>, GrowthFinding),
) {
    let id = operator.operator_id;
    let share = operator.share_of_growth;
    let coordinator = job.operator_trend(id, |seen| seen.classes.get(FileClass::Coordinator));
    if let Some(grown) = grown(&coordinator) {
        find(None, None, GrowthFinding::CoordinatorGrowth(grown));
    }
    let union = job.operator_trend(id, |seen| seen.union_bytes);
    if let Some(grown) = grown(&union) {
        let restored_bytes = grown.bytes.saturating_mul(u64::from(operator.parallelism));
        let finding = GrowthFinding::UnionStateGrowth {
            grown,
            restored_bytes,
        };
        find(None, None, finding);
    }
    let mut told = false;
    for state in operator.states.iter().flatten() {
        if matters(&state.trend, state.share_of_growth) {
            told |= bloat(&state.trend, &mut |finding| {
                find(Some(state.name.clone()), None, finding);
            });
        }
    }
    let own = job.operator_trend(id, own_bytes);
    if matters(&own, share) && !told {
        bloat(&own, &mut |finding| find(None, None, finding));
    }
    if matters(&own, share)
        && let Some((subtask, finding)) = skew(job, id, &own)
    {
        find(None, Some(subtask), finding);
    }
}

/// State that is neither in-flight data, nor the coordinator's, nor in union lists.
fn own_bytes(seen: &OperatorObservation) -> Option<u64> {
    let other = [
        seen.classes.get(FileClass::Channel)?,
        seen.classes.get(FileClass::Coordinator)?,
        seen.union_bytes?,
    ];
    let other = other.into_iter().fold(0, u64::saturating_add);
    Some(seen.classes.total()?.saturating_sub(other))
}

fn matters(trend: &TrendSummary, share: Option<f64>) -> bool {
    let is_large = trend.last.is_some_and(|bytes| bytes >= BYTES_THAT_MATTER);
    is_large || share.is_none_or(|share| share >= SHARE_MIN)
}

/// Tells the growth of one series; says whether there is any.
fn bloat(trend: &TrendSummary, find: &mut impl FnMut(GrowthFinding)) -> bool {
    let Some(grown) = grown(trend) else {
        return false;
    };
    if trend.class == TrendClass::Stepwise {
        let steps = trend.steps;
        find(GrowthFinding::StepwiseGrowth { steps, grown });
        return true;
    }
    find(GrowthFinding::StateBloat(grown));
    if trend.never_shrinks && trend.points >= NEVER_MIN {
        let snapshots = trend.points;
        find(GrowthFinding::NeverShrinks { snapshots });
    }
    true
}

fn skew(job: &Job<'_>, id: OperatorId, own: &TrendSummary) -> Option<(u32, GrowthFinding)> {
    let last = job.series.observations.last()?;
    let operator = super::job::operator(last, id)?;
    let (subtask, largest_bytes) = operator.largest_subtask?;
    let largest = job.operator_trend(id, |seen| Some(seen.largest_subtask?.1));
    let by = largest.change.filter(|_| largest.class.grows())?;
    let all = own.change.filter(|&all| all > 0 && own.class.grows())?;
    let percent = to_u64(by).saturating_mul(100) / to_u64(all).max(1);
    let is_skewed = operator.parallelism >= SKEW_PARALLELISM && percent >= SKEW_PERCENT;
    let finding = GrowthFinding::SkewGrowth {
        parallelism: operator.parallelism,
        largest_bytes,
        percent: percent.min(100),
    };
    is_skewed.then_some((subtask, finding))
}

fn grown(trend: &TrendSummary) -> Option<Grown> {
    let by = trend.change.filter(|&by| by >= GROWN_MIN)?;
    let since = trend
        .since
        .and_then(|since| Some((rfc_3339_of_millis(since.time_ms)?, since.checkpoint_id)));
    trend.class.grows().then_some(Grown {
        bytes: trend.last?,
        by: to_u64(by),
        per_day: trend.per_day.map_or(0, to_u64),
        since,
    })
}

fn to_u64(value: i64) -> u64 {
    u64::try_from(value).unwrap_or_default()
}
