use std::collections::HashMap;

use futures_util::{StreamExt, stream};

use crate::error::Error;
use crate::inspect::load::LoadedMetadata;
use crate::inspect::states::{Ending, Stream, ending};
use crate::storage::Storage;
use statescope_analysis::health::files::{NeededFile, Seen};
use statescope_analysis::snapshot::references::Base;
use statescope_format::location::{Location, as_flink_opens};
use statescope_format::model::checkpoint::{OperatorState, StateSlot};
use statescope_format::model::handle::{HandleAndLocalPath, KeyedStateHandle, StreamStateHandle};

/// Streams that are looked into: where more have other sizes than recorded, those beyond count as
/// cut short.
const STREAMS_MAX: usize = 10_000;
const AT_ONCE: usize = 16;

/// Looks at the content of files that are shorter than recorded: Flink reads what is there, so that
/// a recorded size may be wrong, and a file cut short. Where all streams in a file show their ends it
/// is whole, where one shows that bytes are missing it is cut, and else nobody knows.
pub(super) async fn look_at_content(
    storage: &Storage,
    loaded: &LoadedMetadata,
    base: &Base,
    files: &[NeededFile],
    seen: &mut [Seen],
) -> Result<(), Error> {
    let mut short = HashMap::new();
    for (at, (file, seen)) in files.iter().zip(seen.iter()).enumerate() {
        // Tables have been looked at, and a file that ends before a position in it is cut.
        if let Seen::Present(bytes @ 1..) = *seen
            && !file.exact
            && bytes >= file.reach
            && file.bytes.is_some_and(|recorded| recorded > bytes)
        {
            short.insert(file.location.place(), (at, bytes));
        }
    }
    if short.is_empty() {
        return Ok(());
    }
    let parsed = loaded.parse()?;
    let mut streams = Vec::new();
    for operator in &parsed.metadata.operator_states {
        each_stream(operator, &mut |stream| {
            let Some(Part {
                location,
                start,
                end,
            }) = Part::of(stream, base)
            else {
                return;
            };
            let known = short.get(&location.place());
            // What ends inside the file is there.
            if let Some(&(at, bytes)) = known.filter(|(_, bytes)| end.is_none_or(|e| e > *bytes)) {
                streams.push((at, bytes, bytes.saturating_sub(start), stream));
            }
        });
    }
    let (looked_into, beyond) = streams.split_at(streams.len().min(STREAMS_MAX));
    let endings: Vec<_> = stream::iter(looked_into.iter().copied())
        .map(|(at, bytes, length, stream)| async move {
            (at, bytes, ending(storage, base, stream, length).await)
        })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let beyond = beyond
        .iter()
        .map(|(at, bytes, ..)| (*at, *bytes, Ending::Cut));
    let mut of_files: HashMap<usize, (u64, Ending)> = HashMap::new();
    for (at, bytes, ending) in endings.into_iter().chain(beyond) {
        let (_, worst) = of_files.entry(at).or_insert((bytes, ending));
        *worst = ending.max(*worst);
    }
    for (at, (bytes, ending)) in of_files {
        let shown = match ending {
            Ending::Whole => Seen::Whole(bytes),
            Ending::Open => Seen::Unproven(bytes),
            Ending::Cut => continue,
        };
        if let Some(seen) = seen.get_mut(at) {
            *seen = shown;
        }
    }
    Ok(())
}

/// Where a stream lies.
struct Part {
    location: Location,
    start: u64,
    /// `None` where no size is recorded.
    end: Option<u64>,
}

impl Part {
    fn of(stream: Stream<'_, '_>, base: &Base) -> Option<Self> {
        let (path, start, size) = match stream.handle().physical() {
            StreamStateHandle::File { path, size } => (path.to_string(), 0, *size),
            StreamStateHandle::Relative { path, size } => (base.resolve(&path.to_str()), 0, *size),
            StreamStateHandle::Segment(segment) => {
                (segment.path.to_string(), segment.start, segment.size)
            }
            _ => return None,
        };
        // Changelog handles do not count the flag byte that their files begin with.
        let uncounted = u64::from(matches!(stream, Stream::Changes(_)));
        let end = size.bytes();
        let end = end.map(|size| size.saturating_add(start).saturating_add(uncounted));
        Some(Self {
            location: Location::new(as_flink_opens(&path)),
            start,
            end,
        })
    }
}

/// Calls `visit` for each stream of an operator.
fn each_stream<'m, 'a>(operator: &'m OperatorState<'a>, visit: &mut impl FnMut(Stream<'m, 'a>)) {
    let subtasks = operator.subtasks.iter();
    for state in subtasks.filter_map(|subtask| subtask.state()) {
        for (_, handle) in state.operator_states() {
            visit(Stream::Silent(&handle.stream));
        }
        for (slot, handle) in state.keyed_states() {
            keyed(slot, handle, operator.max_parallelism, visit);
        }
        for (_, handle) in state.channel_states() {
            visit(Stream::Channel(handle));
        }
    }
}

fn keyed<'m, 'a>(
    slot: StateSlot,
    handle: &'m KeyedStateHandle<'a>,
    max_parallelism: u32,
    visit: &mut impl FnMut(Stream<'m, 'a>),
) {
    match handle {
        KeyedStateHandle::KeyGroups(handle) if slot == StateSlot::RawKeyed => {
            visit(Stream::Silent(&handle.stream));
        }
        KeyedStateHandle::KeyGroups(handle) => visit(Stream::KeyGroups(handle, max_parallelism)),
        KeyedStateHandle::Incremental(handle) => {
            visit(Stream::Meta(&handle.meta));
            let files = handle.shared.iter().chain(&handle.private);
            files.for_each(|file| visit(database_file(file)));
        }
        // The parser has bounded how deep these go.
        KeyedStateHandle::Changelog(handle) => {
            for inner in handle.materialized.iter().chain(&handle.non_materialized) {
                keyed(slot, inner, max_parallelism, visit);
            }
        }
        KeyedStateHandle::ChangelogByteIncrement(_) => {}
        KeyedStateHandle::ChangelogFileIncrement(handle) => {
            let parts = handle.streams.iter();
            parts.for_each(|part| visit(Stream::Changes(part)));
        }
    }
}

fn database_file<'m, 'a>(file: &'m HandleAndLocalPath<'a>) -> Stream<'m, 'a> {
    match file.local_path.as_bytes() {
        name if name.ends_with(b".sst") => Stream::Table(&file.handle),
        b"CURRENT" => Stream::Current(&file.handle),
        _ => Stream::Silent(&file.handle),
    }
}
