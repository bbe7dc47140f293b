//! The order of snapshots, where clocks and numbers disagree.

use crate::growth::observation::Observation;

/// Puts the snapshots of one job in order: by their numbers, which a job counts up, or by time
/// where it began to count anew. Returns how many had a time that does not fit their number; these
/// get the time of the one before.
pub(super) fn arrange(observations: &mut [Observation]) -> u64 {
    observations.sort_by(|a, b| by_number(a).cmp(&by_number(b)));
    let pairs = observations.iter().zip(observations.iter().skip(1));
    let mut twice = pairs.filter(|(a, b)| a.checkpoint_id == b.checkpoint_id);
    let counted_anew = twice.next().is_some();
    let times: Vec<i64> = observations.iter().map(|seen| seen.time_ms).collect();
    let fits = in_order(&times);
    let fitting = fits.iter().filter(|fits| **fits).count();
    if counted_anew || fitting * 2 < observations.len() {
        observations.sort_by(|a, b| by_time(a).cmp(&by_time(b)));
        return 0;
    }
    let first = times.iter().zip(&fits).find(|(_, fits)| **fits);
    let mut before = first.map_or(0, |(time, _)| *time);
    for (seen, fits) in observations.iter_mut().zip(&fits) {
        if *fits {
            before = seen.time_ms;
        } else {
            seen.time_ms = before;
        }
    }
    (observations.len() - fitting) as u64
}

fn by_number(seen: &Observation) -> (u64, i64, &str) {
    (seen.checkpoint_id, seen.time_ms, seen.location.as_str())
}

fn by_time(seen: &Observation) -> (i64, u64, &str) {
    (seen.time_ms, seen.checkpoint_id, seen.location.as_str())
}

/// Which values belong to the longest part, not necessarily connected, that never falls.
fn in_order(values: &[i64]) -> Vec<bool> {
    // For each length, the index of the smallest value that ends such a part.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(values.len());
    for (at, value) in values.iter().enumerate() {
        let not_above = |end: &usize| values.get(*end).is_some_and(|end| end <= value);
        let length = ends.partition_point(not_above);
        before.push(
            length
                .checked_sub(1)
                .and_then(|last| ends.get(last).copied()),
        );
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut belongs = vec![false; values.len()];
    let mut next = ends.last().copied();
    while let Some(at) = next {
        if let Some(belongs) = belongs.get_mut(at) {
            *belongs = true;
        }
        next = before.get(at).copied().flatten();
    }
    belongs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_part_in_order_leaves_out_what_does_not_fit() {
        let fits = |values: &[i64]| in_order(values);
        assert_eq!(fits(&[]), Vec::<bool>::new());
        assert_eq!(fits(&[1, 1, 2]), [true, true, true]);
        assert_eq!(fits(&[1, 2, 900, 3, 4]), [true, true, false, true, true]);
        assert_eq!(fits(&[5, 1, 2, 3]), [false, true, true, true]);
        assert_eq!(fits(&[10, 20, 11, 12, 30]), [true, false, true, true, true]);
    }
}
