//! The uids that Flink makes itself, of the one that a program gives to a sink (docs/uids.md).

/// What Flink puts around the uid of a sink for the sink's other operators.
const FORMS: &[(&str, &str)] = &[
    // 1.15 and later (`SinkTransformationTranslator`); the writer has the sink's own uid.
    ("Sink Committer: ", ""),
    ("Sink ", " Global Committer"),
    // Parts with a uid of their own: the compaction of `FileSink`.
    ("", ": FileSinkCompactorCoordinator"),
    ("", ": FileSinkCompactorOperator"),
    // 1.13 and 1.14 (their `SinkTransformationTranslator`); the committer of 1.13 has the form above.
    ("Sink Writer: ", ""),
    ("Sink Global Committer: ", ""),
    // 1.14.
    ("Sink ", " Writer"),
    ("Sink ", " Committer"),
];

/// Calls `each` for every uid that Flink may have made of `uid`.
pub(super) fn derived(uid: &str, each: &mut dyn FnMut(&str)) {
    let mut text = String::with_capacity(uid.len() + 32);
    for (before, behind) in FORMS {
        text.clear();
        text.push_str(before);
        text.push_str(uid);
        text.push_str(behind);
        each(&text);
    }
}

/// The uid that a program gave to a sink, of one that Flink made of it: `orders` of
/// `Sink Committer: orders`. `None` for any other uid. A program that gives such a uid by itself is
/// not told apart.
pub fn given_to_sink(uid: &str) -> Option<&str> {
    let given = FORMS.iter().find_map(|(before, behind)| {
        // "Sink x Writer" is too common to mean anything.
        let telling = before.ends_with(": ") || behind.starts_with(": ");
        let given = uid.strip_prefix(before)?.strip_suffix(behind)?;
        telling.then_some(given)
    });
    given.filter(|given| !given.is_empty())
}
