use std::fmt;

use crate::JavaStr;
use crate::model::handle::{KeyGroupsStateHandle, StateSize};

/// Where one stream of state bytes is (`StreamStateHandle`, docs/format.md 4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StreamStateHandle<'a> {
    /// The bytes themselves, inside `_metadata`.
    ByteStream(ByteStreamStateHandle<'a>),
    /// A file by its absolute path (`FileStateHandle`).
    File {
        /// `Path.toString()`: scheme, authority and raw path, never percent-encoded.
        path: JavaStr<'a>,
        /// Length of the file in bytes.
        size: StateSize,
    },
    /// A file relative to the directory that `_metadata` is read from (`RelativeFileStateHandle`).
    Relative {
        /// Path below that directory; today always a bare file name.
        path: JavaStr<'a>,
        /// Length of the file in bytes.
        size: StateSize,
    },
    /// A key-group handle used as a stream; its bytes are those of its delegate.
    KeyGroups(Box<KeyGroupsStateHandle<'a>>),
    /// A part of a file that several handles share (file merging, Flink 1.20+).
    Segment(Box<SegmentFileStateHandle<'a>>),
    /// A segment of no bytes (`EmptySegmentFileStateHandle`).
    EmptySegment,
}

impl<'a> StreamStateHandle<'a> {
    /// `getStateSize()` of the Flink class, in bytes.
    pub fn state_size(&self) -> StateSize {
        match self {
            Self::ByteStream(bytes) => StateSize::of_slice(bytes.data()),
            Self::File { size, .. } | Self::Relative { size, .. } => *size,
            Self::KeyGroups(handle) => handle.stream.state_size(),
            Self::Segment(segment) => segment.size,
            Self::EmptySegment => StateSize::ZERO,
        }
    }

    /// The handle that knows where the bytes are: key-group handles are looked through.
    pub fn physical(&self) -> &StreamStateHandle<'a> {
        let mut handle = self;
        while let Self::KeyGroups(key_groups) = handle {
            handle = &key_groups.stream;
        }
        handle
    }
}

/// State kept inside `_metadata` (`ByteStreamStateHandle`).
///
/// Holds one slice for name and data together, as they lie in the file: a snapshot can have
/// millions of handles, and this keeps each at 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct ByteStreamStateHandle<'a> {
    wire: &'a [u8],
    name_length: u16,
}

impl<'a> ByteStreamStateHandle<'a> {
    /// Width of the data's length, which lies between name and data.
    const LENGTH: usize = 4;

    /// `wire` is the name's bytes, the `i32` length of the data, and the data; `name` must be
    /// the string that its first `name_length` bytes are.
    pub(crate) fn from_wire(wire: &'a [u8], name_length: u16) -> Self {
        Self { wire, name_length }
    }

    /// The handle's name: it looks like a path, but no such file exists.
    pub fn name(&self) -> JavaStr<'a> {
        let name = self.wire.get(..usize::from(self.name_length));
        JavaStr::new(name.unwrap_or_default()).unwrap_or_default()
    }

    /// The state.
    pub fn data(&self) -> &'a [u8] {
        let start = usize::from(self.name_length) + Self::LENGTH;
        self.wire.get(start..).unwrap_or_default()
    }
}

impl fmt::Debug for ByteStreamStateHandle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ByteStream({}, {} B)", self.name(), self.data().len())
    }
}

/// A part of a merged file (`SegmentFileStateHandle`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentFileStateHandle<'a> {
    /// Where the segment starts in the physical file.
    pub start: u64,
    /// Bytes of the segment.
    pub size: StateSize,
    /// Whether later checkpoints may use it too.
    pub scope: CheckpointedStateScope,
    /// Absolute path of the physical file.
    pub path: JavaStr<'a>,
    /// `LogicalFileId`: the file that the segment stands for.
    pub logical_file_id: JavaStr<'a>,
}

/// `CheckpointedStateScope`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckpointedStateScope {
    /// Belongs to one checkpoint.
    Exclusive,
    /// May be used by several checkpoints.
    Shared,
}
