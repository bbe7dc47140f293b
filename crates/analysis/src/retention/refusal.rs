use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use statescope_format::location::Location;

/// Why nothing is deleted. Each has the number that docs/retention.md explains it under.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// 1: no rule keeps anything.
    NoKeepRule,
    /// 2: no complete snapshot would be left.
    NothingSurvives,
    /// 3: a metadata file that may mention any file cannot be read or understood.
    UnreadableMetadata {
        /// The file.
        location: Location,
        /// Why.
        reason: String,
    },
    /// 4: a part of a base could not be listed, or the listing contradicts the store.
    PartialListing {
        /// The part.
        location: Location,
        /// What is wrong.
        reason: String,
    },
    /// 5: files that are being written would count as old.
    MinAgeTooShort {
        /// What was asked for.
        seconds: u64,
    },
    /// 6: the base is the root of a store and has no snapshot.
    RootWithoutSnapshots {
        /// The base.
        base: Location,
    },
    /// 7: the plan was made too long ago, or in the future.
    PlanTooOld {
        /// How long ago; `None` for the future.
        seconds: Option<u64>,
    },
    /// 8: the clocks of the store and of this machine differ.
    ClockSkew {
        /// By how many seconds.
        seconds: u64,
    },
    /// 9: the plan is for another store.
    OtherStore {
        /// The store of the plan.
        planned: String,
        /// The store that is there.
        found: String,
    },
    /// 10: a snapshot that is to be kept is not there: a slip of the pen?
    KeptNotFound {
        /// What was to be kept.
        location: Location,
    },
    /// 11: a snapshot that was not there, or is kept, needs a file that is to go.
    StillNeeded {
        /// The file.
        location: Location,
    },
    /// 12: a file that is to go is not what it was, or would not be planned again.
    Changed {
        /// The file.
        location: Location,
    },
    /// 13: the snapshots that were to be left to a job are gone.
    SurvivorsLost {
        /// The job's directory.
        location: Location,
    },
    /// 14: a plan that this version cannot carry out.
    UnknownPlan {
        /// Why.
        reason: String,
    },
}

impl Refusal {
    /// Its number in docs/retention.md.
    pub fn number(&self) -> u8 {
        match self {
            Self::NoKeepRule => 1,
            Self::NothingSurvives => 2,
            Self::UnreadableMetadata { .. } => 3,
            Self::PartialListing { .. } => 4,
            Self::MinAgeTooShort { .. } => 5,
            Self::RootWithoutSnapshots { .. } => 6,
            Self::PlanTooOld { .. } => 7,
            Self::ClockSkew { .. } => 8,
            Self::OtherStore { .. } => 9,
            Self::KeptNotFound { .. } => 10,
            Self::StillNeeded { .. } => 11,
            Self::Changed { .. } => 12,
            Self::SurvivorsLost { .. } => 13,
            Self::UnknownPlan { .. } => 14,
        }
    }

    /// A stable name.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoKeepRule => "no-keep-rule",
            Self::NothingSurvives => "nothing-survives",
            Self::UnreadableMetadata { .. } => "unreadable-metadata",
            Self::PartialListing { .. } => "partial-listing",
            Self::MinAgeTooShort { .. } => "min-age-too-short",
            Self::RootWithoutSnapshots { .. } => "root-without-snapshots",
            Self::PlanTooOld { .. } => "plan-too-old",
            Self::ClockSkew { .. } => "clock-skew",
            Self::OtherStore { .. } => "other-store",
            Self::KeptNotFound { .. } => "kept-not-found",
            Self::StillNeeded { .. } => "still-needed",
            Self::Changed { .. } => "changed",
            Self::SurvivorsLost { .. } => "survivors-lost",
            Self::UnknownPlan { .. } => "unknown-plan",
        }
    }

    /// The place it is about.
    pub fn location(&self) -> Option<&Location> {
        match self {
            Self::UnreadableMetadata { location, .. }
            | Self::PartialListing { location, .. }
            | Self::KeptNotFound { location }
            | Self::StillNeeded { location }
            | Self::Changed { location }
            | Self::SurvivorsLost { location } => Some(location),
            Self::RootWithoutSnapshots { base } => Some(base),
            Self::NoKeepRule
            | Self::NothingSurvives
            | Self::MinAgeTooShort { .. }
            | Self::PlanTooOld { .. }
            | Self::ClockSkew { .. }
            | Self::OtherStore { .. }
            | Self::UnknownPlan { .. } => None,
        }
    }

    /// What is wrong, and what to do.
    pub fn message(&self) -> String {
        match self {
            Self::NoKeepRule => {
                "no rule says what to keep; give at least one, such as --keep-last 3".to_owned()
            }
            Self::NothingSurvives => {
                "no complete snapshot would be left; add a rule that keeps some".to_owned()
            }
            Self::UnreadableMetadata { reason, .. } => format!(
                "the files that it needs are not known: {reason}; repair it, move it away, or \
                 delete its directory by hand if nobody needs it"
            ),
            Self::PartialListing { reason, .. } => {
                format!("what is there is not fully known: {reason}")
            }
            Self::MinAgeTooShort { seconds } => format!(
                "--min-age of {seconds} s is below an hour: a checkpoint that is being written \
                 would count as garbage; if no job writes here, add --i-know"
            ),
            Self::RootWithoutSnapshots { .. } => {
                "the root of a store without any snapshot is no place for Flink's files; give the \
                 checkpoint directory"
                    .to_owned()
            }
            Self::PlanTooOld {
                seconds: Some(seconds),
            } => format!(
                "the plan was made {} hours ago, more than a day; make a new one",
                seconds / 3600
            ),
            Self::PlanTooOld { seconds: None } => {
                "the plan was made in the future: set this machine's clock, or make a new one"
                    .to_owned()
            }
            Self::ClockSkew { seconds } => format!(
                "the clocks of the store and of this machine differ by {seconds} s, so ages are \
                 not known; set this machine's clock"
            ),
            Self::OtherStore { planned, found } => {
                format!("the plan is for {planned}, but this is {found}")
            }
            Self::KeptNotFound { .. } => {
                "no snapshot of that place was found, although --keep names it".to_owned()
            }
            Self::StillNeeded { .. } => {
                "a snapshot that stays needs this file: it was taken, or came back, since the plan \
                 was made; make a new plan"
                    .to_owned()
            }
            Self::Changed { .. } => {
                "this file is not what it was when the plan was made, or would not be planned \
                 again; make a new plan"
                    .to_owned()
            }
            Self::SurvivorsLost { .. } => {
                "no complete snapshot is left here but those that the plan deletes; make a new plan"
                    .to_owned()
            }
            Self::UnknownPlan { reason } => format!("this plan cannot be carried out: {reason}"),
        }
    }
}

/// With its words: `number`, `code`, `location`, `message`.
impl Serialize for Refusal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut refusal = serializer.serialize_struct("Refusal", 4)?;
        refusal.serialize_field("number", &self.number())?;
        refusal.serialize_field("code", self.code())?;
        refusal.serialize_field("location", &self.location())?;
        refusal.serialize_field("message", &self.message())?;
        refusal.end()
    }
}
