use crate::storage::Storage;
use statescope_format::location::{Location, PlaceKey, place_key};

/// The bases: below the first, files may go; the others are only read.
#[derive(Clone, Debug)]
pub(in crate::inspect) struct Bases {
    roots: Vec<PlaceKey>,
    locations: Vec<Location>,
    first: Location,
}

impl Bases {
    pub(in crate::inspect) fn new(storage: &Storage, base: &Location, also: &[Location]) -> Self {
        // Whoever may have files deleted there may have them looked at.
        for location in std::iter::once(base).chain(also) {
            storage.trust(location);
        }
        let locations: Vec<_> = std::iter::once(base)
            .chain(also)
            .map(|location| storage.absolute(location))
            .collect();
        let roots = locations.iter().map(place_key).collect();
        Self {
            roots,
            locations,
            first: base.clone(),
        }
    }

    /// Bases of which none is special.
    pub(in crate::inspect) fn as_given(locations: &[Location]) -> Self {
        Self {
            roots: locations.iter().map(place_key).collect(),
            locations: locations.to_vec(),
            first: locations.first().cloned().unwrap_or(Location::new("")),
        }
    }

    /// Whether a place is in one of them.
    pub(in crate::inspect) fn contain(&self, path: &str) -> bool {
        let (scheme, path) = place_key(&Location::new(path));
        self.roots.iter().any(|(of, root)| {
            let below = path.strip_prefix(root.as_slice());
            *of == scheme && below.is_some_and(|rest| rest.starts_with(b"/"))
        })
    }

    /// The base in which files may go.
    pub(in crate::inspect) fn first(&self) -> &Location {
        &self.first
    }

    /// All of them.
    pub(in crate::inspect) fn locations(&self) -> &[Location] {
        &self.locations
    }

    /// The base that a directory is, by position.
    pub(in crate::inspect) fn root(&self, location: &Location) -> Option<usize> {
        let place = place_key(location);
        // One that is given both ways is only read.
        self.roots.iter().rposition(|root| *root == place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::Settings;

    #[test]
    fn a_base_is_known_however_its_slashes_are_written() {
        let storage = Storage::new(Settings::new());
        let base = Location::new("s3://b/c");
        let bases = Bases::new(&storage, &base, &[Location::new("s3a://b//c/d//")]);
        assert_eq!(bases.root(&Location::new("s3://b/c/d")), Some(1));
        assert_eq!(bases.root(&Location::new("s3://b/c/e")), None);
        for (path, inside) in [
            ("s3://b//c///x", true),
            ("s3://b/c", false),
            ("s3://b/cc/x", false),
        ] {
            assert_eq!(bases.contain(path), inside, "{path}");
        }
        let root = Bases::new(&storage, &Location::new("/"), &[]);
        assert!(root.contain("file:///x"));
    }
}
