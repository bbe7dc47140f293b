//! Do the subtasks of an operator share out the key groups as Flink does?

use crate::finding::FindingKind;
use crate::health::sanity::collector::Collector;
use statescope_format::model::checkpoint::{OperatorState, StateSlot, Subtask};
use statescope_format::model::handle::{KeyGroupRange, KeyedStateHandle};

pub(super) fn check(operator: &OperatorState<'_>, findings: &mut Collector) {
    for slot in [StateSlot::ManagedKeyed, StateSlot::RawKeyed] {
        inner_ranges(operator, slot, findings);
        let held = held(operator, slot);
        ranges(operator, slot, &held, findings);
        coverage(operator, slot, held, findings);
    }
}

/// The subtasks' key groups, without empty ranges.
fn held(operator: &OperatorState<'_>, slot: StateSlot) -> Vec<(u32, KeyGroupRange)> {
    let range =
        |subtask: &Subtask<'_>| Some((subtask.index, keyed_handle(subtask, slot)?.key_groups()));
    operator
        .subtasks
        .iter()
        .filter_map(range)
        .filter(|(_, range)| !range.is_empty())
        .collect()
}

/// Handles inside a changelog handle may cover more than their subtask after a rescale, but no key
/// groups that do not exist.
fn inner_ranges(operator: &OperatorState<'_>, slot: StateSlot, findings: &mut Collector) {
    let max_parallelism = operator.max_parallelism;
    for subtask in &operator.subtasks {
        let Some(KeyedStateHandle::Changelog(outer)) = keyed_handle(subtask, slot) else {
            continue;
        };
        for inner in outer.materialized.iter().chain(&outer.non_materialized) {
            let range = inner.key_groups();
            if range.last().is_some_and(|last| last >= max_parallelism) {
                let kind = FindingKind::KeyGroupsOutOfRange {
                    slot,
                    range,
                    max_parallelism,
                };
                findings.push_at(subtask.index, kind);
            }
        }
    }
}

fn keyed_handle<'o, 'a>(
    subtask: &'o Subtask<'a>,
    slot: StateSlot,
) -> Option<&'o KeyedStateHandle<'a>> {
    let mut handles = subtask.state()?.keyed_states();
    let (_, handle) = handles.find(|(of, _)| *of == slot)?;
    Some(handle)
}

fn ranges(
    operator: &OperatorState<'_>,
    slot: StateSlot,
    held: &[(u32, KeyGroupRange)],
    findings: &mut Collector,
) {
    let max_parallelism = operator.max_parallelism;
    for &(subtask, range) in held {
        if range.last().is_some_and(|last| last >= max_parallelism) {
            let kind = FindingKind::KeyGroupsOutOfRange {
                slot,
                range,
                max_parallelism,
            };
            findings.push_at(subtask, kind);
            continue;
        }
        // An index beyond the parallelism has its own finding.
        let expected = KeyGroupRange::of_subtask(subtask, operator.parallelism, max_parallelism);
        if let Some(expected) = expected.filter(|&expected| expected != range) {
            let kind = FindingKind::KeyGroupsUnexpected {
                slot,
                range,
                expected,
            };
            findings.push_at(subtask, kind);
        }
    }
}

fn coverage(
    operator: &OperatorState<'_>,
    slot: StateSlot,
    mut held: Vec<(u32, KeyGroupRange)>,
    findings: &mut Collector,
) {
    if held.is_empty() {
        return;
    }
    held.sort_unstable_by_key(|&(subtask, range)| (range.first(), subtask));
    let mut covered = 0;
    // First key group behind all ranges so far, and who reaches that far.
    let mut end = 0;
    let mut reaches: Option<u32> = None;
    for (subtask, range) in held {
        let Some(last) = range.last() else { continue };
        if let Some(other_subtask) = reaches.filter(|_| range.first() < end) {
            let kind = FindingKind::KeyGroupsOverlap {
                slot,
                first: range.first(),
                last: last.min(end - 1),
                other_subtask,
            };
            findings.push_at(subtask, kind);
        }
        covered += (last + 1).saturating_sub(range.first().max(end));
        if last >= end {
            end = last + 1;
            reaches = Some(subtask);
        }
    }
    let max_parallelism = operator.max_parallelism;
    // Finished subtasks leave their key groups empty for good.
    let all_run = operator.subtasks.iter().all(|subtask| !subtask.finished);
    if let Some(missing) = max_parallelism
        .checked_sub(covered)
        .filter(|&m| m > 0 && all_run)
    {
        findings.push(FindingKind::KeyGroupsMissing {
            slot,
            missing,
            max_parallelism,
        });
    }
}
