use crate::error::Error;
use crate::inspect::load::{LoadedMetadata, load};
use crate::inspect::pointer::{JobChoice, Pointer};
use crate::storage::Storage;
use statescope_analysis::finding::Finding;
use statescope_format::location::Location;

/// A snapshot's metadata, and how it was chosen.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Opened {
    /// The metadata.
    pub metadata: LoadedMetadata,
    /// What to keep in mind with the choice: the newest was taken among snapshots of several jobs.
    pub notes: Vec<Finding>,
}

/// Reads the metadata of the snapshot that `place` means: its directory, its `_metadata` file, or a
/// [`Pointer`] such as `BASE@latest`, for which `choice` picks the job.
///
/// # Errors
/// As [`load`] and [`Pointer::resolve_of`].
pub async fn open(storage: &Storage, place: &str, choice: &JobChoice) -> Result<Opened, Error> {
    let (location, notes) = match Pointer::parse(place) {
        Some(pointer) => {
            storage.trust(&pointer.base);
            let resolved = pointer.resolve_of(storage, choice).await?;
            (resolved.location, resolved.notes)
        }
        None => (Location::new(place), Vec::new()),
    };
    let metadata = load(storage, &location).await?;
    Ok(Opened { metadata, notes })
}
