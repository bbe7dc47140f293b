use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// What a request asks of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestKind {
    /// One page of a directory.
    List,
    /// The content of a file, or a part of it.
    Get,
    /// Size and time of a file.
    Head,
    /// A file that is written.
    Put,
}

/// Counts requests by kind. Clones share one count.
///
/// For stores behind HTTP these are the requests that went out, each attempt and each page of a
/// listing; for others, the calls to their client.
#[derive(Clone, Debug, Default)]
pub struct RequestCounts {
    shared: Arc<Counters>,
}

#[derive(Debug, Default)]
struct Counters {
    list: AtomicU64,
    get: AtomicU64,
    head: AtomicU64,
    put: AtomicU64,
}

impl RequestCounts {
    /// How many requests of that kind there were.
    pub fn of(&self, kind: RequestKind) -> u64 {
        self.counter(kind).load(Ordering::Relaxed)
    }

    /// How many requests there were.
    pub fn total(&self) -> u64 {
        [
            RequestKind::List,
            RequestKind::Get,
            RequestKind::Head,
            RequestKind::Put,
        ]
        .map(|kind| self.of(kind))
        .iter()
        .sum()
    }

    pub(super) fn add(&self, kind: RequestKind) {
        self.counter(kind).fetch_add(1, Ordering::Relaxed);
    }

    fn counter(&self, kind: RequestKind) -> &AtomicU64 {
        match kind {
            RequestKind::List => &self.shared.list,
            RequestKind::Get => &self.shared.get,
            RequestKind::Head => &self.shared.head,
            RequestKind::Put => &self.shared.put,
        }
    }
}
