use crate::finding::{Finding, FindingKind, Place};
use crate::health::files::NeededFile;
use crate::snapshot::references::FileRole;

/// What a store showed of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It is there, with so many bytes.
    Present(u64),
    /// It is there with so many bytes, which are not those that are recorded, but its content shows
    /// that nothing is missing.
    Whole(u64),
    /// It is there with fewer bytes than are recorded, and its content does not show whether
    /// something is missing.
    Unproven(u64),
    /// It is not there.
    Missing,
    /// It is there, but its content cannot be had.
    Unreadable {
        /// Why.
        reason: String,
        /// What to check next.
        hint: Option<String>,
    },
    /// The store did not say: why.
    Unknown(String),
    /// The store was not asked: which.
    NotAsked(String),
}

/// What is wrong with a file that a snapshot needs; `None` if nothing is.
///
/// Flink reads files, and not the sizes that handles record: it minds neither a file that is longer
/// nor a recorded size of 0 or of too much. Still, a file that is shorter than recorded counts as cut
/// short unless its content was looked at and does not show that; one that ends before a position
/// that a handle names is cut. Of its tables, RocksDB knows the sizes by itself: one of another size
/// is damaged, unless it ends as tables end.
///
/// `of_savepoint` says whether shared files may lie beside the metadata: those of native savepoints
/// do, those of a checkpoint never do unless their paths went wrong (docs/format.md 9).
pub fn judge(file: &NeededFile, seen: &Seen, of_savepoint: bool) -> Option<Finding> {
    let NeededFile {
        slot,
        role,
        references,
        ..
    } = *file;
    let recorded = file.bytes.unwrap_or_default();
    let kind = match seen {
        Seen::Whole(_) => return None,
        Seen::Present(bytes) if file.exact && file.bytes.is_some_and(|needed| *bytes > needed) => {
            FindingKind::FileTooLong {
                slot,
                role,
                bytes: *bytes,
                needed: file.bytes?,
                references,
            }
        }
        Seen::Unproven(bytes) => FindingKind::FileShorterThanRecorded {
            slot,
            role,
            bytes: *bytes,
            recorded,
            references,
        },
        Seen::Present(bytes) => {
            let needed = recorded.max(file.reach);
            if *bytes >= needed {
                return None;
            }
            FindingKind::FileTooShort {
                slot,
                role,
                bytes: *bytes,
                needed,
                references,
            }
        }
        Seen::Missing if role == FileRole::Shared && !file.absolute && !of_savepoint => {
            FindingKind::ClaimedFileMisplaced { slot, references }
        }
        Seen::Missing => FindingKind::FileMissing {
            slot,
            role,
            references,
        },
        Seen::Unreadable { reason, hint } => FindingKind::FileUnreadable {
            slot,
            role,
            reason: reason.clone(),
            hint: hint.clone(),
        },
        Seen::Unknown(reason) => FindingKind::FileUnreachable {
            slot,
            role,
            reason: reason.clone(),
        },
        // Told once for all files of the store.
        Seen::NotAsked(_) => return None,
    };
    let place = Place {
        path: Some(file.location.to_string()),
        ..file.place.clone()
    };
    Some(Finding { kind, place })
}

/// The file's size, where it is there in full and a handle records another. Parts of files have sizes
/// of their own, and several changelog handles may name one file, each with its share of it: only
/// a sum that the file does not reach is wrong there.
pub(super) fn other_size(file: &NeededFile, seen: &Seen) -> Option<u64> {
    let (Seen::Present(bytes) | Seen::Whole(bytes)) = *seen else {
        return None;
    };
    let one_size = !file.in_parts && file.role != FileRole::Changelog;
    let recorded = file.bytes?;
    (recorded > bytes || one_size && recorded != bytes).then_some(bytes)
}
