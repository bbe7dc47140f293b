use std::collections::HashSet;

use crate::error::Error;
use crate::inspect::load::LoadedMetadata;
use crate::inspect::states::StatesOptions;
use crate::inspect::states::handle::{Content, handles};
use statescope_format::model::checkpoint::OperatorId;
use statescope_format::model::handle::{KeyedStateHandle, StreamStateHandle};

/// What a look at a head, or at the end of an SST, takes about.
const LOOK: u64 = 16 << 10;

/// About how many bytes outside the metadata file [`states`](super::states) will read; figures
/// that handles do not record are left out.
///
/// # Errors
/// When the metadata cannot be parsed.
pub fn bytes_to_read(
    loaded: &LoadedMetadata,
    options: StatesOptions,
    wanted: impl Fn(OperatorId) -> bool,
) -> Result<u64, Error> {
    let mut bytes = 0_u64;
    loaded.parse_each(&mut |operator| {
        if !wanted(operator.id) {
            return;
        }
        let mut seen = HashSet::new();
        for handle in handles(&operator) {
            let read_head = seen.insert(handle.sort()) || options.all_heads;
            let more = match handle.content {
                Content::Operator(handle) if read_head => look(&handle.stream),
                Content::Operator(_) => 0,
                Content::Keyed(handle) => keyed(handle, read_head, options),
            };
            bytes = bytes.saturating_add(more);
        }
    })?;
    Ok(bytes)
}

fn keyed(handle: &KeyedStateHandle<'_>, read_head: bool, options: StatesOptions) -> u64 {
    let head = |stream| if read_head { look(stream) } else { 0 };
    match handle {
        KeyedStateHandle::KeyGroups(handle) if options.sizes => whole(&handle.stream),
        KeyedStateHandle::KeyGroups(handle) => head(&handle.stream),
        KeyedStateHandle::Incremental(handle) => {
            let files = handle.shared.iter().chain(&handle.private);
            let files = files.filter(|_| options.sizes);
            let tables = files.map(|file| look(&file.handle));
            tables.fold(head(&handle.meta), u64::saturating_add)
        }
        KeyedStateHandle::Changelog(handle) => {
            let inner = handle.materialized.iter().chain(&handle.non_materialized);
            let inner = inner.map(|inner| keyed(inner, read_head, options));
            inner.fold(0, u64::saturating_add)
        }
        KeyedStateHandle::ChangelogByteIncrement(_) => 0,
        KeyedStateHandle::ChangelogFileIncrement(handle) => {
            let streams = handle.streams.iter().map(|part| whole(&part.stream));
            streams.fold(0, u64::saturating_add)
        }
    }
}

fn look(stream: &StreamStateHandle<'_>) -> u64 {
    whole(stream).min(LOOK)
}

/// Inline bytes are in memory already.
fn whole(stream: &StreamStateHandle<'_>) -> u64 {
    match stream.physical() {
        StreamStateHandle::ByteStream(_) => 0,
        other => other.state_size().bytes().unwrap_or_default(),
    }
}
