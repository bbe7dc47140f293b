//! Which checkpoints of one directory are of one job.
//!
//! Mostly all of them are. But two jobs may write to one directory, with one count of checkpoints:
//! a fixed job id in application mode, a copy of a deployment, checkpoints that somebody put there.
//! Then the newest checkpoint of the directory is the newest of one of them only.

use std::collections::{BTreeMap, BTreeSet};

use crate::retention::Kind;
use crate::retention::fingerprint::{Fingerprint, Fingerprints};
use crate::retention::survey::Record;
use statescope_format::layout::{DirectoryKind, directory_kind, is_job_id};
use statescope_format::model::checkpoint::OperatorState;
use statescope_format::model::handle::KeyedStateHandle;

/// Whose snapshot it is, as far as its metadata tells.
///
/// Two are of one job if they share an operator, and if neither the directories that their files are
/// in nor the kinds of their backends say otherwise. When in doubt they are of two: then of each the
/// newest stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Kinship {
    operators: Sketch<64>,
    homes: Sketch<16>,
    backends: u8,
}

/// The smallest few of a set of fingerprints: two sets that have much in common share some of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Sketch<const MOST: usize>(BTreeSet<Fingerprint>);

const KEY_GROUPS: u8 = 1;
const INCREMENTAL: u8 = 2;

impl Kinship {
    /// Adds an operator.
    pub(super) fn operator(&mut self, operator: &OperatorState<'_>, prints: &Fingerprints) {
        self.operators.add(prints.content(operator.id.as_bytes()));
        for subtask in &operator.subtasks {
            let keyed = subtask
                .state()
                .and_then(|state| state.managed_keyed.as_deref());
            self.backends |= keyed.map_or(0, backend);
        }
    }

    /// Adds a file that is named by an absolute path.
    pub(super) fn file(&mut self, path: &str, prints: &Fingerprints) {
        self.homes.add(prints.directory(home(path)));
    }

    /// Whether two snapshots have an operator in common.
    pub(super) fn shares_operators(&self, other: &Self) -> bool {
        self.operators.meets(&other.operators)
    }

    fn is_kin(&self, other: &Self) -> bool {
        let Self {
            operators,
            homes,
            backends,
        } = self;
        let same_operators = operators.is_empty() && other.operators.is_empty();
        (same_operators || operators.meets(&other.operators))
            && (homes.is_empty() || other.homes.is_empty() || homes.meets(&other.homes))
            && (*backends == 0 || other.backends == 0 || backends & other.backends != 0)
    }

    /// Whether it says all that may tell jobs apart.
    fn is_definite(&self) -> bool {
        !self.homes.is_empty()
    }

    fn join(&mut self, other: &Self) {
        self.operators.join(&other.operators);
        self.homes.join(&other.homes);
        self.backends |= other.backends;
    }
}

