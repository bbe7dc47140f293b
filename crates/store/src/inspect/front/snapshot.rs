use crate::error::Error;
use crate::inspect::check::{CheckRequest, Checked, check};
use crate::inspect::load::LoadedMetadata;
use crate::inspect::new_job::{NewJob, NewJobSources, new_job};
use crate::inspect::open;
use crate::inspect::pointer::JobChoice;
use crate::inspect::progress::NoProgress;
use crate::inspect::show::{ShowRequest, Shown, show};
use crate::inspect::states::StatesOptions;
use crate::inspect::uids::UidSources;
use crate::inspect::verify::verify;
use crate::storage::Storage;
use statescope_analysis::finding::Finding;
use statescope_analysis::health::files::FileCheck;
use statescope_analysis::restore::job::JobDescription;
use statescope_analysis::snapshot::summary::{Detail, OperatorSummary, Selection, SnapshotSummary};
use statescope_format::location::Location;

/// A snapshot whose metadata was read. Its files are looked at when a method asks for that.
#[derive(Clone, Debug)]
pub struct Snapshot {
    storage: Storage,
    metadata: LoadedMetadata,
    summary: SnapshotSummary,
    findings: Vec<Finding>,
    uids: UidSources,
}

impl Snapshot {
    pub(super) async fn open(storage: Storage, place: &str) -> Result<Self, Error> {
        let opened = open::open(&storage, place, &JobChoice::default()).await?;
        let uids = UidSources::default();
        let shown = look(&storage, &opened.metadata, &uids, None).await?;
        let mut findings = opened.notes;
        findings.extend(shown.findings);
        Ok(Self {
            storage,
            metadata: opened.metadata,
            summary: shown.snapshot,
            findings,
            uids,
        })
    }

    /// The metadata file.
    pub fn location(&self) -> &Location {
        self.metadata.location()
    }

    /// The metadata as it was read: its bytes, and the parsed model.
    pub fn metadata(&self) -> &LoadedMetadata {
        &self.metadata
    }

    /// The stores, for use cases that this type has no method for.
    pub fn storage(&self) -> &Storage {
        &self.storage
    }

    /// What the metadata says, with Flink's own sizes.
    pub fn summary(&self) -> &SnapshotSummary {
        &self.summary
    }

    /// The operators, most state first; those of unknown size before all.
    pub fn operators(&self) -> &[OperatorSummary] {
        &self.summary.operators
    }

    /// What is wrong with the metadata, and what to keep in mind with the choice of the snapshot: that
    /// the newest was taken among snapshots of several jobs.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The operators with their states: names, types, sizes and entries. Reads the heads of state
    /// files, and all of those where only counting tells sizes. What could not be read is among the
    /// findings of the result.
    ///
    /// # Errors
    /// When the metadata cannot be parsed.
    pub async fn states(&self) -> Result<Shown, Error> {
        let options = Some(StatesOptions::default());
        look(&self.storage, &self.metadata, &self.uids, options).await
    }

    /// Looks for every file that the snapshot needs. What is wrong with single files is a finding.
    ///
    /// # Errors
    /// [`Error::Subsumed`] when the snapshot went away meanwhile.
    pub async fn files(&self) -> Result<(FileCheck, Vec<Finding>), Error> {
        verify(&self.storage, &self.metadata, &NoProgress).await
    }

    /// Can it be restored by the job that made it: is it sane, and are its files there and readable.
    ///
    /// # Errors
    /// [`Error::Subsumed`] when the snapshot went away meanwhile.
    pub async fn check(&self) -> Result<Checked, Error> {
        self.check_of(None).await
    }

    /// Can it be restored by the job of that description. What the description leaves open of the job's
    /// settings is taken from Flink's configuration, where the storage has one.
    ///
    /// # Errors
    /// [`Error::Job`] for a description that no job can have; otherwise as [`check`](Self::check).
    pub async fn check_against(&self, job: &JobDescription) -> Result<Checked, Error> {
        job.check()?;
        let sources = NewJobSources {
            description: Some(job.clone()),
            ..NewJobSources::default()
        };
        let job = new_job(&self.storage, sources, &NoProgress).await?;
        self.check_of(job.as_ref()).await
    }

    async fn check_of(&self, new_job: Option<&NewJob>) -> Result<Checked, Error> {
        let mut request = CheckRequest::new(&self.metadata, &self.uids);
        request.new_job = new_job;
        check(&self.storage, request, &NoProgress).await
    }
}

async fn look(
    storage: &Storage,
    metadata: &LoadedMetadata,
    uids: &UidSources,
    states: Option<StatesOptions>,
) -> Result<Shown, Error> {
    let request = ShowRequest {
        snapshot: metadata,
        detail: Detail::Operators,
        uids,
        selection: Selection::default(),
        states,
    };
    show(storage, request, &NoProgress).await
}
