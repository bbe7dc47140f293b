//! One request of a caller: what is asked, where, and what bounds it.

use std::future::Future;
use std::time::Duration;

use crate::storage::{Request, RequestKind, Settings, StorageError, StorageErrorKind};
use statescope_format::location::Location;

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

    /// Fails for a file that is larger than the settings allow, before any of it is read.
    pub(super) fn check_size(&self, size: u64) -> Result<(), StorageError> {
        let limit = self.settings.max_object_bytes;
        match size > limit {
            true => Err(self.error(StorageErrorKind::TooLarge { size, limit })),
            false => Ok(()),
        }
    }

    /// Makes room for `more` bytes of a body of `size`. Memory follows what has come and not what
    /// was announced, and doubles until there is room for all of it.
    pub(super) fn reserve(
        &self,
        buffer: &mut Vec<u8>,
        more: usize,
        size: u64,
    ) -> Result<(), StorageError> {
        /// Less is not worth a step.
        const LEAST: usize = 64 << 10;
        if buffer.capacity() - buffer.len() >= more {
            return Ok(());
        }
        let left = usize::try_from(size).unwrap_or(usize::MAX) - buffer.len();
        let step = buffer.len().max(LEAST).max(more).min(left.max(more));
        buffer.try_reserve_exact(step).map_err(|_| {
            let error = self.error(StorageErrorKind::Other);
            error.saying(format!("no memory for {size} bytes"))
        })
    }
}
