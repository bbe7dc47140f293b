//! The only functions that write into a store.

#[cfg(feature = "hdfs")]
use std::hash::{BuildHasher, Hasher, RandomState};

use bytes::Bytes;

use crate::storage::open::Place;
use crate::storage::{Request, Storage, StorageError, local};
use statescope_format::location::Location;

impl Storage {
    /// Writes a file as a whole: under its name there is either nothing, what was there before, or
    /// all of the content. Directories are made where needed.
    ///
    /// # Errors
    /// When the store refuses or does not answer.
    pub async fn put(&self, location: &Location, content: Bytes) -> Result<(), StorageError> {
        // It is read back from there.
        let location = &*self.moved(location);
        let call = self.call(location, Request::Write);
        self.clean(async {
            let _permit = self.permit(&call).await?;
            match self.place(&call)? {
                Place::Local(path) => local::write(&call, &path, content).await,
                Place::Object(objects, key) => objects.write(&call, &key, content).await,
            }
        })
        .await
    }
}

/// What a file of HDFS is called until it is whole: hidden, and another name for each writer. Process
/// ids would not do: in containers they are all the same.
#[cfg(feature = "hdfs")]
pub(super) fn unfinished_name(name: &str) -> String {
    let random = RandomState::new().build_hasher().finish();
    format!(".{name}.{random:016x}.tmp")
}

#[cfg(all(test, feature = "hdfs"))]
mod tests {
    use super::*;

    #[test]
    fn two_writers_of_a_file_do_not_meet() {
        let (one, other) = (unfinished_name("a.parquet"), unfinished_name("a.parquet"));
        assert_ne!(one, other);
        assert!(one.starts_with(".a.parquet.") && one.ends_with(".tmp"));
    }
}
