use std::cmp::{Ordering, Reverse};

use crate::snapshot::summary::{OperatorSummary, SnapshotSummary};

/// In which order operators are listed; ties go by operator id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OperatorOrder {
    /// Most state first; unknown sizes before all.
    #[default]
    State,
    /// Most checkpointed bytes first; unknown sizes before all.
    Checkpointed,
    /// Most uneven first.
    Skew,
    /// By uid, then name.
    Name,
    /// By operator id.
    Id,
    /// Highest parallelism first.
    Parallelism,
}

/// Which operators of a snapshot are shown, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Operators whose uid or name is this text, or whose id starts with it; all if `None`.
    pub operator: Option<String>,
    /// Their order.
    pub order: OperatorOrder,
    /// At most so many.
    pub limit: Option<usize>,
}

impl SnapshotSummary {
    /// Keeps the selected operators in the selected order; the snapshot's own figures stay.
    pub fn select(&mut self, selection: &Selection) {
        if let Some(wanted) = &selection.operator {
            self.operators.retain(|operator| operator.matches(wanted));
        }
        let operators = &mut self.operators;
        // Stable, as the first order is the second one's for ties. Summaries are large: by keys that
        // are kept, they are moved in place, and not through a second list.
        operators.sort_by_cached_key(|operator| operator.operator_id);
        match selection.order {
            OperatorOrder::Id => {}
            OperatorOrder::State => operators.sort_by_cached_key(|o| largest_first(o.state_bytes)),
            OperatorOrder::Checkpointed => {
                operators.sort_by_cached_key(|o| largest_first(o.checkpointed_bytes));
            }
            OperatorOrder::Skew => operators.sort_by_cached_key(|o| Reverse(Skew(o.skew))),
            // Those without come last.
            OperatorOrder::Name => operators.sort_by_cached_key(|o| {
                let (uid, name) = (o.uid.clone(), o.name.clone());
                (uid.is_none(), uid, name.is_none(), name)
            }),
            OperatorOrder::Parallelism => operators.sort_by_cached_key(|o| Reverse(o.parallelism)),
        }
        if let Some(limit) = selection.limit {
            self.operators.truncate(limit);
        }
    }
}

impl OperatorSummary {
    /// True if `wanted` is the uid or the name, or the start of the id.
    pub fn matches(&self, wanted: &str) -> bool {
        let is_wanted = |text: &Option<String>| text.as_deref() == Some(wanted);
        let id = self.operator_id.to_string();
        is_wanted(&self.uid)
            || is_wanted(&self.name)
            || (!wanted.is_empty() && id.starts_with(&wanted.to_ascii_lowercase()))
    }
}

/// Even where it is not known.
#[derive(Clone, Copy)]
struct Skew(Option<f64>);

impl Ord for Skew {
    fn cmp(&self, other: &Self) -> Ordering {
        let known = |skew: &Self| skew.0.unwrap_or_default();
        known(self).total_cmp(&known(other))
    }
}

impl PartialOrd for Skew {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Skew {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Skew {}

fn largest_first(bytes: Option<u64>) -> Reverse<u64> {
    Reverse(bytes.unwrap_or(u64::MAX))
}
