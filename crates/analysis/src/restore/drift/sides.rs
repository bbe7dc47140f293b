use std::collections::{HashMap, HashSet};

use crate::restore::drift::alike::{Fit, Signature};
use crate::restore::drift::{OperatorView, places};
use crate::snapshot::uid::generated_ids;
use statescope_format::model::checkpoint::OperatorId;

/// Both sides, with what is known of each operator's states, and which operators need a partner.
pub(super) struct Sides<'a> {
    pub(super) old: Vec<Member<'a>>,
    pub(super) new: Vec<Member<'a>>,
    /// States of operators that are where they were: others with the same are no rarity.
    pub(super) settled: HashSet<String>,
}

/// An operator and what it takes part with.
pub(super) struct Member<'a> {
    pub(super) view: &'a OperatorView<'a>,
    pub(super) signature: Option<Signature>,
    pub(super) role: Role,
    /// Of operators with generated ids and the same states: how many there are, and the place of
    /// this one among them.
    pub(super) place: Option<(usize, usize)>,
}

/// Whether an operator may have a partner under another id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Its id is on both sides, and so are its states as far as they are known.
    Settled,
    /// Its id is on both sides, but not its states.
    Misfit {
        /// Flink made the id: it may belong to any operator.
        generated: bool,
    },
    /// Its id is only on this side.
    Free,
}

impl<'a> Sides<'a> {
    pub(super) fn of(old: &'a [OperatorView<'a>], new: &'a [OperatorView<'a>]) -> Self {
        let mut sides = Self {
            old: members(old),
            new: members(new),
            settled: HashSet::new(),
        };
        let old_places = places(old);
        for (id, at) in places(new) {
            let pair = old_places.get(&id).and_then(|&old| sides.old.get_mut(old));
            if let (Some(old), Some(new)) = (pair, sides.new.get_mut(at)) {
                let role = role_of_kept(old, new);
                (old.role, new.role) = (role, role);
                if let (Role::Settled, Some(signature)) = (role, &old.signature) {
                    sides.settled.insert(signature.text());
                }
            }
        }
        rank_generated(&mut sides.old, old);
        rank_generated(&mut sides.new, new);
        sides
    }
}

fn members<'a>(side: &'a [OperatorView<'a>]) -> Vec<Member<'a>> {
    let member = |view| Member {
        view,
        signature: Signature::of(view),
        role: Role::Free,
        place: None,
    };
    side.iter().map(member).collect()
}

fn role_of_kept(old: &Member<'_>, new: &Member<'_>) -> Role {
    // It is one id: where one side tells that Flink made it, it did so on the other.
    let told = [old.view.auto_generated_id, new.view.auto_generated_id];
    let generated = told.contains(&Some(true)) && !told.contains(&Some(false));
    let fits = match (&old.signature, &new.signature) {
        (Some(old), Some(new)) => {
            (old.alike(new)).is_some_and(|alike| alike.fit != Fit::OtherTypes)
        }
        (Some(_), None) => !generated || new.view.stateful != Some(false),
        (None, Some(_)) => !generated || old.view.stateful != Some(false),
        (None, None) => true,
    };
    match fits {
        true => Role::Settled,
        false => Role::Misfit { generated },
    }
}

/// Flink numbers operators as they lie in the graph, so those of one kind keep their order.
fn rank_generated(members: &mut [Member<'_>], side: &[OperatorView<'_>]) {
    let wanted = |member: &Member<'_>| {
        member.role != Role::Settled && member.view.is_generated() && member.signature.is_some()
    };
    let unnamed: Vec<OperatorId> = (members.iter().filter(|member| wanted(member)))
        .map(|member| member.view.id)
        .collect();
    if unnamed.is_empty() {
        return;
    }
    let ids: Vec<_> = side.iter().map(|operator| operator.id).collect();
    let generated = generated_ids(&unnamed, &ids);
    let mut groups: HashMap<String, Vec<(u32, usize)>> = HashMap::new();
    for (at, member) in members.iter().enumerate() {
        if let (true, Some(signature), Some(made)) = (
            wanted(member),
            &member.signature,
            generated.get(&member.view.id),
        ) {
            let group = groups.entry(signature.text()).or_default();
            group.push((made.position, at));
        }
    }
    for mut group in groups.into_values() {
        group.sort_unstable();
        let size = group.len();
        for (rank, (_, at)) in group.into_iter().enumerate() {
            if let Some(member) = members.get_mut(at) {
                member.place = Some((size, rank));
            }
        }
    }
}
