//! Pairs of operators that may be the same, and how good each is.

use std::collections::{HashMap, HashSet};

use crate::finding::{Confidence, DriftEvidence};
use crate::restore::drift::alike::{Alike, Fit, Identity};
use crate::restore::drift::names;
use crate::restore::drift::sides::{Member, Role, Sides};

/// A state that more operators have says nothing about any of them.
const HOLDERS: usize = 64;

/// An old and a new operator that may be the same.
pub(super) struct Candidate {
    pub(super) old: usize,
    pub(super) new: usize,
    pub(super) rank: Rank,
    alike: Option<Alike>,
}

/// What decides between candidates, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Rank {
    /// `None` where the states are not known.
    pub(super) fit: Option<Fit>,
    pub(super) same_name: bool,
    pub(super) uid_but_case: bool,
    similar_uid: bool,
    same_place: bool,
    same_parallelism: bool,
    same_max_parallelism: bool,
}

impl Rank {
    /// Whether names alone put this above the other.
    pub(super) fn better_named(&self, other: &Self) -> bool {
        (self.same_name, self.uid_but_case) > (other.same_name, other.uid_but_case)
    }
}

/// All that come into question, best first.
pub(super) fn candidates(sides: &Sides<'_>) -> Vec<Candidate> {
    let mut by_identity: HashMap<&Identity, Vec<usize>> = HashMap::new();
    let mut by_name: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut by_uid: HashMap<String, Vec<usize>> = HashMap::new();
    for (at, member) in seekers(&sides.new) {
        for identity in member.signature.iter().flat_map(|s| s.identities()) {
            by_identity.entry(identity).or_default().push(at);
        }
        if let Some(name) = member.view.name {
            by_name.entry(name).or_default().push(at);
        }
        if let Some(uid) = member.view.uid {
            by_uid.entry(uid.to_lowercase()).or_default().push(at);
        }
    }
    let mut candidates = Vec::new();
    for (at, member) in seekers(&sides.old) {
        let mut partners: HashSet<usize> = HashSet::new();
        let states = member.signature.iter().flat_map(|s| s.identities());
        let by_states = states.filter_map(|identity| by_identity.get(identity));
        let same_name = member.view.name.and_then(|name| by_name.get(name));
        let uid = member.view.uid.map(str::to_lowercase);
        let same_uid = uid.and_then(|uid| by_uid.get(&uid));
        for holders in by_states.chain(same_name).chain(same_uid) {
            if holders.len() <= HOLDERS {
                partners.extend(holders);
            }
        }
        let found = partners.into_iter().filter_map(|new| {
            let partner = sides.new.get(new)?;
            Candidate::of((at, member), (new, partner))
        });
        candidates.extend(found);
    }
    candidates.sort_unstable_by_key(|one| (std::cmp::Reverse(one.rank), one.old, one.new));
    candidates
}

fn seekers<'s, 'a>(side: &'s [Member<'a>]) -> impl Iterator<Item = (usize, &'s Member<'a>)> {
    let members = side.iter().enumerate();
    members.filter(|(_, member)| member.role != Role::Settled)
}

impl Candidate {
    fn of((old, from): (usize, &Member<'_>), (new, to): (usize, &Member<'_>)) -> Option<Self> {
        let (a, b) = (from.view, to.view);
        if a.id == b.id || contradict(from, to) {
            return None;
        }
        let alike = match (&from.signature, &to.signature) {
            (Some(from), Some(to)) => Some(from.alike(to)?),
            _ => None,
        };
        let uids = a.uid.zip(b.uid);
        let rank = Rank {
            fit: alike.as_ref().map(|alike| alike.fit),
            same_name: a.name.is_some() && a.name == b.name,
            uid_but_case: uids.is_some_and(|(a, b)| names::same_but_case(a, b)),
            similar_uid: uids.is_some_and(|(a, b)| names::similar(a, b)),
            same_place: from.place.is_some() && from.place == to.place,
            same_parallelism: a.parallelism.is_some() && a.parallelism == b.parallelism,
            same_max_parallelism: a.max_parallelism.is_some()
                && a.max_parallelism == b.max_parallelism,
        };
        let misfit = from.role != Role::Free || to.role != Role::Free;
        let convincing = match &alike {
            Some(alike) if misfit => alike.fit == Fit::Same && alike.telling,
            Some(_) => true,
            None => !misfit && (rank.same_name || rank.uid_but_case),
        };
        convincing.then_some(Self {
            old,
            new,
            rank,
            alike,
        })
    }

