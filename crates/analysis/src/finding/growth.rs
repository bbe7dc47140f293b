//! What `growth` notices.

use crate::finding::Severity;

/// How something grew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grown {
    /// Bytes now.
    pub bytes: u64,
    /// By how many bytes it grew.
    pub by: u64,
    /// Bytes a day at the present rate.
    pub per_day: u64,
    /// When it began, in RFC 3339, and the number of the checkpoint; `None` where it grew from the
    /// first snapshot on.
    pub since: Option<(String, u64)>,
}

/// Something noticed in a series of snapshots. The code of each is stable.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GrowthFinding {
    /// An operator or a state grows at a steady rate.
    StateBloat(Grown),
    /// An operator or a state grows by jumps.
    StepwiseGrowth {
        /// How many jumps.
        steps: u64,
        /// How it grew.
        grown: Grown,
    },
    /// Of a growing operator or state, no snapshot was smaller than one before it.
    NeverShrinks {
        /// How many snapshots.
        snapshots: u64,
    },
    /// One subtask takes most of an operator's growth.
    SkewGrowth {
        /// Subtasks of the operator.
        parallelism: u32,
        /// Bytes of the largest.
        largest_bytes: u64,
        /// Its part of the growth, in percent.
        percent: u64,
    },
    /// Union lists grow, which every subtask reads as a whole.
    UnionStateGrowth {
        /// How they grew.
        grown: Grown,
        /// Bytes that all subtasks together read when they restore.
        restored_bytes: u64,
    },
    /// State of a coordinator grows, which the JobManager holds.
    CoordinatorGrowth(Grown),
    /// A good part of the latest snapshots is in-flight data.
    InFlightData {
        /// Bytes of it.
        bytes: u64,
        /// Bytes of the snapshot's state.
        state_bytes: u64,
    },
    /// The metadata file itself is large or grows.
    MetadataBloat {
        /// Its bytes.
        bytes: u64,
        /// State bytes in it.
        inline_bytes: u64,
        /// Files that it mentions.
        files: u64,
    },
    /// Many small files.
    SmallFiles {
        /// How many.
        small: u64,
        /// Of how many.
        files: u64,
    },
    /// Too few snapshots to say anything about growth.
    TooFewPoints {
        /// How many there are.
        points: u64,
        /// How many it takes.
        needed: u64,
    },
    /// The limit is reached.
    LimitReached {
        /// Bytes of state.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The limit will be reached within the time that was given.
    LimitNear {
        /// Hours until then.
        hours: u64,
        /// The limit.
        limit: u64,
    },
    /// It grows faster than allowed.
    RateExceeded {
        /// Bytes a day.
        per_day: u64,
        /// What is allowed, as it was given.
        allowed: String,
    },
    /// A limit was given, and no snapshot's size is known.
    LimitNotJudged,
}

