//! What is known of a job before it runs: its operators, how parallel they are, and perhaps their
//! states (docs/upgrade.md).

mod from_snapshot;
mod problems;

use serde::{Deserialize, Serialize};

use crate::checkpoint::{OperatorId, StateSlot};
use crate::release::{FlinkRelease, InvalidRelease};
use crate::states::{StateKind, StateSerializers};

pub use problems::JobError;

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
    #[serde(default)]
    pub state_backend: Option<StateBackend>,
    /// Whether its state goes through the changelog backend.
    #[serde(default)]
    pub changelog: Option<bool>,
    /// Whether its checkpoints are unaligned.
    #[serde(default)]
    pub unaligned: Option<bool>,
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
    pub slot: StateSlot,
    /// What sort of state it is.
    #[serde(default)]
    pub kind: Option<StateKind>,
    /// Whether it has a time to live.
    #[serde(default)]
    pub ttl: Option<bool>,
    /// Its serializers.
    #[serde(default)]
    pub serializers: StateSerializers,
}

/// Where a job keeps its keyed state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StateBackend {
    /// `HashMapStateBackend`, and its forerunners on the heap.
    Hashmap,
    /// `EmbeddedRocksDBStateBackend`.
    Rocksdb,
    /// `ForStStateBackend`, Flink 2.0+.
    Forst,
}

impl StateBackend {
    /// The name in Flink's configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hashmap => "hashmap",
            Self::Rocksdb => "rocksdb",
            Self::Forst => "forst",
        }
    }
}

impl JobDescription {
    /// The version of the format that this build reads and writes.
    pub const VERSION: u32 = 1;

    /// The release that will run the job, where one is given.
    pub fn release(&self) -> Option<Result<FlinkRelease, InvalidRelease>> {
        self.flink_version.as_deref().map(str::parse)
    }

    /// True if the states of any operator are known.
    pub fn knows_states(&self) -> bool {
        self.operators
            .iter()
            .any(|operator| operator.states.is_some())
    }

    /// Takes the states of operators from another description of the same job: topology and
    /// settings stay.
    pub fn add_states_of(&mut self, other: &Self) {
        for operator in &mut self.operators {
            let id = operator.id();
            let same = other.operators.iter().find(|other| other.id() == id);
            if let (None, Some(states)) = (&operator.states, same.and_then(|o| o.states.clone())) {
                operator.states = Some(states);
            }
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
