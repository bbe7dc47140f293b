use crate::health::files::Seen;
use statescope_format::location::Location;

/// What looking for a snapshot's files showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looked {
    /// What was seen of each file, in their order.
    pub seen: Vec<Seen>,
    /// How many of them were opened, or read a byte of.
    pub opened: u64,
    /// Pairs of directories by which files were looked for elsewhere than where they are recorded.
    pub maps: Vec<PathMap>,
    /// Whether such files will be where they are recorded when it matters.
    pub maps_assumed: bool,
    /// Missing files that lie beside the metadata.
    pub beside: Vec<PathMap>,
}

/// Files that are recorded below one directory and lie below another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathMap {
    /// The directory as it is recorded.
    pub from: Location,
    /// Where they lie.
    pub to: Location,
    /// The files, by position.
    pub files: Vec<usize>,
}

impl PathMap {
    /// Adds a file to the pair that it is of.
    pub fn add(maps: &mut Vec<Self>, from: &Location, to: &Location, file: usize) {
        let known = maps.iter_mut();
        let mut known = known.filter(|map| map.from == *from && map.to == *to);
        match known.next() {
            Some(map) => map.files.push(file),
            None => maps.push(Self {
                from: from.clone(),
                to: to.clone(),
                files: vec![file],
            }),
        }
    }
}
