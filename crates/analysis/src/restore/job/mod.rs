//! What is known of a job before it runs: its operators, how parallel they are, and perhaps their
//! states (docs/upgrade.md).

mod any_case;
mod from_snapshot;
mod origin;
mod problems;
mod settings;

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use crate::restore::release::{FlinkRelease, InvalidRelease};
use crate::snapshot::contents::{KeyedFormat, StateKind, StateSerializers};
use statescope_format::model::checkpoint::{OperatorId, StateSlot};

pub use origin::{Origin, ReleaseRange};
pub use problems::JobError;
pub use settings::{ClaimMode, JobSettings, StateBackend};

/// The description of a job: what `check --job` reads and `job from` writes.
///
/// Keys that are left out are not known; keys that are not listed here are refused.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobDescription {
    /// Version of this format: [`JobDescription::VERSION`].
    pub version: u32,
    /// The Flink release that will run the job, such as `1.20.5`.
    #[serde(default)]
    pub flink_version: Option<String>,
    /// Its state backend.
    #[serde(default, deserialize_with = "any_case::option")]
    pub state_backend: Option<StateBackend>,
    /// Whether its state goes through the changelog backend.
    #[serde(default)]
    pub changelog: Option<bool>,
    /// Whether its checkpoints are unaligned.
    #[serde(default)]
    pub unaligned: Option<bool>,
    /// The releases that may run it, where `flink_version` is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flink_releases: Option<ReleaseRange>,
    /// How it keeps keyed state, as far as snapshots of it show.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "any_case::set"
    )]
    pub keyed_formats: Option<BTreeSet<KeyedFormat>>,
    /// In which mode it takes over the snapshot (`-claimMode`, once `-restoreMode`).
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "any_case::option"
    )]
    pub claim_mode: Option<ClaimMode>,
    /// Classes that it is known to have, besides those of its states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classes: Option<BTreeSet<String>>,
    /// The snapshot that the description was made from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_from: Option<Origin>,
    /// Its operators, sources first.
    pub operators: Vec<JobOperator>,
}

/// An operator of a job.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobOperator {
    /// Its id; may be left out where the uid is given.
    #[serde(default)]
    pub operator_id: Option<OperatorId>,
    /// Its uid; `None` where Flink makes the id itself.
    #[serde(default)]
    pub uid: Option<String>,
    /// The id given with `setUidHash`.
    #[serde(default)]
    pub uid_hash: Option<OperatorId>,
    /// Its name.
    #[serde(default)]
    pub name: Option<String>,
    /// Number of subtasks.
    #[serde(default)]
    pub parallelism: Option<u32>,
    /// The max parallelism that the program sets; `None` where Flink chooses it.
    #[serde(default)]
    pub max_parallelism: Option<u32>,
    /// The first operator of the chain that it is in.
    #[serde(default)]
    pub vertex: Option<OperatorId>,
    /// The first operators of the chains that its chain reads from.
    #[serde(default)]
    pub inputs: Option<Vec<OperatorId>>,
    /// Whether it keeps state.
    #[serde(default)]
    pub stateful: Option<bool>,
    /// Its states; `None` where they are not known.
    #[serde(default)]
    pub states: Option<Vec<JobState>>,
}

/// A state of an operator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobState {
    /// Its name.
    pub name: String,
    /// Keyed or operator state.
    #[serde(deserialize_with = "any_case::one")]
    pub slot: StateSlot,
    /// What sort of state it is.
    #[serde(default, deserialize_with = "any_case::option")]
    pub kind: Option<StateKind>,
    /// Whether it has a time to live.
    #[serde(default)]
    pub ttl: Option<bool>,
    /// Its serializers.
    #[serde(default)]
    pub serializers: StateSerializers,
}

impl JobDescription {
    /// The version of the format that this build reads and writes.
    pub const VERSION: u32 = 1;

    /// The release that will run the job, where one is given.
    pub fn release(&self) -> Option<Result<FlinkRelease, InvalidRelease>> {
        self.flink_version.as_deref().map(str::parse)
    }

    /// The same, of a snapshot that a test of the job made, perhaps with another state backend.
    #[must_use]
    pub fn of_a_test(self) -> Self {
        Self {
            state_backend: None,
            changelog: None,
            unaligned: None,
            ..self
        }
    }

    /// True if the states of any operator are known.
    pub fn knows_states(&self) -> bool {
        self.operators
            .iter()
            .any(|operator| operator.states.is_some())
    }

    /// Takes the states of operators from another description of the same job: topology and
    /// settings stay, and of the release, what it tells.
    pub fn add_states_of(&mut self, other: &Self) {
        // The first of those with one id.
        let known = other
            .operators
            .iter()
            .rev()
            .map(|other| (other.id(), other));
        let known: HashMap<_, _> = known.collect();
        for operator in &mut self.operators {
            let Some(same) = known.get(&operator.id()) else {
                continue;
            };
            if let (None, Some(states)) = (&operator.states, &same.states) {
                operator.states = Some(states.clone());
                operator.stateful = operator.stateful.or(same.stateful);
            }
        }
        if self.flink_version.is_none() && self.flink_releases.is_none() {
            self.flink_releases.clone_from(&other.flink_releases);
        }
    }
}

impl JobOperator {
    /// Its id, which is that of its uid where none is given; `None` with neither.
    pub fn id(&self) -> Option<OperatorId> {
        let of_uid = || self.uid.as_deref().map(OperatorId::of_uid);
        self.operator_id.or_else(of_uid)
    }

    /// What to call it: uid, name, or the start of its id.
    pub fn label(&self) -> String {
        let text = self.uid.clone().or_else(|| self.name.clone());
        text.or_else(|| self.id().map(|id| id.short()))
            .unwrap_or_default()
    }
}
