use statescope_format::JavaStr;
use statescope_format::model::checkpoint::{OperatorSubtaskState, StateSlot};
use statescope_format::model::handle::{HandleAndLocalPath, KeyedStateHandle, StreamStateHandle};

/// What a stream is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FileRole {
    /// A database file that other checkpoints may use too.
    Shared,
    /// A database file of one checkpoint.
    Private,
    /// Names and serializers of a database's states.
    Meta,
    /// Keyed or operator state in one stream.
    State,
    /// Changes since the last materialization.
    Changelog,
    /// In-flight data.
    Channel,
}

impl FileRole {
    /// The role as it is written in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::Private => "private",
            Self::Meta => "meta",
            Self::State => "state",
            Self::Changelog => "changelog",
            Self::Channel => "channel",
        }
    }
}

/// One mention of some bytes.
#[derive(Clone, Copy, Debug)]
pub struct Reference<'m, 'a> {
    /// The slot of the subtask.
    pub slot: StateSlot,
    /// What the bytes are for.
    pub role: FileRole,
    /// The name of a database file in its directory.
    pub local_name: Option<JavaStr<'a>>,
    /// Where the bytes are.
    pub target: Target<'m, 'a>,
}

/// Where mentioned bytes are.
#[derive(Clone, Copy, Debug)]
pub enum Target<'m, 'a> {
    /// In a stream.
    Stream(&'m StreamStateHandle<'a>),
    /// In changelog records inside `_metadata`: how many bytes.
    Inline(u64),
}

/// Calls `visit` for each mention in a subtask: operator state, keyed state, channel state.
pub fn visit_subtask<'m, 'a>(
    state: &'m OperatorSubtaskState<'a>,
    visit: &mut impl FnMut(Reference<'m, 'a>),
) {
    for (slot, handle) in state.operator_states() {
        visit(stream(slot, FileRole::State, &handle.stream));
    }
    for (slot, handle) in state.keyed_states() {
        visit_keyed_state(slot, handle, visit);
    }
    for (slot, handle) in state.channel_states() {
        visit(stream(slot, FileRole::Channel, &handle.stream));
    }
}

/// Calls `visit` for each mention in a keyed handle, those inside a changelog handle included.
pub fn visit_keyed_state<'m, 'a>(
    slot: StateSlot,
    handle: &'m KeyedStateHandle<'a>,
    visit: &mut impl FnMut(Reference<'m, 'a>),
) {
    match handle {
        KeyedStateHandle::KeyGroups(handle) => {
            visit(stream(slot, FileRole::State, &handle.stream));
        }
        KeyedStateHandle::Incremental(handle) => {
            visit(stream(slot, FileRole::Meta, &handle.meta));
            for file in &handle.shared {
                visit(database_file(slot, FileRole::Shared, file));
            }
            for file in &handle.private {
                visit(database_file(slot, FileRole::Private, file));
            }
        }
        // The parser has bounded how deep these go.
        KeyedStateHandle::Changelog(handle) => {
            for inner in handle.materialized.iter().chain(&handle.non_materialized) {
                visit_keyed_state(slot, inner, visit);
            }
        }
        KeyedStateHandle::ChangelogByteIncrement(handle) => visit(Reference {
            slot,
            role: FileRole::Changelog,
            local_name: None,
            target: Target::Inline(handle.changes.bytes()),
        }),
        KeyedStateHandle::ChangelogFileIncrement(handle) => {
            for part in &handle.streams {
                visit(stream(slot, FileRole::Changelog, &part.stream));
            }
        }
    }
}

fn stream<'m, 'a>(
    slot: StateSlot,
    role: FileRole,
    stream: &'m StreamStateHandle<'a>,
) -> Reference<'m, 'a> {
    Reference {
        slot,
        role,
        local_name: None,
        target: Target::Stream(stream),
    }
}

fn database_file<'m, 'a>(
    slot: StateSlot,
    role: FileRole,
    file: &'m HandleAndLocalPath<'a>,
) -> Reference<'m, 'a> {
    Reference {
        slot,
        role,
        local_name: Some(file.local_path),
        target: Target::Stream(&file.handle),
    }
}
