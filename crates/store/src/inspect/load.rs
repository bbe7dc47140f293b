use std::time::SystemTime;

use bytes::Bytes;

use crate::error::Error;
use crate::storage::{Storage, StorageError};
use statescope_analysis::finding::Finding;
use statescope_analysis::health::sanity::Validator;
use statescope_analysis::snapshot::references::Base;
use statescope_analysis::snapshot::summary::{Detail, SnapshotSummary, Summarizer};
use statescope_format::layout::METADATA_FILE;
use statescope_format::location::{Location, Scheme};
use statescope_format::metadata::{self, MetadataParser, Outline, ParsedMetadata, Recoding};
use statescope_format::model::checkpoint::OperatorState;
use statescope_format::reader::{ParseError, to_u64};

/// The bytes of a `_metadata` file and where they came from.
#[derive(Clone, Debug)]
pub struct LoadedMetadata {
    location: Location,
    base: Base,
    bytes: Bytes,
}

impl LoadedMetadata {
    /// Bytes that did not come from a store, such as standard input; relative paths in them stay
    /// relative.
    pub fn from_bytes(label: &str, bytes: impl Into<Bytes>) -> Self {
        Self {
            location: Location::new(label),
            base: Base::default(),
            bytes: bytes.into(),
        }
    }

    /// Bytes that belong to `location`, wherever they were read.
    pub(super) fn of_place(location: Location, bytes: Bytes) -> Self {
        Self {
            base: Base::new(Some(location.parent())),
            location,
            bytes,
        }
    }

    /// The file.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// The directory that relative paths belong to.
    pub fn base(&self) -> &Base {
        &self.base
    }

    /// The file's content.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whoever named the file named its store. Bytes without a place came from no store.
    pub(super) fn trust_its_store(&self, storage: &Storage) {
        if self.base.directory().is_some() {
            storage.trust(&self.location);
        }
    }

    /// Parses the content.
    ///
    /// # Errors
    /// [`Error::Parse`] or [`Error::Recoded`], with the file's location.
    pub fn parse(&self) -> Result<ParsedMetadata<'_>, Error> {
        metadata::parse(&self.bytes).map_err(|error| self.parse_error(error))
    }

    /// Parses the content operator by operator.
    ///
    /// # Errors
    /// [`Error::Parse`], with the file's location.
    pub fn parse_each<'a>(
        &'a self,
        each: &mut dyn FnMut(OperatorState<'a>),
    ) -> Result<Outline<'a>, Error> {
        MetadataParser::default()
            .parse_each(&self.bytes, each)
            .map_err(|error| self.parse_error(error))
    }

    /// An error about this file.
    pub fn parse_error(&self, source: ParseError) -> Error {
        let location = self.location.clone();
        match Recoding::of(&self.bytes) {
            Some(recoding) => Error::Recoded {
                location,
                recoding,
                source,
            },
            None => Error::Parse { location, source },
        }
    }

    /// Bytes of the file.
    pub fn metadata_bytes(&self) -> u64 {
        to_u64(self.bytes.len())
    }
}

/// Reads the metadata that `location` points at, as Flink resolves such pointers: a file of any
/// name, or a directory with a `_metadata` in it (docs/format.md 9). The caller names the store with
/// it, so it may be asked.
///
/// # Errors
/// [`Error::NoMetadata`] for a directory without one; what the store says otherwise.
pub async fn load(storage: &Storage, location: &Location) -> Result<LoadedMetadata, Error> {
    storage.trust(location);
    if location.file_name() == METADATA_FILE {
        return read(storage, location.clone()).await;
    }
    // Object stores have no cheap "is this a directory": the likely file is simply asked for.
    match read(storage, location.join(METADATA_FILE)).await {
        Err(Error::Storage(error)) if error.is_not_found() => {}
        done => return done,
    }
    match storage.list(location).await {
        Ok(_) => Err(Error::NoMetadata {
            directory: location.clone(),
        }),
        // Not a directory, or on a web server, which cannot list: a file of another name, then.
        Err(error) if error.is_not_found() || location.scheme() == Scheme::Http => {
            read(storage, location.clone()).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn read(storage: &Storage, location: Location) -> Result<LoadedMetadata, Error> {
    let (loaded, _) = fetch(storage, location).await?;
    Ok(loaded)
}

/// Reads a file and the time of its last change.
pub(super) async fn fetch(
    storage: &Storage,
    location: Location,
) -> Result<(LoadedMetadata, Option<SystemTime>), StorageError> {
    let (info, bytes) = storage.fetch(&location).await?;
    let loaded = LoadedMetadata {
        base: Base::new(Some(location.parent())),
        location,
        bytes,
    };
    Ok((loaded, info.modified))
}

/// Sums up and checks a file in one pass; memory holds one operator's handles at a time.
///
/// # Errors
/// [`Error::Parse`], with the file's location; [`Error::NoMemory`].
pub fn summarize(
    loaded: &LoadedMetadata,
    detail: Detail,
) -> Result<(SnapshotSummary, Vec<Finding>), Error> {
    summarize_noting(loaded, detail, &mut |_| {})
}

/// The same, and shows each operator to `note`.
pub(super) fn summarize_noting(
    loaded: &LoadedMetadata,
    detail: Detail,
    note: &mut dyn FnMut(&OperatorState<'_>),
) -> Result<(SnapshotSummary, Vec<Finding>), Error> {
    let mut summarizer = Summarizer::new(&loaded.base, detail);
    let mut validator = Validator::default();
    let outline = loaded.parse_each(&mut |operator| {
        validator.operator(&operator);
        summarizer.operator(&operator);
        note(&operator);
    })?;
    if let Some(bytes) = summarizer.not_had() {
        let location = loaded.location.clone();
        return Err(Error::NoMemory { location, bytes });
    }
    // Before what sorting takes.
    let findings = validator.finish(&outline);
    let location = loaded.location.to_string();
    let mut summary = summarizer.finish(&outline, &location, loaded.metadata_bytes());
    summary.metadata_digest = Some(twox_hash::XxHash3_64::oneshot(loaded.bytes()));
    Ok((summary, findings))
}
