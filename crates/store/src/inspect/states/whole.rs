//! Does the content of a stream show that it is whole, where its handle records more bytes than
//! there are?

use crate::inspect::states::Trouble;
use crate::inspect::states::head::head;
use crate::inspect::states::key_groups::{body_format, layouts, number_of_states};
use crate::inspect::states::source::Source;
use crate::inspect::states::walk::walk;
use crate::storage::Storage;
use statescope_analysis::snapshot::references::Base;
use statescope_format::model::handle::{
    ChannelStateHandle, KeyGroupRange, KeyGroupsStateHandle, OffsetStream, Offsets,
    StreamStateHandle,
};
use statescope_format::reader::ParseError;
use statescope_format::state_file::body::{
    CanonicalBody, ChangeCounts, ChangeSetBody, HeapBody, KeyGroupLayout, KeyedBody, KeyedFormat,
};
use statescope_format::state_file::sst::ends_like_table;
use statescope_format::state_file::{StateFileHead, keyed_head};

/// More is not read to find out how one stream ends.
const READ_MAX: u64 = 64 << 20;
/// The longest end of a table that is looked at.
const TABLE_END: u64 = 64;
/// In front of each piece of in-flight data: how many bytes it has.
const PIECE_LENGTH: u64 = 4;

/// What the content of a stream shows of its end. Of several streams, the greatest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::inspect) enum Ending {
    /// Nothing is missing.
    Whole,
    /// It does not tell.
    Open,
    /// Something is missing.
    Cut,
}

/// What a stream is to the handle that names it.
#[derive(Clone, Copy)]
pub(in crate::inspect) enum Stream<'m, 'a> {
    /// Keyed state by key group, of an operator with this max parallelism.
    KeyGroups(&'m KeyGroupsStateHandle<'a>, u32),
    /// Names and serializers of a database's states.
    Meta(&'m StreamStateHandle<'a>),
    /// A table of a database.
    Table(&'m StreamStateHandle<'a>),
    /// Which of the files of a database counts: a line.
    Current(&'m StreamStateHandle<'a>),
    /// Changes since the last materialization.
    Changes(&'m OffsetStream<'a>),
    /// In-flight data.
    Channel(&'m ChannelStateHandle<'a>),
    /// One that says nothing of its end: lists, logs and options of a database, raw state.
    Silent(&'m StreamStateHandle<'a>),
}

impl<'m, 'a> Stream<'m, 'a> {
    /// The handle.
    pub(in crate::inspect) fn handle(self) -> &'m StreamStateHandle<'a> {
        match self {
            Self::KeyGroups(handle, _) => &handle.stream,
            Self::Changes(part) => &part.stream,
            Self::Channel(handle) => &handle.stream,
            Self::Meta(handle)
            | Self::Table(handle)
            | Self::Current(handle)
            | Self::Silent(handle) => handle,
        }
    }
}

/// How a stream ends of which there are `bytes` bytes. What a store does not deliver tells nothing.
pub(in crate::inspect) async fn ending(
    storage: &Storage,
    base: &Base,
    stream: Stream<'_, '_>,
    bytes: u64,
) -> Ending {
    if bytes == 0 {
        return Ending::Cut;
    }
    let source = Source::new(storage, base, stream.handle()).of_length(bytes);
    let shown = match stream {
        Stream::KeyGroups(handle, max_parallelism) => {
            let keyed = KeyGroups {
                source: &source,
                handle,
                max_parallelism,
                bytes,
            };
            keyed.ending().await
        }
        Stream::Meta(_) => meta(&source, bytes).await,
        Stream::Table(_) => table(&source, bytes).await,
        Stream::Current(_) => current(&source, bytes).await,
        Stream::Changes(part) => changes(&source, part, bytes).await,
        Stream::Channel(handle) => channel(&source, handle, bytes).await,
        Stream::Silent(_) => Ok(Ending::Open),
    };
    match shown {
        Ok(ending) => ending,
        Err(Trouble::Parse(error)) => of_error(&error),
        Err(_) => Ending::Open,
    }
}

/// Bytes that lack show a cut. What is wrong otherwise may be a format that is not known well enough.
fn of_error(error: &ParseError) -> Ending {
    match error.is_short() {
        true => Ending::Cut,
        false => Ending::Open,
    }
}

fn whole_if(is_whole: bool) -> Ending {
    match is_whole {
        true => Ending::Whole,
        false => Ending::Open,
    }
}

/// A stream cut up by key group. Where all but the last end, the handle says: the last is read.
struct KeyGroups<'r, 's, 'a> {
    source: &'r Source<'s, 'a>,
    handle: &'r KeyGroupsStateHandle<'a>,
    max_parallelism: u32,
    bytes: u64,
}

