//! A store behind the object store crate's interface.

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::StreamExt;
#[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectMeta, ObjectStore, ObjectStoreExt, PutOptions};

use crate::storage::bounds::{BODY_BYTES_PER_SECOND, body_time};
use crate::storage::call::Call;
use crate::storage::classify::classify;
use crate::storage::level::{Level, info};
use crate::storage::notes::{Answer, Notes};
use crate::storage::{Listing, ObjectInfo, Request, Settings, StorageError, StorageErrorKind};

/// So many objects at most are removed by one request.
const BATCH_MAX: usize = 1000;
/// So many pages a listing without levels may have: fifty million objects.
#[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
const FLAT_PAGES_MAX: usize = 50_000;

/// Bytes of a buffer.
fn to_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

/// An open store.
pub(super) struct Objects {
    store: Arc<dyn ObjectStore>,
    lister: Lister,
    /// How long one step may take: an answer with all its retries, or a piece of a body.
    patience: Duration,
    /// Whether its HTTP client counts requests.
    counts_itself: bool,
}

/// How the store lists one level.
enum Lister {
    /// All at once.
    Delimiter,
    /// Page by page, so that each page has its own time limit.
    #[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
    Pages(Arc<dyn PaginatedListStore>),
    /// Not at all.
    #[cfg(feature = "http")]
    Absent,
    /// By its own client: the common interface fails on odd names, and does not tell an empty
    /// directory from none.
    #[cfg(feature = "hdfs")]
    Hdfs(hdfs_native::Client),
}

impl Objects {
    /// A store without anything special.
    pub(super) fn plain(store: Arc<dyn ObjectStore>, settings: &Settings) -> Self {
        Self {
            store,
            lister: Lister::Delimiter,
            patience: settings.timeout,
            counts_itself: false,
        }
    }

    /// A store behind HTTP whose client counts, keeps time and retries by itself.
    #[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
    pub(super) fn remote<S: ObjectStore + PaginatedListStore>(
        store: S,
        settings: &Settings,
    ) -> Self {
        let store = Arc::new(store);
        Self {
            store: Arc::<S>::clone(&store),
            lister: Lister::Pages(store),
            patience: settings.timeout.saturating_add(settings.retry_budget),
            counts_itself: true,
        }
    }

    /// As [`remote`](Self::remote), for servers that cannot list.
    #[cfg(feature = "http")]
    pub(super) fn web<S: ObjectStore>(store: S, settings: &Settings) -> Self {
        Self {
            store: Arc::new(store),
            lister: Lister::Absent,
            patience: settings.timeout.saturating_add(settings.retry_budget),
            counts_itself: true,
        }
    }

    /// HDFS.
    #[cfg(feature = "hdfs")]
    pub(super) fn hdfs(client: hdfs_native::Client, settings: &Settings) -> Self {
        let store = hdfs_native_object_store::HdfsObjectStore::new(client.clone());
        Self {
            lister: Lister::Hdfs(client),
            ..Self::plain(Arc::new(store), settings)
        }
    }

    /// An object with its content, or with a part of it.
    pub(super) async fn read(
        &self,
        call: &Call<'_>,
        key: &str,
        range: Option<Range<u64>>,
    ) -> Result<(ObjectInfo, Bytes), StorageError> {
        let path = parse(call, key)?;
        let notes = Notes::default();
        let failed = |error| classify(&error, &notes.answer(), call);
        let result = self
            .get(
                call,
                &path,
                &notes,
                range.clone().map(GetRange::Bounded),
                false,
            )
            .await?;
        if range.is_some_and(|range| range != result.range) {
            return Err(call
                .error(StorageErrorKind::Truncated)
                .saying(format!("the file has only {} bytes", result.meta.size)));
        }
        let size = result.range.end.saturating_sub(result.range.start);
        let info = itself(call, result.meta.clone());
        call.check_size(size)?;
        let begun = Instant::now();
        let time = body_time(self.patience, size);
        let mut content = Vec::new();
        let mut pieces = result.into_stream();
        while let Some(piece) = call.within(self.patience, pieces.next()).await? {
            let piece = piece.map_err(failed)?;
            let come = to_u64(content.len()).saturating_add(to_u64(piece.len()));
            if come > size {
                return Err(call
                    .error(StorageErrorKind::Other)
                    .saying(format!("more than the announced {size} bytes came")));
            }
            call.reserve(&mut content, piece.len(), size)?;
            content.extend_from_slice(&piece);
            if begun.elapsed() > time && come < size {
                return Err(call.error(StorageErrorKind::Timeout).saying(format!(
                    "only {come} of {size} bytes came in {} seconds, and {} a second are wanted",
                    time.as_secs(),
                    BODY_BYTES_PER_SECOND
                )));
            }
        }
        if to_u64(content.len()) != size {
            return Err(call
                .error(StorageErrorKind::Truncated)
                .saying(format!("{} of {size} bytes came", content.len())));
        }
        Ok((info, Bytes::from(content)))
    }

