//! The names that Flink gives to directories (`AbstractFsCheckpointStorageAccess`,
//! `FsCheckpointStorageAccess`). Pure: nothing is looked up.

use crate::location::Location;

/// The name of the metadata file of a snapshot.
pub const METADATA_FILE: &str = "_metadata";

/// What a directory's name says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectoryKind {
    /// `chk-42`: one checkpoint, complete or not.
    Checkpoint(u64),
    /// `savepoint-1a2b3c-0123456789ab`: one savepoint.
    Savepoint,
    /// 32 hex digits: the checkpoints of one job.
    Job,
    /// `shared`: files that several checkpoints of a job may use.
    Shared,
    /// `taskowned`: files that tasks delete themselves.
    TaskOwned,
    /// Any other name.
    Other,
}

/// What a directory of that name is.
///
/// ```
/// use statescope_format::layout::{DirectoryKind, directory_kind};
///
/// assert_eq!(directory_kind("chk-42"), DirectoryKind::Checkpoint(42));
/// assert_eq!(directory_kind("chk-x"), DirectoryKind::Other);
/// ```
pub fn directory_kind(name: &str) -> DirectoryKind {
    match name {
        "shared" => DirectoryKind::Shared,
        "taskowned" => DirectoryKind::TaskOwned,
        _ if is_job_id(name) => DirectoryKind::Job,
        _ if is_savepoint(name) => DirectoryKind::Savepoint,
        _ => match name.strip_prefix("chk-").map(checkpoint_number) {
            Some(Some(number)) => DirectoryKind::Checkpoint(number),
            _ => DirectoryKind::Other,
        },
    }
}

/// The number in `chk-N`, which Flink writes without sign or leading zeros.
pub fn checkpoint_number(digits: &str) -> Option<u64> {
    let number = digits.parse().ok()?;
    (digits == u64::to_string(&number)).then_some(number)
}

/// The job whose directory a place is in: the closest part of the path that is a job id.
pub fn job_id(location: &Location) -> Option<&str> {
    location.as_str().rsplit('/').find(|part| is_job_id(part))
}

/// Whether Flink gives such names to files of state: a random UUID, as Java writes it.
///
/// ```
/// use statescope_format::layout::is_state_file;
///
/// assert!(is_state_file("b64485b9-fd06-4d43-8f81-5903f0df4111"));
/// assert!(!is_state_file("notes.txt"));
/// ```
pub fn is_state_file(name: &str) -> bool {
    const GROUPS: [usize; 5] = [8, 4, 4, 4, 12];
    let mut groups = name.split('-');
    GROUPS.iter().all(|&length| {
        groups
            .next()
            .is_some_and(|group| group.len() == length && is_lower_hex(group))
    }) && groups.next().is_none()
}

/// Whether it is the name of a metadata file that is being written, or never was finished
/// (docs/format.md 15.1).
pub fn is_unfinished_metadata(name: &str) -> bool {
    name.strip_prefix("._metadata.inprogress.")
        .is_some_and(is_state_file)
}

/// Whether a name is a job id: 32 hex digits.
pub fn is_job_id(name: &str) -> bool {
    name.len() == 32 && is_lower_hex(name)
}

/// Whether Flink gives that name to the metadata of a snapshot, or to a directory. Where such a name
/// leads nowhere, something may be missed.
pub fn is_flink_name(name: &str) -> bool {
    name == METADATA_FILE || directory_kind(name) != DirectoryKind::Other
}

/// `savepoint-` and, since Flink 1.3, the start of the job id and random digits.
fn is_savepoint(name: &str) -> bool {
    let Some((job, random)) = name
        .strip_prefix("savepoint-")
        .and_then(|rest| rest.split_once('-'))
    else {
        return false;
    };
    job.len() == 6 && random.len() == 12 && is_lower_hex(job) && is_lower_hex(random)
}

fn is_lower_hex(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_are_told_by_their_names() {
        for (name, kind) in [
            ("chk-0", DirectoryKind::Checkpoint(0)),
            (
                "chk-18446744073709551615",
                DirectoryKind::Checkpoint(u64::MAX),
            ),
            ("chk-18446744073709551616", DirectoryKind::Other),
            ("chk-", DirectoryKind::Other),
            ("chk-+1", DirectoryKind::Other),
            ("chk-01", DirectoryKind::Other),
            ("savepoint-1a2b3c-0123456789ab", DirectoryKind::Savepoint),
            ("savepoint-1a2b3c", DirectoryKind::Other),
            ("savepoint-1A2B3C-0123456789ab", DirectoryKind::Other),
            ("0040568ceebf0040568ceebf0040568c", DirectoryKind::Job),
            ("shared", DirectoryKind::Shared),
            ("taskowned", DirectoryKind::TaskOwned),
            ("savepoints", DirectoryKind::Other),
        ] {
            assert_eq!(directory_kind(name), kind, "{name}");
        }
    }

    #[test]
    fn files_of_state_are_named_by_uuids() {
        let uuid = "b64485b9-fd06-4d43-8f81-5903f0df4111";
        assert!(is_state_file(uuid));
        assert!(is_unfinished_metadata(&format!(
            "._metadata.inprogress.{uuid}"
        )));
        for other in [
            "",
            "_metadata",
            "B64485B9-fd06-4d43-8f81-5903f0df4111",
            "b64485b9-fd06-4d43-8f81-5903f0df4111-",
            "b64485b9-fd06-4d43-8f81-5903f0df411",
            "b64485b9fd064d438f815903f0df4111",
        ] {
            assert!(!is_state_file(other), "{other}");
            assert!(!is_unfinished_metadata(other), "{other}");
        }
    }

    #[test]
    fn the_job_is_the_closest_part_that_is_a_job_id() {
        let job = "0040568ceebf0040568ceebf0040568c";
        for (path, id) in [
            (format!("s3://b/{job}/chk-7"), Some(job)),
            (format!("/x/{}/{job}", "a".repeat(32)), Some(job)),
            ("/x/savepoint-1a2b3c-0123456789ab".to_owned(), None),
        ] {
            assert_eq!(job_id(&Location::new(path.as_str())), id, "{path}");
        }
    }
}
