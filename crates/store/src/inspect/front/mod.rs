//! The short way to a snapshot: [`open`], then ask what it is. What the use cases take as requests has
//! its usual values here; for anything else, call them with [`Snapshot::storage`] and
//! [`Snapshot::metadata`].

pub mod blocking;
mod snapshot;

pub use snapshot::Snapshot;

use crate::error::Error;
use crate::storage::{Settings, Storage};

/// Opens the snapshot that `place` means: its directory, its `_metadata` file, or a pointer such as
/// `s3://bucket/savepoints@latest`.
///
/// The library never reads the environment, so this has [`Settings::new`]: no credentials, no region,
/// no configuration of Hadoop or Flink. That is enough for local disk. [`open_with`] takes a [`Storage`]
/// with settings of your own.
///
/// ```no_run
/// # async fn example() -> Result<(), statescope_store::Error> {
/// let snapshot = statescope_store::inspect::front::open("/data/savepoints@latest").await?;
/// println!("{} has {} operators", snapshot.location(), snapshot.operators().len());
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// When there is no such snapshot, or its metadata cannot be read or parsed.
pub async fn open(place: &str) -> Result<Snapshot, Error> {
    open_with(&Storage::new(Settings::new()), place).await
}

/// The same with stores that are reached as the settings of `storage` say. Snapshots that are opened
/// with one storage share its connections and its bound on requests.
///
/// # Errors
/// As [`open`].
pub async fn open_with(storage: &Storage, place: &str) -> Result<Snapshot, Error> {
    Snapshot::open(storage.clone(), place).await
}
