//! How sure an answer is that the files only suggest.

use serde::Serialize;

/// How far a drift or a rate can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// A drift that is possible: look at it. A rate of few points, with a wide interval, or over less
    /// than two days, in which a daily wave looks like growth.
    Low,
    /// Probable; a rate that is in between.
    Medium,
    /// A drift that hardly anything else can be. A rate of many points with a narrow interval.
    High,
}

impl Confidence {
    /// `low`, `medium` or `high`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}
