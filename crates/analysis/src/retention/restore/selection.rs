use std::collections::HashSet;

use crate::retention::restore::MovedFile;
use statescope_format::location::{Location, Scheme};

/// Which files are to come back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestoreSelection {
    /// Directories of snapshots: what is in them, and what their metadata mentions elsewhere.
    pub snapshots: Vec<Location>,
    /// Files below these places, and these places themselves.
    pub below: Vec<Location>,
}

impl RestoreSelection {
    /// The files that are wanted, by position: all where nothing is selected. `mentioned` are the
    /// places of the files that the wanted snapshots mention.
    pub fn pick(&self, files: &[MovedFile], mentioned: &HashSet<(Scheme, Vec<u8>)>) -> Vec<usize> {
        let all = self.snapshots.is_empty() && self.below.is_empty();
        let places = self.snapshots.iter().chain(&self.below);
        let places: Vec<_> = places.map(directory).collect();
        let is_wanted = |file: &MovedFile| {
            let (scheme, path) = file.location.place();
            let is_in = |(base_scheme, base): &(Scheme, Vec<u8>)| {
                let below = path.strip_prefix(base.as_slice());
                scheme == *base_scheme
                    && below.is_some_and(|below| below.is_empty() || below.starts_with(b"/"))
            };
            all || places.iter().any(is_in) || mentioned.contains(&(scheme, path.clone()))
        };
        let files = files.iter().enumerate();
        files
            .filter(|(_, file)| is_wanted(file))
            .map(|(at, _)| at)
            .collect()
    }
}

/// The place without slashes at its end.
fn directory(location: &Location) -> (Scheme, Vec<u8>) {
    let (scheme, mut path) = location.place();
    while path.last() == Some(&b'/') {
        path.pop();
    }
    (scheme, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pick(selection: &RestoreSelection, mentioned: &[&str]) -> Vec<usize> {
        let files = [
            "/b/chk-1/_metadata",
            "/b/chk-1/x",
            "/b/shared/y",
            "/b/chk-10/z",
        ];
        let files = files.map(|file| MovedFile {
            location: Location::new(file),
            quarantined: Location::new("/q/x"),
            bytes: None,
            way: 0,
        });
        let mentioned = mentioned.iter().map(|file| Location::new(*file).place());
        selection.pick(&files, &mentioned.collect())
    }

    #[test]
    fn all_or_snapshots_or_what_is_below_a_place() {
        let mut selection = RestoreSelection::default();
        assert_eq!(pick(&selection, &[]), [0, 1, 2, 3]);
        selection.snapshots = vec![Location::new("file:///b/chk-1/")];
        assert_eq!(pick(&selection, &[]), [0, 1]);
        assert_eq!(pick(&selection, &["/b/shared/y"]), [0, 1, 2]);
        selection.snapshots.clear();
        selection.below = vec![Location::new("/b/shared"), Location::new("/b/chk-10/z")];
        assert_eq!(pick(&selection, &[]), [2, 3]);
    }
}
