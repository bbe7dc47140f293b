//! Looks for the files of a snapshot, and proves of some that they can be read.

mod beside;
mod look;
mod readable;
mod shorter;
mod tables;

pub(super) use look::look_for;

use crate::error::Error;
use crate::inspect::load::LoadedMetadata;
use crate::inspect::progress::Progress;
use crate::storage::Storage;
use statescope_analysis::finding::Finding;
use statescope_analysis::health::files::{
    FileCheck, Looked, Needed, NeededFile, NeededFiles, PathMap,
};
use statescope_analysis::snapshot::references::Base;
use statescope_format::layout::{DirectoryKind, directory_kind};
use statescope_format::location::Location;
use statescope_format::metadata::Outline;
use statescope_format::model::checkpoint::SnapshotType;
use statescope_format::reader::to_u64;

/// Looks for every file that a snapshot needs, where Flink would look for it or where the storage's
/// relocations say. Of those that are there, every local file is opened, and of a sample of the
/// others one byte is read: a listing does not say that a file can be read.
///
/// # Errors
/// When the metadata cannot be parsed, and [`Error::Subsumed`] when the snapshot itself went away
/// meanwhile. What is wrong with single files is a finding.
pub async fn verify(
    storage: &Storage,
    loaded: &LoadedMetadata,
    progress: &dyn Progress,
) -> Result<(FileCheck, Vec<Finding>), Error> {
    // Paths in the metadata are absolute; whether they lead to the snapshot's own directory must not
    // depend on how that was typed.
    let base = loaded.base().directory().map(|base| storage.absolute(base));
    let base = Base::new(base);
    loaded.trust_its_store(storage);
    let (needed, outline) = needed(loaded, &base)?;
    let of_savepoint = is_savepoint(&outline, &storage.absolute(loaded.location()));
    progress.expect(to_u64(needed.files.len()));
    let (mut seen, mut refused) = look_for(storage, &needed.files, progress).await;
    let opened = readable::prove(storage, &needed.files, &mut seen).await;
    tables::look_at_ends(storage, &needed.files, &mut seen).await;
    shorter::look_at_content(storage, loaded, &base, &needed.files, &mut seen).await?;
    let looked = Looked {
        opened,
        maps: maps(storage, &needed.files),
        maps_assumed: storage.assumes_relocations(),
        beside: beside::find(storage, &base, &needed.files, &seen).await,
        seen,
    };
    let (check, mut findings) = FileCheck::new(&needed, &looked, &base, of_savepoint);
    if check.missing > 0 && is_gone(storage, loaded).await {
        let location = loaded.location().clone();
        return Err(Error::Subsumed { location });
    }
    findings.append(&mut refused);
    Ok((check, findings))
}

/// The files that a snapshot needs.
///
/// # Errors
/// When the metadata cannot be parsed.
pub(super) fn needed<'l>(
    loaded: &'l LoadedMetadata,
    base: &Base,
) -> Result<(Needed, Outline<'l>), Error> {
    let mut needed = NeededFiles::new(base);
    let outline = loaded.parse_each(&mut |operator| needed.operator(&operator))?;
    Ok((needed.finish(), outline))
}

/// From the metadata, or, before version 4, from the directory's name.
pub(super) fn is_savepoint(outline: &Outline<'_>, location: &Location) -> bool {
    match &outline.properties {
        Some(properties) => matches!(properties.snapshot_type, SnapshotType::Savepoint { .. }),
        None => {
            let directory = location.parent();
            let kind = directory_kind(directory.file_name());
            !matches!(kind, DirectoryKind::Checkpoint(_))
        }
    }
}

/// A running job deletes a checkpoint, metadata first, as soon as newer ones replace it.
async fn is_gone(storage: &Storage, loaded: &LoadedMetadata) -> bool {
    let metadata = storage.head(loaded.location()).await;
    metadata.is_err_and(|error| error.is_not_found())
}

/// Which files are looked for elsewhere than where they are recorded.
fn maps(storage: &Storage, files: &[NeededFile]) -> Vec<PathMap> {
    let mut maps = Vec::new();
    for (at, file) in files.iter().enumerate() {
        if let Some((from, to)) = storage.relocation(&file.location) {
            PathMap::add(&mut maps, from, to, at);
        }
    }
    maps
}
