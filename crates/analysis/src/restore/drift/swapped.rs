use std::collections::{HashMap, HashSet};

use crate::finding::{Confidence, DriftEvidence};
use crate::restore::drift::alike::Fit;
use crate::restore::drift::sides::{Member, Sides};
use crate::restore::drift::{Drift, Moved, Swapped};

/// Makes one of two that moved to each other's ids, and finds those of which only the names tell.
pub(super) fn take_out(sides: &Sides<'_>, drift: &mut Drift) {
    let id = |side: &[Member<'_>], at: usize| side.get(at).map(|member| member.view.id);
    let ids = |moved: &Moved| Some((id(&sides.old, moved.old)?, id(&sides.new, moved.new)?));
    let by_ids: HashMap<_, _> = (drift.moved.iter().enumerate())
        .filter_map(|(at, moved)| Some((ids(moved)?, at)))
        .collect();
    let mut swapped = HashSet::new();
    for (at, moved) in drift.moved.iter().enumerate() {
        let Some((from, to)) = ids(moved) else {
            continue;
        };
        let generated = (sides.old.get(moved.old)).is_some_and(|old| old.view.is_generated());
        let back = by_ids.get(&(to, from)).filter(|_| !generated);
        if let Some((&back, other)) = back.and_then(|at| Some((at, drift.moved.get(*at)?)))
            && at < back
        {
            swapped.extend([at, back]);
            drift.swapped.push(Swapped {
                old: [moved.old, other.old],
                // Both directions fit: that is no chance.
                confidence: match moved.confidence.min(other.confidence) {
                    Confidence::Medium => Confidence::High,
                    other => other,
                },
                evidence: [moved.evidence.clone(), other.evidence.clone()],
            });
        }
    }
    let mut at = 0;
    drift.moved.retain(|_| {
        at += 1;
        !swapped.contains(&(at - 1))
    });
    by_names(sides, drift);
}

/// Twins, whose states are the same, are told apart by their names alone.
fn by_names(sides: &Sides<'_>, drift: &mut Drift) {
    let new: HashMap<_, _> = (sides.new.iter())
        .map(|member| (member.view.id, member))
        .collect();
    // Old and new name of each operator that is on both sides under another name.
    let mut renamed: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    for (at, old) in sides.old.iter().enumerate() {
        let names = new
            .get(&old.view.id)
            .and_then(|new| old.view.name.zip(new.view.name));
        if let Some((before, after)) = names.filter(|(before, after)| before != after) {
            renamed.entry((before, after)).or_default().push(at);
        }
    }
    for (&(before, after), places) in &renamed {
        let (&[at], Some(&[other])) = (&**places, renamed.get(&(after, before)).map(|p| &**p))
        else {
            continue;
        };
        let known = drift
            .swapped
            .iter()
            .any(|swapped| swapped.old.contains(&at));
        let (Some(first), Some(second)) = (sides.old.get(at), sides.old.get(other)) else {
            continue;
        };
        let fits = |old: &Member<'_>, at: &Member<'_>| {
            let new = new.get(&at.view.id).and_then(|new| new.signature.as_ref());
            match (&old.signature, new) {
                (Some(old), Some(new)) => {
                    (old.alike(new)).is_some_and(|alike| alike.fit == Fit::Same)
                }
                _ => true,
            }
        };
        let fits = fits(first, second) && fits(second, first);
        let nothing_to_lose = [first, second]
            .iter()
            .all(|member| member.view.stateful == Some(false));
        if at < other && !known && fits && !nothing_to_lose && !first.view.is_generated() {
            drift.swapped.push(Swapped {
                old: [at, other],
                confidence: Confidence::Medium,
                evidence: [before, after]
                    .map(|name| vec![DriftEvidence::SameName(name.to_owned())]),
            });
        }
    }
    drift.swapped.sort_unstable_by_key(|swapped| swapped.old);
}
