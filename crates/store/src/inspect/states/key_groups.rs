use crate::inspect::states::Trouble;
use crate::inspect::states::head::head;
use crate::inspect::states::keyed::Keyed;
use crate::inspect::states::source::Source;
use crate::inspect::states::walk::walk;
use statescope_analysis::snapshot::contents::{self, StatesBuilder};
use statescope_format::model::checkpoint::StateSlot;
use statescope_format::model::handle::{KeyGroupsKind, KeyGroupsStateHandle};
use statescope_format::reader::to_u64;
use statescope_format::state_file::body::{
    CanonicalBody, HeapBody, KeyGroupLayout, KeyedBody, KeyedBodyProbe, KeyedFormat, Skipper,
};
use statescope_format::state_file::serializer::entry_layout;
use statescope_format::state_file::{StateFileHead, keyed_head};

/// A stream cut up by key group: canonical, or of the heap backend.
pub(super) async fn key_groups(
    keyed: Keyed<'_>,
    source: &Source<'_, '_>,
    handle: &KeyGroupsStateHandle<'_>,
    builder: &mut StatesBuilder,
) -> Result<(), Trouble> {
    let sizes = keyed.reading.options.sizes;
    if !sizes {
        builder.partial(keyed.slot);
    }
    if !sizes && !keyed.read_head {
        return Ok(());
    }
    let head = head(source, keyed_head, StateFileHead::has_all_states).await?;
    builder.head(keyed.slot, &head);
    keyed.note_unread_states(&head, source, builder);
    let length = source.length().await?;
    let layout = KeyGroupLayout {
        key_groups: handle.key_groups,
        offsets: handle.offsets,
        length: Some(length),
    };
    let stream = Stream {
        source,
        head: &head,
        layout,
        length,
        format: KeyedFormat {
            states: number_of_states(&head),
            compressed: head.compressed,
            max_parallelism: keyed.max_parallelism,
        },
        slot: keyed.slot,
    };
    let body = match body_format(source, handle.kind, layout).await? {
        Some(body) => body,
        // Only one of the two fits to the last byte.
        None => match stream.canonical(&mut StatesBuilder::default()).await {
            Ok(()) => KeyedBody::Canonical,
            Err(Trouble::Parse(_)) => KeyedBody::Heap,
            // What a store did not deliver tells nothing about the format.
            Err(trouble) => return Err(trouble),
        },
    };
    builder.keyed_format(match (body, handle.kind) {
        (KeyedBody::Canonical, KeyGroupsKind::Savepoint) => contents::KeyedFormat::Canonical,
        (KeyedBody::Canonical, KeyGroupsKind::Checkpoint) => contents::KeyedFormat::RocksdbFull,
        (KeyedBody::Heap, _) => contents::KeyedFormat::Heap,
    });
    match body {
        _ if !sizes => Ok(()),
        KeyedBody::Canonical => stream.canonical(builder).await,
        KeyedBody::Heap => stream.heap(builder).await,
    }
}

/// A stream whose body is to be counted.
struct Stream<'r, 's, 'a, 'o> {
    source: &'r Source<'s, 'a>,
    head: &'r StateFileHead,
    layout: KeyGroupLayout<'o>,
    length: u64,
    format: KeyedFormat,
    slot: StateSlot,
}

impl Stream<'_, '_, '_, '_> {
    async fn canonical(&self, builder: &mut StatesBuilder) -> Result<(), Trouble> {
        let (slot, head) = (self.slot, self.head);
        let mut body = CanonicalBody::new(self.layout, self.format)?;
        let push = |body: &mut CanonicalBody<'_>, bytes: &[u8]| {
            body.push(bytes, |group| {
                builder.canonical_key_group(slot, head, &group);
            })
        };
        let position = CanonicalBody::position;
        walk(self.source, self.length, &mut body, position, push).await?;
        let totals = body.finish(|group| builder.canonical_key_group(slot, head, &group))?;
        builder.canonical_end(slot, head, &totals);
        Ok(())
    }

    async fn heap(&self, builder: &mut StatesBuilder) -> Result<(), Trouble> {
        let (slot, head) = (self.slot, self.head);
        let layouts = layouts(head);
        let mut body = HeapBody::new(self.layout, self.format, &layouts)?;
        let push = |body: &mut HeapBody<'_>, bytes: &[u8]| {
            body.push(bytes, |group| builder.heap_key_group(slot, head, &group))
        };
        let position = HeapBody::position;
        walk(self.source, self.length, &mut body, position, push).await?;
        let result = body.finish(|group| builder.heap_key_group(slot, head, &group))?;
        builder.heap_end(slot, head, &result.states);
        match result.doubt {
            Some(doubt) => Err(doubt.into()),
            None => Ok(()),
        }
    }
}

/// States that could not be read are counted too: the body calls them by their numbers.
pub(super) fn number_of_states(head: &StateFileHead) -> u16 {
    let read = to_u64(head.states.len());
    let all = (head.unread_states).map(|unread| unread.saturating_add(read));
    all.and_then(|all| u16::try_from(all).ok())
        .unwrap_or(u16::MAX)
}

pub(super) fn layouts(head: &StateFileHead) -> Vec<Option<Skipper>> {
    let key = head.key_serializer.as_deref();
    let states = head.states.iter();
    states.map(|state| entry_layout(state, key)).collect()
}

/// Handles of checkpoints do not tell the two formats apart (docs/state-files.md 4.2); `None` where
/// offsets and first bytes do not either: with key group 0 alone.
pub(super) async fn body_format(
    source: &Source<'_, '_>,
    kind: KeyGroupsKind,
    layout: KeyGroupLayout<'_>,
) -> Result<Option<KeyedBody>, Trouble> {
    const NUMBER: u64 = 4;
    if kind == KeyGroupsKind::Savepoint {
        return Ok(Some(KeyedBody::Canonical));
    }
    let probe = KeyedBodyProbe::new(layout).ok_or(Trouble::UnknownFormat)?;
    let bytes = match probe {
        KeyedBodyProbe::Known(_) => [0; 4],
        KeyedBodyProbe::Read { offset, .. } => {
            let bytes = source.read(offset..offset.saturating_add(NUMBER)).await?;
            *bytes.first_chunk().ok_or(Trouble::UnknownFormat)?
        }
    };
    Ok(probe.judge(bytes))
}
