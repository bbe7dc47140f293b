//! How objects go: deleted or moved.

use futures_util::StreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use crate::storage::call::Call;
use crate::storage::classify::classify;
use crate::storage::notes::Answer;
#[cfg(feature = "hdfs")]
use crate::storage::objects::Lister;
use crate::storage::objects::{Objects, parse};
use crate::storage::{StorageError, StorageErrorKind};

/// So many objects at most are removed by one request.
const BATCH_MAX: usize = 1000;

impl Objects {
    /// Removes objects, each told of by its own call; the answers are in the same order.
    pub(in crate::storage) async fn delete(
        &self,
        objects: &[(Call<'_>, &str)],
    ) -> Vec<Result<(), StorageError>> {
        #[cfg(feature = "hdfs")]
        if let Lister::Hdfs(client) = &self.lister {
            return crate::storage::hdfs::delete(client, objects, self.patience).await;
        }
        let mut answers = Vec::with_capacity(objects.len());
        for batch in objects.chunks(BATCH_MAX) {
            answers.extend(self.delete_batch(batch).await);
        }
        answers
    }

    async fn delete_batch(&self, batch: &[(Call<'_>, &str)]) -> Vec<Result<(), StorageError>> {
        let paths: Result<Vec<Path>, StorageError> =
            batch.iter().map(|(call, key)| parse(call, key)).collect();
        let (paths, Some((first, _))) = (paths, batch.first()) else {
            return Vec::new();
        };
        let paths = match paths {
            Ok(paths) => paths,
            Err(error) => return vec![Err(error); batch.len()],
        };
        if !self.counts_itself {
            first.count();
        }
        let paths = futures_util::stream::iter(paths.into_iter().map(Ok)).boxed();
        let mut results = self.store.delete_stream(paths);
        let mut answers: Vec<Result<(), StorageError>> = Vec::with_capacity(batch.len());
        // A request for several that fails gives one error for all of them.
        let mut for_the_rest = None;
        while answers.len() < batch.len() {
            let call = batch.get(answers.len()).map_or(first, |(call, _)| call);
            match call.within(self.patience, results.next()).await {
                Ok(Some(Ok(_))) => answers.push(Ok(())),
                Ok(Some(Err(object_store::Error::NotFound { .. }))) => answers.push(Ok(())),
                Ok(Some(Err(error))) => answers.push(Err(deletion_failed(&error, call))),
                Ok(None) => break,
                Err(silence) => {
                    for_the_rest = Some(silence);
                    break;
                }
            }
        }
        if answers.len() < batch.len() {
            let failed = answers
                .iter()
                .find_map(|answer| answer.as_ref().err().cloned());
            let failed = for_the_rest.or(failed).unwrap_or_else(|| {
                first
                    .error(StorageErrorKind::Other)
                    .saying("the store did not answer for all files")
            });
            // Which of them are gone is not known: none counts as deleted.
            answers = vec![Err(failed); batch.len()];
        }
        answers
    }

    /// Moves an object within the store: where there is no such request, by a copy.
    pub(in crate::storage) async fn move_object(
        &self,
        call: &Call<'_>,
        from: &str,
        to: &str,
    ) -> Result<(), StorageError> {
        #[cfg(feature = "hdfs")]
        if let Lister::Hdfs(client) = &self.lister {
            call.count();
            return crate::storage::hdfs::move_file(call, client, from, to, self.patience).await;
        }
        // A move overwrites: the place must be free.
        match self.look_up(call, to).await {
            Err(error) if error.is_not_found() => {}
            Ok(_) => {
                return Err(call
                    .error(StorageErrorKind::Other)
                    .saying("there is a file of that name where it is to be moved to"));
            }
            Err(error) => return Err(error),
        }
        let (from, to) = (parse(call, from)?, parse(call, to)?);
        if !self.counts_itself {
            call.count();
        }
        call.within(self.patience, self.store.rename(&from, &to))
            .await?
            .map_err(|error| deletion_failed(&error, call))
    }

    /// Removes a directory of a store that has any; false if something is in it.
    pub(in crate::storage) async fn remove_empty_directory(
        &self,
        #[cfg_attr(not(feature = "hdfs"), allow(unused_variables))] call: &Call<'_>,
        #[cfg_attr(not(feature = "hdfs"), allow(unused_variables))] key: &str,
    ) -> Result<bool, StorageError> {
        #[cfg(feature = "hdfs")]
        if let Lister::Hdfs(client) = &self.lister {
            call.count();
            return crate::storage::hdfs::remove_empty_directory(call, client, key, self.patience)
                .await;
        }
        Ok(true)
    }
}

/// What went wrong with a request that takes no notes along: its status is only in the words.
fn deletion_failed(error: &object_store::Error, call: &Call<'_>) -> StorageError {
    // Without notes it is not known whether the store was asked; it nearly always was.
    let answer = Answer {
        asked: true,
        ..Answer::default()
    };
    let known = classify(error, &answer, call);
    let said = known.said().unwrap_or_default().to_owned();
    let has = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let kind = if has(&["AccessDenied", "403 Forbidden"]) {
        StorageErrorKind::AccessDenied
    } else if has(&[
        "SlowDown",
        "ServiceUnavailable",
        "503 ",
        "429 ",
        "RequestLimitExceeded",
    ]) {
        StorageErrorKind::Throttled
    } else {
        return known;
    };
    call.error(kind).saying(said)
}
