//! Missing files that a copy of the snapshot brought along.

use std::collections::{BTreeMap, HashMap};

use crate::storage::Storage;
use statescope_analysis::health::files::{NeededFile, PathMap, Seen};
use statescope_analysis::snapshot::references::Base;
use statescope_format::location::Location;

/// Directories of missing files that are looked for.
const DIRECTORIES_MAX: usize = 64;
/// Names at the end of a recorded directory that a copy keeps: `<job>/shared/...`.
const KEPT_NAMES_MAX: usize = 4;
/// How far above the metadata the copy may begin: a checkpoint is two levels below its base.
const LEVELS_MAX: usize = 3;
/// Listings that this may cost.
const LISTINGS_MAX: usize = 200;

/// Finds missing files in and around the directory that the metadata lies in, and says by which
/// pairs of directories their recorded paths lead there.
pub(super) async fn find(
    storage: &Storage,
    base: &Base,
    files: &[NeededFile],
    seen: &[Seen],
) -> Vec<PathMap> {
    let Some(own) = base.directory() else {
        return Vec::new();
    };
    let mut missing: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, (file, seen)) in files.iter().zip(seen).enumerate() {
        // What a map was given for is somewhere else.
        let is_mapped = storage.relocation(&file.location).is_some();
        if *seen == Seen::Missing && file.absolute && !is_mapped {
            let directory = file.location.parent().to_string();
            missing.entry(directory).or_default().push(at);
        }
    }
    let mut search = Search {
        storage,
        listings: HashMap::new(),
    };
    let mut maps: Vec<PathMap> = Vec::new();
    for (directory, members) in missing.into_iter().take(DIRECTORIES_MAX) {
        let recorded = Location::new(directory);
        for (suffix, from, to) in candidates(&recorded, own) {
            let found = search.found(&to, &suffix, files, &members).await;
            if !found.is_empty() {
                let (from, to) = shortest(from, to);
                for at in found {
                    PathMap::add(&mut maps, &from, &to, at);
                }
                break;
            }
        }
    }
    maps
}

struct Search<'s> {
    storage: &'s Storage,
    /// Sizes by name; nothing for a directory that cannot be listed.
    listings: HashMap<String, HashMap<String, u64>>,
}

impl Search<'_> {
    /// Which of the files are in a directory, with all their bytes.
    async fn found(
        &mut self,
        to: &Location,
        suffix: &str,
        files: &[NeededFile],
        members: &[usize],
    ) -> Vec<usize> {
        let directory = match suffix {
            "" => to.clone(),
            suffix => to.join(suffix),
        };
        if !self.listings.contains_key(directory.as_str()) {
            if self.listings.len() >= LISTINGS_MAX {
                return Vec::new();
            }
            let listing = self.storage.list(&directory).await.unwrap_or_default();
            let sizes = listing.files.iter();
            let sizes = sizes.map(|file| (file.name().to_owned(), file.size));
            self.listings.insert(directory.to_string(), sizes.collect());
        }
        let Some(sizes) = self.listings.get(directory.as_str()) else {
            return Vec::new();
        };
        let is_there = |&&at: &&usize| {
            files.get(at).is_some_and(|file| {
                let size = sizes.get(file.location.file_name());
                size.is_some_and(|&size| size >= file.bytes.unwrap_or_default().max(file.reach))
            })
        };
        members.iter().filter(is_there).copied().collect()
    }
}

/// Where a copy may have taken a recorded directory: the names at its end that it kept, what is before
/// them, and what is there in its place. The most likely first.
fn candidates(recorded: &Location, own: &Location) -> Vec<(String, Location, Location)> {
    let mut candidates = Vec::new();
    let mut from = recorded.clone();
    let mut kept: Vec<String> = Vec::new();
    for _ in 0..=KEPT_NAMES_MAX {
        let suffix: Vec<_> = kept.iter().rev().map(String::as_str).collect();
        let suffix = suffix.join("/");
        let mut to = own.clone();
        for _ in 0..=LEVELS_MAX {
            candidates.push((suffix.clone(), from.clone(), to.clone()));
            let above = to.parent();
            if above == to || above.as_str().is_empty() {
                break;
            }
            to = above;
        }
        let name = from.file_name().to_owned();
        let above = from.parent();
        // Names out of a file must not lead anywhere else.
        let is_top = above == from || above.as_str().is_empty() || is_scheme(&above);
        if matches!(name.as_str(), "" | "." | "..") || is_top {
            break;
        }
        kept.push(name);
        from = above;
    }
    // Files that lie right beside the metadata, then those with the most names kept.
    candidates.sort_by_key(|(suffix, _, to)| {
        let is_own = suffix.is_empty() && to == own;
        (
            !is_own,
            suffix.is_empty(),
            std::cmp::Reverse(suffix.matches('/').count()),
        )
    });
    candidates
}

/// Without the names at the end that are the same on both sides.
fn shortest(mut from: Location, mut to: Location) -> (Location, Location) {
    loop {
        let (above_from, above_to) = (from.parent(), to.parent());
        let same = from.file_name() == to.file_name() && !from.file_name().is_empty();
        let is_top = |above: &Location| above.file_name().is_empty() || is_scheme(above);
        let is_top = is_top(&above_from) || is_top(&above_to);
        if !same || is_top || above_from == from || above_to == to {
            return (from, to);
        }
        (from, to) = (above_from, above_to);
    }
}

/// Whether nothing but a scheme is left.
fn is_scheme(location: &Location) -> bool {
    location.as_str().ends_with(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copied_job_directory_is_among_the_candidates() {
        let job = "0040568ceebf0040568ceebf0040568c";
        let recorded = Location::new(format!("s3://b/old/checkpoints/{job}/shared"));
        let own = Location::new(format!("/copies/{job}/chk-7"));
        let wanted = (
            format!("{job}/shared"),
            Location::new("s3://b/old/checkpoints"),
            Location::new("/copies"),
        );
        assert!(candidates(&recorded, &own).contains(&wanted));
    }

    #[test]
    fn names_that_both_sides_have_are_left_out() {
        let pair = |from, to| shortest(Location::new(from), Location::new(to));
        let (from, to) = pair("file:/data/old/savepoints/sp-1", "/copies/sp-1");
        assert_eq!(
            (from.as_str(), to.as_str()),
            ("file:/data/old/savepoints", "/copies")
        );
        let (from, to) = pair("s3://b/sp", "/sp");
        assert_eq!((from.as_str(), to.as_str()), ("s3://b/sp", "/sp"));
    }
}