impl GrowthFinding {
    /// The stable name, for scripts.
    pub fn code(&self) -> &'static str {
        match self {
            Self::StateBloat(_) => "state-bloat",
            Self::StepwiseGrowth { .. } => "stepwise-growth",
            Self::NeverShrinks { .. } => "never-shrinks",
            Self::SkewGrowth { .. } => "skew-growth",
            Self::UnionStateGrowth { .. } => "union-state-growth",
            Self::CoordinatorGrowth(_) => "coordinator-growth",
            Self::InFlightData { .. } => "in-flight-data",
            Self::MetadataBloat { .. } => "metadata-bloat",
            Self::SmallFiles { .. } => "small-files",
            Self::TooFewPoints { .. } => "too-few-points",
            Self::LimitReached { .. } => "limit-reached",
            Self::LimitNear { .. } => "limit-near",
            Self::RateExceeded { .. } => "rate-exceeded",
            Self::LimitNotJudged => "limit-not-judged",
        }
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        match self {
            Self::LimitReached { .. } | Self::LimitNear { .. } | Self::RateExceeded { .. } => {
                Severity::Error
            }
            Self::LimitNotJudged
            | Self::StateBloat(_)
            | Self::StepwiseGrowth { .. }
            | Self::SkewGrowth { .. }
            | Self::UnionStateGrowth { .. }
            | Self::CoordinatorGrowth(_)
            | Self::InFlightData { .. }
            | Self::MetadataBloat { .. }
            | Self::SmallFiles { .. } => Severity::Warning,
            Self::NeverShrinks { .. } | Self::TooFewPoints { .. } => Severity::Info,
        }
    }

    /// One sentence without the place, in plain words.
    pub fn message(&self) -> String {
        match self {
            Self::StateBloat(grown) => format!("grows: {}", words(grown)),
            Self::StepwiseGrowth { steps, grown } => {
                let times = if *steps == 1 { "step" } else { "steps" };
                format!("grew in {steps} {times}: {}", words(grown))
            }
            Self::NeverShrinks { snapshots } => {
                format!("never became smaller over {snapshots} snapshots")
            }
            Self::SkewGrowth {
                parallelism,
                largest_bytes,
                percent,
            } => format!(
                "takes {percent}% of the growth of {parallelism} subtasks and has {largest_bytes} bytes"
            ),
            Self::UnionStateGrowth {
                grown,
                restored_bytes,
            } => format!(
                "union list state grows: {}; a restore reads {restored_bytes} bytes of it",
                words(grown)
            ),
            Self::CoordinatorGrowth(grown) => {
                format!("the coordinator's state grows: {}", words(grown))
            }
            Self::InFlightData { bytes, state_bytes } => {
                format!("{bytes} of {state_bytes} bytes are in-flight data, not state")
            }
            Self::MetadataBloat {
                bytes,
                inline_bytes,
                files,
            } => format!(
                "the metadata file has {bytes} bytes, {inline_bytes} of them state, \
                 and mentions {files} files"
            ),
            Self::SmallFiles { small, files } => {
                format!("{small} of {files} files are smaller than 64 KiB")
            }
            Self::TooFewPoints { points, needed } => {
                format!("{points} snapshots are too few to tell growth; it takes {needed}")
            }
            Self::LimitReached { bytes, limit } => {
                format!("the state has {bytes} bytes; the limit is {limit}")
            }
            Self::LimitNear { hours, limit } => {
                format!("the state reaches {limit} bytes in about {hours} hours")
            }
            Self::RateExceeded { per_day, allowed } => {
                format!("the state grows by {per_day} bytes a day; {allowed} is allowed")
            }
            Self::LimitNotJudged => {
                "the limit could not be judged: no snapshot's size is known".to_owned()
            }
        }
    }

    /// What to do about it, where that can be said.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::StateBloat(_) => {
                "look for keys that are never cleared: set a TTL, clear state in timers, \
                 or bound the keys"
            }
            Self::StepwiseGrowth { .. } => {
                "compare the snapshots around the step: `statescope diff`; a new state, a rescale \
                 or a backfill does this"
            }
            Self::NeverShrinks { .. } => "nothing seems to remove entries: no TTL, no clear()",
            Self::SkewGrowth { .. } => "look for a hot key: `statescope show --subtasks`",
            Self::UnionStateGrowth { .. } => {
                "every subtask reads all of it when the job restores: keep few and small elements, \
                 or use list state"
            }
            Self::CoordinatorGrowth(_) => {
                "the JobManager holds it in memory and in every metadata file: look for splits \
                 that are never finished"
            }
            Self::InFlightData { .. } => {
                "unaligned checkpoints under backpressure: look at the slow operator downstream"
            }
            Self::MetadataBloat { .. } => {
                "the JobManager writes and reads it as a whole: if state fills it, lower \
                 state.storage.fs.memory-threshold; if paths do, merge files"
            }
            Self::SmallFiles { .. } => {
                "each costs requests: merge files (execution.checkpointing.file-merging.enabled, \
                 from Flink 1.20) or checkpoint less often"
            }
            Self::TooFewPoints { .. } => {
                "retain more checkpoints, or run with --record and --history from time to time"
            }
            Self::LimitReached { .. } | Self::LimitNear { .. } | Self::RateExceeded { .. } => {
                return None;
            }
            Self::LimitNotJudged => "handles do not record their sizes: watch the files instead",
        })
    }
}

fn words(grown: &Grown) -> String {
    let Grown {
        bytes,
        by,
        per_day,
        since,
    } = grown;
    let since = match since {
        Some((time, checkpoint)) => format!(" since {time}, checkpoint {checkpoint}"),
        None => String::new(),
    };
    format!("{by} bytes more{since}, now {bytes}, {per_day} bytes a day")
}
