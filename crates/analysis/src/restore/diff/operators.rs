use std::collections::{HashMap, HashSet};

use crate::finding::Confidence;
use crate::restore::diff::{Change, Fields, OperatorDiff, OperatorHead, fields, states};
use crate::restore::drift::Drift;
use crate::snapshot::summary::{OperatorSummary, SnapshotSummary};

/// Pairs the operators of two snapshots: those that drifted, then by id.
pub(super) fn compare(
    old: &SnapshotSummary,
    new: &SnapshotSummary,
    drift: &Drift,
    sizes: Fields,
) -> Vec<OperatorDiff> {
    let mut diffs = Vec::new();
    let (mut old_done, mut new_done) = (HashSet::new(), HashSet::new());
    for moved in &drift.moved {
        let pair = (old.operators.get(moved.old)).zip(new.operators.get(moved.new));
        if let Some((from, to)) = pair {
            old_done.insert(moved.old);
            new_done.insert(moved.new);
            diffs.push(both(from, to, Some(moved.confidence), sizes));
        }
    }
    let new_places: HashMap<_, _> = (new.operators.iter().enumerate())
        .filter(|(at, _)| !new_done.contains(at))
        .map(|(at, operator)| (operator.operator_id, at))
        .collect();
    for (at, operator) in old.operators.iter().enumerate() {
        if old_done.contains(&at) {
            continue;
        }
        let partner = new_places.get(&operator.operator_id);
        match partner.and_then(|&at| Some((at, new.operators.get(at)?))) {
            Some((at, partner)) => {
                new_done.insert(at);
                diffs.push(both(operator, partner, None, sizes));
            }
            None => diffs.push(one(operator, Change::Removed)),
        }
    }
    let left = new.operators.iter().enumerate();
    let left = left.filter(|(at, _)| !new_done.contains(at));
    diffs.extend(left.map(|(_, operator)| one(operator, Change::Added)));
    diffs.sort_by(|a, b| key(a).cmp(&key(b)));
    diffs
}

fn key(diff: &OperatorDiff) -> impl Ord + use<'_> {
    let label = diff.uid.as_ref().or(diff.name.as_ref());
    (diff.change, label.is_none(), label, diff.operator_id)
}

fn one(operator: &OperatorSummary, change: Change) -> OperatorDiff {
    let head = Some(OperatorHead::of(operator));
    let (old, new) = match change {
        Change::Added => (None, head),
        _ => (head, None),
    };
    OperatorDiff {
        change,
        operator_id: operator.operator_id,
        uid: operator.uid.clone(),
        uid_source: operator.uid_source,
        name: operator.name.clone(),
        old,
        new,
        confidence: None,
        fields: Vec::new(),
    }
}

fn both(
    old: &OperatorSummary,
    new: &OperatorSummary,
    confidence: Option<Confidence>,
    sizes: Fields,
) -> OperatorDiff {
    let mut fields = Vec::new();
    fields::operators(old, new, sizes, &mut fields);
    states::compare(&old.states, &new.states, sizes, &mut fields);
    let change = if confidence.is_some() {
        Change::UidDrift
    } else if fields.iter().all(|field| field.is_size()) {
        Change::Unchanged
    } else {
        Change::Changed
    };
    // The side that knows more names the operator.
    let named = match (&old.uid, &new.uid) {
        (None, Some(_)) if confidence.is_none() => new,
        _ => old,
    };
    OperatorDiff {
        change,
        operator_id: old.operator_id,
        uid: named.uid.clone(),
        uid_source: named.uid_source,
        name: old.name.clone().or_else(|| new.name.clone()),
        old: Some(OperatorHead::of(old)),
        new: Some(OperatorHead::of(new)),
        confidence,
        fields,
    }
}
