//! What can be told of a tree without listing all of it again.

use std::borrow::Cow;

use crate::storage::open::Place;
use crate::storage::{ObjectInfo, Request, Stamp, Storage, StorageError, local};
use statescope_format::location::{FileIdentity, Location};

impl Storage {
    /// Whether a place on local disk is in a file system of the kernel, such as `/proc`.
    pub async fn is_kernels(&self, location: &Location) -> bool {
        let Some(path) = self.moved(location).local_path().map(Cow::into_owned) else {
            return false;
        };
        let look = move || local::is_kernels(&path);
        tokio::task::spawn_blocking(look).await.unwrap_or(false)
    }

    /// The stamps of files and directories on local disk; as long as one is the same, so is what it
    /// was taken of. `None` where nothing of the kind can be relied on.
    pub async fn stamps(&self, locations: &[Location]) -> Vec<Option<Stamp>> {
        let none = vec![None; locations.len()];
        let paths: Vec<_> = locations
            .iter()
            .map(|location| self.moved(location).local_path().map(Cow::into_owned))
            .collect();
        if paths.iter().all(Option::is_none) {
            return none;
        }
        let look = move || -> Vec<Option<Stamp>> {
            let stamp = |path: Option<std::path::PathBuf>| local::stamp(&path?);
            paths.into_iter().map(stamp).collect()
        };
        tokio::task::spawn_blocking(look).await.unwrap_or(none)
    }

    /// Which files or directories paths on local disk lead to now; `None` where there is nothing, or
    /// nothing that tells it.
    pub async fn identities(&self, locations: &[Location]) -> Vec<Option<FileIdentity>> {
        let none = vec![None; locations.len()];
        let paths: Vec<_> = locations
            .iter()
            .map(|location| self.moved(location).local_path().map(Cow::into_owned))
            .collect();
        let look = move || -> Vec<Option<FileIdentity>> {
            let identity = |path: Option<std::path::PathBuf>| local::identity_at(&path?);
            paths.into_iter().map(identity).collect()
        };
        tokio::task::spawn_blocking(look).await.unwrap_or(none)
    }

    /// What paths on local disk lead to by symbolic links: those of the paths for which that is
    /// another place, and why it cannot be told of others.
    ///
    /// # Errors
    /// When the disk does not answer.
    pub async fn led_to(
        &self,
        locations: &[Location],
    ) -> Result<Vec<(Location, Result<Location, String>)>, StorageError> {
        /// Paths that are followed before the clock of one answer begins anew.
        const AT_ONCE: usize = 1000;
        let mut all = Vec::new();
        for some in locations.chunks(AT_ONCE) {
            let local = some.iter().filter_map(|location| {
                let path = self.moved(location).local_path()?.into_owned();
                Some((location, path))
            });
            let (locations, paths): (Vec<&Location>, Vec<_>) = local.unzip();
            let Some(first) = locations.first() else {
                continue;
            };
            let call = self.call(first, Request::LookUp);
            let answers = self.clean(local::led_to(&call, paths)).await?;
            all.extend(
                locations
                    .into_iter()
                    .zip(answers)
                    .filter_map(|(from, answer)| {
                        let to = match answer {
                            Ok(None) => return None,
                            Ok(Some(to)) => Location::of_path(&to).ok_or_else(|| {
                                "the name that it leads to cannot be written".to_owned()
                            }),
                            Err(error) => Err(error.to_string()),
                        };
                        Some((from.clone(), to))
                    }),
            );
        }
        Ok(all)
    }

    /// All files of one name below a directory, at any depth, by one listing without levels: in
    /// object stores that takes a request for each thousand objects. `None` where there is no such
    /// listing.
    ///
    /// # Errors
    /// When the store cannot be asked.
    pub async fn find_below(
        &self,
        directory: &Location,
        name: &str,
    ) -> Result<Option<Vec<ObjectInfo>>, StorageError> {
        let directory = &*self.moved(directory);
        let call = self.call(directory, Request::List);
        self.clean(async {
            let _permit = self.permit(&call).await?;
            match self.place(&call)? {
                Place::Local(_) => Ok(None),
                Place::Object(objects, key) => objects.find_below(&call, &key, name).await,
            }
        })
        .await
    }

    /// How many files one request deletes at most: in stores without such requests, how many are
    /// deleted between two looks at the time.
    pub fn deleted_at_once(&self, location: &Location) -> usize {
        use statescope_format::location::Scheme;
        match location.scheme() {
            Scheme::S3 | Scheme::Memory => 1000,
            Scheme::Azure => 256,
            _ => 64,
        }
    }
}
