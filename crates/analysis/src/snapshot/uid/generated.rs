//! Recognises the operator ids that Flink makes itself where a program sets no uid
//! (`StreamGraphHasherV2`, docs/format.md 10).
//!
//! Such an id is a hash of the node's place in the graph: how many nodes were numbered before it,
//! how many operators it can be chained to, and the ids of its inputs. All of these are small
//! numbers or ids that are in the snapshot too, so they can be tried out. Two hashes of 128 bits do
//! not meet by chance, so a hit says that one of two operators is made of the other, but not which:
//! working an input in is its own undoing. So it only counts where the input's id is known to have
//! come about in another way. A miss says nothing: an input may be missing.

use std::collections::{HashMap, HashSet};

use statescope_format::model::checkpoint::OperatorId;

/// How a generated id came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedId {
    /// Nodes of the graph that were numbered before.
    pub position: u32,
    /// Outputs that the operator can be chained to.
    pub chainable_outputs: u32,
    /// The operators it reads from, in order; none for a source.
    pub inputs: Vec<OperatorId>,
}

/// More chainable outputs than any sensible job has on one operator.
const OUTPUTS: u32 = 16;
/// Nodes that have no state in the snapshot, such as sinks of old, are numbered too.
const EXTRA_NODES: usize = 64;
/// From so many operators on, only operators with one input are tried: pairs would take too long.
const PAIRS_UP_TO: usize = 100;
/// From so many operators on, only sources are.
const INPUTS_UP_TO: usize = 4_000;

/// Those of `unnamed` that Flink generated; `ids` are all the operators of the snapshot. The ids of
/// the others must be known to be those of uids.
pub fn generated_ids(
    unnamed: &[OperatorId],
    ids: &[OperatorId],
) -> HashMap<OperatorId, GeneratedId> {
    if unnamed.is_empty() {
        return HashMap::new();
    }
    let places = places(ids.len().min(INPUTS_UP_TO) + EXTRA_NODES);
    let mut possible: Vec<(OperatorId, GeneratedId)> = Vec::new();
    let mut note = |id: OperatorId, local: [u8; 16], inputs: &[OperatorId]| {
        if let Some(&(position, chainable_outputs)) = places.get(&local) {
            let made = GeneratedId {
                position,
                chainable_outputs,
                inputs: inputs.to_vec(),
            };
            possible.push((id, made));
        }
    };
    for &id in unnamed {
        note(id, *id.as_bytes(), &[]);
        if ids.len() > INPUTS_UP_TO {
            continue;
        }
        for &last in ids {
            let before_last = without(*id.as_bytes(), last);
            note(id, before_last, &[last]);
            if ids.len() <= PAIRS_UP_TO {
                for &first in ids {
                    note(id, without(before_last, first), &[first, last]);
                }
            }
        }
    }
    certain(possible, unnamed)
}

/// Those of which it is known that the input was there first: it has a uid, or was generated from
/// something else.
fn certain(
    mut possible: Vec<(OperatorId, GeneratedId)>,
    unnamed: &[OperatorId],
) -> HashMap<OperatorId, GeneratedId> {
    let unnamed: HashSet<_> = unnamed.iter().copied().collect();
    let mut found = HashMap::new();
    loop {
        let before = possible.len();
        possible.retain(|(id, made)| {
            let is_clear = |input| !unnamed.contains(input) || found.contains_key(input);
            let is_certain = made.inputs.iter().all(is_clear);
            if is_certain {
                found.entry(*id).or_insert_with(|| made.clone());
            }
            !is_certain
        });
        if possible.len() == before {
            return found;
        }
    }
}

/// What a node's own hash can be, and of which position and number of outputs.
fn places(positions: usize) -> HashMap<[u8; 16], (u32, u32)> {
    let positions = 0..u32::try_from(positions).unwrap_or(u32::MAX);
    let places = positions.flat_map(|at| (0..=OUTPUTS).map(move |outputs| (at, outputs)));
    places
        .map(|(position, outputs)| (local_hash(position, outputs), (position, outputs)))
        .collect()
}

/// The hash of a node alone: its position, once and again for each output it can be chained to.
fn local_hash(position: u32, chainable_outputs: u32) -> [u8; 16] {
    let times = usize::try_from(chainable_outputs).unwrap_or_default() + 1;
    let bytes = position.to_le_bytes().repeat(times);
    // Hashing a slice cannot fail; the crate's signature is that of a reader.
    let hash = murmur3::murmur3_x64_128(&mut bytes.as_slice(), 0).unwrap_or_default();
    hash.to_le_bytes()
}

/// A hash as it was before Flink worked the last input in: `h = (h * 37) ^ input`, byte by byte,
/// can be undone.
fn without(hash: [u8; 16], input: OperatorId) -> [u8; 16] {
    /// 37 times this is 1, modulo 256.
    const INVERSE: u8 = 173;
    let mut before = hash;
    for (byte, input) in before.iter_mut().zip(input.as_bytes()) {
        *byte = (*byte ^ input).wrapping_mul(INVERSE);
    }
    before
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> OperatorId {
        text.parse().unwrap()
    }

    #[test]
    fn a_source_and_what_follows_it_are_recognised() {
        let source = id("6cdc5bb954874d922eaee11a8e7b5dd5");
        let next = id("eb99017e0f9125fa6648bf56123bdcf7");
        let with_uid = OperatorId::of_uid("my-keyed");
        let all = [with_uid, next, source];
        let found = generated_ids(&all, &all);
        let source_made = GeneratedId {
            position: 1,
            chainable_outputs: 1,
            inputs: vec![],
        };
        assert_eq!(found.get(&source), Some(&source_made));
        assert_eq!(
            found.get(&next).map(|made| &*made.inputs),
            Some(&[source][..])
        );
        assert_eq!(found.get(&with_uid), None);
    }

    #[test]
    fn an_operator_is_not_taken_for_the_child_of_what_was_made_of_it() {
        let (enrich, child) = (
            id("9c32e3838cee893dbb2fc90ccad79598"),
            id("2ca10c8e7543a63149a3432404deea8f"),
        );
        let all = [child, enrich];
        assert_eq!(generated_ids(&all, &all), HashMap::new());
        let with_uid: Vec<_> = generated_ids(&[child], &all).into_keys().collect();
        assert_eq!(with_uid, [child]);
    }

    #[test]
    fn ids_of_uids_are_never_taken_for_generated_ones() {
        let ids: Vec<_> = (0..40)
            .map(|n| OperatorId::of_uid(&format!("uid-{n}")))
            .collect();
        assert_eq!(generated_ids(&ids, &ids), HashMap::new());
    }
}
