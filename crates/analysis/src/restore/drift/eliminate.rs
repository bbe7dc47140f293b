use std::collections::HashSet;

use crate::finding::{Confidence, DriftEvidence};
use crate::restore::drift::candidate::{contradict, figures};
use crate::restore::drift::sides::{Member, Role, Sides};
use crate::restore::drift::{Drift, Moved};

/// One operator with state is left on either side: they may be the same where nothing is known of
/// the states of one.
pub(super) fn add(sides: &Sides<'_>, drift: &mut Drift) {
    let old: HashSet<_> = drift.moved.iter().map(|moved| moved.old).collect();
    let new: HashSet<_> = drift.moved.iter().map(|moved| moved.new).collect();
    let (Some((old, from)), Some((new, to))) = (
        only(&sides.old, &old, |member| {
            member.view.stateful == Some(true)
        }),
        only(&sides.new, &new, |member| {
            member.view.stateful != Some(false)
        }),
    ) else {
        return;
    };
    let names = from.view.name.zip(to.view.name);
    let parallelism = from.view.parallelism.zip(to.view.parallelism);
    let states_known = from.signature.is_some() && to.signature.is_some();
    if states_known
        || contradict(from, to)
        || names.is_some_and(|(old, new)| old != new)
        || parallelism.is_none_or(|(old, new)| old != new)
        || from.view.id == to.view.id
        || drift.ambiguous.iter().any(|one| one.old == old)
    {
        return;
    }
    let mut evidence = vec![DriftEvidence::OnlyOnesLeft];
    evidence.extend(figures(from, to));
    drift.moved.push(Moved {
        old,
        new,
        confidence: Confidence::Low,
        evidence,
    });
    drift.moved.sort_unstable_by_key(|moved| moved.old);
}

fn only<'s, 'a>(
    side: &'s [Member<'a>],
    taken: &HashSet<usize>,
    wanted: impl Fn(&Member<'_>) -> bool,
) -> Option<(usize, &'s Member<'a>)> {
    let members = side.iter().enumerate();
    let mut left = members
        .filter(|(at, member)| member.role == Role::Free && !taken.contains(at) && wanted(member));
    let first = left.next()?;
    left.next().is_none().then_some(first)
}
