use std::collections::{HashMap, HashSet};

use statescope::finding::{Finding, NotAsked, Place, unread};
use statescope::inspect::{self, LoadedMetadata, StatesOptions};
use statescope::model::checkpoint::OperatorId;
use statescope::snapshot::summary::SnapshotSummary;
use statescope::storage::Storage;

use crate::cli::error::CliError;
use crate::cli::session::Session;

/// More than this is said before it is read.
pub(crate) const WORTH_SAYING: u64 = 64 << 20;

/// About how many bytes a look into the states of these operators takes.
pub(crate) fn bytes_to_read(
    loaded: &LoadedMetadata,
    snapshot: &SnapshotSummary,
    options: StatesOptions,
) -> Result<u64, CliError> {
    let wanted = ids(snapshot);
    let parsed = loaded.parse()?;
    Ok(inspect::bytes_to_read(&parsed, options, |id| {
        wanted.contains(&id)
    }))
}

/// Adds the states of the operators that the summary lists. Returns what could not be read.
pub(crate) fn look_inside(
    session: &Session,
    storage: &Storage,
    loaded: &LoadedMetadata,
    snapshot: &mut SnapshotSummary,
    options: StatesOptions,
) -> Result<Vec<Finding>, CliError> {
    let wanted = ids(snapshot);
    let progress = session.progress();
    let told = inspect::states(
        storage,
        loaded,
        options,
        |id| wanted.contains(&id),
        &progress,
    );
    let mut told: HashMap<_, _> = session.wait(told)?.into_iter().collect();
    progress.finish();
    let mut findings = Vec::new();
    let mut not_asked = NotAsked::default();
    for operator in &mut snapshot.operators {
        if let Some(states) = told.remove(&operator.operator_id) {
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

fn ids(snapshot: &SnapshotSummary) -> HashSet<OperatorId> {
    let operators = snapshot.operators.iter();
    operators.map(|operator| operator.operator_id).collect()
}
