use std::fmt;

use crate::finding::{Confidence, Severity};
use statescope_format::model::checkpoint::OperatorId;

/// State that a job would not find again, although it has an operator for it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DriftFinding {
    /// An operator is gone, and another one looks like it.
    UidDrift(Box<Drifted>),
    /// The same, of operators whose ids Flink made of the shape of the graph.
    GeneratedIdMoved(Box<Drifted>),
    /// An operator is gone, and several look like it.
    Ambiguous {
        /// What they are called.
        candidates: Vec<String>,
    },
    /// Two operators have each other's ids.
    UidsSwapped {
        /// What the other one is called.
        other: String,
        /// How sure that is.
        confidence: Confidence,
        /// What speaks for it.
        evidence: Vec<DriftEvidence>,
        /// How to give the state back to the operator.
        fix: DriftFix,
    },
}

/// An operator that has another id now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drifted {
    /// Its new id.
    pub new_id: OperatorId,
    /// What it is called there.
    pub new_label: String,
    /// How sure that is.
    pub confidence: Confidence,
    /// What speaks for it.
    pub evidence: Vec<DriftEvidence>,
    /// How the new operator finds the state again.
    pub fix: DriftFix,
    /// What the operator is called that has the old id now.
    pub heir: Option<String>,
}

/// What speaks for two operators being the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DriftEvidence {
    /// These states are on both sides, with the same kinds and types.
    SameStates(Vec<String>),
    /// These states are on both sides, with other types.
    OtherTypes(Vec<String>),
    /// Both have the same name.
    SameName(String),
    /// The uids are much alike.
    SimilarUid,
    /// They come in the same place among operators with the same states.
    SamePlace,
    /// No other operator is left on either side.
    OnlyOnesLeft,
    /// Both have this parallelism.
    SameParallelism(u32),
    /// Both have this max parallelism.
    SameMaxParallelism(u32),
    /// Both are about as large.
    SimilarSize,
    /// Both had finished.
    BothFinished,
}

impl fmt::Display for DriftEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SameStates(names) => write!(f, "same {}", states(names)),
            Self::OtherTypes(names) => write!(f, "{} with another type", states(names)),
            Self::SameName(name) => write!(f, "same name {name}"),
            Self::SimilarUid => f.write_str("similar uid"),
            Self::SamePlace => f.write_str("same place in the job"),
            Self::OnlyOnesLeft => f.write_str("no other operator comes into question"),
            Self::SameParallelism(parallelism) => write!(f, "same parallelism {parallelism}"),
            Self::SameMaxParallelism(max) => write!(f, "same max parallelism {max}"),
            Self::SimilarSize => f.write_str("similar size"),
            Self::BothFinished => f.write_str("both had finished"),
        }
    }
}

fn states(names: &[String]) -> String {
    const SAID: usize = 5;
    let noun = if names.len() == 1 { "state" } else { "states" };
    let said: Vec<_> = names.iter().take(SAID).map(String::as_str).collect();
    let more = names.len().saturating_sub(SAID);
    let more = match more {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{noun} {}{more}", said.join(", "))
}

/// What to write into the program so that an operator finds state of an old id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DriftFix {
    /// `uid("…")` on the operator.
    Uid(String),
    /// `uid("…")` on the sink that the operator is a part of.
    SinkUid(String),
    /// `setUidHash("…")` on the operator.
    UidHash(OperatorId),
    /// The same for the writer of a sink, which takes it in another way.
    SinkWriterUidHash(OperatorId),
    /// The same for its committer.
    SinkCommitterUidHash(OperatorId),
}

impl fmt::Display for DriftFix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uid(uid) => write!(f, "uid({uid:?})"),
            Self::SinkUid(uid) => write!(f, "uid({uid:?}) of the sink"),
            Self::UidHash(id) => write!(f, "setUidHash(\"{id}\")"),
            Self::SinkWriterUidHash(id) => write!(
                f,
                "CustomSinkOperatorUidHashes with setWriterUidHash(\"{id}\") in sinkTo(...)"
            ),
            Self::SinkCommitterUidHash(id) => write!(
                f,
                "CustomSinkOperatorUidHashes with setCommitterUidHash(\"{id}\") in sinkTo(...)"
            ),
        }
    }
}

impl Drifted {
    fn reasons(&self) -> String {
        reasons(self.confidence, &self.evidence)
    }

    /// What to do, as far as it is the same for all that moved.
    fn advice(&self) -> String {
        let keep = format!("set {} on {} to keep its state", self.fix, self.new_label);
        match &self.heir {
            Some(heir) => format!(
                "{keep}, and give {heir}, which has the old id now, another uid: else Flink may give \
                 the state to that one"
            ),
            None => keep,
        }
    }
}

fn reasons(confidence: Confidence, evidence: &[DriftEvidence]) -> String {
    let evidence: Vec<_> = evidence.iter().map(ToString::to_string).collect();
    format!("{} confidence: {}", confidence.name(), evidence.join(", "))
}

impl DriftFinding {
    pub(super) fn code(&self) -> &'static str {
        match self {
            Self::UidDrift(_) => "uid-drift",
            Self::GeneratedIdMoved(_) => "generated-id-moved",
            Self::Ambiguous { .. } => "uid-drift-ambiguous",
            Self::UidsSwapped { .. } => "uids-swapped",
        }
    }

    pub(super) fn severity(&self) -> Severity {
        let confidence = match self {
            Self::UidDrift(drifted) | Self::GeneratedIdMoved(drifted) => drifted.confidence,
            Self::UidsSwapped { confidence, .. } => *confidence,
            Self::Ambiguous { .. } => Confidence::Low,
        };
        match confidence {
            Confidence::Low => Severity::Info,
            Confidence::Medium | Confidence::High => Severity::Warning,
        }
    }

    pub(super) fn message(&self) -> String {
        match self {
            Self::UidDrift(drifted) => format!(
                "{} looks like this operator with another uid ({})",
                drifted.new_label,
                drifted.reasons()
            ),
            Self::GeneratedIdMoved(drifted) => format!(
                "the shape of the job changed and with it the id that Flink generates: {} looks like \
                 this operator ({})",
                drifted.new_label,
                drifted.reasons()
            ),
            Self::Ambiguous { candidates } => format!(
                "several operators look like this one with another uid: {}",
                candidates.join(", ")
            ),
            Self::UidsSwapped {
                other,
                confidence,
                evidence,
                ..
            } => format!(
                "its uid and that of {other} look swapped: Flink would restore both, and neither \
                 would find its state ({})",
                reasons(*confidence, evidence)
            ),
        }
    }

    pub(super) fn hint(&self) -> String {
        match self {
            Self::UidDrift(drifted) => drifted.advice(),
            Self::GeneratedIdMoved(drifted) => {
                let then = match drifted.heir {
                    Some(_) => "; after the next savepoint, set one",
                    None => ", and after the next savepoint a uid",
                };
                format!("{}{then} on every operator", drifted.advice())
            }
            Self::Ambiguous { .. } => {
                "find out which of them it is and give that one the old uid: a wrong choice gives \
                 it the other's state"
                    .to_owned()
            }
            Self::UidsSwapped { other, fix, .. } => {
                format!("set {fix} on the operator that is now {other}")
            }
        }
    }
}
