//! What a store answered, noted where the bytes pass.
//!
//! The errors of the object store crate keep the answer's status for some requests and only print
//! it for others. So each request carries a notebook, the HTTP client writes into it, and errors
//! are classified by what it holds.

use std::sync::{Arc, Mutex, PoisonError};

/// The notebook of one request of a caller, which may be several HTTP requests.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes(Arc<Mutex<Answer>>);

/// What is known of the last answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    /// Whether any request went to the store.
    pub(super) asked: bool,
    /// The status, where it was no success.
    pub(super) status: Option<u16>,
    /// The store's own code for the failure.
    pub(super) code: Option<String>,
    /// The store's words for it.
    pub(super) message: Option<String>,
    /// The region that the store says the bucket is in.
    pub(super) region: Option<String>,
    /// The host that the store redirects to.
    pub(super) redirect: Option<String>,
    /// Entries that were left out of the listing.
    pub(super) skipped: u64,
}

impl Notes {
    pub(super) fn answer(&self) -> Answer {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    #[cfg(feature = "remote")]
    pub(super) fn update(&self, update: impl FnOnce(&mut Answer)) {
        update(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
