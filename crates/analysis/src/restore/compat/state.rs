use serde::Serialize;

use crate::restore::compat::Compatibility::{self, Same, Unknown};
use crate::restore::compat::serializer;
use crate::restore::job::JobState;
use crate::snapshot::contents::StateKind;

/// How a state goes together with the one of its name in a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateCompatibility {
    /// All in all.
    pub compatibility: Compatibility,
    /// What does not fit, where anything does not.
    pub clash: Option<Clash>,
    /// Parts whose compatibility the snapshots do not tell.
    pub unknown: Vec<StatePart>,
}

/// What does not fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clash {
    /// The kind: value, list, map, ...
    Kind {
        /// As it was.
        old: StateKind,
        /// As it is to be.
        new: StateKind,
    },
    /// A serializer.
    Serializer(StatePart),
    /// Time to live was switched on (true) or off.
    TimeToLive(bool),
}

/// The parts of a state that have a serializer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StatePart {
    /// The keys of keyed state.
    Key,
    /// The namespace.
    Namespace,
    /// The keys inside a map or broadcast state.
    UserKey,
    /// The value.
    Value,
}

impl StatePart {
    /// In the order of [`StateSerializers::parts`](crate::snapshot::contents::StateSerializers::parts).
    const ALL: [Self; 4] = [Self::Key, Self::Namespace, Self::UserKey, Self::Value];

    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Key => "key",
            Self::Namespace => "namespace",
            Self::UserKey => "map key",
            Self::Value => "value",
        }
    }
}

/// Compares a state with the one of its name and slot that a snapshot holds. The first clash is
/// the one that Flink stumbles over.
pub fn state(old: &JobState, new: &JobState) -> StateCompatibility {
    let mut result = StateCompatibility {
        compatibility: Same,
        clash: None,
        unknown: Vec::new(),
    };
    if let (Some(old), Some(new)) = (old.kind, new.kind)
        && old != new
    {
        return result.with(Clash::Kind { old, new });
    }
    let parts = StatePart::ALL.into_iter();
    let serializers = old
        .serializers
        .parts()
        .into_iter()
        .zip(new.serializers.parts());
    for (part, (old_serializer, new_serializer)) in parts.zip(serializers) {
        let compatibility = match (old_serializer, new_serializer) {
            (Some(old), Some(new)) => serializer(old, new),
            // Changelogs do not tell keys, and operator state has none.
            (None, _) | (_, None) if part != StatePart::Value => Same,
            _ => Unknown,
        };
        result.compatibility = result.compatibility.and(compatibility);
        match compatibility {
            Compatibility::Incompatible => {
                let clash = match (part, old.ttl, new.ttl) {
                    (StatePart::Value, Some(was), Some(is)) if was != is => Clash::TimeToLive(is),
                    _ => Clash::Serializer(part),
                };
                return result.with(clash);
            }
            Unknown => result.unknown.push(part),
            _ => {}
        }
    }
    result
}

impl StateCompatibility {
    fn with(self, clash: Clash) -> Self {
        Self {
            compatibility: Compatibility::Incompatible,
            clash: Some(clash),
            ..self
        }
    }
}
