use std::collections::BTreeSet;
use std::ops::{Deref, DerefMut};

use serde::{Serialize, Serializer};

use crate::snapshot::contents::{KeyedFormat, OperatorStates, StateSummary, Unread};
use statescope_format::state_file::{CommittablesForm, TtlConfigForm};

/// The states of an operator as its summary has them; `None` unless they were looked into.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StatesSummary {
    /// The states, largest first, then by slot and name.
    pub states: Option<Vec<StateSummary>>,
    /// State bytes that belong to no single state: heads, tables, files of a database other than
    /// SSTs.
    pub overhead_bytes: Option<u64>,
    /// Bytes of states that could not be told apart or read, overhead included.
    pub unattributed_bytes: Option<u64>,
    /// In-flight data of the operator's channels.
    pub channel_bytes: Option<u64>,
    /// How keyed state is kept.
    pub keyed_formats: Option<BTreeSet<KeyedFormat>>,
    /// The newest layout among the heads of operator state.
    pub operator_head_version: Option<i32>,
    /// The oldest layout among the heads of keyed state.
    pub keyed_head_version: Option<i32>,
    /// The forms of time-to-live settings in its changelog.
    #[serde(skip)]
    pub ttl_config_forms: BTreeSet<TtlConfigForm>,
    /// The newest layout among the tables of its databases, as far as they were looked at.
    #[serde(skip)]
    pub newest_table_version: Option<u32>,
    /// The forms of what its sink has still to commit.
    #[serde(skip)]
    pub committables_forms: BTreeSet<CommittablesForm>,
    /// What could not be read, and why.
    pub unread: Option<Vec<Unread>>,
}

/// What is inside an operator: a [`StatesSummary`], for which only an operator with something inside
/// takes memory. A file may have millions that have nothing.
#[derive(Clone, Debug, Default)]
pub struct Inside {
    was_looked_into: bool,
    /// What is not said by that alone.
    found: Option<Box<StatesSummary>>,
}

static NOT_KNOWN: StatesSummary = StatesSummary {
    states: None,
    overhead_bytes: None,
    unattributed_bytes: None,
    channel_bytes: None,
    keyed_formats: None,
    operator_head_version: None,
    keyed_head_version: None,
    ttl_config_forms: BTreeSet::new(),
    newest_table_version: None,
    committables_forms: BTreeSet::new(),
    unread: None,
};

/// As [`OperatorStates::of_nothing`].
static NOTHING: StatesSummary = StatesSummary {
    states: Some(Vec::new()),
    overhead_bytes: Some(0),
    unattributed_bytes: None,
    channel_bytes: Some(0),
    keyed_formats: Some(BTreeSet::new()),
    operator_head_version: None,
    keyed_head_version: None,
    ttl_config_forms: BTreeSet::new(),
    newest_table_version: None,
    committables_forms: BTreeSet::new(),
    unread: Some(Vec::new()),
};

impl Inside {
    pub(super) fn told(states: OperatorStates) -> Self {
        let summary = StatesSummary {
            states: Some(states.states),
            overhead_bytes: states.overhead_bytes,
            unattributed_bytes: states.unattributed_bytes,
            channel_bytes: states.channel_bytes,
            keyed_formats: Some(states.keyed_formats),
            operator_head_version: states.operator_head_version,
            keyed_head_version: states.keyed_head_version,
            ttl_config_forms: states.ttl_config_forms,
            newest_table_version: states.newest_table_version,
            committables_forms: states.committables_forms,
            unread: Some(states.unread),
        };
        Self {
            was_looked_into: true,
            found: (summary != NOTHING).then(|| Box::new(summary)),
        }
    }

    fn otherwise(&self) -> &'static StatesSummary {
        match self.was_looked_into {
            true => &NOTHING,
            false => &NOT_KNOWN,
        }
    }
}

impl Deref for Inside {
    type Target = StatesSummary;

    fn deref(&self) -> &StatesSummary {
        self.found.as_deref().unwrap_or_else(|| self.otherwise())
    }
}

impl DerefMut for Inside {
    fn deref_mut(&mut self) -> &mut StatesSummary {
        let otherwise = self.otherwise();
        self.found
            .get_or_insert_with(|| Box::new(otherwise.clone()))
    }
}

impl PartialEq for Inside {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Serialize for Inside {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_no_memory_says_the_same_as_what_does() {
        assert_eq!(*Inside::default(), StatesSummary::default());
        let nothing = Inside::told(OperatorStates::of_nothing());
        assert_eq!(nothing.found, None);
        assert_eq!(nothing.states, Some(Vec::new()));
        let unread = OperatorStates {
            overhead_bytes: Some(1),
            ..OperatorStates::of_nothing()
        };
        assert_eq!(Inside::told(unread).overhead_bytes, Some(1));
        assert!(size_of::<Inside>() <= 16);
    }
}
