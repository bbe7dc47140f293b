//! The only functions that change anything in a store. None of them is recursive.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::storage::objects::Objects;
use crate::storage::open::{self, Place};
use crate::storage::{Request, Storage, StorageError, StorageErrorKind, local};
use statescope_format::location::Location;

/// What is to be removed from one store.
struct OfStore {
    objects: Arc<Objects>,
    /// The key of each object, and the position of its answer.
    keys: Vec<(usize, String)>,
}

impl Storage {
    /// Deletes files; the answers are in the order of `files`. A file that is not there counts as
    /// deleted. Object stores are asked in batches where they take any.
    pub async fn delete(&self, files: &[Location]) -> Vec<Result<(), StorageError>> {
        // What was listed and what is removed must be the same place.
        let files: &[Location] = &self.relocated(files);
        let mut answers: Vec<Option<Result<(), StorageError>>> =
            files.iter().map(|_| None).collect();
        let mut stores: BTreeMap<String, OfStore> = BTreeMap::new();
        for (at, file) in files.iter().enumerate() {
            let call = self.call(file, Request::Delete);
            let done = match self.place(&call) {
                Err(error) => Some(Err(error)),
                Ok(Place::Local(path)) => Some(self.delete_local(file, &path).await),
                Ok(Place::Object(objects, key)) => {
                    let name = format!("{:?}", open::key(file));
                    let of_store = stores.entry(name).or_insert(OfStore {
                        objects,
                        keys: Vec::new(),
                    });
                    of_store.keys.push((at, key.into_owned()));
                    None
                }
            };
            if let Some(answer) = answers.get_mut(at) {
                *answer = done;
            }
        }
        for OfStore { objects, keys } in stores.into_values() {
            for (at, done) in self.delete_objects(&objects, files, keys).await {
                if let Some(answer) = answers.get_mut(at) {
                    *answer = Some(done);
                }
            }
        }
        let unanswered = |file| {
            self.call(file, Request::Delete)
                .error(StorageErrorKind::Other)
        };
        let answers = answers.into_iter().zip(files);
        answers
            .map(|(answer, file)| answer.unwrap_or_else(|| Err(unanswered(file))))
            .collect()
    }

    /// Moves a file within its store; directories are made where needed. Fails where there is
    /// something of that name already, as far as the store can tell.
    ///
    /// # Errors
    /// When the file is not there, the places are in different stores, or the store cannot do it.
    pub async fn move_file(&self, from: &Location, to: &Location) -> Result<(), StorageError> {
        let (from, to) = (&*self.moved(from), &*self.moved(to));
        let call = self.call(from, Request::Move);
        self.clean(async {
            let _permit = self.permit(&call).await?;
            if open::key(from) != open::key(to) || from.scheme() != to.scheme() {
                return Err(call
                    .error(StorageErrorKind::Other)
                    .saying("files can only be moved within one store"));
            }
            match (self.place(&call)?, to.local_path()) {
                (Place::Local(path), Some(to)) => local::move_file(&call, &path, &to).await,
                (Place::Object(objects, key), _) => {
                    objects.move_object(&call, &key, &open::path(to)).await
                }
                (Place::Local(_), None) => Err(call.error(StorageErrorKind::BadPath)),
            }
        })
        .await
    }

    /// Removes a directory if it is empty; false if it is not. In object stores there are none, and
    /// nothing is done.
    ///
    /// # Errors
    /// When the store refuses. A directory that is not there is no error.
    pub async fn remove_empty_directory(&self, directory: &Location) -> Result<bool, StorageError> {
        let directory = &*self.moved(directory);
        let call = self.call(directory, Request::Delete);
        self.clean(async {
            let _permit = self.permit(&call).await?;
            match self.place(&call)? {
                Place::Local(path) => local::remove_empty_directory(&call, &path).await,
                Place::Object(objects, key) => objects.remove_empty_directory(&call, &key).await,
            }
        })
        .await
    }

    /// Whether a place on local disk is a symbolic link; other stores have none.
    pub async fn is_link(&self, location: &Location) -> bool {
        let location = self.moved(location);
        match location.local_path() {
            Some(path) if self.may_ask(&location) => local::is_link(&path).await,
            _ => false,
        }
    }

    fn relocated(&self, files: &[Location]) -> Vec<Location> {
        let files = files.iter().map(|file| self.moved(file).into_owned());
        files.collect()
    }

    async fn delete_local(
        &self,
        file: &Location,
        path: &std::path::Path,
    ) -> Result<(), StorageError> {
        let call = self.call(file, Request::Delete);
        let _permit = self.permit(&call).await?;
        local::delete(&call, path).await
    }

    async fn delete_objects(
        &self,
        objects: &Objects,
        files: &[Location],
        keys: Vec<(usize, String)>,
    ) -> Vec<(usize, Result<(), StorageError>)> {
        let Some(first) = keys.first().and_then(|(at, _)| files.get(*at)) else {
            return Vec::new();
        };
        let call = self.call(first, Request::Delete);
        let calls: Vec<_> = keys
            .iter()
            .filter_map(|(at, key)| {
                Some((self.call(files.get(*at)?, Request::Delete), key.as_str()))
            })
            .collect();
        let answers = match self.permit(&call).await {
            Ok(_permit) => objects.delete(&calls).await,
            Err(error) => vec![Err(error); calls.len()],
        };
        let mut cleaned = Vec::with_capacity(answers.len());
        for ((at, _), answer) in keys.iter().zip(answers) {
            cleaned.push((*at, self.clean(async { answer }).await));
        }
        cleaned
    }
}
