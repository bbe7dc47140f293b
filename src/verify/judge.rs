use crate::finding::{Finding, FindingKind, Place};
use crate::references::FileRole;
use crate::verify::NeededFile;

/// What a store showed of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It is there, with so many bytes.
    Present(u64),
    /// It is not there.
    Missing,
    /// The store did not say: why.
    Unknown(String),
    /// The store was not asked: which.
    NotAsked(String),
}

/// What is wrong with a file that a snapshot needs; `None` if nothing is. Flink does not mind a
/// file that is longer than it needs to be, but RocksDB does.
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
    let kind = match seen {
        Seen::Present(bytes) if file.exact && file.bytes.is_some_and(|needed| *bytes > needed) => {
            FindingKind::FileTooLong {
                slot,
                role,
                bytes: *bytes,
                needed: file.bytes?,
                references,
            }
        }
        Seen::Present(bytes) => {
            let needed = file.bytes.filter(|needed| bytes < needed)?;
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