    /// Writes an object.
    pub(super) async fn write(
        &self,
        call: &Call<'_>,
        key: &str,
        content: Bytes,
    ) -> Result<(), StorageError> {
        #[cfg(feature = "hdfs")]
        if let Lister::Hdfs(client) = &self.lister {
            call.count();
            // On the heap: it is large, and so would be all that holds it, for any store.
            return Box::pin(super::hdfs::write(
                call,
                client,
                key,
                content,
                self.patience,
            ))
            .await;
        }
        let path = parse(call, key)?;
        let notes = Notes::default();
        if !self.counts_itself {
            call.count();
        }
        let mut options = PutOptions::default();
        options.extensions.insert(notes.clone());
        let written = self.store.put_opts(&path, content.into(), options);
        call.within(self.patience, written)
            .await?
            .map(drop)
            .map_err(|error| classify(&error, &notes.answer(), call))
    }

    /// Size and time of an object.
    pub(super) async fn look_up(
        &self,
        call: &Call<'_>,
        key: &str,
    ) -> Result<ObjectInfo, StorageError> {
        let path = parse(call, key)?;
        let result = self.get(call, &path, &Notes::default(), None, true).await?;
        Ok(itself(call, result.meta))
    }

    /// One level of the tree.
    pub(super) async fn list(&self, call: &Call<'_>, key: &str) -> Result<Listing, StorageError> {
        let mut level = Level::new(call, key);
        match &self.lister {
            Lister::Delimiter => self.list_at_once(&mut level, key).await?,
            #[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
            Lister::Pages(pages) => self.list_pages(&mut level, &**pages).await?,
            #[cfg(feature = "http")]
            Lister::Absent => {
                return Err(call
                    .error(StorageErrorKind::Other)
                    .saying("web servers do not list directories")
                    .hinting("give the address of the _metadata file itself"));
            }
            #[cfg(feature = "hdfs")]
            Lister::Hdfs(client) => {
                call.count();
                return super::hdfs::list(call, client, key, self.patience).await;
            }
        }
        let Level {
            listing, marked, ..
        } = level;
        if listing.is_empty() && !marked && !key.is_empty() {
            self.must_exist(call, key).await?;
        }
        Ok(listing.arranged())
    }

    async fn list_at_once(&self, level: &mut Level<'_>, key: &str) -> Result<(), StorageError> {
        let call = level.call;
        let prefix = parse(call, key)?;
        call.count();
        let result = call
            .within(self.patience, self.store.list_with_delimiter(Some(&prefix)))
            .await?
            .map_err(|error| classify(&error, &Notes::default().answer(), call))?;
        level.take(result, self.patience)
    }

    #[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
    async fn list_pages(
        &self,
        level: &mut Level<'_>,
        pages: &dyn PaginatedListStore,
    ) -> Result<(), StorageError> {
        let call = level.call;
        let prefix = (!level.prefix.is_empty()).then(|| level.prefix.clone());
        let mut token = None;
        loop {
            let notes = Notes::default();
            let mut options = PaginatedListOptions {
                delimiter: Some("/".into()),
                page_token: token.clone(),
                ..PaginatedListOptions::default()
            };
            options.extensions.insert(notes.clone());
            let page = call
                .within(
                    self.patience,
                    pages.list_paginated(prefix.as_deref(), options),
                )
                .await?
                .map_err(|error| classify(&error, &notes.answer(), call))?;
            level.listing.skipped += notes.answer().skipped;
            level.take(page.result, self.patience)?;
            match page.page_token.filter(|next| !next.is_empty()) {
                None => return Ok(()),
                Some(next) if token.as_ref() == Some(&next) => {
                    return Err(call
                        .error(StorageErrorKind::Other)
                        .saying("the same page of the listing came twice"));
                }
                next => token = next,
            }
        }
    }

