//! Snapshots of the fixtures, with their states.

use std::collections::HashMap;
use std::path::Path;

use statescope::Location;
use statescope::inspect::{self, NoProgress, StatesOptions};
use statescope::restore::diff::{Diff, Fields, Formats, Side, diff};
use statescope::restore::drift::OperatorView;
use statescope::snapshot::summary::{Detail, SnapshotSummary};
use statescope::storage::{Settings, Storage};

/// A snapshot with its states.
pub struct Snapshot {
    pub summary: SnapshotSummary,
    pub formats: Formats,
}

impl Snapshot {
    /// Reads it from a store.
    pub fn read(metadata: &Path, storage: &Storage) -> Self {
        let location = Location::new(metadata.to_str().unwrap());
        let loaded = super::wait(inspect::load(storage, &location)).expect("a snapshot");
        let (mut summary, _) = inspect::summarize(&loaded, Detail::Operators).unwrap();
        summary.recognise_generated_ids();
        let options = StatesOptions {
            sizes: false,
            ..StatesOptions::default()
        };
        let states = inspect::states(storage, &loaded, options, |_| true, &NoProgress);
        let mut told: HashMap<_, _> = super::wait(states).unwrap().into_iter().collect();
        for operator in &mut summary.operators {
            let states = told.remove(&operator.operator_id).unwrap();
            operator.set_states(states);
        }
        let mut formats = Formats::default();
        loaded.parse_each(&mut |o| formats.note(&o)).unwrap();
        Self { summary, formats }
    }

    /// What changed to another one.
    pub fn diff(&self, new: &Self) -> Diff {
        let side = |snapshot: &Self| -> (SnapshotSummary, Formats) {
            (snapshot.summary.clone(), snapshot.formats.clone())
        };
        let (old, new) = (side(self), side(new));
        let side = |(snapshot, formats)| Side { snapshot, formats };
        diff(
            side((&old.0, &old.1)),
            side((&new.0, &new.1)),
            Fields::WithoutSizes,
        )
    }

    /// Its operators as drift sees them.
    pub fn views(&self) -> Vec<OperatorView<'_>> {
        self.summary
            .operators
            .iter()
            .map(OperatorView::of)
            .collect()
    }
}

/// A snapshot of the matrix; its files lie below `root`.
pub fn of_matrix(release: &str, root: &Path, metadata: &Path) -> Snapshot {
    let mut settings = Settings::new();
    for (directory, below) in [("checkpoints", ""), ("changelog", "changelog")] {
        let from = format!("file:/data/flink-matrix/{release}/{directory}");
        let to = root.join(below);
        let pair = (Location::new(from), Location::new(to.to_str().unwrap()));
        settings.relocations.push(pair);
    }
    Snapshot::read(metadata, &Storage::new(settings))
}