impl<const MOST: usize> Sketch<MOST> {
    fn add(&mut self, print: Fingerprint) {
        let is_small = self.0.last().is_none_or(|largest| print < *largest);
        if self.0.len() < MOST || is_small {
            self.0.insert(print);
        }
        if self.0.len() > MOST {
            self.0.pop_last();
        }
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn meets(&self, other: &Self) -> bool {
        !self.0.is_disjoint(&other.0)
    }

    /// Grows with the snapshots of a directory; what is in a part of it must be found in the whole.
    fn join(&mut self, other: &Self) {
        self.0.extend(&other.0);
    }
}

/// Which backend keyed state is of. Under a changelog it is that of the materialized part.
fn backend(keyed: &KeyedStateHandle<'_>) -> u8 {
    match keyed {
        KeyedStateHandle::KeyGroups(_) => KEY_GROUPS,
        KeyedStateHandle::Incremental(_) => INCREMENTAL,
        KeyedStateHandle::Changelog(changelog) => {
            let materialized = changelog.materialized.iter();
            materialized.map(backend).fold(0, |all, this| all | this)
        }
        KeyedStateHandle::ChangelogByteIncrement(_)
        | KeyedStateHandle::ChangelogFileIncrement(_) => 0,
    }
}

/// The job whose directory a file is in: its id, or else the directory.
fn home(path: &str) -> &str {
    let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
    let mut above = directory;
    while let Some((parent, name)) = above.rsplit_once('/') {
        if is_job_id(name) {
            return name;
        }
        let in_job = matches!(
            directory_kind(name),
            DirectoryKind::Checkpoint(_) | DirectoryKind::Shared | DirectoryKind::TaskOwned
        );
        if in_job {
            // Entropy may be above a job's id, so the id alone counts.
            let id = parent.rsplit('/').next().unwrap_or_default();
            return if is_job_id(id) { id } else { parent };
        }
        above = parent;
    }
    directory
}

/// Gives the checkpoints of each directory the number of their job: 0 where there is but one.
pub(super) fn tell_jobs_apart(records: &mut [Record]) {
    let mut directories: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, record) in records.iter().enumerate() {
        if record.snapshot.kind == Kind::Checkpoint && record.kinship.is_some() {
            let directory = record.snapshot.directory.parent().to_string();
            directories.entry(directory).or_default().push(at);
        }
    }
    for members in directories.into_values() {
        for (lineage, of_job) in jobs(records, members).into_iter().enumerate() {
            for at in of_job {
                if let Some(record) = records.get_mut(at) {
                    record.snapshot.lineage = u32::try_from(lineage).unwrap_or(u32::MAX);
                }
            }
        }
    }
}

/// The checkpoints of one directory, job by job.
fn jobs(records: &[Record], mut members: Vec<usize>) -> Vec<Vec<usize>> {
    let kinship = |at: usize| records.get(at).and_then(|record| record.kinship.as_ref());
    // Those that say more come first: the others are told by them.
    members.sort_by_key(|&at| {
        let definite = kinship(at).is_some_and(Kinship::is_definite);
        let number = records.get(at).and_then(|record| record.snapshot.number);
        (!definite, number, at)
    });
    let mut jobs: Vec<(Kinship, Vec<usize>)> = Vec::new();
    for at in members {
        let Some(kin) = kinship(at) else { continue };
        let of: Vec<usize> = (0..jobs.len())
            .filter(|&job| jobs.get(job).is_some_and(|(known, _)| known.is_kin(kin)))
            .collect();
        // One that could be of either of two jobs, and does not join them, is by itself.
        if of.is_empty() || (of.len() > 1 && !kin.is_definite()) {
            jobs.push((kin.clone(), vec![at]));
            continue;
        }
        let mut joined = (kin.clone(), vec![at]);
        for job in of.into_iter().rev() {
            let (known, members) = jobs.swap_remove(job);
            joined.0.join(&known);
            joined.1.extend(members);
        }
        jobs.push(joined);
    }
    jobs.sort_by_key(|(_, members)| members.iter().min().copied());
    jobs.into_iter().map(|(_, members)| members).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_of_a_file_is_its_job() {
        let job = "0040568ceebf0040568ceebf0040568c";
        for (path, expected) in [
            (format!("s3://b/4f2a/{job}/chk-7/x"), job),
            (format!("s3://b/{job}/shared/job_{job}_op_x/y"), job),
            ("s3://b/c/chk-7/x".to_owned(), "s3://b/c"),
            ("s3://b/c/shared/op_x/db/x".to_owned(), "s3://b/c"),
            ("s3://b/savepoint-1/x".to_owned(), "s3://b/savepoint-1"),
            ("x".to_owned(), ""),
        ] {
            assert_eq!(home(&path), expected, "{path}");
        }
    }

    #[test]
    fn a_sketch_keeps_the_smallest() {
        let mut sketch = Sketch::<2>::default();
        for print in [9, 3, 7, 1] {
            sketch.add(print);
        }
        assert_eq!(sketch, Sketch(BTreeSet::from([1, 3])));
    }
}
