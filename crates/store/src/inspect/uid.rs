use crate::error::Error;
use crate::inspect::load::{LoadedMetadata, summarize};
use crate::inspect::uids::UidSources;
use statescope_analysis::finding::Finding;
use statescope_analysis::snapshot::summary::{Detail, OperatorOrder, Selection};
use statescope_analysis::snapshot::uid::{Dictionary, UidEntry};

/// The operators of a snapshot with what is known of their uids: known uids in their order, then the
/// other operators by id, so that the list changes little. Also returns what to keep in mind.
///
/// # Errors
/// When the metadata cannot be parsed, or the sources cannot be read.
pub fn uids_of(
    loaded: &LoadedMetadata,
    sources: &UidSources,
) -> Result<(Vec<UidEntry>, Vec<Finding>), Error> {
    let (mut snapshot, _) = summarize(loaded, Detail::Operators)?;
    let (_, notes) = sources.name(&mut snapshot)?;
    snapshot.select(&Selection {
        order: OperatorOrder::Name,
        ..Selection::default()
    });
    let operators = snapshot.operators.into_iter().map(|operator| UidEntry {
        uid: operator.uid,
        operator_id: operator.operator_id,
        uid_source: operator.uid_source,
        auto_generated_id: operator.auto_generated_id,
        name: operator.name,
    });
    Ok((operators.collect(), notes))
}

/// Every uid that the sources hold. Also returns what to keep in mind.
///
/// # Errors
/// When the sources cannot be read.
pub fn uids_in(sources: &UidSources) -> Result<(Vec<UidEntry>, Vec<Finding>), Error> {
    let mut dictionary = Dictionary::all();
    let notes = sources.fill(&mut dictionary)?;
    let entries = dictionary.entries().into_iter();
    let uids = entries.map(|(_, known)| UidEntry {
        uid_source: Some(known.source),
        ..UidEntry::of(&known.uid)
    });
    Ok((uids.collect(), notes))
}
