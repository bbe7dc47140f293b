//! Do offsets stay inside their streams, do the streams say how long they are, and can Flink take
//! their paths?

use crate::finding::FindingKind;
use crate::health::sanity::collector::Collector;
use crate::health::sanity::paths;
use statescope_format::JavaStr;
use statescope_format::model::checkpoint::{OperatorState, OperatorSubtaskState, StateSlot};
use statescope_format::model::handle::{
    ChannelStateHandle, KeyedStateHandle, Offsets, OperatorStateHandle, StreamStateHandle,
};

pub(super) fn check(operator: &OperatorState<'_>, findings: &mut Collector) {
    let mut unknown_sizes = 0;
    for subtask in &operator.subtasks {
        if let Some(state) = subtask.state() {
            let mut checker = Checker {
                subtask: subtask.index,
                findings,
                unknown_sizes: &mut unknown_sizes,
            };
            checker.subtask(state);
        }
    }
    if unknown_sizes > 0 {
        let handles = unknown_sizes;
        findings.push(FindingKind::UnknownSize { handles });
    }
}

struct Checker<'c> {
    subtask: u32,
    findings: &'c mut Collector,
    unknown_sizes: &'c mut u64,
}

impl Checker<'_> {
    fn subtask(&mut self, state: &OperatorSubtaskState<'_>) {
        for (slot, handle) in state.operator_states() {
            self.operator_state(slot, handle);
        }
        for (slot, handle) in state.keyed_states() {
            self.keyed_state(slot, handle);
        }
        for (slot, handle) in state.channel_states() {
            self.channel_state(slot, handle);
        }
    }

    fn operator_state(&mut self, slot: StateSlot, handle: &OperatorStateHandle<'_>) {
        let length = self.stream(&handle.stream);
        if let Some(directories) = handle.file_merging {
            self.path(directories.task_owned);
            self.path(directories.shared);
        }
        for state in &handle.states {
            if let Some(outside) = outside(state.offsets, length, 0) {
                let kind = of(slot, outside, &handle.stream);
                self.findings
                    .push_state(self.subtask, &state.name.to_str(), kind);
            }
        }
    }

    fn keyed_state(&mut self, slot: StateSlot, handle: &KeyedStateHandle<'_>) {
        match handle {
            KeyedStateHandle::KeyGroups(handle) => {
                let length = self.stream(&handle.stream);
                self.offsets(slot, handle.offsets, length, &handle.stream);
            }
            KeyedStateHandle::Incremental(handle) => {
                self.stream(&handle.meta);
                for file in handle.shared.iter().chain(&handle.private) {
                    self.stream(&file.handle);
                }
            }
            // The parser has bounded how deep these go.
            KeyedStateHandle::Changelog(handle) => {
                for inner in handle.materialized.iter().chain(&handle.non_materialized) {
                    self.keyed_state(slot, inner);
                }
            }
            KeyedStateHandle::ChangelogByteIncrement(_) => {}
            // Offsets count uncompressed bytes, which the size of the file says nothing about.
            KeyedStateHandle::ChangelogFileIncrement(handle) => {
                for part in &handle.streams {
                    self.stream(&part.stream);
                }
                *self.unknown_sizes += u64::from(handle.size.bytes().is_none());
            }
        }
    }

    fn channel_state(&mut self, slot: StateSlot, handle: &ChannelStateHandle<'_>) {
        let length = self.stream(&handle.stream);
        *self.unknown_sizes += u64::from(handle.size.bytes().is_none());
        for channel in &handle.channels {
            self.offsets(slot, channel.offsets, length, &handle.stream);
        }
    }

    fn offsets(
        &mut self,
        slot: StateSlot,
        offsets: Offsets<'_>,
        length: Option<u64>,
        stream: &StreamStateHandle<'_>,
    ) {
        // Raw keyed state has -1 for key groups without data.
        let lowest = if slot == StateSlot::RawKeyed { -1 } else { 0 };
        if let Some(outside) = outside(offsets, length, lowest) {
            let kind = of(slot, outside, stream);
            self.findings.push_at(self.subtask, kind);
        }
    }

    fn stream(&mut self, stream: &StreamStateHandle<'_>) -> Option<u64> {
        let size = stream.state_size().bytes();
        *self.unknown_sizes += u64::from(size.is_none());
        match stream.physical() {
            StreamStateHandle::File { path, .. } => self.path(*path),
            StreamStateHandle::Segment(segment) => self.path(segment.path),
            StreamStateHandle::Relative { path, .. }
                if !paths::is_loadable_below(path.as_bytes()) =>
            {
                self.findings.push_path(self.subtask, &path.to_str());
            }
            _ => {}
        }
        size
    }

    fn path(&mut self, path: JavaStr<'_>) {
        if !paths::is_loadable(path.as_bytes()) {
            self.findings.push_path(self.subtask, &path.to_str());
        }
    }
}

/// Of a file of its own, Flink reads what is there, and not as much as is recorded: whether the
/// position is in it, the file tells. Memory and parts of files end where they are said to end.
fn of(slot: StateSlot, (offset, bytes): (i64, u64), stream: &StreamStateHandle<'_>) -> FindingKind {
    let is_file = matches!(
        stream.physical(),
        StreamStateHandle::File { .. } | StreamStateHandle::Relative { .. }
    );
    match is_file && offset >= 0 {
        true => FindingKind::OffsetBehindRecordedSize {
            slot,
            offset,
            recorded: bytes,
        },
        false => FindingKind::OffsetOutside {
            slot,
            offset,
            stream_bytes: bytes,
        },
    }
}

/// The first offset below `lowest` or behind the end. An element of no bytes may lie at the end.
fn outside(offsets: Offsets<'_>, length: Option<u64>, lowest: i64) -> Option<(i64, u64)> {
    let length = length?;
    offsets
        .iter()
        .find(|&offset| {
            offset < lowest || u64::try_from(offset).is_ok_and(|offset| offset > length)
        })
        .map(|offset| (offset, length))
}