impl KeyGroups<'_, '_, '_> {
    async fn ending(self) -> Result<Ending, Trouble> {
        /// No key group that has data takes less.
        const KEY_GROUP_MIN: u64 = 4;
        let head = head(self.source, keyed_head, StateFileHead::has_all_states).await?;
        let offsets = (self.handle.key_groups.first()..).zip(self.handle.offsets.iter());
        let last = offsets.max_by_key(|(_, offset)| *offset);
        let last = last.and_then(|(group, offset)| Some((group, u64::try_from(offset).ok()?)));
        let Some((key_group, start @ 1..)) = last else {
            return Ok(whole_if(is_all(&head, self.bytes)));
        };
        if start.saturating_add(KEY_GROUP_MIN) > self.bytes {
            return Ok(Ending::Cut);
        }
        if self.bytes - start > READ_MAX {
            return Ok(Ending::Open);
        }
        let layout = KeyGroupLayout {
            key_groups: self.handle.key_groups,
            offsets: self.handle.offsets,
            length: Some(self.bytes),
        };
        match body_format(self.source, self.handle.kind, layout).await? {
            Some(KeyedBody::Canonical) => self.canonical(&head, key_group, start).await,
            Some(KeyedBody::Heap) => self.heap(&head, key_group, start).await,
            // Key group 0 alone looks the same in both, and only one of them fits to the last byte.
            None => {
                let canonical = self.canonical(&head, key_group, start).await;
                let heap = self.heap(&head, key_group, start).await;
                let shown = |ending: Result<Ending, Trouble>| match ending {
                    Ok(ending) => ending,
                    Err(Trouble::Parse(error)) => of_error(&error),
                    Err(_) => Ending::Open,
                };
                Ok(shown(canonical).min(shown(heap)))
            }
        }
    }

    async fn canonical(
        &self,
        head: &StateFileHead,
        key_group: u32,
        start: u64,
    ) -> Result<Ending, Trouble> {
        let start = start.to_be_bytes();
        let Some(layout) = self.last(key_group, &start) else {
            return Ok(Ending::Open);
        };
        let mut body = CanonicalBody::new(layout, self.format(head))?;
        let push = |body: &mut CanonicalBody<'_>, bytes: &[u8]| body.push(bytes, drop);
        let position = CanonicalBody::position;
        walk(self.source, self.bytes, &mut body, position, push).await?;
        body.finish(drop)?;
        Ok(Ending::Whole)
    }

    async fn heap(
        &self,
        head: &StateFileHead,
        key_group: u32,
        start: u64,
    ) -> Result<Ending, Trouble> {
        let start = start.to_be_bytes();
        let Some(layout) = self.last(key_group, &start) else {
            return Ok(Ending::Open);
        };
        let layouts = layouts(head);
        let mut body = HeapBody::new(layout, self.format(head), &layouts)?;
        let push = |body: &mut HeapBody<'_>, bytes: &[u8]| body.push(bytes, drop);
        let position = HeapBody::position;
        walk(self.source, self.bytes, &mut body, position, push).await?;
        let tells_its_end = body.tells_its_end();
        match body.finish(drop)?.doubt {
            Some(doubt) => Ok(of_error(&doubt)),
            None => Ok(whole_if(tells_its_end)),
        }
    }

    /// The last key group alone.
    fn last<'o>(&self, key_group: u32, offset: &'o [u8; 8]) -> Option<KeyGroupLayout<'o>> {
        Some(KeyGroupLayout {
            key_groups: KeyGroupRange::new(key_group, 1)?,
            offsets: Offsets::new(offset),
            length: Some(self.bytes),
        })
    }

    fn format(&self, head: &StateFileHead) -> KeyedFormat {
        KeyedFormat {
            states: number_of_states(head),
            compressed: head.compressed,
            max_parallelism: self.max_parallelism,
        }
    }
}

fn is_all(head: &StateFileHead, bytes: u64) -> bool {
    head.has_all_states() && head.bytes == Some(bytes)
}

/// Nothing but a head.
async fn meta(source: &Source<'_, '_>, bytes: u64) -> Result<Ending, Trouble> {
    let head = head(source, keyed_head, StateFileHead::has_all_states).await?;
    Ok(whole_if(is_all(&head, bytes)))
}

async fn table(source: &Source<'_, '_>, bytes: u64) -> Result<Ending, Trouble> {
    let end = source.read(bytes.saturating_sub(TABLE_END)..bytes).await?;
    Ok(match ends_like_table(&end) {
        true => Ending::Whole,
        false => Ending::Cut,
    })
}

async fn current(source: &Source<'_, '_>, bytes: u64) -> Result<Ending, Trouble> {
    let line = source.read(0..bytes.min(TABLE_END)).await?;
    Ok(
        match line.starts_with(b"MANIFEST-") && line.ends_with(b"\n") {
            true => Ending::Whole,
            false => Ending::Cut,
        },
    )
}

/// The changes of one subtask say how many they are.
async fn changes(
    source: &Source<'_, '_>,
    part: &OffsetStream<'_>,
    bytes: u64,
) -> Result<Ending, Trouble> {
    let flag = source.read(0..1).await?;
    let compressed = ChangeSetBody::is_compressed(flag.first().copied().unwrap_or_default())?;
    let Ok(offset) = u64::try_from(part.offset) else {
        return Ok(Ending::Open);
    };
    let mut body = ChangeSetBody::new(offset, compressed);
    let start = body.position().unwrap_or_default();
    if start >= bytes {
        return Ok(Ending::Cut);
    }
    if bytes - start > READ_MAX {
        return Ok(Ending::Open);
    }
    let mut counts = ChangeCounts::default();
    let push = |body: &mut ChangeSetBody, bytes: &[u8]| body.push(bytes, &mut counts, |_| ());
    walk(source, bytes, &mut body, ChangeSetBody::position, push).await?;
    body.finish()?;
    Ok(Ending::Whole)
}

/// The piece that begins last says how many bytes it has.
async fn channel(
    source: &Source<'_, '_>,
    handle: &ChannelStateHandle<'_>,
    bytes: u64,
) -> Result<Ending, Trouble> {
    let channels = handle.channels.iter();
    let last = channels.flat_map(|channel| channel.offsets.iter()).max();
    let Some(start) = last.and_then(|start| u64::try_from(start).ok()) else {
        return Ok(Ending::Open);
    };
    let length = source
        .read(start..start.saturating_add(PIECE_LENGTH).min(bytes))
        .await?;
    let Some(length) = length.first_chunk().copied().map(u32::from_be_bytes) else {
        return Ok(Ending::Cut);
    };
    let end = start
        .saturating_add(PIECE_LENGTH)
        .saturating_add(u64::from(length));
    Ok(match end <= bytes {
        true => Ending::Whole,
        false => Ending::Cut,
    })
}
