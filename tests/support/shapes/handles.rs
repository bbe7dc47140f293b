//! Writes state handles: stream, keyed, operator and channel state.

use super::writer::MetadataWriter;

/// A stream handle (section 4).
#[derive(Clone, Copy)]
pub enum Stream<'a> {
    Null,
    Inline {
        name: &'a str,
        data: &'a [u8],
    },
    File {
        path: &'a str,
        size: u64,
    },
    KeyGroups {
        start: u32,
        offsets: &'a [i64],
        delegate: &'a Stream<'a>,
    },
    Relative {
        path: &'a str,
        size: u64,
    },
    Segment {
        start: u64,
        size: u64,
        shared: bool,
        path: &'a str,
        logical_id: &'a str,
    },
    EmptySegment,
}

/// A range of key groups (section 1.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyGroups {
    pub start: u32,
    pub count: u32,
}

/// The three key-groups handles of section 5.
#[derive(Clone, Copy)]
pub enum KeyGroupsForm {
    /// Tag 3, the only form before Flink 1.13.
    V1,
    /// Tag 7, canonical savepoints.
    Savepoint,
    /// Tag 12, which ends with a handle id.
    V2,
}

/// The two incremental handles of section 5.
#[derive(Clone, Copy)]
pub enum IncrementalForm {
    /// Tag 5, without checkpointed size and handle id.
    V1,
    /// Tag 11.
    V2,
}

/// The forms of changelog handles (section 5, dialects of section 8).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ChangelogForm {
    /// Tags 8, 9 and 10 without sizes and handle ids.
    Flink114,
    /// Tags 8, 9 and 10 with them.
    Flink115,
    /// Tags 14, 9 and 13.
    V2,
}

/// What stands before the file lists of an incremental handle.
pub struct Incremental<'a> {
    pub form: IncrementalForm,
    pub checkpoint_id: i64,
    pub backend_id: &'a str,
    pub key_groups: KeyGroups,
    pub checkpointed_size: u64,
    pub meta: Stream<'a>,
}

/// One named state of an operator handle (section 6.1).
pub struct NamedState<'a> {
    pub name: &'a str,
    pub mode: Mode,
    pub offsets: &'a [i64],
}

/// How operator state is distributed (section 6.1).
#[derive(Clone, Copy)]
pub enum Mode {
    Split,
    Union,
    Broadcast,
}

/// Whether a channel handle is in the input or in the output list (section 6.2).
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Input,
    Output,
}

/// One channel: gate and channel index, or partition and subpartition index (section 6.2).
pub struct Channel<'a> {
    pub indexes: (u32, u32),
    pub offsets: &'a [i64],
    pub size: u64,
}

/// Stream handles: section 4.
impl MetadataWriter {
    pub fn stream(&mut self, handle: &Stream<'_>) {
        match *handle {
            Stream::Null => self.u8(0),
            Stream::Inline { name, data } => {
                self.u8(1);
                self.utf(name);
                self.sized(data);
            }
            Stream::File { path, size } => {
                self.u8(2);
                self.size(size);
                self.utf(path);
            }
            Stream::KeyGroups {
                start,
                offsets,
                delegate,
            } => {
                self.u8(3);
                self.i32(start.cast_signed());
                self.offsets(offsets);
                self.stream(delegate);
            }
            Stream::Relative { path, size } => {
                self.u8(6);
                self.utf(path);
                self.size(size);
            }
            Stream::Segment {
                start,
                size,
                shared,
                path,
                logical_id,
            } => {
                self.u8(15);
                self.size(start);
                self.size(size);
                self.i32(i32::from(shared));
                self.utf(path);
                self.utf(logical_id);
            }
            Stream::EmptySegment => self.u8(16),
        }
    }
}

/// Keyed state handles: section 5.
impl MetadataWriter {
    /// Tag 0.
    pub fn no_keyed(&mut self) {
        self.i8(0);
    }

    /// Section 1.5.
    pub fn key_groups(&mut self, range: KeyGroups) {
        self.i32(range.start.cast_signed());
        self.i32(range.count.cast_signed());
    }

    /// Tags 3, 7 and 12; only the last stores the handle id.
    pub fn key_groups_handle(
        &mut self,
        form: KeyGroupsForm,
        start: u32,
        offsets: &[i64],
        delegate: &Stream<'_>,
        id: &str,
    ) {
        self.i8(match form {
            KeyGroupsForm::V1 => 3,
            KeyGroupsForm::Savepoint => 7,
            KeyGroupsForm::V2 => 12,
        });
        self.i32(start.cast_signed());
        self.offsets(offsets);
        self.stream(delegate);
        if let KeyGroupsForm::V2 = form {
            self.utf(id);
        }
    }

    /// Tags 5 and 11 up to the meta handle.
    ///
    /// There follow the shared list and the private list, each a count and that many
    /// [`Self::local_file`], then [`Self::incremental_end`].
    pub fn incremental(&mut self, head: &Incremental<'_>) {
        self.i8(match head.form {
            IncrementalForm::V1 => 5,
            IncrementalForm::V2 => 11,
        });
        self.i64(head.checkpoint_id);
        self.utf(head.backend_id);
        self.key_groups(head.key_groups);
        if let IncrementalForm::V2 = head.form {
            self.size(head.checkpointed_size);
        }
        self.stream(&head.meta);
    }

