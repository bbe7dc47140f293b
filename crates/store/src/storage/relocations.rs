use std::borrow::Cow;

use statescope_format::location::{Location, PlaceParts};

/// Files that lie elsewhere than their paths say.
#[derive(Clone, Debug, Default)]
pub(super) struct Relocations {
    /// A directory as paths have it, and where to look instead.
    pub(super) pairs: Vec<(Location, Location)>,
    /// Whether the files will be at their own paths again when a job needs them.
    pub(super) assumed: bool,
}

impl Relocations {
    /// Where to look for `location`, which may be another place than it says.
    pub(super) fn relocated<'l>(&self, location: &'l Location) -> Cow<'l, Location> {
        match self.applied(location) {
            Some((_, moved)) => Cow::Owned(moved),
            None => Cow::Borrowed(location),
        }
    }

    /// The pair by which a location is looked for elsewhere than where it says.
    pub(super) fn relocation(&self, location: &Location) -> Option<(&Location, &Location)> {
        let ((from, to), moved) = self.applied(location)?;
        (moved.place() != location.place()).then_some((from, to))
    }

    /// The first pair that applies to a location, and where that leads: once, and not again by
    /// another pair. What lies below the second directory of a pair is where that pair leads to.
    fn applied(&self, location: &Location) -> Option<(&(Location, Location), Location)> {
        self.pairs.iter().find_map(|pair| {
            let is_there = below(&pair.1, location).is_some() && below(&pair.0, &pair.1).is_some();
            Some((pair, leads(pair, location).filter(|_| !is_there)?))
        })
    }
}

/// Where a pair leads from a location; `None` for one that is not below its first directory.
fn leads((from, to): &(Location, Location), location: &Location) -> Option<Location> {
    below(from, location).map(|rest| to.join(rest))
}

/// The way from a directory to what is below it.
fn below<'l>(directory: &Location, location: &'l Location) -> Option<&'l str> {
    let directory = PlaceParts::of(directory.as_str().trim_end_matches('/').as_bytes());
    let parts = PlaceParts::of(location.as_str().as_bytes());
    let rest = parts.rest.strip_prefix(directory.rest)?;
    let rest = std::str::from_utf8(rest).ok()?;
    (directory.scheme == parts.scheme && rest.starts_with('/'))
        .then(|| rest.trim_start_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_below_a_moved_directory_is_looked_for_elsewhere() {
        let (from, to) = (Location::new("s3a://b/flink/"), Location::new("/copy"));
        let relocations = Relocations {
            pairs: vec![(from, to)],
            assumed: false,
        };
        for (location, expected) in [
            ("s3://b/flink/job/chk-1/x", "/copy/job/chk-1/x"),
            ("s3a://b/flink//x", "/copy/x"),
            ("s3://b/flinkish/x", "s3://b/flinkish/x"),
            ("s3://c/flink/x", "s3://c/flink/x"),
            ("/b/flink/x", "/b/flink/x"),
        ] {
            let location = Location::new(location);
            assert_eq!(relocations.relocated(&location).as_str(), expected);
        }
    }

    #[test]
    fn a_path_is_moved_once_and_what_lies_in_the_copy_stays() {
        let pairs = [
            ("/a", "/b"),
            ("/b", "/c"),
            ("/data", "/data/copy/"),
            ("/x", "/y"),
            ("/y", "/x"),
        ];
        let pairs = pairs.map(|(from, to)| (Location::new(from), Location::new(to)));
        let relocations = Relocations {
            pairs: pairs.to_vec(),
            assumed: false,
        };
        for (location, expected) in [
            ("/a/1", "/b/1"),
            ("/b/1", "/c/1"),
            ("/data/job/chk-1/1", "/data/copy/job/chk-1/1"),
            ("/data/copy/job/chk-1/1", "/data/copy/job/chk-1/1"),
            ("/data/copying/1", "/data/copy/copying/1"),
            ("/x/1", "/y/1"),
            ("/y/1", "/x/1"),
        ] {
            let location = Location::new(location);
            assert_eq!(relocations.relocated(&location).as_str(), expected);
        }
    }
}
