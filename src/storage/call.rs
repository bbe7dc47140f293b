//! One request of a caller: what is asked, where, and what bounds it.

use std::future::Future;
use std::time::Duration;

use crate::location::Location;
use crate::storage::{Request, RequestKind, Settings, StorageError, StorageErrorKind};

/// A request to a store, with everything that its errors have to say.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) settings: &'a Settings,
    pub(super) location: &'a Location,
    pub(super) request: Request,
}

impl Call<'_> {
    /// An error of this request.
    pub(super) fn error(&self, kind: StorageErrorKind) -> StorageError {
        StorageError::new(kind, self.request, self.location)
    }

    /// Waits, but not longer than `patience`.
    pub(super) async fn within<T>(
        &self,
        patience: Duration,
        future: impl Future<Output = T>,
    ) -> Result<T, StorageError> {
        tokio::time::timeout(patience, future)
            .await
            .map_err(|_| self.timed_out(patience))
    }

    pub(super) fn timed_out(&self, patience: Duration) -> StorageError {
        self.error(StorageErrorKind::Timeout)
            .saying(format!("nothing came for {patience:?}"))
    }

    /// Counts a request to a store whose client does not count itself.
    pub(super) fn count(&self) {
        let kind = match self.request {
            Request::List => RequestKind::List,
            Request::Read => RequestKind::Get,
            Request::LookUp => RequestKind::Head,
            Request::Write => RequestKind::Put,
            Request::Delete => RequestKind::Delete,
            Request::Move => RequestKind::Move,
            Request::Connect => return,
        };
        self.settings.counts.add(kind);
    }

    /// A buffer for `size` bytes, refused rather than aborting where memory or the limit is short.
    pub(super) fn buffer(&self, size: u64) -> Result<Vec<u8>, StorageError> {
        let limit = self.settings.max_object_bytes;
        if size > limit {
            return Err(self.error(StorageErrorKind::TooLarge { size, limit }));
        }
        let mut buffer = Vec::new();
        usize::try_from(size)
            .ok()
            .and_then(|size| buffer.try_reserve_exact(size).ok())
            .ok_or_else(|| {
                self.error(StorageErrorKind::Other)
                    .saying(format!("no memory for {size} bytes"))
            })?;
        Ok(buffer)
    }
}