    /// An entry of a file list: the name in the local database and the stored file.
    pub fn local_file(&mut self, name: &str, handle: &Stream<'_>) {
        self.utf(name);
        self.stream(handle);
    }

    /// The end of tags 5 and 11.
    pub fn incremental_end(&mut self, form: IncrementalForm, id: &str) {
        if let IncrementalForm::V2 = form {
            self.utf(id);
        }
    }

    /// Tags 8 and 14 up to the lists.
    ///
    /// There follow the materialized list and the non-materialized list, each a count and
    /// that many keyed handles, then [`Self::changelog_end`].
    pub fn changelog(&mut self, form: ChangelogForm, range: KeyGroups, checkpointed_size: u64) {
        self.i8(if form == ChangelogForm::V2 { 14 } else { 8 });
        self.key_groups(range);
        if form != ChangelogForm::Flink114 {
            self.size(checkpointed_size);
        }
    }

    /// The end of tags 8 and 14.
    pub fn changelog_end(
        &mut self,
        form: ChangelogForm,
        materialization_id: i64,
        checkpoint_id: i64,
        id: &str,
    ) {
        if form == ChangelogForm::Flink114 {
            return;
        }
        self.i64(materialization_id);
        if form == ChangelogForm::V2 {
            self.i64(checkpoint_id);
        }
        self.utf(id);
    }

    /// Tag 9 up to its changes.
    ///
    /// There follow `changes` [`Self::change`], then [`Self::increment_end`].
    pub fn byte_increment(&mut self, range: KeyGroups, sequence: (i64, i64), changes: usize) {
        self.i8(9);
        self.key_groups(range);
        self.i64(sequence.0);
        self.i64(sequence.1);
        self.count(changes);
    }

    /// One change of tag 9; without a key group it is a change of the state's metadata.
    pub fn change(&mut self, key_group: Option<u32>, data: &[u8]) {
        self.i32(key_group.map_or(-1, u32::cast_signed));
        self.sized(data);
    }

    /// The end of tag 9.
    pub fn increment_end(&mut self, form: ChangelogForm, id: &str) {
        if form != ChangelogForm::Flink114 {
            self.utf(id);
        }
    }

    /// Tags 10 and 13 with their streams: each an offset and a handle.
    pub fn file_increment(
        &mut self,
        form: ChangelogForm,
        range: KeyGroups,
        streams: &[(i64, Stream<'_>)],
        sizes: (u64, u64),
        id: &str,
    ) {
        self.i8(if form == ChangelogForm::V2 { 13 } else { 10 });
        self.key_groups(range);
        self.count(streams.len());
        for (offset, stream) in streams {
            self.i64(*offset);
            self.stream(stream);
        }
        self.size(sizes.0);
        if form != ChangelogForm::Flink114 {
            self.size(sizes.1);
            self.utf(id);
        }
        if form == ChangelogForm::V2 {
            self.utf("filesystem");
        }
    }
}

/// Operator state handles: section 6.1.
impl MetadataWriter {
    /// Tag 4.
    pub fn partitionable(&mut self, states: &[NamedState<'_>], delegate: &Stream<'_>) {
        self.i8(4);
        self.named_states(states);
        self.stream(delegate);
    }

    /// Tag 17; `directories` are the task-owned and the shared one.
    pub fn segment_partitionable(
        &mut self,
        states: &[NamedState<'_>],
        directories: (&str, &str),
        empty: bool,
        delegate: &Stream<'_>,
    ) {
        self.i8(17);
        self.named_states(states);
        self.utf(directories.0);
        self.utf(directories.1);
        self.bool(empty);
        self.stream(delegate);
    }

    fn named_states(&mut self, states: &[NamedState<'_>]) {
        self.count(states.len());
        for state in states {
            self.utf(state.name);
            self.i8(match state.mode {
                Mode::Split => 0,
                Mode::Union => 1,
                Mode::Broadcast => 2,
            });
            self.offsets(state.offsets);
        }
    }
}

/// Channel state handles: section 6.2.
impl MetadataWriter {
    /// The handle of one channel; from version 6 on it has a tag.
    pub fn channel(
        &mut self,
        direction: Direction,
        subtask: u32,
        channel: &Channel<'_>,
        delegate: &Stream<'_>,
    ) {
        if self.version() >= 6 {
            self.u8(match direction {
                Direction::Input => 1,
                Direction::Output => 2,
            });
        }
        self.i32(subtask.cast_signed());
        self.channel_indexes(channel);
        self.offsets(channel.offsets);
        self.size(channel.size);
        self.stream(delegate);
    }

    /// One handle for all channels of a subtask, from version 6 on.
    pub fn merged_channels(
        &mut self,
        direction: Direction,
        subtask: u32,
        channels: &[Channel<'_>],
        delegate: &Stream<'_>,
    ) {
        self.u8(match direction {
            Direction::Input => 3,
            Direction::Output => 4,
        });
        self.i32(subtask.cast_signed());
        self.size(channels.iter().map(|channel| channel.size).sum());
        self.stream(delegate);
        let block = self.slot();
        self.count(channels.len());
        for channel in channels {
            self.channel_indexes(channel);
            self.size(channel.size);
            self.offsets(channel.offsets);
        }
        self.fill_length(block);
    }

    fn channel_indexes(&mut self, channel: &Channel<'_>) {
        self.i32(channel.indexes.0.cast_signed());
        self.i32(channel.indexes.1.cast_signed());
    }
}
