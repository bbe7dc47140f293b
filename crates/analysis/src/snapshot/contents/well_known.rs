use serde::Serialize;

/// What Flink or its connectors use a state for, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StateRole {
    /// The elements or the aggregate of open windows.
    WindowContents,
    /// Which windows were merged, of session windows.
    MergingWindows,
    /// Timers in event time.
    EventTimeTimers,
    /// Timers in processing time.
    ProcessingTimeTimers,
    /// Splits of a source's readers.
    SourceSplits,
    /// State of a sink's writers.
    SinkWriter,
    /// What a sink has still to commit.
    SinkCommittables,
}

impl StateRole {
    /// The role that a name tells (docs/state-files.md 2.3).
    pub fn of(name: &str) -> Option<Self> {
        Some(match name {
            "window-contents" => Self::WindowContents,
            "merging-window-set" => Self::MergingWindows,
            "SourceReaderState" => Self::SourceSplits,
            "writer_raw_states" => Self::SinkWriter,
            "streaming_committer_raw_states" => Self::SinkCommittables,
            _ if name.starts_with("_timer_state/event_") => Self::EventTimeTimers,
            _ if name.starts_with("_timer_state/processing_") => Self::ProcessingTimeTimers,
            _ => return None,
        })
    }

    /// The role in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::WindowContents => "window contents",
            Self::MergingWindows => "merged windows",
            Self::EventTimeTimers => "event-time timers",
            Self::ProcessingTimeTimers => "processing-time timers",
            Self::SourceSplits => "source splits",
            Self::SinkWriter => "sink writer",
            Self::SinkCommittables => "sink committables",
        }
    }
}
