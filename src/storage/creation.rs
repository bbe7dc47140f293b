//! The only functions that write into a store.

use bytes::Bytes;

use crate::location::Location;
use crate::storage::open::Place;
use crate::storage::{Request, Storage, StorageError, local};

impl Storage {
    /// Writes a file as a whole: under its name there is either nothing, what was there before, or
    /// all of the content. Directories are made where needed.
    ///
    /// # Errors
    /// When the store refuses or does not answer.
    pub async fn put(&self, location: &Location, content: Bytes) -> Result<(), StorageError> {
        let call = self.call(location, Request::Write);
        self.clean(async {
            let _permit = self.permit(&call).await?;
            match self.place(&call)? {
                Place::Local(path) => local::write(&call, path, content).await,
                Place::Object(objects, key) => objects.write(&call, &key, content).await,
            }
        })
        .await
    }
}
