use crate::error::Error;
use crate::inspect::load::{LoadedMetadata, summarize_noting};
use crate::inspect::look::{Look, look_inside};
use crate::inspect::progress::Progress;
use crate::inspect::states::StatesOptions;
use crate::inspect::uids::UidSources;
use crate::storage::Storage;
use statescope_analysis::finding::{Finding, Severity};
use statescope_analysis::restore::diff::{self, Diff, Fields, Formats, Side};
use statescope_analysis::restore::job::JobDescription;
use statescope_analysis::restore::{FlinkRelease, RestoreOptions, restore};
use statescope_analysis::snapshot::summary::{Detail, SnapshotSummary};
use statescope_analysis::snapshot::uid::Dictionary;

/// Which snapshots to compare, and how.
#[derive(Clone, Debug)]
pub struct DiffRequest<'a> {
    /// The old snapshot.
    pub old: &'a LoadedMetadata,
    /// The new one.
    pub new: &'a LoadedMetadata,
    /// Whether sizes are compared.
    pub fields: Fields,
    /// Whether to look into the files for names and types of states. Without, there is no verdict.
    pub states: bool,
    /// Where uids of both are known from.
    pub uids: &'a UidSources,
    /// The release that restores the old one; `None` for as far as the new one tells.
    pub release: Option<FlinkRelease>,
}

impl<'a> DiffRequest<'a> {
    /// Looks at operators and states, and not at sizes.
    pub fn new(old: &'a LoadedMetadata, new: &'a LoadedMetadata, uids: &'a UidSources) -> Self {
        Self {
            old,
            new,
            fields: Fields::default(),
            states: true,
            uids,
            release: None,
        }
    }
}

/// What changed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Compared {
    /// The differences, and whether the job of the new snapshot restores the old one.
    pub diff: Diff,
    /// What is wrong with either, and what could not be read.
    pub warnings: Vec<Finding>,
    /// Whether all states that were looked for could be read.
    pub all_read: bool,
}

/// One of the two.
struct Loaded<'a> {
    metadata: &'a LoadedMetadata,
    snapshot: SnapshotSummary,
    formats: Formats,
    findings: Vec<Finding>,
}

/// Compares two snapshots.
///
/// # Errors
/// When the metadata of either cannot be parsed, or uids of the request cannot be read.
pub async fn diff(
    storage: &Storage,
    request: DiffRequest<'_>,
    progress: &dyn Progress,
) -> Result<Compared, Error> {
    let mut old = Loaded::new(request.old)?;
    let mut new = Loaded::new(request.new)?;
    let mut warnings = name(request.uids, &mut old.snapshot, &mut new.snapshot)?;
    let mut all_read = true;
    if request.states {
        let look = match request.fields {
            Fields::WithSizes => Look::As(StatesOptions::default()),
            // Whether there are any timers at all is worth a look where it costs little.
            Fields::WithoutSizes => Look::WhereCheap,
        };
        for side in [&mut old, &mut new] {
            let snapshot = &mut side.snapshot;
            let unread = look_inside(storage, side.metadata, snapshot, look, progress).await?;
            all_read &= unread.is_empty();
            warnings.extend(unread);
        }
    }
    for side in [&mut old, &mut new] {
        let findings = side.findings.drain(..);
        warnings.extend(findings.filter(|f| f.kind.severity() >= Severity::Warning));
    }
    let mut diff = diff::diff(old.side(), new.side(), request.fields);
    if request.states {
        let job = JobDescription::from_snapshot(&new.snapshot).of_a_test();
        let options = RestoreOptions {
            release: request.release,
            ..RestoreOptions::default()
        };
        diff.set_restore(restore(&old.snapshot, &job, options));
    }
    Ok(Compared {
        diff,
        warnings,
        all_read,
    })
}

/// What one side knows of uids, the other knows too.
fn name(
    uids: &UidSources,
    old: &mut SnapshotSummary,
    new: &mut SnapshotSummary,
) -> Result<Vec<Finding>, Error> {
    let operators = old.operators.iter().chain(&new.operators);
    let mut dictionary = Dictionary::of(operators.clone().map(|o| o.operator_id));
    for operator in operators {
        if let (Some(uid), Some(source)) = (&operator.uid, operator.uid_source) {
            dictionary.offer(uid, source);
        }
    }
    let notes = uids.fill(&mut dictionary)?;
    for side in [old, new] {
        side.name_operators(&dictionary);
        side.recognise_generated_ids();
    }
    Ok(notes)
}

impl<'a> Loaded<'a> {
    fn new(metadata: &'a LoadedMetadata) -> Result<Self, Error> {
        let mut formats = Formats::default();
        let (snapshot, findings) =
            summarize_noting(metadata, Detail::Operators, &mut |operator| {
                formats.note(operator);
            })?;
        Ok(Self {
            metadata,
            snapshot,
            formats,
            findings,
        })
    }

    fn side(&self) -> Side<'_> {
        Side {
            snapshot: &self.snapshot,
            formats: &self.formats,
        }
    }
}
