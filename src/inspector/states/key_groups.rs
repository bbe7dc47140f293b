use crate::checkpoint::StateSlot;
use crate::inspector::states::Trouble;
use crate::inspector::states::head::head;
use crate::inspector::states::keyed::Keyed;
use crate::inspector::states::source::Source;
use crate::inspector::states::walk::{Walker, walk};
use crate::parse::ParseError;
use crate::state::{KeyGroupsKind, KeyGroupsStateHandle};
use crate::state_file::body::{CanonicalBody, HeapBody, KeyGroupLayout, KeyedFormat, Skipper};
use crate::state_file::serializer::entry_layout;
use crate::state_file::{StateFileHead, keyed_head};
use crate::states::StatesBuilder;

/// A stream cut up by key group: canonical, or of the heap backend.
pub(super) async fn key_groups(
    keyed: Keyed<'_>,
    source: &Source<'_, '_>,
    handle: &KeyGroupsStateHandle<'_>,
    builder: &mut StatesBuilder,
) -> Result<(), Trouble> {
    let sizes = keyed.reading.options.sizes;
    if !sizes && !keyed.read_head {
        return Ok(());
    }
    let head = head(source, keyed_head).await?;
    builder.head(keyed.slot, &head);
    if !sizes {
        return Ok(());
    }
    let length = source.length().await?;
    let layout = KeyGroupLayout {
        key_groups: handle.key_groups,
        offsets: handle.offsets,
        length: Some(length),
    };
    let format = KeyedFormat {
        states: u16::try_from(
            head.states.len() + usize::try_from(head.unread_states).unwrap_or(usize::MAX),
        )
        .unwrap_or(u16::MAX),
        compressed: head.compressed,
        max_parallelism: keyed.max_parallelism,
    };
    let slot = keyed.slot;
    if is_canonical(source, handle, length).await? {
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
    }
    Ok(())
}

fn layouts(head: &StateFileHead) -> Vec<Option<Skipper>> {
    let key = head.key_serializer.as_ref();
    let states = head.states.iter();
    states.map(|state| entry_layout(state, key)).collect()
}

/// Up to Flink 1.14 handles do not tell the two formats apart (docs/state-files.md 4.4): only a
/// canonical stream has key groups without data, and only the heap's begin with their number.
async fn is_canonical(
    source: &Source<'_, '_>,
    handle: &KeyGroupsStateHandle<'_>,
    length: u64,
) -> Result<bool, Trouble> {
    const WITHOUT_DATA: i64 = 0;
    const NUMBER: u64 = 4;
    if handle.kind == KeyGroupsKind::Savepoint
        || handle.offsets.iter().any(|offset| offset == WITHOUT_DATA)
    {
        return Ok(true);
    }
    // The first bytes of key group 0 look the same in both.
    let groups = (handle.key_groups.first()..).zip(handle.offsets.iter());
    let Some((group, offset)) = groups.last() else {
        return Ok(true);
    };
    let start = u64::try_from(offset).unwrap_or(u64::MAX);
    let end = start.saturating_add(NUMBER);
    if end > length {
        return Ok(true);
    }
    let number = source.read(start..end).await?;
    Ok(*number != group.to_be_bytes())
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
