use std::time::SystemTime;

use futures_util::future::try_join_all;

use crate::error::Error;
use crate::inspector::discover::{Candidate, Unreadable, discover};
use crate::inspector::list::{SnapshotEntry, SnapshotStatus, read_entry};
use crate::layout::{DirectoryKind, checkpoint_number};
use crate::location::Location;
use crate::storage::{Storage, StorageError};

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

impl Pointer {
    /// The pointer that `text` is; `None` for a plain location.
    ///
    /// ```
    /// use statescope::inspector::{Pointer, PointerKind};
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

    /// The directory of the snapshot that is meant.
    ///
    /// # Errors
    /// When there is none, when several jobs have a checkpoint of that number, or when a part of the
    /// base cannot be listed or read: the newest might be in it.
    pub async fn resolve(&self, storage: &Storage) -> Result<Location, Error> {
        let found = discover(storage, &self.base).await?;
        if let Some(Unreadable { location, reason }) = found.unreadable.into_iter().next() {
            return Err(Error::PartlyUnreadable { location, reason });
        }
        match self.kind {
            PointerKind::Checkpoint(id) => self.checkpoint(found.candidates, id),
            PointerKind::Latest(before) => self.latest(storage, found.candidates, before).await,
        }
    }

    fn checkpoint(&self, candidates: Vec<Candidate>, id: u64) -> Result<Location, Error> {
        let wanted = |candidate: &Candidate| candidate.kind == DirectoryKind::Checkpoint(id);
        let mut matches = candidates.into_iter().filter(wanted).map(|c| c.directory);
        match (matches.next(), matches.next()) {
            (Some(only), None) => Ok(only),
            (None, _) => Err(self.nothing()),
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
    ) -> Result<Location, Error> {
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
        match entries.into_iter().nth(before) {
            Some((_, entry)) => Ok(entry.location),
            None => Err(self.nothing()),
        }
    }

    fn nothing(&self) -> Error {
        Error::NoSnapshot {
            base: self.base.clone(),
            wanted: match self.kind {
                PointerKind::Latest(0) => "complete snapshot".to_owned(),
                PointerKind::Latest(before) => {
                    format!("complete snapshot with {before} newer ones")
                }
                PointerKind::Checkpoint(id) => format!("chk-{id}"),
            },
        }
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
