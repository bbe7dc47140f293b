use std::cmp::Reverse;

use crate::summary::{OperatorSummary, SnapshotSummary};

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
        self.operators.sort_by_key(|operator| operator.operator_id);
        let operators = &mut self.operators;
        match selection.order {
            OperatorOrder::Id => {}
            OperatorOrder::State => operators.sort_by_key(|o| largest_first(o.state_bytes)),
            OperatorOrder::Checkpointed => {
                operators.sort_by_key(|o| largest_first(o.checkpointed_bytes));
            }
            OperatorOrder::Skew => operators.sort_by(|a, b| {
                let skew = |o: &OperatorSummary| o.skew.unwrap_or_default();
                skew(b).total_cmp(&skew(a))
            }),
            OperatorOrder::Name => operators.sort_by(|a, b| {
                // Those without come last.
                let name = |o: &OperatorSummary| {
                    (
                        o.uid.is_none(),
                        o.uid.clone(),
                        o.name.is_none(),
                        o.name.clone(),
                    )
                };
                name(a).cmp(&name(b))
            }),
            OperatorOrder::Parallelism => operators.sort_by_key(|o| Reverse(o.parallelism)),
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

fn largest_first(bytes: Option<u64>) -> Reverse<u64> {
    Reverse(bytes.unwrap_or(u64::MAX))
}
