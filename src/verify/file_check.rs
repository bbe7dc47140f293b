use serde::Serialize;

use crate::finding::{Finding, NotAsked};
use crate::parse::to_u64;
use crate::references::Base;
use crate::verify::{Dependency, Needed, Seen, dependencies, judge};

/// Whether the files of a snapshot are there: part of the `data` of `check` (docs/json.md).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileCheck {
    /// Distinct files that the snapshot needs.
    pub needed: u64,
    /// How many of them are there in full.
    pub present: u64,
    /// How many are not there.
    pub missing: u64,
    /// How many are there but too short, or too long for RocksDB.
    pub too_short: u64,
    /// How many could not be looked up, or were not: those of `not_asked` among them.
    pub unreachable: u64,
    /// How many are in stores that were not asked, since nobody but the snapshot names these.
    pub not_asked: u64,
    /// The directories they must be in.
    pub dependencies: Vec<Dependency>,
    /// True if every file is named relative to the metadata, so that the directory can be moved.
    pub relocatable: bool,
    /// Distinct files, and directories of merged files, that are named by absolute paths.
    pub absolute_paths: u64,
}

impl FileCheck {
    /// Counts what was seen of each needed file, in the order of `needed.files`, and judges it.
    /// `of_savepoint` as for [`judge`].
    pub fn new(
        needed: &Needed,
        seen: &[Seen],
        base: &Base,
        of_savepoint: bool,
    ) -> (Self, Vec<Finding>) {
        let Needed { files, directories } = needed;
        let absolute = files.iter().filter(|file| file.absolute).count() + directories.len();
        let mut check = Self {
            needed: to_u64(files.len()),
            present: 0,
            missing: 0,
            too_short: 0,
            unreachable: 0,
            not_asked: 0,
            dependencies: dependencies(files, base),
            relocatable: absolute == 0,
            absolute_paths: to_u64(absolute),
        };
        let mut findings = Vec::new();
        let mut not_asked = NotAsked::default();
        for (file, seen) in files.iter().zip(seen) {
            let finding = judge(file, seen, of_savepoint);
            let count = match (seen, &finding) {
                (Seen::Missing, _) => &mut check.missing,
                (Seen::Unknown(_), _) => &mut check.unreachable,
                (Seen::NotAsked(store), _) => {
                    not_asked.add(store);
                    check.not_asked += 1;
                    &mut check.unreachable
                }
                (Seen::Present(_), None) => &mut check.present,
                (Seen::Present(_), Some(_)) => &mut check.too_short,
            };
            *count += 1;
            findings.extend(finding);
        }
        findings.extend(not_asked.findings());
        (check, findings)
    }
}
