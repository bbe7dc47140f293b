//! How much a store may send, and how slowly. Without such bounds a store that never ends keeps a
//! command busy for ever, or fills its memory.

use std::time::Duration;

/// A body must come at this rate on average, after the time that a store may take to begin.
pub(super) const BODY_BYTES_PER_SECOND: u64 = 32 << 10;
/// So many pages of a listing may come whatever is on them.
const FREE_PAGES: u64 = 100;
/// Beyond these, a page must bring so many new entries on average.
const ENTRIES_PER_PAGE: u64 = 10;
/// A listing must come at this rate on average, after the time that a store may take to begin.
const ENTRIES_PER_SECOND: u64 = 10;

/// How long a body of that size may take.
pub(super) fn body_time(patience: Duration, size: u64) -> Duration {
    patience.saturating_add(Duration::from_secs(size.div_ceil(BODY_BYTES_PER_SECOND)))
}

/// What has come of a listing.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Listed {
    pub(super) pages: u64,
    /// Entries that had not come before.
    pub(super) entries: u64,
}

/// Why a listing is not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endless {
    Entries { most: u64 },
    Pages { pages: u64, entries: u64 },
    Slow { seconds: u64, entries: u64 },
}

impl Listed {
    /// Whether the listing may go on.
    pub(super) fn judge(
        self,
        elapsed: Duration,
        patience: Duration,
        most: u64,
    ) -> Result<(), Endless> {
        let Self { pages, entries } = self;
        if entries > most {
            return Err(Endless::Entries { most });
        }
        if pages > FREE_PAGES.saturating_add(entries / ENTRIES_PER_PAGE) {
            return Err(Endless::Pages { pages, entries });
        }
        let time = Duration::from_secs(entries / ENTRIES_PER_SECOND);
        if elapsed > patience.saturating_add(time) {
            let seconds = elapsed.as_secs();
            return Err(Endless::Slow { seconds, entries });
        }
        Ok(())
    }
}

impl std::fmt::Display for Endless {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Entries { most } => write!(f, "the listing has more than {most} entries"),
            Self::Pages { pages, entries } => write!(
                f,
                "the listing does not end: {pages} pages brought {entries} entries"
            ),
            Self::Slow { seconds, entries } => write!(
                f,
                "the listing is too slow: {entries} entries in {seconds} seconds"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(30);

    fn judge(pages: u64, entries: u64, seconds: u64) -> Result<(), Endless> {
        let elapsed = Duration::from_secs(seconds);
        Listed { pages, entries }.judge(elapsed, PATIENCE, 1_000_000)
    }

    #[test]
    fn a_listing_ends_where_its_pages_bring_nothing_or_too_much() {
        assert_eq!(judge(100, 0, 0), Ok(()));
        assert!(matches!(judge(101, 0, 0), Err(Endless::Pages { .. })));
        assert_eq!(judge(1_000, 1_000_000, 0), Ok(()));
        assert!(matches!(
            judge(1_001, 1_000_001, 0),
            Err(Endless::Entries { .. })
        ));
        assert_eq!(judge(50_100, 500_000, 0), Ok(()));
        assert!(judge(50_101, 500_000, 0).is_err());
    }

    #[test]
    fn a_listing_may_be_slow_as_long_as_it_comes() {
        assert_eq!(judge(1, 0, 30), Ok(()));
        assert!(matches!(judge(1, 9, 31), Err(Endless::Slow { .. })));
        assert_eq!(judge(10, 10_000, 1_000), Ok(()));
    }

    #[test]
    fn a_large_body_may_take_long_and_a_small_one_may_not() {
        assert_eq!(body_time(PATIENCE, 0), PATIENCE);
        assert_eq!(body_time(PATIENCE, 1).as_secs(), 31);
        assert_eq!(body_time(PATIENCE, 4 << 30).as_secs(), 30 + (4 << 15));
        assert!(body_time(PATIENCE, u64::MAX) > PATIENCE);
    }
}
