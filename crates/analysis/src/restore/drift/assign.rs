//! Gives each operator at most one partner.

use std::collections::{HashMap, HashSet};

use crate::finding::Confidence;
use crate::restore::drift::candidate::{Candidate, candidates};
use crate::restore::drift::sides::{Role, Sides};
use crate::restore::drift::{Ambiguous, Drift, Moved};

/// The best partners first. Where two fit equally well, neither is taken: a wrong partner would be
/// worse than none.
pub(super) fn assign(sides: &Sides<'_>) -> Drift {
    let candidates = candidates(sides);
    let rivals = Rivals::of(&candidates);
    let mut taken = Taken::default();
    let mut drift = Drift::default();
    for candidate in &candidates {
        if taken.has(candidate) {
            continue;
        }
        let mut confidence = candidate.confidence(sides);
        let mut equals = Vec::new();
        for rival in rivals.of_candidate(&candidates, candidate) {
            if rival.rank.fit < candidate.rank.fit {
                continue;
            }
            confidence = confidence.min(match taken.confidence(rival) {
                // It has a better partner, as far as that is sure.
                Some(with) => with.min(Confidence::Medium),
                None if rival.rank == candidate.rank => {
                    equals.push(rival);
                    Confidence::Low
                }
                None if candidate.rank.better_named(&rival.rank) => Confidence::Medium,
                None => Confidence::Low,
            });
        }
        if equals.is_empty() {
            taken.take(candidate, confidence);
            drift.moved.push(Moved {
                old: candidate.old,
                new: candidate.new,
                confidence,
                evidence: candidate.evidence(sides),
            });
            continue;
        }
        // All that are equal, for each of the old operators.
        let group = equals.iter().copied().chain([candidate]);
        let olds: HashSet<_> = group.map(|equal| equal.old).collect();
        for old in olds {
            let of_old = candidates.iter().filter(|other| {
                other.old == old && other.rank == candidate.rank && !taken.has(other)
            });
            let mut candidates: Vec<_> = of_old.map(|other| other.new).collect();
            candidates.sort_unstable();
            drift.ambiguous.push(Ambiguous { old, candidates });
        }
        for one in drift.ambiguous.iter() {
            taken.old.entry(one.old).or_insert(Confidence::Low);
        }
    }
    keep_coherent(sides, &mut drift);
    drift.moved.sort_unstable_by_key(|moved| moved.old);
    drift.ambiguous.sort_unstable_by_key(|one| one.old);
    drift
}

/// Candidates by the operators they are about.
struct Rivals {
    old: HashMap<usize, Vec<usize>>,
    new: HashMap<usize, Vec<usize>>,
}

impl Rivals {
    fn of(candidates: &[Candidate]) -> Self {
        let mut rivals = Self {
            old: HashMap::new(),
            new: HashMap::new(),
        };
        for (at, candidate) in candidates.iter().enumerate() {
            rivals.old.entry(candidate.old).or_default().push(at);
            rivals.new.entry(candidate.new).or_default().push(at);
        }
        rivals
    }

    /// The others that share an operator with this one.
    fn of_candidate<'c>(
        &'c self,
        candidates: &'c [Candidate],
        of: &'c Candidate,
    ) -> impl Iterator<Item = &'c Candidate> {
        let old = self.old.get(&of.old).into_iter().flatten();
        let new = self.new.get(&of.new).into_iter().flatten();
        let others = old.chain(new).filter_map(|&at| candidates.get(at));
        others.filter(move |other| (other.old, other.new) != (of.old, of.new))
    }
}

/// Operators that have a partner, and how sure it is.
#[derive(Default)]
struct Taken {
    old: HashMap<usize, Confidence>,
    new: HashMap<usize, Confidence>,
}

impl Taken {
    fn has(&self, candidate: &Candidate) -> bool {
        self.confidence(candidate).is_some()
    }

    fn confidence(&self, candidate: &Candidate) -> Option<Confidence> {
        let old = self.old.get(&candidate.old);
        let new = self.new.get(&candidate.new);
        old.into_iter().chain(new).copied().min()
    }

    fn take(&mut self, candidate: &Candidate, confidence: Confidence) {
        self.old.insert(candidate.old, confidence);
        self.new.insert(candidate.new, confidence);
    }
}

/// An operator that kept its uid moved away only if another took its place: else its states were
/// renamed, and something else happens to have states of these names.
fn keep_coherent(sides: &Sides<'_>, drift: &mut Drift) {
    loop {
        let before = drift.moved.len();
        let gone: HashSet<_> = (drift.moved.iter())
            .filter_map(|moved| Some(sides.old.get(moved.old)?.view.id))
            .collect();
        let come: HashSet<_> = (drift.moved.iter())
            .filter_map(|moved| Some(sides.new.get(moved.new)?.view.id))
            .collect();
        drift.moved.retain(|moved| {
            let (Some(old), Some(new)) = (sides.old.get(moved.old), sides.new.get(moved.new))
            else {
                return false;
            };
            let holds = |role, other| match role {
                Role::Misfit { generated: false } => other,
                Role::Misfit { generated: true } | Role::Free => true,
                Role::Settled => false,
            };
            holds(old.role, come.contains(&old.view.id))
                && holds(new.role, gone.contains(&new.view.id))
        });
        if drift.moved.len() == before {
            break;
        }
    }
    drift.ambiguous.retain(|one| {
        let role = sides.old.get(one.old).map(|old| old.role);
        role == Some(Role::Free)
    });
}
