//! Reading and listing stores: local disk, S3, HDFS, Google Cloud Storage, Azure, HTTP.
//!
//! [`Storage`] is the only thing in this library that does I/O. It is told how to reach stores by
//! [`Settings`], opens each store once, bounds every request in time and number, repeats what is
//! worth repeating, and fails with a [`StorageError`] that says what was asked, of what place,
//! what the store answered and what to check next.
//!
//! ```
//! use statescope_format::Location;
//! use statescope_store::storage::{Settings, Storage};
//!
//! # let directory = std::env::temp_dir().join("statescope-doc-storage");
//! # std::fs::create_dir_all(directory.join("chk-7")).unwrap();
//! # std::fs::write(directory.join("chk-7/_metadata"), b"....").unwrap();
//! # let base = directory.to_str().unwrap();
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let storage = Storage::new(Settings::new());
//! let base = Location::new(base);
//! // Only stores that somebody named are asked.
//! storage.trust(&base);
//! let listing = storage.list(&base).await?;
//! assert!(listing.directory_names().eq(["chk-7"]));
//!
//! let file = base.join("chk-7").join("_metadata");
//! assert_eq!(storage.read(&file).await?.len(), 4);
//! # Ok::<(), statescope_store::storage::StorageError>(())
//! # }).unwrap();
//! ```

mod below;
mod bounds;
mod call;
mod classify;
mod counts;
mod creation;
mod error;
mod flink_conf;
mod glance;
mod hint;
mod level;
mod listing;
mod local;
mod notes;
mod objects;
mod open;
mod probe;
pub mod regular;
mod relocations;
#[cfg(feature = "remote")]
mod remote;
mod removal;
mod secret;
mod settings;
mod store;
mod trust;
mod whole_file;
#[cfg(any(feature = "hdfs", feature = "remote"))]
mod xml;

#[cfg(feature = "azure")]
mod azure;
#[cfg(feature = "gcs")]
mod gcs;
#[cfg(feature = "hdfs")]
mod hdfs;
#[cfg(feature = "http")]
mod http;
#[cfg(feature = "s3")]
mod s3;

pub use below::{Doomed, Removal};
pub use counts::{RequestCounts, RequestKind};
pub use error::{Request, StorageError, StorageErrorKind};
pub use flink_conf::{FlinkConf, FlinkConfError};
pub use listing::{DirectoryInfo, Listing, ObjectInfo};
pub use local::Stamp;
#[cfg(all(feature = "remote", feature = "rest"))]
pub(crate) use remote::choose_cryptography;
pub use secret::{Secret, names_a_secret};
pub use settings::Settings;
pub use store::Storage;
pub use whole_file::{sync_directory, write_whole};
