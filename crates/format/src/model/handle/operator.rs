use crate::JavaStr;
use crate::model::handle::{Offsets, StreamStateHandle};

/// Operator state of one subtask (`OperatorStreamStateHandle`,
/// `FileMergingOperatorStreamStateHandle`; docs/format.md 6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperatorStateHandle<'a> {
    /// The states inside, in the file's arbitrary order.
    pub states: Vec<StateMetaInfo<'a>>,
    /// The stream that holds them all.
    pub stream: StreamStateHandle<'a>,
    /// Present on handles of file merging (Flink 1.20+).
    pub file_merging: Option<FileMergingDirectories<'a>>,
}

/// Where one operator state lies in the stream (`OperatorStateHandle.StateMetaInfo`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateMetaInfo<'a> {
    /// The state's name; raw operator state is called `_default_`.
    pub name: JavaStr<'a>,
    /// How elements are shared out when the job restores.
    pub mode: DistributionMode,
    /// Position of each element in the stream; broadcast state has one.
    pub offsets: Offsets<'a>,
}

/// `OperatorStateHandle.Mode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DistributionMode {
    /// List state: each element goes to one subtask.
    SplitDistribute,
    /// Union list state: each subtask gets all elements.
    Union,
    /// Broadcast state: each subtask holds the same.
    Broadcast,
}

impl DistributionMode {
    /// The name in reports: `list`, `union` or `broadcast`.
    pub fn name(self) -> &'static str {
        match self {
            Self::SplitDistribute => "list",
            Self::Union => "union",
            Self::Broadcast => "broadcast",
        }
    }
}

/// The directories that a file-merging handle keeps alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileMergingDirectories<'a> {
    /// Directory of the exclusive files of one TaskManager.
    pub task_owned: JavaStr<'a>,
    /// Directory of the shared files of one subtask.
    pub shared: JavaStr<'a>,
    /// True when the subtask has no operator state: the handle is there for the directories.
    pub is_empty: bool,
}
