//! Will a job restore from a snapshot, as real Flink would decide it (docs/upgrade.md)?

mod backend;
mod channels;
mod claim;
#[cfg(feature = "rest")]
pub mod cluster;
pub mod compat;
pub mod diff;
pub mod drift;
mod drifted;
mod finished;
pub mod job;
mod matching;
mod migration;
mod parallelism;
mod release;
mod releases_of_job;
mod report;
mod rules;
mod sources;
mod starts_empty;
mod states;
mod topology;
mod uids;
pub mod verdict;

use crate::finding::{Finding, FindingKind, Place, RestoreFinding};
use crate::restore::job::{JobDescription, Origin};
use crate::restore::verdict::Judgement;
use crate::snapshot::summary::{OperatorSummary, SnapshotSummary};

use matching::Matching;
use releases_of_job::Releases;

pub use crate::restore::release::{FlinkRelease, InvalidRelease};
pub use report::{OperatorOutcome, Outcome, RestoreReport, StateOutcome};
pub use uids::by_uids;

/// How the job is to be started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RestoreOptions {
    /// `--allowNonRestoredState`: state without an operator is dropped.
    pub allow_non_restored_state: bool,
    /// The release that runs the job; `None` for the one that wrote the snapshot.
    pub release: Option<FlinkRelease>,
}

/// Decides whether `job` restores from `snapshot`, whose states were looked into as far as it goes.
pub fn restore(
    snapshot: &SnapshotSummary,
    job: &JobDescription,
    options: RestoreOptions,
) -> RestoreReport {
    let mut findings = Vec::new();
    let release = match options.release {
        Some(release) => Some(release),
        None => job.release().transpose().unwrap_or_else(|InvalidRelease| {
            // Descriptions that come from people are refused before.
            let release = job.flink_version.clone().unwrap_or_default();
            let kind = RestoreFinding::ReleaseUnknown { release };
            findings.push(finding(kind, Place::default()));
            None
        }),
    };
    let case = Case {
        snapshot,
        job,
        matching: Matching::of(snapshot, job),
        release,
        releases: Releases::of(release, job.flink_releases.as_ref()),
        allowed: options.allow_non_restored_state,
    };
    if let Some(release) = case.release {
        let kept = case.matching.kept().map(|(old, _)| old);
        rules::check(snapshot, release, kept, &mut findings);
    }
    matching::check(&case, &mut findings);
    parallelism::check(&case, &mut findings);
    topology::check(&case, &mut findings);
    finished::check(&case, &mut findings);
    channels::check(&case, &mut findings);
    backend::check(&case, &mut findings);
    claim::check(&case, &mut findings);
    let states = states::check(&case, &mut findings);
    sources::check(&case, &mut findings);
    starts_empty::check(&case, &mut findings);
    drifted::check(&case, &mut findings);
    migration::check(&case, &mut findings);
    report::report(&case, states, findings)
}

/// Whether a release reads a snapshot, whatever job it runs: what a release alone decides.
pub fn readable(snapshot: &SnapshotSummary, release: FlinkRelease) -> Vec<Finding> {
    let mut findings = Vec::new();
    let operators = snapshot.operators.iter();
    rules::check(snapshot, release, operators, &mut findings);
    findings
}

/// Everything that the rules look at.
struct Case<'c> {
    snapshot: &'c SnapshotSummary,
    job: &'c JobDescription,
    matching: Matching<'c>,
    /// The release that restores, where it is known.
    release: Option<FlinkRelease>,
    /// The releases that come into question.
    releases: Releases,
    allowed: bool,
}

impl Case<'_> {
    /// True if the job is the one that wrote the snapshot: its chains fit, and serializers that are
    /// still the same are the ones that wrote the state.
    fn is_own_snapshot(&self) -> bool {
        let origin = Origin::of(self.snapshot);
        origin.is_some() && origin == self.job.made_from && self.matching.is_one_to_one()
    }
}

/// The place of an operator of the snapshot.
fn place(operator: &OperatorSummary) -> Place {
    Place {
        operator_id: Some(operator.operator_id),
        uid: operator.uid.clone(),
        uid_source: operator.uid_source,
        ..Place::default()
    }
}

fn finding(kind: RestoreFinding, place: Place) -> Finding {
    Finding {
        kind: FindingKind::Restore(kind),
        place,
    }
}

/// What the findings come to.
fn judge(findings: &[Finding], allowed: bool) -> Judgement {
    let mut judgement = Judgement::new(allowed);
    for finding in findings {
        if let FindingKind::Restore(kind) = &finding.kind {
            judgement.add(kind.effect());
        }
    }
    judgement
}
