use std::collections::HashMap;

use futures_util::{StreamExt, stream};
use serde::Serialize;

use crate::checkpoint::SnapshotType;
use crate::error::Error;
use crate::finding::Finding;
use crate::inspector::load::LoadedMetadata;
use crate::inspector::progress::Progress;
use crate::layout::{DirectoryKind, directory_kind};
use crate::location::Location;
use crate::metadata::Outline;
use crate::parse::to_u64;
use crate::storage::{Storage, StorageError};
use crate::verify::{Dependency, Needed, NeededFile, NeededFiles, Seen, dependencies, judge};

/// From so many files in one directory on, it is listed instead of asking for each.
const LISTED_FROM: usize = 8;
/// Directories that are looked into at a time; the storage bounds the requests themselves.
const DIRECTORIES_AT_ONCE: usize = 16;

/// Whether the files of a snapshot are there: part of the `data` of `check` (docs/json.md).
#[derive(Debug, Serialize)]
pub struct FileCheck {
    /// Distinct files that the snapshot needs.
    pub needed: u64,
    /// How many of them are there in full.
    pub present: u64,
    /// How many are not there.
    pub missing: u64,
    /// How many are there but too short.
    pub too_short: u64,
    /// How many could not be looked up.
    pub unreachable: u64,
    /// The directories they must be in.
    pub dependencies: Vec<Dependency>,
    /// True if every file is named relative to the metadata, so that the directory can be moved.
    pub relocatable: bool,
    /// Distinct files, and directories of merged files, that are named by absolute paths.
    pub absolute_paths: u64,
}

/// Looks for every file that a snapshot needs, where Flink would look for it.
///
/// # Errors
/// When the metadata cannot be parsed, and [`Error::Subsumed`] when the snapshot itself went away
/// meanwhile. What is wrong with single files is a finding.
pub async fn verify(
    storage: &Storage,
    loaded: &LoadedMetadata,
    progress: &dyn Progress,
) -> Result<(FileCheck, Vec<Finding>), Error> {
    let (Needed { files, directories }, outline) = needed(loaded)?;
    let of_savepoint = is_savepoint(&outline, loaded.location());
    progress.expect(to_u64(files.len()));
    let seen = look_for(storage, &files, progress).await;

    let mut check = FileCheck {
        needed: to_u64(files.len()),
        present: 0,
        missing: 0,
        too_short: 0,
        unreachable: 0,
        dependencies: dependencies(&files, loaded.base()),
        relocatable: directories.is_empty() && files.iter().all(|file| !file.absolute),
        absolute_paths: to_u64(
            directories.len() + files.iter().filter(|file| file.absolute).count(),
        ),
    };
    let mut findings = Vec::new();
    for (file, seen) in files.iter().zip(&seen) {
        let finding = judge(file, seen, of_savepoint);
        let count = match (seen, &finding) {
            (Seen::Missing, _) => &mut check.missing,
            (Seen::Unknown(_), _) => &mut check.unreachable,
            (Seen::Present(_), None) => &mut check.present,
            (Seen::Present(_), Some(_)) => &mut check.too_short,
        };
        *count += 1;
        findings.extend(finding);
    }
    if check.missing > 0 && is_gone(storage, loaded).await {
        let location = loaded.location().clone();
        return Err(Error::Subsumed { location });
    }
    Ok((check, findings))
}

fn needed(loaded: &LoadedMetadata) -> Result<(Needed, Outline<'_>), Error> {
    let mut needed = NeededFiles::new(loaded.base());
    let outline = loaded.parse_each(&mut |operator| needed.operator(&operator))?;
    Ok((needed.finish(), outline))
}

/// From the metadata, or, before version 4, from the directory's name.
fn is_savepoint(outline: &Outline<'_>, location: &Location) -> bool {
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

/// What the stores show of each file, in the order of `files`.
async fn look_for(storage: &Storage, files: &[NeededFile], progress: &dyn Progress) -> Vec<Seen> {
    let mut by_directory: HashMap<Location, Vec<usize>> = HashMap::new();
    for (at, file) in files.iter().enumerate() {
        by_directory
            .entry(file.location.parent())
            .or_default()
            .push(at);
    }
    let results: Vec<Vec<(usize, Seen)>> = stream::iter(by_directory)
        .map(|(directory, members)| async move {
            let found = in_directory(storage, &directory, files, &members).await;
            members.iter().for_each(|_| progress.step());
            found
        })
        .buffer_unordered(DIRECTORIES_AT_ONCE)
        .collect()
        .await;
    let mut seen = vec![Seen::Missing; files.len()];
    for (at, result) in results.into_iter().flatten() {
        if let Some(place) = seen.get_mut(at) {
            *place = result;
        }
    }
    seen
}

async fn in_directory(
    storage: &Storage,
    directory: &Location,
    files: &[NeededFile],
    members: &[usize],
) -> Vec<(usize, Seen)> {
    let members = members.iter().filter_map(|&at| Some((at, files.get(at)?)));
    let members: Vec<_> = members.collect();
    if members.len() >= LISTED_FROM {
        match storage.list(directory).await {
            Ok(listing) => {
                let sizes: HashMap<&str, u64> = listing
                    .files
                    .iter()
                    .map(|file| (file.name(), file.size))
                    .collect();
                let look = |(at, file): (usize, &NeededFile)| {
                    let size = sizes.get(file.location.file_name());
                    (at, size.map_or(Seen::Missing, |&size| Seen::Present(size)))
                };
                return members.into_iter().map(look).collect();
            }
            Err(error) if error.is_not_found() => {
                return members
                    .into_iter()
                    .map(|(at, _)| (at, Seen::Missing))
                    .collect();
            }
            // Reading may be allowed where listing is not.
            Err(_) => {}
        }
    }
    stream::iter(members)
        .map(|(at, file)| async move { (at, seen(storage.head(&file.location).await)) })
        .buffer_unordered(LISTED_FROM)
        .collect()
        .await
}

fn seen(answer: Result<crate::storage::ObjectInfo, StorageError>) -> Seen {
    match answer {
        Ok(info) => Seen::Present(info.size),
        Err(error) if error.is_not_found() => Seen::Missing,
        Err(error) => Seen::Unknown(error.to_string()),
    }
}
