use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use foldhash::fast::RandomState;

use crate::snapshot::uid::UidSource;
use crate::snapshot::uid::derived::derived;
use statescope_format::model::checkpoint::OperatorId;

/// A uid and where it is known from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownUid {
    /// The uid.
    pub uid: String,
    /// Where it is known from.
    pub source: UidSource,
}

/// Operator ids and their uids, gathered from candidates.
///
/// ```
/// use statescope_format::model::checkpoint::OperatorId;
/// use statescope_analysis::snapshot::uid::{Dictionary, UidSource};
///
/// let id = OperatorId::of_uid("Sink Committer: orders");
/// let mut dictionary = Dictionary::of([id]);
/// dictionary.offer("nobody has this uid", UidSource::Jar);
/// dictionary.offer("orders", UidSource::Jar);
/// assert_eq!(dictionary.len(), 1);
/// assert_eq!(dictionary.get(id).expect("a uid").uid, "Sink Committer: orders");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Dictionary {
    /// The only ids that matter; all if `None`.
    wanted: Option<Arc<HashSet<OperatorId, RandomState>>>,
    /// What was offered from the source that is being read: jars repeat themselves.
    seen: HashSet<OperatorId, RandomState>,
    seen_from: Option<UidSource>,
    names: HashMap<OperatorId, KnownUid, RandomState>,
}

impl Dictionary {
    /// Keeps every uid that is offered, and no uid that Flink may have made of it.
    pub fn all() -> Self {
        Self::default()
    }

    /// Keeps the uids of those operators: a jar has many strings, a snapshot few operators. Uids
    /// that Flink makes itself, of the one given to a sink, are found with it.
    pub fn of(operators: impl IntoIterator<Item = OperatorId>) -> Self {
        Self {
            wanted: Some(Arc::new(operators.into_iter().collect())),
            ..Self::default()
        }
    }

    /// An empty one that keeps the same, for a part of the candidates.
    pub fn part(&self) -> Self {
        Self {
            wanted: self.wanted.clone(),
            ..Self::default()
        }
    }

    /// Takes over what a part has found.
    pub fn merge(&mut self, part: Self) {
        for (id, known) in part.names {
            self.learn(id, || known.uid, known.source);
        }
    }

    /// Considers one candidate. Of several sources the most trusted is kept.
    pub fn offer(&mut self, uid: &str, source: UidSource) {
        if self.seen_from != Some(source) {
            self.seen.clear();
            self.seen_from = Some(source);
        }
        let id = OperatorId::of_uid(uid);
        if !self.seen.insert(id) {
            return;
        }
        if self.wants(id) {
            self.learn(id, || uid.to_owned(), source);
        }
        if self.wanted.is_some() {
            derived(uid, &mut |uid| {
                let id = OperatorId::of_uid(uid);
                if self.wants(id) {
                    self.learn(id, || uid.to_owned(), source);
                }
            });
        }
    }

    fn wants(&self, id: OperatorId) -> bool {
        let wanted = self.wanted.as_ref();
        wanted.is_none_or(|wanted| wanted.contains(&id))
    }

    fn learn(&mut self, id: OperatorId, uid: impl FnOnce() -> String, source: UidSource) {
        match self.names.entry(id) {
            Entry::Occupied(mut known) => {
                let known = known.get_mut();
                known.source = known.source.min(source);
            }
            Entry::Vacant(free) => {
                free.insert(KnownUid { uid: uid(), source });
            }
        }
    }

    /// The uid of an operator.
    pub fn get(&self, id: OperatorId) -> Option<&KnownUid> {
        self.names.get(&id)
    }

    /// How many uids are known.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// True if no uid is known.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// All that is known, by uid.
    pub fn entries(&self) -> Vec<(OperatorId, &KnownUid)> {
        let mut entries: Vec<_> = self.names.iter().map(|(id, known)| (*id, known)).collect();
        entries.sort_by(|a, b| (&a.1.uid, a.0).cmp(&(&b.1.uid, b.0)));
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_trusted_source_wins_in_any_order() {
        let id = OperatorId::of_uid("a");
        for sources in [
            [UidSource::Plan, UidSource::Uids, UidSource::Jar],
            [UidSource::Uids, UidSource::Jar, UidSource::Plan],
        ] {
            let mut dictionary = Dictionary::of([id]);
            for source in sources {
                let mut part = dictionary.part();
                part.offer("a", source);
                dictionary.merge(part);
            }
            assert_eq!(
                dictionary.get(id).map(|known| known.source),
                Some(UidSource::Uids)
            );
            for source in sources {
                dictionary.offer("a", source);
            }
            assert_eq!(
                dictionary.get(id).map(|known| known.source),
                Some(UidSource::Uids)
            );
        }
    }

    #[test]
    fn parts_of_sinks_are_found_by_the_uid_of_the_sink() {
        for uid in [
            "orders",
            "Sink Committer: orders",
            "Sink orders Global Committer",
            "orders: FileSinkCompactorCoordinator",
            "orders: FileSinkCompactorOperator",
        ] {
            let id = OperatorId::of_uid(uid);
            let mut dictionary = Dictionary::of([id]);
            dictionary.offer("orders", UidSource::Jar);
            assert_eq!(
                dictionary.get(id).map(|known| known.uid.as_str()),
                Some(uid)
            );
        }
    }

    #[test]
    fn without_a_snapshot_only_what_was_offered_is_kept() {
        let mut dictionary = Dictionary::all();
        dictionary.offer("b", UidSource::Jar);
        dictionary.offer("a", UidSource::Jar);
        dictionary.offer("b", UidSource::Jar);
        let uids: Vec<_> = dictionary
            .entries()
            .into_iter()
            .map(|(_, known)| &known.uid)
            .collect();
        assert_eq!(uids, ["a", "b"]);
    }
}
