use crate::inspect::states::head::head;
use crate::inspect::states::source::Source;
use crate::inspect::states::{Reading, Trouble};
use statescope_analysis::snapshot::contents::{StateRole, StatesBuilder};
use statescope_format::model::checkpoint::StateSlot;
use statescope_format::model::handle::{DistributionMode, OperatorStateHandle, StateMetaInfo};
use statescope_format::state_file::body::{
    OperatorStateCounts, broadcast_entries, operator_states,
};
use statescope_format::state_file::{
    COMMITTABLES_HEAD, CommittablesForm, StateFileHead, committables_form, operator_head,
};

/// The number of entries of a broadcast state is in its first bytes, or in its first compressed
/// chunk.
const NUMBER: u64 = 4;
const CHUNK: u64 = 76_490;

impl Reading<'_> {
    /// Operator state: its places are in the handle, its types in the head of the stream.
    pub(super) async fn operator(
        self,
        slot: StateSlot,
        handle: &OperatorStateHandle<'_>,
        read_head: bool,
        builder: &mut StatesBuilder,
    ) -> Result<(), Trouble> {
        let source = Source::new(self.storage, self.base, &handle.stream);
        let length = match handle.stream.state_size().bytes() {
            Some(0) if !handle.states.is_empty() => Some(source.length().await?),
            recorded => recorded,
        };
        let counts = operator_states(&handle.states, 0, length)?;
        builder.operator_states(slot, &handle.states, &counts);
        // Raw state has no head, and without states there is none to tell.
        if slot != StateSlot::ManagedOperator || handle.states.is_empty() {
            return Ok(());
        }
        let has_broadcast = self.options.sizes
            && (handle.states.iter()).any(|state| state.mode == DistributionMode::Broadcast);
        if !read_head && !has_broadcast {
            return Ok(());
        }
        // The handle knows all the names: a head that has them is read to its end.
        let has_all = |head: &StateFileHead| {
            let has = |name: String| {
                let mut states = head.states.iter();
                states.any(|state| state.name == name && state.unread_serializers == 0)
            };
            (handle.states.iter()).all(|state| has(state.name.to_string()))
        };
        let head = head(&source, operator_head, has_all).await?;
        if read_head {
            builder.head(slot, &head);
        }
        if read_head {
            committables(&source, &handle.states, &counts, head.compressed, builder).await?;
        }
        let unread = (read_head && !has_all(&head)).then_some(Trouble::UnknownSerializer);
        for (state, counts) in handle.states.iter().zip(&counts) {
            if self.options.sizes && state.mode == DistributionMode::Broadcast {
                let entries = entries(&source, counts, head.compressed).await?;
                if let Some(entries) = entries {
                    builder.broadcast_entries(slot, &state.name.to_string(), entries);
                }
            }
        }
        unread.map_or(Ok(()), Err)
    }
}

/// What a sink has still to commit: the start of its first element tells the form.
async fn committables(
    source: &Source<'_, '_>,
    states: &[StateMetaInfo<'_>],
    counts: &[OperatorStateCounts],
    compressed: bool,
    builder: &mut StatesBuilder,
) -> Result<(), Trouble> {
    let is_committer = |state: &StateMetaInfo<'_>| {
        StateRole::of(&state.name.to_string()) == Some(StateRole::SinkCommittables)
    };
    let all = states.iter().zip(counts);
    let Some(start) = all
        .filter(|(state, _)| is_committer(state))
        .find_map(|(_, counts)| counts.start)
    else {
        return Ok(());
    };
    if compressed {
        builder.committables_form(CommittablesForm::Compressed);
        return Ok(());
    }
    let length = source.length().await?;
    let end = start.saturating_add(COMMITTABLES_HEAD).min(length);
    let head = source.read(start..end.max(start)).await?;
    if let Some(form) = committables_form(&head) {
        builder.committables_form(form);
    }
    Ok(())
}

async fn entries(
    source: &Source<'_, '_>,
    counts: &OperatorStateCounts,
    compressed: bool,
) -> Result<Option<u64>, Trouble> {
    let Some(start) = counts.start else {
        return Ok(None);
    };
    let end = match counts.end {
        Some(end) => end,
        None => source.length().await?,
    };
    let needed = if compressed { CHUNK } else { NUMBER };
    let block = source
        .read(start..end.min(start.saturating_add(needed)))
        .await?;
    Ok(Some(broadcast_entries(&block, start, compressed)?))
}
