use crate::error::Error;
use crate::inspect::load::{LoadedMetadata, summarize};
use crate::inspect::look::{Look, look_inside};
use crate::inspect::progress::Progress;
use crate::inspect::states::StatesOptions;
use crate::inspect::uids::UidSources;
use crate::storage::Storage;
use statescope_analysis::finding::Finding;
use statescope_analysis::snapshot::summary::{Detail, Selection, SnapshotSummary};

/// What `show` is to tell of a snapshot.
#[derive(Clone, Debug)]
pub struct ShowRequest<'a> {
    /// The snapshot.
    pub snapshot: &'a LoadedMetadata,
    /// Whether subtasks and handles are wanted, too.
    pub detail: Detail,
    /// Where its uids are known from.
    pub uids: &'a UidSources,
    /// Which operators, and in which order.
    pub selection: Selection,
    /// How far to look into state files; `None` for not at all.
    pub states: Option<StatesOptions>,
}

/// What is in a snapshot.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Shown {
    /// The snapshot, with the operators that were selected.
    pub snapshot: SnapshotSummary,
    /// What is wrong with it, and what could not be read.
    pub findings: Vec<Finding>,
}

/// Sums up a snapshot, and tells its states where that is asked for.
///
/// # Errors
/// When the metadata cannot be parsed, uids of the request cannot be read, or no operator is the
/// one that was asked for ([`Error::NoSuchOperator`]).
pub async fn show(
    storage: &Storage,
    request: ShowRequest<'_>,
    progress: &dyn Progress,
) -> Result<Shown, Error> {
    let loaded = request.snapshot;
    let (mut snapshot, mut findings) = summarize(loaded, request.detail)?;
    let (dictionary, notes) = request.uids.name(&mut snapshot)?;
    for finding in &mut findings {
        finding.place.name_operator(&dictionary);
    }
    findings.extend(notes);
    snapshot.select(&request.selection);
    if let (Some(wanted), true) = (&request.selection.operator, snapshot.operators.is_empty()) {
        let wanted = wanted.clone();
        return Err(Error::NoSuchOperator { wanted });
    }
    if let Some(options) = request.states {
        let look = Look::As(options);
        findings.extend(look_inside(storage, loaded, &mut snapshot, look, progress).await?);
    }
    Ok(Shown { snapshot, findings })
}
