use std::collections::HashMap;

use futures_util::{StreamExt, stream};

use crate::inspect::progress::Progress;
use crate::storage::{Listing, ObjectInfo, Storage, StorageError, StorageErrorKind};
use statescope_analysis::finding::{Finding, FindingKind, Place};
use statescope_analysis::health::files::{NeededFile, Seen};
use statescope_format::location::{Location, Scheme};

/// From so many files in one directory on, it is listed instead of asking for each.
const LISTED_FROM: usize = 8;
/// Directories that are looked into at a time; the storage bounds the requests themselves.
const DIRECTORIES_AT_ONCE: usize = 16;

/// What a store showed of the files in one directory.
struct Looked {
    /// By position among all files.
    files: Vec<(usize, Seen)>,
    /// Why the directory was not listed.
    refused: Option<Finding>,
}

impl Looked {
    fn at(files: Vec<(usize, Seen)>) -> Self {
        let refused = None;
        Self { files, refused }
    }
}

/// What the stores show of each file, in the order of `files`, and what they refused to list.
pub(in crate::inspect) async fn look_for(
    storage: &Storage,
    files: &[NeededFile],
    progress: &dyn Progress,
) -> (Vec<Seen>, Vec<Finding>) {
    let mut by_directory: HashMap<Location, Vec<usize>> = HashMap::new();
    for (at, file) in files.iter().enumerate() {
        by_directory
            .entry(file.location.parent())
            .or_default()
            .push(at);
    }
    let results: Vec<Looked> = stream::iter(by_directory)
        .map(|(directory, members)| async move {
            let found = in_directory(storage, &directory, files, &members).await;
            members.iter().for_each(|_| progress.step());
            found
        })
        .buffer_unordered(DIRECTORIES_AT_ONCE)
        .collect()
        .await;
    let mut seen = vec![Seen::Missing; files.len()];
    let mut refused = Vec::new();
    for looked in results {
        refused.extend(looked.refused);
        for (at, result) in looked.files {
            if let Some(place) = seen.get_mut(at) {
                *place = result;
            }
        }
    }
    refused.sort_by(|a, b| a.place.path.cmp(&b.place.path));
    (seen, refused)
}

async fn in_directory(
    storage: &Storage,
    directory: &Location,
    files: &[NeededFile],
    members: &[usize],
) -> Looked {
    let members = members.iter().filter_map(|&at| Some((at, files.get(at)?)));
    let members: Vec<_> = members.collect();
    let mut refused = None;
    if members.len() >= LISTED_FROM {
        match storage.list(directory).await {
            Ok(listing) => return Looked::at(in_listing(storage, &listing, members).await),
            Err(error) if error.is_not_found() => {
                let missing = members.into_iter().map(|(at, _)| (at, Seen::Missing));
                return Looked::at(missing.collect());
            }
            Err(error) if *error.kind() == StorageErrorKind::AccessDenied => {
                // Reading may be allowed where listing is not.
                refused = Some(not_listed(directory, &error));
            }
            // Web servers have no listings.
            Err(_) if directory.scheme() == Scheme::Http => {}
            // A store that does not answer is not asked once more for every file.
            Err(error) => {
                let unknown = seen(Err(error));
                let unknown = members.into_iter().map(|(at, _)| (at, unknown.clone()));
                return Looked::at(unknown.collect());
            }
        }
    }
    let files = stream::iter(members)
        .map(|(at, file)| async move { (at, seen(storage.head(&file.location).await)) })
        .buffer_unordered(LISTED_FROM)
        .collect();
    Looked {
        files: files.await,
        refused,
    }
}

/// Why the files of a directory were asked for one by one.
fn not_listed(directory: &Location, error: &StorageError) -> Finding {
    Finding {
        kind: FindingKind::NotListed {
            reason: error.reason(),
        },
        place: Place {
            path: Some(directory.to_string()),
            ..Place::default()
        },
    }
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

pub(super) fn seen(answer: Result<ObjectInfo, StorageError>) -> Seen {
    match answer {
        Ok(info) => Seen::Present(info.size),
        Err(error) if error.is_not_found() => Seen::Missing,
        Err(error) => match error.not_asked() {
            Some(store) => Seen::NotAsked(store.to_owned()),
            None => Seen::Unknown(error.to_string()),
        },
    }
}
