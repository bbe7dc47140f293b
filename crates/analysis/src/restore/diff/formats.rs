use std::collections::BTreeSet;

use serde::Serialize;

use statescope_format::model::checkpoint::OperatorState;
use statescope_format::model::handle::{KeyGroupsKind, KeyedStateHandle};

/// How the keyed state of a snapshot is kept, over all its operators.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Formats {
    /// The types of its managed keyed handles, as `show` names them.
    pub keyed_formats: BTreeSet<&'static str>,
    /// Inside changelogs, the types of what was materialized.
    pub materialized_formats: BTreeSet<&'static str>,
}

impl Formats {
    /// Adds what an operator has.
    pub fn note(&mut self, operator: &OperatorState<'_>) {
        let subtasks = operator.subtasks.iter();
        for subtask in subtasks.filter_map(|subtask| subtask.state()) {
            if let Some(handle) = subtask.managed_keyed.as_deref() {
                self.keyed_formats.insert(format(handle));
                if let KeyedStateHandle::Changelog(changelog) = handle {
                    let materialized = changelog.materialized.iter().map(format);
                    self.materialized_formats.extend(materialized);
                }
            }
        }
    }
}

fn format(handle: &KeyedStateHandle<'_>) -> &'static str {
    match handle {
        KeyedStateHandle::KeyGroups(handle) => match handle.kind {
            KeyGroupsKind::Checkpoint => "key_groups",
            KeyGroupsKind::Savepoint => "savepoint_key_groups",
        },
        KeyedStateHandle::Incremental(_) => "incremental_key_groups",
        // Increments are parts of a changelog.
        KeyedStateHandle::Changelog(_)
        | KeyedStateHandle::ChangelogByteIncrement(_)
        | KeyedStateHandle::ChangelogFileIncrement(_) => "changelog",
    }
}