    /// How sure it would be without any rival.
    pub(super) fn confidence(&self, sides: &Sides<'_>) -> Confidence {
        let (from, to) = (sides.old.get(self.old), sides.new.get(self.new));
        let Some((from, to)) = from.zip(to) else {
            return Confidence::Low;
        };
        let named = self.rank.same_name || self.rank.uid_but_case;
        let Some(alike) = &self.alike else {
            let stateful = from.view.stateful != Some(false);
            return match named && stateful {
                true => Confidence::Medium,
                false => Confidence::Low,
            };
        };
        let confidence = match alike.fit {
            Fit::Same if alike.distinctive => Confidence::High,
            Fit::Same if alike.telling || named || self.rank.similar_uid => Confidence::Medium,
            Fit::AllAndMore => Confidence::Medium,
            Fit::Same | Fit::Half | Fit::OtherTypes => Confidence::Low,
        };
        let is_common = |member: &Member<'_>| {
            let signature = member.signature.as_ref();
            signature.is_some_and(|signature| sides.settled.contains(&signature.text()))
        };
        let moved_into_place = from.role != Role::Free || to.role != Role::Free;
        match (is_common(from) && !named) || moved_into_place {
            true => confidence.min(Confidence::Medium),
            false => confidence,
        }
    }

    pub(super) fn evidence(&self, sides: &Sides<'_>) -> Vec<DriftEvidence> {
        let (from, to) = (sides.old.get(self.old), sides.new.get(self.new));
        let Some((from, to)) = from.zip(to) else {
            return Vec::new();
        };
        let mut evidence = Vec::new();
        if let Some(alike) = &self.alike {
            if !alike.same.is_empty() {
                evidence.push(DriftEvidence::SameStates(alike.same.clone()));
            }
            if !alike.other_types.is_empty() {
                evidence.push(DriftEvidence::OtherTypes(alike.other_types.clone()));
            }
        }
        if let (true, Some(name)) = (self.rank.same_name, from.view.name) {
            evidence.push(DriftEvidence::SameName(name.to_owned()));
        }
        if self.rank.similar_uid || self.rank.uid_but_case {
            evidence.push(DriftEvidence::SimilarUid);
        }
        if self.rank.same_place && from.place.is_some_and(|(size, _)| size > 1) {
            evidence.push(DriftEvidence::SamePlace);
        }
        evidence.extend(figures(from, to));
        evidence
    }
}

/// What figures say for two operators being the same.
pub(super) fn figures(from: &Member<'_>, to: &Member<'_>) -> Vec<DriftEvidence> {
    let (from, to) = (from.view, to.view);
    let mut evidence = Vec::new();
    let same = |a: Option<u32>, b: Option<u32>| a.filter(|_| a == b);
    evidence.extend(same(from.parallelism, to.parallelism).map(DriftEvidence::SameParallelism));
    evidence.extend(
        same(from.max_parallelism, to.max_parallelism).map(DriftEvidence::SameMaxParallelism),
    );
    if let Some((a, b)) = from.state_bytes.zip(to.state_bytes) {
        let (small, large) = (u128::from(a.min(b)), u128::from(a.max(b)));
        if small > 0 && small * 5 >= large * 4 {
            evidence.push(DriftEvidence::SimilarSize);
        }
    }
    if from.finished == Some(true) && to.finished == Some(true) {
        evidence.push(DriftEvidence::BothFinished);
    }
    evidence
}

/// True if something speaks against it.
pub(super) fn contradict(from: &Member<'_>, to: &Member<'_>) -> bool {
    let (old, new) = (from.view, to.view);
    let differ = |a: Option<bool>, b: Option<bool>| a.zip(b).is_some_and(|(a, b)| a != b);
    let states = match (&from.signature, &to.signature) {
        (Some(from), Some(to)) => from.alike(to).is_none(),
        _ => differ(old.stateful, new.stateful),
    };
    states || differ(old.source, new.source)
}
