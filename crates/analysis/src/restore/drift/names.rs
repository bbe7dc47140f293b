//! How much uids are alike.

/// True if two uids are the same but for upper and lower case.
pub(super) fn same_but_case(old: &str, new: &str) -> bool {
    old.to_lowercase() == new.to_lowercase()
}

/// True if more than half of the longer one is the same at the start and the end.
pub(super) fn similar(old: &str, new: &str) -> bool {
    let (old, new) = (old.to_lowercase(), new.to_lowercase());
    let common =
        |pairs: &mut dyn Iterator<Item = (char, char)>| pairs.take_while(|(a, b)| a == b).count();
    let (old_length, new_length) = (old.chars().count(), new.chars().count());
    let start = common(&mut old.chars().zip(new.chars()));
    let end = common(&mut old.chars().rev().zip(new.chars().rev()));
    let both = (start + end).min(old_length).min(new_length);
    both * 2 > old_length.max(new_length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_changes_are_similar_and_other_words_are_not() {
        for (old, new) in [
            ("counter", "Counter"),
            ("order-counter", "order-counter-v2"),
            ("orders-v1-join", "orders-v2-join"),
            ("Sink Committer: out", "Sink Committer: renamed"),
        ] {
            assert!(similar(old, new), "{old} {new}");
        }
        for (old, new) in [
            ("counter", "renamed"),
            ("a", "b"),
            ("", ""),
            ("join", "jump"),
        ] {
            assert!(!similar(old, new), "{old} {new}");
        }
    }
}
