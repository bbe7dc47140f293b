//! Big files in the shapes that occur: every figure is what the independent writer put in.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

use crate::shapes;

use shapes::{Built, Shape, VERSIONS};
use statescope::dump::Annotator;
use statescope::growth::{FileHasher, Observer};
use statescope::health::sanity::validate;
use statescope::metadata::{self, MetadataParser};
use statescope::snapshot::references::Base;
use statescope::snapshot::summary::{Detail, summarize};

const SIZES: [usize; 3] = [0, 40_000, 2_000_000];

#[test]
fn figures_of_every_shape_and_version_are_those_of_the_writer() {
    for_each_shape(|name, built| {
        let Built { bytes, expected } = built;
        let parsed = metadata::parse(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(parsed.trailing_bytes, 0, "{name}");
        let said = validate(&parsed);
        let said: Vec<_> = said.iter().map(|finding| finding.kind.code()).collect();
        match parsed.metadata.version.is_released() {
            true => assert_eq!(said, [""; 0], "{name}"),
            false => assert_eq!(said, ["unreleased-format"], "{name}"),
        }

        let length = u64::try_from(bytes.len()).expect("a length");
        let summary = summarize(&parsed, "", length, &Base::default(), Detail::Subtasks);
        let count = |n: usize| u64::try_from(n).expect("a count");
        let operators = &summary.operators;
        let running = operators
            .iter()
            .flat_map(|o| &o.subtasks)
            .filter(|s| !s.finished);
        let finished = operators
            .iter()
            .flat_map(|o| &o.subtasks)
            .filter(|s| s.finished);
        assert_eq!(
            summary.checkpoint_id,
            expected.checkpoint_id.unsigned_abs(),
            "{name}"
        );
        assert_eq!(
            count(summary.master_states.len()),
            expected.master_states,
            "{name}"
        );
        assert_eq!(count(operators.len()), expected.operators, "{name}");
        assert_eq!(
            count(operators.iter().filter(|o| o.fully_finished).count()),
            expected.fully_finished_operators,
            "{name}"
        );
        assert_eq!(count(running.count()), expected.subtasks, "{name}");
        assert_eq!(
            count(finished.count()),
            expected.finished_subtasks,
            "{name}"
        );
        assert_eq!(summary.state_bytes, Some(expected.state_bytes), "{name}");
        assert_eq!(
            summary.checkpointed_bytes,
            Some(expected.checkpointed_bytes),
            "{name}"
        );
        assert_eq!(summary.inline_bytes, expected.inline_bytes, "{name}");
        assert_eq!(summary.file_count, expected.files, "{name}");
        assert_eq!(
            summary.unique_bytes,
            Some(expected.unique_bytes()),
            "{name}"
        );
    });
}

#[test]
fn a_dump_accounts_for_every_byte_of_every_shape_and_version() {
    for_each_shape(|name, Built { bytes, .. }| {
        let mut annotator = Annotator::new(drop);
        let parsed = MetadataParser::default().parse_traced(bytes, &mut annotator, &mut drop);
        parsed.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(annotator.complete(bytes.len()), Ok(()), "{name}");
    });
}

fn for_each_shape(check: impl Fn(&str, &Built)) {
    for shape in Shape::ALL {
        for version in VERSIONS {
            for size in SIZES {
                let name = format!("{shape:?}, version {version}, {size} bytes");
                check(&name, &shapes::build(shape, size, version));
            }
        }
    }
}

/// State that an earlier checkpoint wrote is no addition of this one.
#[test]
fn state_of_earlier_checkpoints_counts_as_reused() {
    let bytes = std::fs::read("tests/cli/data/regional/_metadata").expect("a file");
    let parsed = metadata::parse(&bytes).expect("metadata");
    let base = Base::default();
    let summary = summarize(&parsed, "", 0, &base, Detail::Subtasks);
    assert_eq!(summary.flink_versions, [""; 0]);
    assert_eq!(summary.referencing_subtasks, 2);
    assert_eq!(summary.oldest_referenced_checkpoint_id, Some(40));
    let operator = &summary.operators[0];
    let subtasks = operator.subtasks.iter();
    let seen: Vec<_> = subtasks
        .map(|subtask| (subtask.referenced_checkpoint_id, subtask.checkpointed_bytes))
        .collect();
    assert_eq!(
        seen,
        [
            (None, Some(2_000)),
            (Some(41), Some(0)),
            (Some(40), Some(0))
        ]
    );
    assert_eq!(operator.state_bytes, Some(3 * 40_900));
    let hasher = FileHasher::default();
    let mut observer = Observer::new(&base, &hasher);
    for operator in &parsed.metadata.operator_states {
        observer.operator(operator);
    }
    let seen = observer.finish();
    assert_eq!(seen.state_bytes, summary.state_bytes);
    assert_eq!(seen.checkpointed_bytes, Some(2_000));
    let codes: Vec<_> = validate(&parsed)
        .iter()
        .map(|finding| finding.kind.code())
        .collect();
    assert_eq!(codes, ["regional-state", "unreleased-format"]);
}
