use serde::Serialize;

/// Whether a snapshot can be restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing speaks against it.
    Restorable,
    /// Flink restores it if it may drop state (`--allowNonRestoredState`).
    RestorableDroppingState,
    /// Flink cannot load it, or not all of its state.
    NotRestorable,
}

impl Verdict {
    /// The answer in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Restorable => "restorable",
            Self::RestorableDroppingState => "restorable only by dropping state",
            Self::NotRestorable => "not restorable",
        }
    }
}
