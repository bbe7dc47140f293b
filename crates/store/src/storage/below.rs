//! Removing what is below a base.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use futures_util::{StreamExt, stream};

use crate::storage::local::{self, Ground};
use crate::storage::{Request, Storage, StorageError, StorageErrorKind};
use statescope_format::location::{FileIdentity, Location};

/// Files that are moved at a time.
const MOVES_AT_ONCE: usize = 16;

/// Removes files below a base, and nothing else.
///
/// On local disk the base is opened once, and everything is reached from there name by name: a link
/// that somebody puts into the tree leads nowhere, and only files in directories that were listed are
/// removed. In other stores there are no links.
pub struct Removal {
    storage: Storage,
    ground: Option<Arc<Ground>>,
    quarantine: Option<(Location, Option<Arc<Ground>>)>,
    base: Location,
    listed: HashMap<String, FileIdentity>,
}

/// A file that is to go, as it was seen.
#[derive(Clone, Debug)]
pub struct Doomed {
    /// Where it is.
    pub location: Location,
    /// On local disk, its [`Revision`](statescope_format::location::Revision): another file in its place stays.
    pub seen: Option<u64>,
}

impl Storage {
    /// Opens a base below which files are to be removed.
    ///
    /// # Errors
    /// When it is not there, or cannot be opened.
    pub async fn removal(&self, base: &Location) -> Result<Removal, StorageError> {
        Ok(Removal {
            ground: self.ground(base, false).await?,
            storage: self.clone(),
            quarantine: None,
            base: base.clone(),
            listed: HashMap::new(),
        })
    }

    async fn ground(
        &self,
        place: &Location,
        make: bool,
    ) -> Result<Option<Arc<Ground>>, StorageError> {
        let place = &*self.moved(place);
        let Some(path) = place.local_path() else {
            return Ok(None);
        };
        let request = match make {
            true => Request::Write,
            false => Request::List,
        };
        let call = self.call(place, request);
        let ground = local::open_ground(&call, &path, make).await?;
        Ok(Some(Arc::new(ground)))
    }
}

impl Removal {
    /// Moves files to their paths below `quarantine` from now on, in place of deleting them. The
    /// directory is made where there are any.
    ///
    /// # Errors
    /// When it cannot be made or opened.
    pub async fn into_quarantine(&mut self, quarantine: &Location) -> Result<(), StorageError> {
        let ground = self.storage.ground(quarantine, true).await?;
        self.quarantine = Some((quarantine.clone(), ground));
        Ok(())
    }

    /// Notes which directory was listed at a place: there, and nowhere else, files are removed.
    pub fn listed(&mut self, directory: &Location, identity: Option<FileIdentity>) {
        if let Some(identity) = identity {
            self.listed.insert(name_of(directory), identity);
        }
    }

    /// How many files to remove before the time since the last look at the tree is looked at.
    pub fn at_once(&self) -> usize {
        match self.quarantine {
            Some(_) => MOVES_AT_ONCE,
            None => self.storage.deleted_at_once(&self.base),
        }
    }

    /// Deletes files, or moves them; the answers are in the order of `files`. A file that is not there
    /// counts as deleted.
    pub async fn remove(&self, files: &[Doomed]) -> Vec<Result<(), StorageError>> {
        match (&self.quarantine, &self.ground) {
            (None, None) => {
                let files: Vec<Location> = files.iter().map(|file| file.location.clone()).collect();
                self.storage.delete(&files).await
            }
            (None, Some(ground)) => {
                let mut answers = Vec::with_capacity(files.len());
                for file in files {
                    answers.push(self.delete_local(ground, file).await);
                }
                answers
            }
            (Some((place, target)), _) => {
                let moves = files
                    .iter()
                    .map(|file| self.move_file(file, place, target.as_ref()));
                stream::iter(moves).buffered(MOVES_AT_ONCE).collect().await
            }
        }
    }

    /// Removes a directory if it is empty; false if it is not. In object stores there are none, and
    /// nothing is done.
    ///
    /// # Errors
    /// When the store refuses. A directory that is not there is no error.
    pub async fn remove_empty_directory(&self, directory: &Location) -> Result<bool, StorageError> {
        let Some(ground) = &self.ground else {
            return self.storage.remove_empty_directory(directory).await;
        };
        let listed = self.listed.get(&name_of(directory)).copied();
        self.on_disk(directory, Request::Delete, ground, move |ground, path| {
            ground.remove_directory(path, listed)
        })
        .await
    }

    async fn delete_local(&self, ground: &Arc<Ground>, file: &Doomed) -> Result<(), StorageError> {
        let (file, seen) = (&file.location, file.seen);
        let listed = self.listed.get(&name_of(&file.parent())).copied();
        self.on_disk(file, Request::Delete, ground, move |ground, path| {
            ground.remove_file(path, listed, seen)
        })
        .await
    }

    async fn move_file(
        &self,
        file: &Doomed,
        quarantine: &Location,
        target: Option<&Arc<Ground>>,
    ) -> Result<(), StorageError> {
        let (file, seen) = (&file.location, file.seen);
        let to = in_quarantine(quarantine, &self.base, file);
        let (Some(ground), Some(target)) = (&self.ground, target) else {
            return self.storage.move_file(file, &to).await;
        };
        let listed = self.listed.get(&name_of(&file.parent())).copied();
        let to = self.storage.moved(&to).into_owned();
        let target = Arc::clone(target);
        self.on_disk(file, Request::Move, ground, move |ground, path| {
            let to = to.local_path().unwrap_or_default();
            ground.move_file(path, listed, seen, &target, &to)
        })
        .await
    }

    async fn on_disk<T: Send + 'static>(
        &self,
        place: &Location,
        request: Request,
        ground: &Arc<Ground>,
        work: impl FnOnce(&Ground, &Path) -> Result<T, local::Problem> + Send + 'static,
    ) -> Result<T, StorageError> {
        let place = &*self.storage.moved(place);
        let call = self.storage.call(place, request);
        let _permit = self.storage.permit(&call).await?;
        let Some(path) = place.local_path() else {
            return Err(call.error(StorageErrorKind::BadPath));
        };
        let path = path.into_owned();
        let ground = Arc::clone(ground);
        local::change(&call, move || work(&ground, &path)).await
    }
}

/// A directory's path, however many slashes are at its end.
fn name_of(directory: &Location) -> String {
    directory.as_str().trim_end_matches('/').to_owned()
}

/// The place of a file in quarantine: its path below the base.
fn in_quarantine(quarantine: &Location, base: &Location, file: &Location) -> Location {
    let path = file.as_str();
    let base = base.as_str().trim_end_matches('/');
    let below = path.strip_prefix(base).unwrap_or(path);
    quarantine.join(below.trim_start_matches('/'))
}
