use crate::checkpoint::StateSlot;
use crate::inspector::states::Trouble;
use crate::inspector::states::head::head;
use crate::inspector::states::keyed::Keyed;
use crate::inspector::states::source::Source;
use crate::inspector::states::walk::{Walker, walk};
use crate::parse::{ParseError, to_u64};
use crate::state::{KeyGroupsKind, KeyGroupsStateHandle};
use crate::state_file::body::{
    CanonicalBody, HeapBody, KeyGroupLayout, KeyedBody, KeyedBodyProbe, KeyedFormat, Skipper,
};
use crate::state_file::serializer::entry_layout;
use crate::state_file::{StateFileHead, keyed_head};
use crate::states::{self, StatesBuilder};

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
    let body = body_format(source, handle.kind, layout).await?;
    builder.keyed_format(match (body, handle.kind) {
        (KeyedBody::Canonical, KeyGroupsKind::Savepoint) => states::KeyedFormat::Canonical,
        (KeyedBody::Canonical, KeyGroupsKind::Checkpoint) => states::KeyedFormat::RocksdbFull,
        (KeyedBody::Heap, _) => states::KeyedFormat::Heap,
    });
    if !sizes {
        return Ok(());
    }
    let format = KeyedFormat {
        states: number_of_states(&head),
        compressed: head.compressed,
        max_parallelism: keyed.max_parallelism,
    };
    let slot = keyed.slot;
    if body == KeyedBody::Canonical {
        let mut walker = Canonical {
            body: CanonicalBody::new(layout, format)?,
            slot,
            head: &head,
            builder,
        };
        walk(source, length, &mut walker).await?;
        let Canonical { body, builder, .. } = walker;
        let totals = body.finish(|group| builder.canonical_key_group(slot, &head, &group))?;
        builder.canonical_end(slot, &head, &totals);
    } else {
        let layouts = layouts(&head);
        let mut walker = Heap {
            body: HeapBody::new(layout, format, &layouts)?,
            slot,
            head: &head,
            builder,
        };
        walk(source, length, &mut walker).await?;
        let Heap { body, builder, .. } = walker;
        let result = body.finish(|group| builder.heap_key_group(slot, &head, &group))?;
        builder.heap_end(slot, &head, &result.states);
        if let Some(doubt) = result.doubt {
            return Err(doubt.into());
        }
    }
    Ok(())
}

/// States that could not be read are counted too: the body calls them by their numbers.
fn number_of_states(head: &StateFileHead) -> u16 {
    let read = to_u64(head.states.len());
    let all = (head.unread_states).map(|unread| unread.saturating_add(read));
    all.and_then(|all| u16::try_from(all).ok())
        .unwrap_or(u16::MAX)
}

fn layouts(head: &StateFileHead) -> Vec<Option<Skipper>> {
    let key = head.key_serializer.as_ref();
    let states = head.states.iter();
    states.map(|state| entry_layout(state, key)).collect()
}

/// Handles of checkpoints do not tell the two formats apart (docs/state-files.md 4.2).
async fn body_format(
    source: &Source<'_, '_>,
    kind: KeyGroupsKind,
    layout: KeyGroupLayout<'_>,
) -> Result<KeyedBody, Trouble> {
    const NUMBER: u64 = 4;
    if kind == KeyGroupsKind::Savepoint {
        return Ok(KeyedBody::Canonical);
    }
    let probe = KeyedBodyProbe::new(layout).ok_or(Trouble::UnknownFormat)?;
    let bytes = match probe {
        KeyedBodyProbe::Known(_) => [0; 4],
        KeyedBodyProbe::Read { offset, .. } => {
            let bytes = source.read(offset..offset.saturating_add(NUMBER)).await?;
            *bytes.first_chunk().ok_or(Trouble::UnknownFormat)?
        }
    };
    probe.judge(bytes).ok_or(Trouble::UnknownFormat)
}

struct Canonical<'b, 'h, 'o> {
    body: CanonicalBody<'o>,
    slot: StateSlot,
    head: &'h StateFileHead,
    builder: &'b mut StatesBuilder,
}

impl Walker for Canonical<'_, '_, '_> {
    fn position(&self) -> Option<u64> {
        self.body.position()
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), ParseError> {
        let Self {
            slot,
            head,
            builder,
            ..
        } = self;
        self.body.push(bytes, |group| {
            builder.canonical_key_group(*slot, head, &group);
        })
    }
}

struct Heap<'b, 'h, 'o> {
    body: HeapBody<'o>,
    slot: StateSlot,
    head: &'h StateFileHead,
    builder: &'b mut StatesBuilder,
}

impl Walker for Heap<'_, '_, '_> {
    fn position(&self) -> Option<u64> {
        self.body.position()
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), ParseError> {
        let Self {
            slot,
            head,
            builder,
            ..
        } = self;
        self.body
            .push(bytes, |group| builder.heap_key_group(*slot, head, &group))
    }
}
