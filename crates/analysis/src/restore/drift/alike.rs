//! How much the states of two operators are alike.

use std::collections::HashMap;

use crate::restore::drift::{OperatorView, StateView};
use crate::snapshot::contents::{StateKind, StateRole};
use statescope_format::model::checkpoint::StateSlot;
use statescope_format::state_file::serializer::{SerializerSnapshot, describe};

/// The states of an operator, ready to be compared.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Signature(HashMap<Identity, Types>);

/// What Flink finds a state by, and its kind.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Identity {
    slot: StateSlot,
    name: String,
    kind: Option<StateKind>,
}

/// The types of a state, in words; `None` where not known.
#[derive(Debug, PartialEq, Eq)]
struct Types {
    parts: [Option<String>; 4],
}

/// How well the states of two operators fit, best last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fit {
    /// Some are the same by name and kind, but not by type.
    OtherTypes,
    /// Half of them or more are the same.
    Half,
    /// All of the old ones are among the new ones.
    AllAndMore,
    /// The same states.
    Same,
}

/// What two operators have in common.
#[derive(Clone, Debug)]
pub(super) struct Alike {
    pub(super) fit: Fit,
    /// True if one of the common states is named by the job and not by Flink or a connector.
    pub(super) distinctive: bool,
    /// True if at least its types say something: not so of the bytes of sources and sinks.
    pub(super) telling: bool,
    pub(super) same: Vec<String>,
    pub(super) other_types: Vec<String>,
}

impl Signature {
    /// `None` where nothing is known.
    pub(super) fn of(operator: &OperatorView<'_>) -> Option<Self> {
        let states = operator.known_states()?.iter();
        let entries = states.map(|state| (Identity::of(state), Types::of(state)));
        Some(Self(entries.collect()))
    }

    /// The states in words, the same for the same states.
    pub(super) fn text(&self) -> String {
        let mut lines: Vec<_> = (self.0.iter())
            .map(|(identity, types)| format!("{identity:?} {types:?}"))
            .collect();
        lines.sort_unstable();
        lines.join("\n")
    }

    /// By what other operators with such states are found.
    pub(super) fn identities(&self) -> impl Iterator<Item = &Identity> {
        self.0.keys()
    }

    /// What this old operator has in common with a new one; `None` if too little.
    pub(super) fn alike(&self, new: &Self) -> Option<Alike> {
        let (mut same, mut other_types) = (Vec::new(), Vec::new());
        let (mut distinctive, mut telling) = (false, false);
        for (identity, types) in &self.0 {
            let Some(other) = new.0.get(identity) else {
                continue;
            };
            let role = StateRole::of(&identity.name);
            let of_job = role.is_none();
            if types.agree(other) {
                distinctive |= of_job;
                telling |= matches!(
                    role,
                    None | Some(StateRole::WindowContents | StateRole::MergingWindows)
                );
                same.push(identity.name.clone());
            } else if of_job {
                other_types.push(identity.name.clone());
            } else {
                // The contents of another window, the splits of another source.
                return None;
            }
        }
        // What the job named says more than what Flink named.
        same.sort_unstable_by_key(|name| (StateRole::of(name), name.clone()));
        other_types.sort_unstable();
        let (common, old, new) = (same.len(), self.0.len(), new.0.len());
        let fit = if common == 0 && other_types.is_empty() {
            return None;
        } else if !other_types.is_empty() {
            Fit::OtherTypes
        } else if common == old && common == new {
            Fit::Same
        } else if common == old && distinctive {
            Fit::AllAndMore
        } else if common * 2 >= old.max(new) && distinctive {
            Fit::Half
        } else {
            return None;
        };
        Some(Alike {
            fit,
            distinctive,
            telling,
            same,
            other_types,
        })
    }
}

impl Identity {
    fn of(state: &StateView<'_>) -> Self {
        Self {
            slot: state.slot,
            name: state.name.to_owned(),
            kind: state.kind,
        }
    }
}

impl Types {
    fn of(state: &StateView<'_>) -> Self {
        let parts = state.serializers.parts();
        let words = |part: Option<&SerializerSnapshot>| part.map(describe);
        Self {
            parts: parts.map(words),
        }
    }

    /// True unless a type is known on both sides and differs.
    fn agree(&self, other: &Self) -> bool {
        let pairs = self.parts.iter().zip(&other.parts);
        let mut known = pairs.filter_map(|(a, b)| a.as_ref().zip(b.as_ref()));
        known.all(|(a, b)| a == b)
    }
}
