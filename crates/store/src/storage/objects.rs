//! A store behind the object store crate's interface.

mod listing;
mod removal;

use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::StreamExt;
#[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
use object_store::list::PaginatedListStore;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, ObjectMeta, ObjectStore, PutOptions};

use crate::storage::bounds::{BODY_BYTES_PER_SECOND, body_time};
use crate::storage::call::Call;
use crate::storage::classify::classify;
use crate::storage::level::info;
use crate::storage::notes::Notes;
use crate::storage::{ObjectInfo, Settings, StorageError, StorageErrorKind};

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
