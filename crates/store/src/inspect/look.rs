use std::collections::HashSet;

use crate::error::Error;
use crate::inspect::load::LoadedMetadata;
use crate::inspect::progress::Progress;
use crate::inspect::states::{StatesOptions, bytes_to_read, states};
use crate::storage::Storage;
use statescope_analysis::finding::{Finding, NotAsked, Place, unread};
use statescope_analysis::snapshot::summary::SnapshotSummary;

/// From so many bytes of state files on, sizes are read only where they were asked for, and
/// [`Progress::reads`] is told before.
pub const MUCH_STATE_BYTES: u64 = 64 << 20;

/// How far to look into state files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Look {
    /// As these options say.
    As(StatesOptions),
    /// Names and types; sizes, too, where that reads less than [`MUCH_STATE_BYTES`].
    WhereCheap,
}

/// Adds the states of the operators that the summary lists. Returns what could not be read.
pub(super) async fn look_inside(
    storage: &Storage,
    loaded: &LoadedMetadata,
    snapshot: &mut SnapshotSummary,
    look: Look,
    progress: &dyn Progress,
) -> Result<Vec<Finding>, Error> {
    let wanted = snapshot.operators.iter().map(|o| o.operator_id);
    let wanted: HashSet<_> = wanted.collect();
    let bytes = |options| bytes_to_read(loaded, options, |id| wanted.contains(&id));
    let options = match look {
        Look::As(options) => options,
        Look::WhereCheap => {
            let all = StatesOptions::default();
            StatesOptions {
                sizes: bytes(all)? <= MUCH_STATE_BYTES,
                ..all
            }
        }
    };
    let bytes = bytes(options)?;
    if bytes > MUCH_STATE_BYTES {
        progress.reads(bytes, loaded.location());
    }
    let told = states(
        storage,
        loaded,
        options,
        |id| wanted.contains(&id),
        progress,
    );
    let mut told = told.await?.by_id();
    drop(wanted);
    let mut findings = Vec::new();
    let mut not_asked = NotAsked::default();
    for operator in &mut snapshot.operators {
        if let Some(states) = told.take(operator.operator_id) {
            let place = Place {
                operator_id: Some(operator.operator_id),
                uid: operator.uid.clone(),
                uid_source: operator.uid_source,
                ..Place::default()
            };
            findings.extend(unread(&states, &place, &mut not_asked));
            operator.set_states(states);
        }
    }
    findings.extend(not_asked.findings());
    Ok(findings)
}
