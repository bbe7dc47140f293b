use std::borrow::Cow;
use std::hash::{Hash, Hasher};

use statescope_format::location::{Location, PlaceParts, Scheme};
use statescope_format::model::handle::{StateSize, StreamStateHandle};

/// The directory that `_metadata` was read from, against which relative handles resolve.
#[derive(Clone, Debug, Default)]
pub struct Base {
    directory: Option<Location>,
}

/// What makes two handles name the same bytes: the file, resolved as Flink resolves it, and for
/// segments the part of it (docs/format.md 9 and 11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PhysicalKey<'a> {
    /// `None` for a file below the base directory, whose path is relative to it.
    scheme: Option<Scheme>,
    path: &'a [u8],
    segment: Option<(u64, StateSize)>,
}

/// See [`Base::place`].
pub(crate) struct FilePlace<'a> {
    path: Cow<'a, [u8]>,
    segment: Option<(u64, StateSize)>,
}

impl Hash for FilePlace<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        PlaceParts::of(&self.path).hash(state);
        self.segment.hash(state);
    }
}

impl Base {
    /// The directory, or `None` where it is not known, as with standard input.
    pub fn new(directory: Option<Location>) -> Self {
        Self { directory }
    }

    /// The directory.
    pub fn directory(&self) -> Option<&Location> {
        self.directory.as_ref()
    }

    /// Full path of a relative handle; the relative path where the directory is not known.
    pub fn resolve(&self, relative: &str) -> String {
        match &self.directory {
            Some(directory) => directory.join(relative).as_str().to_owned(),
            None => relative.to_owned(),
        }
    }

    /// The key of a stream; `None` when its bytes are inside `_metadata` or there are none.
    pub fn key<'a>(&self, stream: &StreamStateHandle<'a>) -> Option<PhysicalKey<'a>> {
        match stream.physical() {
            StreamStateHandle::File { path, .. } => Some(self.absolute(path.as_bytes(), None)),
            StreamStateHandle::Relative { path, .. } => Some(PhysicalKey {
                scheme: None,
                path: path.as_bytes(),
                segment: None,
            }),
            StreamStateHandle::Segment(segment) => {
                let part = Some((segment.start, segment.size));
                Some(self.absolute(segment.path.as_bytes(), part))
            }
            StreamStateHandle::ByteStream(_)
            | StreamStateHandle::KeyGroups(_)
            | StreamStateHandle::EmptySegment => None,
        }
    }

    /// What is the same for all mentions of the same bytes, in whichever snapshot they are: scheme,
    /// full path, and of a segment its place in the file. `None` as for [`key`](Self::key).
    pub(crate) fn place<'s>(&self, stream: &'s StreamStateHandle<'_>) -> Option<FilePlace<'s>> {
        let (path, segment) = match stream.physical() {
            StreamStateHandle::File { path, .. } => (Cow::Borrowed(path.as_bytes()), None),
            StreamStateHandle::Relative { path, .. } => {
                let path = self.resolve(&path.to_str()).into_bytes();
                (Cow::Owned(path), None)
            }
            StreamStateHandle::Segment(segment) => (
                Cow::Borrowed(segment.path.as_bytes()),
                Some((segment.start, segment.size)),
            ),
            StreamStateHandle::ByteStream(_)
            | StreamStateHandle::KeyGroups(_)
            | StreamStateHandle::EmptySegment => return None,
        };
        Some(FilePlace { path, segment })
    }

    fn absolute<'a>(&self, path: &'a [u8], segment: Option<(u64, StateSize)>) -> PhysicalKey<'a> {
        let parts = PlaceParts::of(path);
        if let Some(path) = self.below(parts) {
            return PhysicalKey {
                scheme: None,
                path,
                segment,
            };
        }
        PhysicalKey {
            scheme: Some(parts.scheme),
            path: parts.rest,
            segment,
        }
    }

    /// The rest of the path, if it lies below the base directory.
    fn below<'a>(&self, parts: PlaceParts<'a>) -> Option<&'a [u8]> {
        let base = PlaceParts::of(self.directory.as_ref()?.as_str().as_bytes());
        if base.scheme != parts.scheme {
            return None;
        }
        let directory = base.rest.strip_suffix(b"/").unwrap_or(base.rest);
        parts.rest.strip_prefix(directory)?.strip_prefix(b"/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statescope_format::JavaStr;

    fn file(path: &str) -> StreamStateHandle<'_> {
        let path = JavaStr::new(path.as_bytes()).unwrap();
        StreamStateHandle::File {
            path,
            size: StateSize::UNKNOWN,
        }
    }

    #[test]
    fn a_relative_file_and_its_absolute_path_are_the_same_bytes() {
        let base = Base::new(Some(Location::new("/data/sp")));
        let relative = StreamStateHandle::Relative {
            path: JavaStr::new(b"x").unwrap(),
            size: StateSize::UNKNOWN,
        };
        assert_eq!(base.key(&relative), base.key(&file("file:/data/sp/x")));
        assert_ne!(base.key(&relative), base.key(&file("file:/data/sp2/x")));
        assert_ne!(base.key(&relative), base.key(&file("s3://data/sp/x")));
        assert_eq!(base.resolve("x"), "/data/sp/x");
    }

    #[test]
    fn names_of_one_bucket_are_the_same_bytes() {
        let base = Base::default();
        assert_eq!(base.key(&file("s3://b/x")), base.key(&file("s3a://b/x")));
        assert_ne!(base.key(&file("s3://b/x")), base.key(&file("s3://c/x")));
    }
}
