use crate::snapshot::contents::{Accuracy, KeyGroupShare};

/// Figures of one state, as far as they are known; what is unknown is `None`.
#[derive(Clone, Debug, Default)]
pub(super) struct Figures {
    pub(super) bytes: Option<u64>,
    pub(super) entries: Option<u64>,
    pub(super) key_bytes: Option<u64>,
    pub(super) value_bytes: Option<u64>,
    pub(super) deletions: Option<u64>,
    pub(super) changes: Option<u64>,
    pub(super) accuracy: Option<Accuracy>,
}

impl Figures {
    pub(super) fn add(&mut self, other: &Self) {
        for (sum, more) in [
            (&mut self.bytes, other.bytes),
            (&mut self.entries, other.entries),
            (&mut self.key_bytes, other.key_bytes),
            (&mut self.value_bytes, other.value_bytes),
            (&mut self.deletions, other.deletions),
            (&mut self.changes, other.changes),
        ] {
            if let Some(more) = more {
                *sum = Some(sum.unwrap_or_default().saturating_add(more));
            }
        }
        self.accuracy = self.accuracy.max(other.accuracy);
    }
}

/// The largest key groups of a state.
#[derive(Clone, Debug, Default)]
pub(super) struct LargestKeyGroups(Vec<KeyGroupShare>);

impl LargestKeyGroups {
    const KEPT: usize = 10;

    pub(super) fn add(&mut self, share: KeyGroupShare) {
        // A key group belongs to one subtask; only its parts in several streams add up.
        match self
            .0
            .iter_mut()
            .find(|known| known.key_group == share.key_group)
        {
            Some(known) => {
                known.entries = known.entries.saturating_add(share.entries);
                known.bytes = known.bytes.saturating_add(share.bytes);
            }
            None => self.0.push(share),
        }
        self.0
            .sort_by_key(|share| (std::cmp::Reverse(share.bytes), share.key_group));
        self.0.truncate(Self::KEPT);
    }

    pub(super) fn merge(&mut self, other: Self) {
        for share in other.0 {
            self.add(share);
        }
    }

    pub(super) fn into_vec(self) -> Vec<KeyGroupShare> {
        self.0
    }
}
