use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

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
    /// Removal of a file, or of a batch of them.
    Delete,
    /// A move, or a copy that is part of one.
    Move,
}

/// Counts requests by kind, and notes what answers tell of the store's clock. Clones share one count.
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
    delete: AtomicU64,
    moved: AtomicU64,
    /// What the last answer said of the store's clock; `i64::MIN` before the first.
    clock_ahead: ClockAhead,
}

#[derive(Debug)]
struct ClockAhead(AtomicI64);

impl Default for ClockAhead {
    fn default() -> Self {
        Self(AtomicI64::new(i64::MIN))
    }
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
            RequestKind::Delete,
            RequestKind::Move,
        ]
        .map(|kind| self.of(kind))
        .iter()
        .sum()
    }

    /// How many seconds the store's clock was last seen to be ahead of this machine's.
    pub(super) fn clock_ahead_seconds(&self) -> Option<i64> {
        let ahead = self.shared.clock_ahead.0.load(Ordering::Relaxed);
        (ahead != i64::MIN).then_some(ahead)
    }

    /// Notes by how much the store's clock is ahead.
    #[cfg(feature = "remote")]
    pub(super) fn note_clock(&self, ahead_seconds: i64) {
        self.shared
            .clock_ahead
            .0
            .store(ahead_seconds, Ordering::Relaxed);
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
            RequestKind::Delete => &self.shared.delete,
            RequestKind::Move => &self.shared.moved,
        }
    }
}
