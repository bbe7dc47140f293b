use std::fmt;

/// A run of key groups (`KeyGroupRange`, docs/format.md 1.4).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyGroupRange {
    first: u32,
    count: u32,
}

impl KeyGroupRange {
    /// The `count` key groups from `first` on; `None` where the last would not fit Java's `int`.
    pub fn new(first: u32, count: u32) -> Option<Self> {
        let end = u64::from(first) + u64::from(count);
        (end <= u64::from(i32::MAX.unsigned_abs()) + 1).then_some(Self { first, count })
    }

    /// The range that Flink gives to subtask `index` of `parallelism`
    /// (`KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex`).
    ///
    /// `None` when `index` is not below `parallelism`.
    ///
    /// ```
    /// use statescope_format::model::handle::KeyGroupRange;
    ///
    /// let range = KeyGroupRange::of_subtask(1, 3, 128).expect("index below parallelism");
    /// assert_eq!((range.first(), range.last()), (43, Some(85)));
    /// ```
    pub fn of_subtask(index: u32, parallelism: u32, max_parallelism: u32) -> Option<Self> {
        if index >= parallelism {
            return None;
        }
        let [index, parallelism, max] = [index, parallelism, max_parallelism].map(u64::from);
        let first = (index * max).div_ceil(parallelism);
        let end = ((index + 1) * max - u64::from(max > 0)) / parallelism + u64::from(max > 0);
        Self::new(
            u32::try_from(first).ok()?,
            u32::try_from(end.saturating_sub(first)).ok()?,
        )
    }

    /// The first key group.
    pub fn first(self) -> u32 {
        self.first
    }

    /// The last key group, inclusive; `None` for an empty range.
    pub fn last(self) -> Option<u32> {
        self.count.checked_sub(1).map(|rest| self.first + rest)
    }

    /// How many key groups there are.
    pub fn count(self) -> u32 {
        self.count
    }

    /// True when there are none.
    pub fn is_empty(self) -> bool {
        self.count == 0
    }
}

impl fmt::Display for KeyGroupRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.last() {
            Some(last) => write!(f, "{}-{last}", self.first),
            None => f.write_str("empty"),
        }
    }
}

impl fmt::Debug for KeyGroupRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The max parallelism that Flink chooses where the program sets none
/// (`KeyGroupRangeAssignment.computeDefaultMaxParallelism`).
pub fn default_max_parallelism(parallelism: u32) -> u32 {
    const LOWEST: u32 = 128;
    const HIGHEST: u32 = 32_768;
    let roomy = parallelism.saturating_add(parallelism / 2);
    roomy
        .min(HIGHEST)
        .next_power_of_two()
        .clamp(LOWEST, HIGHEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subtasks_share_out_all_key_groups_without_gap_or_overlap() {
        for (parallelism, max) in [(1, 1), (1, 128), (3, 128), (7, 128), (128, 128), (5, 32768)] {
            let mut next = 0;
            for index in 0..parallelism {
                let range = KeyGroupRange::of_subtask(index, parallelism, max).unwrap();
                assert_eq!(range.first(), next, "{index} of {parallelism}, max {max}");
                next = range.first() + range.count();
            }
            assert_eq!(next, max);
        }
    }

    #[test]
    fn the_default_max_parallelism_is_a_power_of_two_with_room() {
        for (parallelism, max) in [(1, 128), (85, 128), (86, 256), (200, 512), (30_000, 32_768)] {
            assert_eq!(default_max_parallelism(parallelism), max, "{parallelism}");
        }
    }

    #[test]
    fn an_index_beyond_the_parallelism_has_no_range() {
        assert_eq!(KeyGroupRange::of_subtask(3, 3, 128), None);
    }

    #[test]
    fn ranges_stay_within_java_ints() {
        assert!(KeyGroupRange::new(u32::MAX, 1).is_none());
        assert!(KeyGroupRange::new(i32::MAX.unsigned_abs(), 1).is_some());
        assert!(KeyGroupRange::new(i32::MAX.unsigned_abs(), 2).is_none());
    }
}
