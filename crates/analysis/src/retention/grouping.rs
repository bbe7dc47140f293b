//! What the rules of a plan counted together, and what a reader of the plan should know of it.

use std::collections::BTreeMap;

use crate::finding::{BaseFinding, Finding, FindingKind, Place};
use crate::retention::decide::groups;
use crate::retention::{Kind, Plan, Policy, Snapshot};
use statescope_format::reader::to_u64;

/// How many snapshots the rules could decide about, and into how many groups they fell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grouping {
    /// The snapshots: savepoints only where they may go, and none that a user renamed.
    pub snapshots: u64,
    /// The groups.
    pub groups: u64,
}

impl Plan {
    /// What the rules counted together.
    pub fn grouping(&self) -> Grouping {
        let counted = |kind: Kind| match kind {
            Kind::Checkpoint => true,
            Kind::Savepoint => self.policy.include_savepoints,
            Kind::Other => false,
        };
        let snapshots = self.snapshots.iter();
        let snapshots = snapshots.filter(|snapshot| counted(snapshot.kind));
        let snapshots: Vec<_> = snapshots
            .map(|planned| Snapshot::new(planned.location.clone(), planned.written, true))
            .collect();
        let groups = groups(&snapshots, self.policy.group_by);
        Grouping {
            snapshots: groups.iter().map(|group| to_u64(group.len())).sum(),
            groups: to_u64(groups.len()),
        }
    }

    /// What to keep in mind with the plan.
    pub fn notes(&self) -> Vec<Finding> {
        let mut notes = Vec::new();
        let mut note = |finding, path| {
            notes.push(Finding {
                kind: FindingKind::Base(finding),
                place: Place {
                    path,
                    ..Place::default()
                },
            });
        };
        if self.snapshots.is_empty() {
            let finding = BaseFinding::NoSnapshots {
                wanted: "complete snapshot",
                others: 0,
            };
            note(finding, Some(self.base.to_string()));
        }
        let Grouping { snapshots, groups } = self.grouping();
        if counts(&self.policy) && groups > 1 && groups == snapshots {
            note(BaseFinding::GroupsOfOne { groups }, None);
        }
        for (directory, (stay, go)) in self.by_directory() {
            if stay == 0 && go > 0 {
                let finding = BaseFinding::DirectoryEmptied { snapshots: go };
                note(finding, Some(directory));
            }
        }
        notes
    }

    /// How many snapshots stay and how many go, by the directory that they are in.
    fn by_directory(&self) -> BTreeMap<String, (u64, u64)> {
        let mut directories: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for snapshot in &self.snapshots {
            let directory = snapshot.location.parent().to_string();
            let (stay, go) = directories.entry(directory).or_default();
            match snapshot.keep {
                true => *stay += 1,
                false => *go += 1,
            }
        }
        directories
    }
}

/// Whether any rule counts snapshots.
fn counts(policy: &Policy) -> bool {
    let by_period = policy.by_period();
    policy.keep_last.is_some()
        || policy.keep_within_seconds.is_some()
        || by_period.iter().any(|(_, _, count)| count.is_some())
}
