//! A snapshot with its states and its files, as `check` looks at it.

use statescope::Location;
use statescope::finding::Finding;
use statescope::health::files::FileCheck;
use statescope::inspect::{self, NoProgress, StatesOptions};
use statescope::snapshot::summary::{Detail, SnapshotSummary};
use statescope::storage::Storage;

pub type Looked = (SnapshotSummary, Vec<Finding>, FileCheck);

/// Reads a snapshot with its states and looks for its files; `None` if it cannot be parsed.
pub fn at(storage: &Storage, location: &Location) -> Option<Looked> {
    with(storage, location, false)
}

/// The same, with the sizes of states or without.
pub fn with(storage: &Storage, location: &Location, sizes: bool) -> Option<Looked> {
    super::wait(async {
        let loaded = inspect::load(storage, location).await.expect("loaded");
        let (mut snapshot, mut findings) = inspect::summarize(&loaded, Detail::Operators).ok()?;
        let options = StatesOptions {
            sizes,
            all_heads: true,
        };
        let states = inspect::states(storage, &loaded, options, |_| true, &NoProgress).await;
        for (id, states) in states.expect("parsed") {
            let operator = snapshot.operators.iter_mut().find(|o| o.operator_id == id);
            operator.expect("the operator").set_states(states);
        }
        snapshot.recognise_generated_ids();
        let (files, more) = inspect::verify(storage, &loaded, &NoProgress)
            .await
            .expect("verified");
        findings.extend(more);
        Some((snapshot, findings, files))
    })
}
