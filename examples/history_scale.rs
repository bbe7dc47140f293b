//! Writes a history of many jobs: `history_scale DIR JOBS SNAPSHOTS [RUNS]`, a snapshot an hour,
//! recorded in so many runs. A hundredth of the jobs grows, the higher the number the faster.

use std::error::Error;
use std::num::NonZeroUsize;

use statescope::Location;
use statescope::growth::{ClassBytes, FileClass, Observation, OperatorObservation};
use statescope::inspect::{self, NoProgress};
use statescope::model::checkpoint::OperatorId;
use statescope::snapshot::summary::SnapshotKind;
use statescope::storage::{Settings, Storage};

const HOUR_MS: i64 = 3_600_000;
/// 2026-09-01.
const START_MS: i64 = 1_788_220_800_000;
const MIB: u64 = 1 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = || {
        arguments
            .next()
            .ok_or("usage: history_scale DIR JOBS SNAPSHOTS [RUNS]")
    };
    let history = Location::new(next()?);
    let jobs: u64 = next()?.parse()?;
    let snapshots: u64 = next()?.parse()?;
    let runs: NonZeroUsize = next().map_or(Ok(NonZeroUsize::MIN), |runs| runs.parse())?;
    let storage = Storage::new(Settings::new());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    for job in 0..jobs {
        let seen: Vec<_> = (0..snapshots).map(|number| snapshot(job, number)).collect();
        for seen in seen.chunks(seen.len().div_ceil(runs.get()).max(1)) {
            runtime.block_on(inspect::record(&storage, &history, seen, &NoProgress))?;
        }
    }
    Ok(())
}

fn snapshot(job: u64, number: u64) -> Observation {
    let grown = if job.is_multiple_of(100) {
        (job + 100) * MIB / 100 * number
    } else {
        0
    };
    let noise = (job.wrapping_mul(7919) ^ number.wrapping_mul(104_729)) % MIB;
    let operators = ["source", "dedup", "sink"].map(|uid| {
        let bytes = match uid {
            "dedup" => 500 * MIB + grown + noise,
            _ => 20 * MIB + noise,
        };
        let mut classes = ClassBytes::default();
        classes.set(FileClass::Shared, Some(bytes));
        OperatorObservation {
            operator_id: OperatorId::of_uid(uid),
            uid: Some(uid.to_owned()),
            name: None,
            parallelism: 8,
            classes,
            checkpointed_bytes: Some(MIB),
            union_bytes: Some(0),
            largest_subtask: Some((1, bytes / 8)),
            states: None,
        }
    });
    let mut operators = operators.to_vec();
    operators.sort_by_key(|operator| operator.operator_id);
    let job_id = format!("{job:032x}");
    let state_bytes = operators
        .iter()
        .map(|operator| operator.classes.total())
        .sum();
    Observation {
        location: Location::new(format!("s3://bucket/checkpoints/{job_id}/chk-{number}")),
        job_id: Some(job_id),
        checkpoint_id: number,
        kind: Some(SnapshotKind::Checkpoint),
        time_ms: START_MS + i64::try_from(number).unwrap_or_default() * HOUR_MS,
        metadata_bytes: 20_000,
        state_bytes,
        checkpointed_bytes: Some(3 * MIB),
        unique_bytes: state_bytes,
        new_bytes: Some(2 * MIB),
        inline_bytes: 0,
        file_count: 60,
        small_file_count: 3,
        operators,
    }
}
