use std::collections::HashSet;

use serde::Serialize;

use crate::finding::{Finding, FindingKind, NotAsked, Place};
use crate::health::files::judge::other_size;
use crate::health::files::{Dependency, Looked, Needed, NeededFile, Seen, dependencies, judge};
use crate::snapshot::references::Base;
use statescope_format::reader::to_u64;

/// Whether the files of a snapshot are there: part of the `data` of `check` (docs/json.md).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FileCheck {
    /// Distinct files that the snapshot needs.
    pub needed: u64,
    /// How many of them are there in full.
    pub present: u64,
    /// How many are not there.
    pub missing: u64,
    /// How many are there but too short, or too long for RocksDB.
    pub too_short: u64,
    /// How many are shorter than recorded, while nothing tells whether they are cut short or the
    /// recorded size is wrong.
    pub unproven: u64,
    /// How many could not be looked up, or were not: those of `not_asked` among them.
    pub unreachable: u64,
    /// How many are in stores that were not asked, since nobody but the snapshot names these.
    pub not_asked: u64,
    /// How many are there, but cannot be opened.
    pub unreadable: u64,
    /// How many were opened, or read a byte of: of the others it is only known that they are listed.
    pub opened: u64,
    /// How many of those that are there were found through a path map alone.
    pub mapped: u64,
    /// How many are there in full, with another size than is recorded.
    pub other_size: u64,
    /// The directories they must be in.
    pub dependencies: Vec<Dependency>,
    /// True if every file is named relative to the metadata, so that the directory can be moved.
    pub relocatable: bool,
    /// Distinct files, and directories of merged files, that are named by absolute paths.
    pub absolute_paths: u64,
}

impl FileCheck {
    /// Counts what was seen of each needed file and judges it.
    /// `of_savepoint` as for [`judge`].
    pub fn new(
        needed: &Needed,
        looked: &Looked,
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
            unproven: 0,
            unreachable: 0,
            not_asked: 0,
            unreadable: 0,
            opened: looked.opened,
            mapped: 0,
            other_size: 0,
            dependencies: dependencies(files, base),
            relocatable: absolute == 0,
            absolute_paths: to_u64(absolute),
        };
        let mut findings = Vec::new();
        let mut not_asked = NotAsked::default();
        let beside: HashSet<usize> = looked
            .beside
            .iter()
            .flat_map(|map| &map.files)
            .copied()
            .collect();
        let mut sizes = OtherSizes::default();
        for (at, (file, seen)) in files.iter().zip(&looked.seen).enumerate() {
            let finding = judge(file, seen, of_savepoint);
            let count = match (seen, &finding) {
                (Seen::Missing, _) => &mut check.missing,
                (Seen::Unknown(_), _) => &mut check.unreachable,
                (Seen::NotAsked(store), _) => {
                    not_asked.add(store);
                    check.not_asked += 1;
                    &mut check.unreachable
                }
                (Seen::Unproven(_), _) => &mut check.unproven,
                (Seen::Unreadable { .. }, _) => &mut check.unreadable,
                (Seen::Present(_) | Seen::Whole(_), None) => &mut check.present,
                (Seen::Present(_) | Seen::Whole(_), Some(_)) => &mut check.too_short,
            };
            *count += 1;
            match finding {
                // Said once for all of them.
                Some(_) if beside.contains(&at) => {}
                Some(finding) => findings.push(finding),
                None => sizes.note(file, seen),
            }
        }
        findings.extend(not_asked.findings());
        check.other_size = sizes.files;
        let moved = looked
            .beside
            .iter()
            .map(|map| FindingKind::FilesBesideMetadata {
                from: map.from.to_string(),
                to: map.to.to_string(),
                files: to_u64(map.files.len()),
            });
        let mapped = looked.maps.iter().filter_map(|map| {
            let is_there = |&&at: &&usize| {
                let seen = looked.seen.get(at);
                matches!(
                    seen,
                    Some(Seen::Present(_) | Seen::Whole(_) | Seen::Unproven(_))
                )
            };
            let files = to_u64(map.files.iter().filter(is_there).count());
            check.mapped += files;
            (files > 0).then(|| FindingKind::OnlyThroughPathMap {
                from: map.from.to_string(),
                to: map.to.to_string(),
                files,
                assumed: looked.maps_assumed,
            })
        });
        let mapped: Vec<_> = mapped.collect();
        let kinds = moved.chain(mapped).chain(sizes.finding());
        findings.extend(kinds.map(|kind| Finding {
            kind,
            place: Place::default(),
        }));
        (check, findings)
    }
}

/// Files that are whole although their recorded sizes are not theirs.
#[derive(Default)]
struct OtherSizes {
    files: u64,
    recorded: u64,
    bytes: u64,
}

impl OtherSizes {
    fn note(&mut self, file: &NeededFile, seen: &Seen) {
        if let Some(bytes) = other_size(file, seen) {
            self.files += 1;
            self.recorded = self.recorded.saturating_add(file.bytes.unwrap_or_default());
            self.bytes = self.bytes.saturating_add(bytes);
        }
    }

    fn finding(&self) -> Option<FindingKind> {
        (self.files > 0).then_some(FindingKind::RecordedSizes {
            files: self.files,
            recorded: self.recorded,
            bytes: self.bytes,
        })
    }
}
