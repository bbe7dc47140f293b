use std::time::SystemTime;

use futures_util::future::try_join_all;

use crate::error::Error;
use crate::inspect::discover::{Candidate, Unreadable, discover};
use crate::inspect::job_name;
use crate::inspect::list::{SnapshotEntry, SnapshotStatus, read_entry};
use crate::storage::{Storage, StorageError};
use statescope_analysis::finding::{BaseFinding, Finding, FindingKind, Place};
use statescope_format::layout::{DirectoryKind, checkpoint_number};
use statescope_format::location::Location;
use statescope_format::reader::to_u64;

/// What a user may write in place of a snapshot's location: `BASE@latest`, `BASE@latest~2`,
/// `BASE@chk-42`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pointer {
    /// Where to look.
    pub base: Location,
    /// For what.
    pub kind: PointerKind,
}

/// Which snapshot below the base is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointerKind {
    /// The newest that is complete and can be read, or the one so many before it.
    Latest(usize),
    /// The checkpoint of that number.
    Checkpoint(u64),
}

/// Which job's snapshots count, where a base holds those of several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JobChoice {
    /// Only those of this job.
    pub job_id: Option<String>,
    /// Snapshots of several jobs are an error.
    pub one_job: bool,
}

/// The snapshot that a pointer means.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resolved {
    /// Its directory.
    pub location: Location,
    /// What to keep in mind: the newest was taken among snapshots of several jobs.
    pub notes: Vec<Finding>,
}

impl Pointer {
    /// The pointer that `text` is; `None` for a plain location.
    ///
    /// ```
    /// use statescope_store::inspect::{Pointer, PointerKind};
    ///
    /// let pointer = Pointer::parse("s3://bucket/checkpoints@latest~1").expect("a pointer");
    /// assert_eq!(pointer.kind, PointerKind::Latest(1));
    /// assert_eq!(Pointer::parse("s3://user@bucket/checkpoints"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        let (base, name) = text.rsplit_once('@')?;
        let kind = match name.strip_prefix("latest") {
            Some("") => PointerKind::Latest(0),
            Some(before) => PointerKind::Latest(before.strip_prefix('~')?.parse().ok()?),
            None => PointerKind::Checkpoint(checkpoint_number(name.strip_prefix("chk-")?)?),
        };
        Some(Self {
            base: Location::new(base),
            kind,
        })
    }

    /// The directory of the snapshot that is meant, whatever jobs there are.
    ///
    /// # Errors
    /// As [`resolve_of`](Self::resolve_of).
    pub async fn resolve(&self, storage: &Storage) -> Result<Location, Error> {
        let resolved = self.resolve_of(storage, &JobChoice::default()).await?;
        Ok(resolved.location)
    }

    /// The snapshot that is meant, of the job that is meant.
    ///
    /// # Errors
    /// When there is none, when several jobs have a checkpoint of that number, when there are
    /// several jobs and only one is allowed, or when a part of the base cannot be listed or read:
    /// the newest might be in it.
    pub async fn resolve_of(
        &self,
        storage: &Storage,
        choice: &JobChoice,
    ) -> Result<Resolved, Error> {
        let mut found = discover(storage, &self.base).await?;
        if let Some(Unreadable { location, reason }) = found.unreadable.into_iter().next() {
            return Err(Error::PartlyUnreadable { location, reason });
        }
        if let Some(job) = &choice.job_id {
            let wanted = |candidate: &Candidate| job_name::is_of(&candidate.directory, job);
            found.candidates.retain(wanted);
        }
        match self.kind {
            PointerKind::Checkpoint(id) => {
                let location = self.checkpoint(found.candidates, id, choice)?;
                let notes = Vec::new();
                Ok(Resolved { location, notes })
            }
            PointerKind::Latest(before) => {
                self.latest(storage, found.candidates, before, choice).await
            }
        }
    }

    fn checkpoint(
        &self,
        candidates: Vec<Candidate>,
        id: u64,
        choice: &JobChoice,
    ) -> Result<Location, Error> {
        let wanted = |candidate: &Candidate| candidate.kind == DirectoryKind::Checkpoint(id);
        let mut matches = candidates.into_iter().filter(wanted).map(|c| c.directory);
        match (matches.next(), matches.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(self.nothing(choice)),
            (Some(one), Some(other)) => Err(Error::Ambiguous {
                base: self.base.clone(),
                wanted: format!("chk-{id}"),
                one,
                other,
            }),
        }
    }

    /// Reads no more metadata than it must: the checkpoints of one directory are as old as their
    /// numbers say.
    async fn latest(
        &self,
        storage: &Storage,
        candidates: Vec<Candidate>,
        before: usize,
        choice: &JobChoice,
    ) -> Result<Resolved, Error> {
        let mut groups: Vec<Vec<Candidate>> = Vec::new();
        let (mut numbered, others): (Vec<_>, Vec<_>) = candidates
            .into_iter()
            .partition(|c| matches!(c.kind, DirectoryKind::Checkpoint(_)));
        numbered.sort_by_key(|c| std::cmp::Reverse((c.directory.parent().to_string(), number(c))));
        for candidate in numbered {
            match groups.last_mut() {
                Some(group) if same_parent(group, &candidate) => group.push(candidate),
                _ => groups.push(vec![candidate]),
            }
        }
        groups.extend(others.into_iter().map(|candidate| vec![candidate]));

        let newest = groups
            .iter()
            .map(|group| newest(storage, group, before.saturating_add(1)));
        let newest = try_join_all(newest).await?;
        let mut entries: Vec<_> = newest.into_iter().flat_map(in_order_of_numbers).collect();
        entries.sort_by_key(|(time, entry)| std::cmp::Reverse((*time, entry.checkpoint_id)));
        let locations = entries.iter().map(|(_, entry)| &entry.location);
        let jobs = job_name::newest_by_job(locations);
        let mut others = jobs.iter();
        if let (true, Some((_, one)), Some((_, other))) =
            (choice.one_job, others.next(), others.next())
        {
            return Err(Error::Ambiguous {
                base: self.base.clone(),
                wanted: "the newest snapshot of a job".to_owned(),
                one: one.clone(),
                other: other.clone(),
            });
        }
        match entries.into_iter().nth(before) {
            Some((_, entry)) => Ok(Resolved {
                notes: self.several_jobs(jobs.len(), &entry.location),
                location: entry.location,
            }),
            None => Err(self.nothing(choice)),
        }
    }

    fn several_jobs(&self, jobs: usize, taken: &Location) -> Vec<Finding> {
        if jobs < 2 {
            return Vec::new();
        }
        let kind = FindingKind::Base(BaseFinding::SeveralJobs {
            jobs: to_u64(jobs),
            taken: job_name::of(taken),
        });
        let place = Place {
            path: Some(self.base.to_string()),
            ..Place::default()
        };
        vec![Finding { kind, place }]
    }

    fn nothing(&self, choice: &JobChoice) -> Error {
        let of_job = choice.job_id.as_deref();
        let of_job = of_job.map_or_else(String::new, |job| format!(" of job {job}"));
        let wanted = match self.kind {
            PointerKind::Latest(0) => format!("complete snapshot{of_job}"),
            PointerKind::Latest(before) => {
                format!("complete snapshot{of_job} with {before} newer ones")
            }
            PointerKind::Checkpoint(id) => format!("chk-{id}{of_job}"),
        };
        Error::NoSnapshot {
            base: self.base.clone(),
            wanted,
        }
    }
}

