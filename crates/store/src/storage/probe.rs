use crate::storage::open::Place;
use crate::storage::{Request, Storage, StorageError, local};
use statescope_format::location::Location;

impl Storage {
    /// Whether the content of a file can be had, which a listing does not say: a local file is
    /// opened, of any other its first byte is read.
    ///
    /// # Errors
    /// Why it cannot.
    pub async fn probe(&self, location: &Location) -> Result<(), StorageError> {
        let moved = &*self.moved(location);
        let call = self.call(moved, Request::Read);
        let local = self.clean(async {
            let _permit = self.permit(&call).await?;
            match self.place(&call)? {
                Place::Local(path) => local::open(&call, &path).await.map(|()| true),
                Place::Object(..) => Ok(false),
            }
        });
        match local.await? {
            true => Ok(()),
            false => self.read_range(location, 0..1).await.map(drop),
        }
    }

    /// The pair of [`Settings::relocations`](crate::storage::Settings) that a location is looked for
    /// by; `None` for one that is looked for where it says.
    pub fn relocation(&self, location: &Location) -> Option<(&Location, &Location)> {
        self.relocations().relocation(location)
    }

    /// Whether relocated files are taken to be at their own paths again when it matters.
    pub fn assumes_relocations(&self) -> bool {
        self.relocations().assumed
    }
}
