//! Whether state that one version of a job wrote can be read by another, as far as serializer
//! snapshots tell (docs/upgrade.md).

mod serializer;
mod state;

use serde::Serialize;

pub use serializer::{first_clash, kryo_registrations, serializer};
pub use state::{Clash, StateCompatibility, StatePart, state};

/// How two serializers go together (`TypeSerializerSchemaCompatibility`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Compatibility {
    /// They write the same bytes.
    Same,
    /// The new one reads what the old one wrote, and writes another form.
    AfterMigration,
    /// The snapshots do not tell: the program's own code decides.
    Unknown,
    /// The new one cannot read what the old one wrote.
    Incompatible,
}

impl Compatibility {
    /// The worse of two; what is known to be incompatible stays so.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.max(other)
    }

    /// In words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::AfterMigration => "compatible after migration",
            Self::Unknown => "unknown",
            Self::Incompatible => "incompatible",
        }
    }
}
