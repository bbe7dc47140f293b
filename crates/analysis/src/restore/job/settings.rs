use serde::{Deserialize, Serialize};

use crate::restore::job::JobDescription;

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

    /// The backend that Flink's configuration names, in any case: by a short name, an old one, or
    /// the class.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase();
        let simple = name.rsplit('.').next().unwrap_or(&name);
        Some(match simple {
            "hashmap"
            | "jobmanager"
            | "filesystem"
            | "hashmapstatebackend"
            | "hashmapstatebackendfactory"
            | "fsstatebackend"
            | "fsstatebackendfactory"
            | "memorystatebackend"
            | "memorystatebackendfactory" => Self::Hashmap,
            "rocksdb"
            | "embeddedrocksdbstatebackend"
            | "embeddedrocksdbstatebackendfactory"
            | "rocksdbstatebackend"
            | "rocksdbstatebackendfactory" => Self::Rocksdb,
            "forst" | "forststatebackend" | "forststatebackendfactory" => Self::Forst,
            _ => return None,
        })
    }
}

/// How a job takes over the snapshot that it starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimMode {
    /// The snapshot stays its owner's.
    NoClaim,
    /// Its files become the job's.
    Claim,
    /// As before Flink 1.15: shared for ever. Gone with Flink 2.0.
    Legacy,
}

impl ClaimMode {
    /// The name in Flink's configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoClaim => "NO_CLAIM",
            Self::Claim => "CLAIM",
            Self::Legacy => "LEGACY",
        }
    }

    /// The mode of that name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_ascii_lowercase().replace('-', "_");
        let all = [Self::NoClaim, Self::Claim, Self::Legacy];
        all.into_iter()
            .find(|mode| mode.name().eq_ignore_ascii_case(&name))
    }
}

/// Settings of a job that are known from elsewhere than its description.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct JobSettings {
    /// Its state backend.
    pub state_backend: Option<StateBackend>,
    /// Whether its state goes through the changelog backend.
    pub changelog: Option<bool>,
    /// Whether its checkpoints are unaligned.
    pub unaligned: Option<bool>,
    /// How it takes over the snapshot.
    pub claim_mode: Option<ClaimMode>,
}

impl JobSettings {
    /// What `get` finds in Flink's configuration.
    pub fn of_configuration<'c>(get: impl Fn(&str) -> Option<&'c str>) -> Self {
        let first = |names: &[&str]| names.iter().find_map(|name| get(name));
        let flag = |text: &str| text.trim().to_ascii_lowercase().parse().ok();
        Self {
            state_backend: first(&["state.backend.type", "state.backend"])
                .and_then(StateBackend::named),
            changelog: first(&["state.changelog.enabled", "state.backend.changelog.enabled"])
                .and_then(flag),
            unaligned: first(&[
                "execution.checkpointing.unaligned.enabled",
                "execution.checkpointing.unaligned",
            ])
            .and_then(flag),
            claim_mode: first(&[
                "execution.state-recovery.claim-mode",
                "execution.savepoint-restore-mode",
            ])
            .and_then(ClaimMode::named),
        }
    }
}

impl JobDescription {
    /// Sets what was said on purpose.
    pub fn set(&mut self, settings: JobSettings) {
        self.state_backend = settings.state_backend.or(self.state_backend);
        self.changelog = settings.changelog.or(self.changelog);
        self.unaligned = settings.unaligned.or(self.unaligned);
        self.claim_mode = settings.claim_mode.or(self.claim_mode);
    }

    /// Fills in what is not known.
    pub fn fill(&mut self, settings: JobSettings) {
        self.state_backend = self.state_backend.or(settings.state_backend);
        self.changelog = self.changelog.or(settings.changelog);
        self.unaligned = self.unaligned.or(settings.unaligned);
        self.claim_mode = self.claim_mode.or(settings.claim_mode);
    }
}
