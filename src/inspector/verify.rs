use std::collections::HashMap;

use futures_util::{StreamExt, stream};

use crate::checkpoint::SnapshotType;
use crate::error::Error;
use crate::finding::Finding;
use crate::inspector::load::LoadedMetadata;
use crate::inspector::progress::Progress;
use crate::layout::{DirectoryKind, directory_kind};
use crate::location::Location;
use crate::metadata::Outline;
use crate::parse::to_u64;
use crate::references::Base;
use crate::storage::{Listing, ObjectInfo, Storage, StorageError};
use crate::verify::{FileCheck, Needed, NeededFile, NeededFiles, Seen};

/// From so many files in one directory on, it is listed instead of asking for each.
const LISTED_FROM: usize = 8;
/// Directories that are looked into at a time; the storage bounds the requests themselves.
const DIRECTORIES_AT_ONCE: usize = 16;

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
    // Paths in the metadata are absolute; whether they lead to the snapshot's own directory must not
    // depend on how that was typed.
    let base = loaded.base().directory().map(|base| storage.absolute(base));
    let base = Base::new(base);
    loaded.trust_its_store(storage);
    let (needed, outline) = needed(loaded, &base)?;
    let of_savepoint = is_savepoint(&outline, &storage.absolute(loaded.location()));
    progress.expect(to_u64(needed.files.len()));
    let seen = look_for(storage, &needed.files, progress).await;
    let (check, findings) = FileCheck::new(&needed, &seen, &base, of_savepoint);
    if check.missing > 0 && is_gone(storage, loaded).await {
        let location = loaded.location().clone();
        return Err(Error::Subsumed { location });
    }
    Ok((check, findings))
}

fn needed<'l>(loaded: &'l LoadedMetadata, base: &Base) -> Result<(Needed, Outline<'l>), Error> {
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

/// What the stores show of each file, in the order of `files`.
pub(super) async fn look_for(
    storage: &Storage,
    files: &[NeededFile],
    progress: &dyn Progress,
) -> Vec<Seen> {
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
            Ok(listing) => return in_listing(storage, &listing, members).await,
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

/// What a listing shows. Of one that is not whole, the files it lacks are asked for.
async fn in_listing(
    storage: &Storage,
    listing: &Listing,
    members: Vec<(usize, &NeededFile)>,
) -> Vec<(usize, Seen)> {
    let sizes = listing.files.iter().map(|file| (file.name(), file.size));
    let sizes: HashMap<&str, u64> = sizes.collect();
    let is_whole = listing.unknown.is_empty() && listing.skipped == 0 && listing.special.is_empty();
    let mut found = Vec::with_capacity(members.len());
    for (at, file) in members {
        let result = match sizes.get(file.location.file_name()) {
            Some(&size) => Seen::Present(size),
            None if is_whole => Seen::Missing,
            None => seen(storage.head(&file.location).await),
        };
        found.push((at, result));
    }
    found
}

fn seen(answer: Result<ObjectInfo, StorageError>) -> Seen {
    match answer {
        Ok(info) => Seen::Present(info.size),
        Err(error) if error.is_not_found() => Seen::Missing,
        Err(error) => match error.not_asked() {
            Some(store) => Seen::NotAsked(store.to_owned()),
            None => Seen::Unknown(error.to_string()),
        },
    }
}
