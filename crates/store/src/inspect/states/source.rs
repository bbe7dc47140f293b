use std::borrow::Cow;
use std::ops::Range;

use crate::inspect::states::Trouble;
use crate::storage::Storage;
use statescope_analysis::snapshot::references::Base;
use statescope_format::location::{Location, as_flink_opens, shown};
use statescope_format::model::handle::{StateSize, StreamStateHandle};
use statescope_format::reader::to_u64;

/// The bytes of one stream: positions count from its start, wherever that lies in a file.
#[derive(Clone)]
pub(super) struct Source<'s, 'a> {
    storage: &'s Storage,
    place: Place<'a>,
}

#[derive(Clone)]
enum Place<'a> {
    Inline(&'a [u8]),
    File {
        location: Location,
        start: u64,
        length: Option<u64>,
    },
    /// Relative to a directory that is not known.
    Nowhere(String),
}

/// A file of no bytes is never written: whoever records 0 did not know.
fn recorded(size: StateSize) -> Option<u64> {
    size.bytes().filter(|&bytes| bytes > 0)
}

/// A stream's bytes in some range.
pub(super) type Bytes<'a> = Cow<'a, [u8]>;

impl<'s, 'a> Source<'s, 'a> {
    pub(super) fn new(storage: &'s Storage, base: &Base, stream: &StreamStateHandle<'a>) -> Self {
        let file = |path: String, start, length| Place::File {
            location: Location::new(as_flink_opens(&path)),
            start,
            length,
        };
        let place = match stream.physical() {
            StreamStateHandle::ByteStream(bytes) => Place::Inline(bytes.data()),
            StreamStateHandle::File { path, size } => file(path.to_string(), 0, recorded(*size)),
            StreamStateHandle::Relative { path, size } if base.directory().is_some() => {
                file(base.resolve(&path.to_str()), 0, recorded(*size))
            }
            StreamStateHandle::Relative { path, .. } => Place::Nowhere(path.to_string()),
            StreamStateHandle::Segment(segment) => file(
                segment.path.to_string(),
                segment.start,
                segment.size.bytes(),
            ),
            StreamStateHandle::KeyGroups(_) | StreamStateHandle::EmptySegment => Place::Inline(&[]),
        };
        Self { storage, place }
    }

    /// The same stream, known to have so many bytes whatever its handle records.
    pub(super) fn of_length(self, bytes: u64) -> Self {
        let place = match self.place {
            Place::File {
                location, start, ..
            } => Place::File {
                location,
                start,
                length: Some(bytes),
            },
            place => place,
        };
        Self { place, ..self }
    }

    /// The same stream with the length of its file, where its handle records another.
    pub(super) async fn if_recorded_wrong(&self) -> Option<Self> {
        let Place::File {
            location,
            start: 0,
            length: Some(recorded),
        } = &self.place
        else {
            return None;
        };
        let info = self.storage.head(location).await.ok()?;
        (info.size != *recorded).then(|| self.clone().of_length(info.size))
    }

    /// The file; `None` for bytes inside `_metadata`.
    pub(super) fn path(&self) -> Option<String> {
        match &self.place {
            Place::Inline(_) => None,
            Place::File { location, .. } => Some(location.to_string()),
            Place::Nowhere(path) => Some(shown(path).into_owned()),
        }
    }

    /// Length of the stream in bytes. The store is asked where the handle does not say.
    pub(super) async fn length(&self) -> Result<u64, Trouble> {
        match &self.place {
            Place::File {
                length: Some(length),
                ..
            } => Ok(*length),
            _ => self.length_of_file().await,
        }
    }

    /// The length up to the end of the file, whatever is recorded.
    pub(super) async fn length_of_file(&self) -> Result<u64, Trouble> {
        match &self.place {
            Place::Inline(bytes) => Ok(to_u64(bytes.len())),
            Place::File {
                location, start, ..
            } => {
                let info = self.storage.head(location).await?;
                Ok(info.size.saturating_sub(*start))
            }
            Place::Nowhere(_) => Err(Trouble::UnknownDirectory),
        }
    }

    /// The bytes of a range, which must not go beyond the stream's length.
    pub(super) async fn read(&self, range: Range<u64>) -> Result<Bytes<'a>, Trouble> {
        match &self.place {
            Place::Inline(bytes) => {
                let at = |position| usize::try_from(position).unwrap_or(usize::MAX);
                let part = bytes.get(at(range.start)..at(range.end).min(bytes.len()));
                Ok(Cow::Borrowed(part.unwrap_or_default()))
            }
            Place::File {
                location, start, ..
            } => {
                let range = range.start.saturating_add(*start)..range.end.saturating_add(*start);
                let bytes = self.storage.read_range(location, range).await?;
                Ok(Cow::Owned(bytes.to_vec()))
            }
            Place::Nowhere(_) => Err(Trouble::UnknownDirectory),
        }
    }
}
