use std::collections::BTreeMap;

use crate::restore::diff::fields::changed;
use crate::restore::diff::{FieldChange, FieldValue, Fields, serializers};
use crate::snapshot::contents::StateSummary;
use crate::snapshot::summary::StatesSummary;
use statescope_format::model::checkpoint::StateSlot;

/// What differs between the states of two operators, by slot and name. Nothing where one side was
/// not looked into.
pub(super) fn compare(
    old: &StatesSummary,
    new: &StatesSummary,
    sizes: Fields,
    out: &mut Vec<FieldChange>,
) {
    let (Some(old_states), Some(new_states)) = (by_name(old), by_name(new)) else {
        return;
    };
    for (key, state) in &old_states {
        match new_states.get(key) {
            Some(partner) => both(state, partner, sizes, out),
            None if all_read(new) => out.push(whole(state, true)),
            None => {}
        }
    }
    let added = new_states
        .iter()
        .filter(|(key, _)| !old_states.contains_key(key));
    if all_read(old) {
        out.extend(added.map(|(_, state)| whole(state, false)));
    }
}

type Key<'a> = (&'a str, StateSlot);

fn by_name(states: &StatesSummary) -> Option<BTreeMap<Key<'_>, &StateSummary>> {
    let states = states.states.as_ref()?.iter();
    Some(
        states
            .map(|state| ((&*state.name, state.slot), state))
            .collect(),
    )
}

/// A state that is not listed may be among what could not be read.
fn all_read(states: &StatesSummary) -> bool {
    states.unread.as_ref().is_some_and(Vec::is_empty)
}

/// A state that is only on one side.
fn whole(state: &StateSummary, removed: bool) -> FieldChange {
    let kind = state.kind.map_or("state", |kind| kind.label());
    let text = match &state.value_type {
        Some(value_type) => format!("{kind} of {value_type}"),
        None => kind.to_owned(),
    };
    let text = Some(FieldValue::Text(text));
    let (old, new) = if removed { (text, None) } else { (None, text) };
    FieldChange {
        state: Some(state.name.clone()),
        ..FieldChange::of("state", old, new)
    }
}

fn both(old: &StateSummary, new: &StateSummary, sizes: Fields, out: &mut Vec<FieldChange>) {
    let from = out.len();
    let kind = |state: &StateSummary| state.kind.map(|kind| kind.label());
    out.extend(changed("kind", kind(old), kind(new)));
    out.extend(changed("ttl", old.ttl, new.ttl));
    serializers::compare(old, new, out);
    if sizes == Fields::WithSizes {
        out.extend(changed("bytes", old.bytes, new.bytes));
        out.extend(changed("entries", old.entries, new.entries));
    }
    for change in out.iter_mut().skip(from) {
        change.state = Some(old.name.clone());
    }
}