/// A text is a plain location, or names nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not BASE@latest, BASE@latest~N or BASE@chk-N")]
pub struct NotAPointer;

impl std::str::FromStr for Pointer {
    type Err = NotAPointer;

    fn from_str(text: &str) -> Result<Self, NotAPointer> {
        Self::parse(text).ok_or(NotAPointer)
    }
}

fn number(candidate: &Candidate) -> u64 {
    match candidate.kind {
        DirectoryKind::Checkpoint(number) => number,
        _ => 0,
    }
}

fn same_parent(group: &[Candidate], candidate: &Candidate) -> bool {
    let parent = candidate.directory.parent();
    group
        .first()
        .is_some_and(|first| first.directory.parent() == parent)
}

/// The first `count` complete snapshots of a group that is sorted newest first. One that the store
/// does not deliver is an error: it might be the one that is wanted.
async fn newest(
    storage: &Storage,
    group: &[Candidate],
    count: usize,
) -> Result<Vec<SnapshotEntry>, StorageError> {
    let mut complete = Vec::new();
    for candidate in group {
        if complete.len() == count {
            break;
        }
        let entry = read_entry(storage, candidate).await?;
        if entry.status == SnapshotStatus::Complete {
            complete.push(entry);
        }
    }
    Ok(complete)
}

/// Gives each of a group, sorted newest first, a time that is not before that of an older one:
/// copies of a directory need not be written in the order of the checkpoints' numbers.
fn in_order_of_numbers(group: Vec<SnapshotEntry>) -> Vec<(Option<SystemTime>, SnapshotEntry)> {
    let mut latest = None;
    let mut timed = Vec::with_capacity(group.len());
    for entry in group.into_iter().rev() {
        latest = latest.max(entry.modified);
        timed.push((latest, entry));
    }
    timed.reverse();
    timed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_documented_forms_are_pointers() {
        let kind = |text: &str| Pointer::parse(text).map(|pointer| pointer.kind);
        assert_eq!(kind("/data@latest"), Some(PointerKind::Latest(0)));
        assert_eq!(kind("/data@latest~12"), Some(PointerKind::Latest(12)));
        assert_eq!(kind("/data/a@b@chk-7"), Some(PointerKind::Checkpoint(7)));
        for plain in [
            "/data",
            "/data@",
            "/data@latest~",
            "/data@latest~x",
            "/data@chk-",
            "a@b",
        ] {
            assert_eq!(kind(plain), None, "{plain}");
        }
    }
}
