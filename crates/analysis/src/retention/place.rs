//! What a directory is to Flink, told by its name and those above it (docs/format.md 15.1).

use statescope_format::layout::{DirectoryKind, directory_kind, is_job_id};

/// What a directory holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A checkpoint, complete or not.
    Checkpoint(u64),
    /// A savepoint, complete or not.
    Savepoint,
    /// Files that several checkpoints of a job may use.
    Shared,
    /// Files that tasks delete themselves.
    TaskOwned,
    /// Merged files, below one of these two.
    Merged,
    /// Database files of a running ForSt task, and those of its checkpoints.
    ForSt,
    /// Files of the changelog backend.
    Changelog,
    /// The directory of a job.
    Job,
    /// Somebody else's.
    Unknown,
}

/// What a directory is. `above` are the names of the directories it is in, the closest last;
/// `beside_checkpoints` says whether there is a `chk-N` beside it.
pub(super) fn place_of(above: &[&str], name: &str, beside_checkpoints: bool) -> Place {
    let parent = above.last().copied().unwrap_or_default();
    let is_in_job = beside_checkpoints || is_job_id(parent);
    match directory_kind(name) {
        DirectoryKind::Checkpoint(number) => return Place::Checkpoint(number),
        DirectoryKind::Savepoint => return Place::Savepoint,
        DirectoryKind::Job => return Place::Job,
        DirectoryKind::Shared if is_in_job => return Place::Shared,
        DirectoryKind::TaskOwned if is_in_job => return Place::TaskOwned,
        _ => {}
    }
    if name == "dstl" && is_job_id(parent) {
        return Place::Changelog;
    }
    let is_below = |kind: DirectoryKind, levels: usize| {
        let at = above.len().checked_sub(levels);
        at.and_then(|at| above.get(at))
            .is_some_and(|name| directory_kind(name) == kind)
    };
    let merged = name.starts_with("job_")
        && (is_below(DirectoryKind::Shared, 1) || is_below(DirectoryKind::TaskOwned, 1));
    if merged {
        return Place::Merged;
    }
    if name == "db" && parent.starts_with("op_") && is_below(DirectoryKind::Shared, 2) {
        return Place::ForSt;
    }
    Place::Unknown
}

impl Place {
    /// How many levels above the directory of its job is; `None` for places outside of jobs.
    pub(super) fn levels_below_job(self) -> Option<usize> {
        match self {
            Self::Job => Some(0),
            Self::Checkpoint(_) | Self::Shared | Self::TaskOwned | Self::Changelog => Some(1),
            Self::Merged => Some(2),
            Self::ForSt => Some(3),
            Self::Savepoint | Self::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_of_flink_are_known_and_no_others() {
        let job = "0040568ceebf0040568ceebf0040568c";
        for (above, name, beside, place) in [
            (&["c", job][..], "chk-7", false, Place::Checkpoint(7)),
            (
                &["s"],
                "savepoint-1a2b3c-0123456789ab",
                false,
                Place::Savepoint,
            ),
            (&["c", job], "shared", false, Place::Shared),
            (&["c"], "shared", true, Place::Shared),
            (&["c"], "shared", false, Place::Unknown),
            (&["c", job], "taskowned", false, Place::TaskOwned),
            (
                &["c", job, "shared"],
                "job_x_op_y_0_2",
                false,
                Place::Merged,
            ),
            (&["c", job, "taskowned"], "job_x_tm_y", false, Place::Merged),
            (&["c", job], "job_x_tm_y", false, Place::Unknown),
            (
                &["c", job, "shared", "op_X_1__0_2__attempt_0"],
                "db",
                false,
                Place::ForSt,
            ),
            (&["c", "op_X"], "db", false, Place::Unknown),
            (&["c", job], "dstl", false, Place::Changelog),
            (&["c"], "dstl", false, Place::Unknown),
            (&["c"], job, false, Place::Job),
            (&["c", job], "backup", true, Place::Unknown),
        ] {
            assert_eq!(place_of(above, name, beside), place, "{above:?} {name}");
        }
    }
}
