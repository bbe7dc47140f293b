use std::collections::{BTreeMap, BTreeSet};

use crate::inspect::states::Trouble;
use crate::inspect::states::keyed::Keyed;
use crate::inspect::states::source::Source;
use crate::inspect::states::walk::walk;
use statescope_analysis::snapshot::contents::StatesBuilder;
use statescope_format::model::handle::{KeyedStateHandle, OffsetStream};
use statescope_format::state_file::body::{
    ChangeCounts, ChangeSetBody, MetadataChange, count_changes,
};
use statescope_format::state_file::{
    StateMetaInfoSnapshot, TtlConfigForm, meta_info, ttl_config_form,
};
use statescope_format::{Limits, ParseError};

/// What the changes of one subtask tell: which state has which number holds across its handles.
#[derive(Default)]
struct Changes {
    counts: ChangeCounts,
    states: Names,
}

/// What the metadata records say.
#[derive(Default)]
struct Names {
    by_number: BTreeMap<i16, StateMetaInfoSnapshot>,
    ttl_config_forms: BTreeSet<TtlConfigForm>,
    /// Why a state's name and types are not known: the first reason.
    not_understood: Option<ParseError>,
}

impl Names {
    fn note(&mut self, change: MetadataChange<'_>) {
        match meta_info(change.meta_info, Limits::default()) {
            Ok((rest, state)) => {
                self.ttl_config_forms.extend(ttl_config_form(rest));
                self.by_number.insert(change.state, state);
            }
            Err(error) => {
                self.not_understood.get_or_insert(error);
            }
        }
    }
}

/// Counts the changes since the last materialization.
pub(super) async fn changes(
    keyed: Keyed<'_>,
    handles: &[KeyedStateHandle<'_>],
    builder: &mut StatesBuilder,
) {
    if !keyed.reading.options.sizes {
        builder.partial(keyed.slot);
    }
    if !keyed.reading.options.sizes && !keyed.read_head {
        return;
    }
    let mut changes = Changes::default();
    for handle in handles {
        match handle {
            KeyedStateHandle::ChangelogByteIncrement(handle) => {
                let Changes { counts, states } = &mut changes;
                let note = |change: MetadataChange<'_>| states.note(change);
                let done = count_changes(handle.changes, counts, note);
                if let Err(error) = done {
                    let trouble = Trouble::from(error);
                    let unread = super::unread(keyed.subtask, keyed.slot, None, &trouble);
                    builder.unread(unread);
                }
            }
            KeyedStateHandle::ChangelogFileIncrement(handle) => {
                for part in &handle.streams {
                    let source = keyed.source(&part.stream);
                    let done = file(&source, part, &mut changes).await;
                    keyed.note(done, &source, builder);
                }
            }
            // Flink puts nothing else there.
            _ => builder.partial(keyed.slot),
        }
    }
    if let Some(error) = changes.states.not_understood.take() {
        let trouble = Trouble::from(error);
        builder.unread(super::unread(keyed.subtask, keyed.slot, None, &trouble));
    }
    for &form in &changes.states.ttl_config_forms {
        builder.ttl_config_form(form);
    }
    for state in changes.states.by_number.values() {
        builder.meta_info(keyed.slot, state);
    }
    if keyed.reading.options.sizes {
        let names = changes.states.by_number.into_iter();
        let names = names.map(|(number, state)| (number, state.name)).collect();
        builder.changes(keyed.slot, &names, &changes.counts);
    }
}

/// The part of a changelog file that is one subtask's.
async fn file(
    source: &Source<'_, '_>,
    part: &OffsetStream<'_>,
    changes: &mut Changes,
) -> Result<(), Trouble> {
    let flag = source.read(0..1).await?;
    let compressed = ChangeSetBody::is_compressed(flag.first().copied().unwrap_or_default())?;
    let offset = u64::try_from(part.offset).unwrap_or_default();
    let mut body = ChangeSetBody::new(offset, compressed);
    let Changes { counts, states } = changes;
    let push = |body: &mut ChangeSetBody, bytes: &[u8]| {
        body.push(bytes, counts, |change| states.note(change))
    };
    // Flink reads as many groups as the content announces from the offset on: the recorded length is the
    // share of one subtask, without the first byte, or a mistake.
    let length = source.length_of_file().await?;
    walk(source, length, &mut body, ChangeSetBody::position, push).await?;
    Ok(body.finish()?)
}