    /// The objects of one name below a directory, at any depth.
    pub(super) async fn find_below(
        &self,
        call: &Call<'_>,
        key: &str,
        name: &str,
    ) -> Result<Option<Vec<ObjectInfo>>, StorageError> {
        let prefix = match key {
            "" => String::new(),
            key => format!("{key}/"),
        };
        let mut found = Vec::new();
        let mut take = |object: ObjectMeta| {
            let below = object.location.as_ref().strip_prefix(&prefix);
            if let Some(below) = below.filter(|below| below.rsplit('/').next() == Some(name)) {
                let location = call.location.join(below);
                found.push(info(location, object));
            }
        };
        match &self.lister {
            Lister::Delimiter => {
                let path = parse(call, key)?;
                call.count();
                let mut objects = self.store.list(Some(&path));
                while let Some(object) = call.within(self.patience, objects.next()).await? {
                    take(
                        object
                            .map_err(|error| classify(&error, &Notes::default().answer(), call))?,
                    );
                }
            }
            #[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
            Lister::Pages(pages) => {
                let prefix = (!prefix.is_empty()).then_some(prefix.as_str());
                let mut token = None;
                for _ in 0..FLAT_PAGES_MAX {
                    let notes = Notes::default();
                    let mut options = PaginatedListOptions {
                        page_token: token.clone(),
                        ..PaginatedListOptions::default()
                    };
                    options.extensions.insert(notes.clone());
                    let page = call
                        .within(self.patience, pages.list_paginated(prefix, options))
                        .await?
                        .map_err(|error| classify(&error, &notes.answer(), call))?;
                    page.result.objects.into_iter().for_each(&mut take);
                    match page.page_token.filter(|next| !next.is_empty()) {
                        None => return Ok(Some(found)),
                        Some(next) if token.as_ref() == Some(&next) => break,
                        next => token = next,
                    }
                }
                return Err(call
                    .error(StorageErrorKind::Other)
                    .saying("the listing has no end"));
            }
            #[cfg(feature = "http")]
            Lister::Absent => return Ok(None),
            #[cfg(feature = "hdfs")]
            Lister::Hdfs(_) => return Ok(None),
        }
        Ok(Some(found))
    }

    /// Nothing was listed: is it an empty directory, or none?
    async fn must_exist(&self, call: &Call<'_>, key: &str) -> Result<(), StorageError> {
        let path = parse(call, key)?;
        let probe = Call {
            request: Request::LookUp,
            ..*call
        };
        match self.get(&probe, &path, &Notes::default(), None, true).await {
            // Stores with real directories show them as empty objects.
            Ok(found) if found.meta.size == 0 => Ok(()),
            Ok(_) => Err(call
                .error(StorageErrorKind::NotFound)
                .saying("it is a file, not a directory")),
            Err(error)
                if matches!(
                    error.kind(),
                    StorageErrorKind::NotFound | StorageErrorKind::AccessDenied
                ) =>
            {
                Err(call.error(StorageErrorKind::NotFound))
            }
            Err(error) => Err(error),
        }
    }

    /// Removes objects, each told of by its own call; the answers are in the same order.
    pub(super) async fn delete(
        &self,
        objects: &[(Call<'_>, &str)],
    ) -> Vec<Result<(), StorageError>> {
        #[cfg(feature = "hdfs")]
        if let Lister::Hdfs(client) = &self.lister {
            return super::hdfs::delete(client, objects, self.patience).await;
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
    pub(super) async fn move_object(
        &self,
        call: &Call<'_>,
        from: &str,
        to: &str,
    ) -> Result<(), StorageError> {
        #[cfg(feature = "hdfs")]
        if let Lister::Hdfs(client) = &self.lister {
            call.count();
            return super::hdfs::move_file(call, client, from, to, self.patience).await;
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
    pub(super) async fn remove_empty_directory(
        &self,
        #[cfg_attr(not(feature = "hdfs"), allow(unused_variables))] call: &Call<'_>,
        #[cfg_attr(not(feature = "hdfs"), allow(unused_variables))] key: &str,
    ) -> Result<bool, StorageError> {
        #[cfg(feature = "hdfs")]
        if let Lister::Hdfs(client) = &self.lister {
            call.count();
            return super::hdfs::remove_empty_directory(call, client, key, self.patience).await;
        }
        Ok(true)
    }

    async fn get(
        &self,
        call: &Call<'_>,
        path: &Path,
        notes: &Notes,
        range: Option<GetRange>,
        head: bool,
    ) -> Result<object_store::GetResult, StorageError> {
        if !self.counts_itself {
            call.count();
        }
        let mut options = GetOptions {
            range,
            head,
            ..GetOptions::default()
        };
        options.extensions.insert(notes.clone());
        call.within(self.patience, self.store.get_opts(path, options))
            .await?
            .map_err(|error| classify(&error, &notes.answer(), call))
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

/// What is known of the object that was asked for.
fn itself(call: &Call<'_>, meta: ObjectMeta) -> ObjectInfo {
    info(call.location.clone(), meta)
}

/// The key as the object store crate's path, character for character.
fn parse(call: &Call<'_>, key: &str) -> Result<Path, StorageError> {
    Path::parse(key).map_err(|error| {
        call.error(StorageErrorKind::BadPath)
            .saying(error.to_string())
    })
}
