use std::time::SystemTime;

use crate::inspect::progress::Progress;
use crate::inspect::retention::listed::{Listed, list_everything};
use crate::inspect::retention::read::Reader;
use crate::inspect::walk::{Bases, Bound};
use crate::storage::{Storage, StorageError};
use statescope_analysis::retention::{Ask, Decisions, Refusal, Survey, Surveying};
use statescope_format::reader::to_u64;
use statescope_format::time::UtcSeconds;

/// How often what is below the bases is looked at anew because running jobs replace their
/// checkpoints meanwhile.
const ROUNDS_MAX: usize = 5;

/// Lists and reads everything below the bases.
///
/// # Errors
/// When a base cannot be listed; inside, why nothing may be deleted here.
pub(super) async fn survey(
    storage: &Storage,
    bases: &Bases,
    bound: Bound,
    progress: &dyn Progress,
    decisions: Decisions<'_>,
    now: UtcSeconds,
) -> Result<Result<Survey, Vec<Refusal>>, StorageError> {
    for _ in 0..ROUNDS_MAX {
        let begun = SystemTime::now().into();
        let everything = list_everything(storage, bases, bound).await?;
        if !everything.refusals.is_empty() {
            return Ok(Err(everything.refusals));
        }
        let mut surveying = Surveying::new(everything.inventory, decisions, now);
        progress.expect(to_u64(surveying.snapshots()));
        let prints = surveying.prints().clone();
        let listed = Listed::new(surveying.inventory(), &prints, begun);
        let reader = Reader {
            storage,
            prints: &prints,
            bases,
            listed: Some(&listed),
        };
        loop {
            match surveying.next_ask() {
                Ask::Read(directories) => {
                    let take = |at, reading| surveying.read(at, reading);
                    reader.read_each(&directories, progress, take).await;
                }
                Ask::LookClosely(directories) => {
                    for (at, look) in reader.look_closely(&directories).await {
                        surveying.looked_closely(at, look);
                    }
                }
                Ask::ListAgain => break,
                Ask::Nothing => return Ok(surveying.finish(storage.clock_ahead_seconds())),
            }
        }
    }
    let location = bases.first().clone();
    let reason = format!("checkpoints were replaced while they were read, {ROUNDS_MAX} times");
    Ok(Err(vec![Refusal::PartialListing { location, reason }]))
}
