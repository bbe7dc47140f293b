use std::collections::BTreeMap;

use serde::Serialize;

use crate::health::files::NeededFile;
use crate::snapshot::references::{Base, FileRole};
use statescope_format::layout::{self, DirectoryKind, directory_kind};
use statescope_format::location::Location;

/// A directory that a snapshot needs files of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dependency {
    /// The directory.
    pub directory: Location,
    /// What it is to the snapshot.
    pub relation: Relation,
    /// Distinct files needed from it.
    pub files: u64,
    /// Bytes needed from it; `None` where a handle does not say.
    pub bytes: Option<u64>,
}

/// What a directory is to a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// The snapshot's own directory.
    Own,
    /// A directory of the same name below another prefix: entropy in Flink's paths, or a copy.
    OwnElsewhere,
    /// Files that checkpoints of the same job share.
    Shared,
    /// Files that the job's tasks delete themselves.
    TaskOwned,
    /// Changelog files.
    Changelog,
    /// Another checkpoint of the same job.
    OtherCheckpoint,
    /// A savepoint.
    Savepoint,
    /// The directory of another job.
    OtherJob,
    /// Somewhere else.
    Elsewhere,
}

impl Relation {
    /// The relation in words.
    pub fn label(self) -> &'static str {
        match self {
            Self::Own => "its own directory",
            Self::OwnElsewhere => "its own directory, below another prefix",
            Self::Shared => "shared files of its job",
            Self::TaskOwned => "task-owned files of its job",
            Self::Changelog => "changelog files",
            Self::OtherCheckpoint => "another checkpoint of its job",
            Self::Savepoint => "a savepoint",
            Self::OtherJob => "another job",
            Self::Elsewhere => "elsewhere",
        }
    }
}

/// The directories that a snapshot needs, its own first, then by relation and path.
pub fn dependencies(files: &[NeededFile], base: &Base) -> Vec<Dependency> {
    let mut found: BTreeMap<(Relation, String), Dependency> = BTreeMap::new();
    for file in files {
        let directory = file.location.parent();
        let relation = relation(&directory, file.role, base);
        let entry = found
            .entry((relation, directory.to_string()))
            .or_insert_with(|| Dependency {
                directory,
                relation,
                files: 0,
                bytes: Some(0),
            });
        entry.files += 1;
        entry.bytes = entry
            .bytes
            .zip(file.bytes)
            .map(|(sum, bytes)| sum.saturating_add(bytes));
    }
    found.into_values().collect()
}

fn relation(directory: &Location, role: FileRole, base: &Base) -> Relation {
    let own = base.directory();
    if own.is_none_or(|own| own.place() == directory.place()) {
        return Relation::Own;
    }
    if role == FileRole::Changelog {
        return Relation::Changelog;
    }
    let own_job = own.and_then(layout::job_id);
    let job = layout::job_id(directory);
    let is_named = |name| {
        let kind = directory_kind(name);
        matches!(
            kind,
            DirectoryKind::Checkpoint(_) | DirectoryKind::Savepoint
        )
    };
    let name = directory.file_name();
    if is_named(name) && job == own_job && own.is_some_and(|own| own.file_name() == name) {
        return Relation::OwnElsewhere;
    }
    if job.is_some() && job != own_job {
        return Relation::OtherJob;
    }
    // File merging and ForSt put directories of their own below the known ones.
    let known = |part| match directory_kind(part) {
        DirectoryKind::Shared => Some(Relation::Shared),
        DirectoryKind::TaskOwned => Some(Relation::TaskOwned),
        DirectoryKind::Savepoint => Some(Relation::Savepoint),
        DirectoryKind::Checkpoint(_) => Some(Relation::OtherCheckpoint),
        DirectoryKind::Job | DirectoryKind::Other => None,
    };
    let parts = directory.as_str().rsplit('/');
    parts
        .into_iter()
        .find_map(known)
        .unwrap_or(Relation::Elsewhere)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_told_by_where_they_lie() {
        let job = "a".repeat(32);
        let other = "b".repeat(32);
        let base = Base::new(Some(Location::new(format!("s3://x/c/{job}/chk-3"))));
        for (path, expected) in [
            (format!("s3a://x/c/{job}/chk-3"), Relation::Own),
            (format!("s3://x/c/{job}/shared"), Relation::Shared),
            (
                format!("s3://x/c/{job}/shared/job_{job}_op_1_0_2"),
                Relation::Shared,
            ),
            (format!("s3://x/c/{job}/taskowned"), Relation::TaskOwned),
            (format!("s3://x/c/{job}/chk-2"), Relation::OtherCheckpoint),
            (format!("s3://x/a1b2/c/{job}/chk-3"), Relation::OwnElsewhere),
            (format!("s3://x/c/{other}/shared"), Relation::OtherJob),
            (
                "s3://x/savepoint-1a2b3c-0123456789ab".to_owned(),
                Relation::Savepoint,
            ),
            ("s3://y/z".to_owned(), Relation::Elsewhere),
        ] {
            let relation = relation(&Location::new(path.as_str()), FileRole::State, &base);
            assert_eq!(relation, expected, "{path}");
        }
    }
}
