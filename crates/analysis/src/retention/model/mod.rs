//! Random worlds, in which no file that a snapshot needs may ever be deleted, and no job may lose the
//! last checkpoint that it can start from.
//!
//! The worlds know what each snapshot needs without asking the code under test, which reads the same
//! handles as the parser would make them. It drives the machines that decide: [`Surveying`] and
//! [`Deletion`]. Checkpoints land and go while a survey is made, snapshots appear anywhere while a plan
//! is carried out, deletions fail, and the process dies after any number of them. A reading that
//! overlooks one class of handles must be caught, and so must a machine that is not told what one of
//! its rules needs to know: that shows that the test can fail, for each class and each rule.
//!
//! `STATESCOPE_MODEL_CASES=100000 cargo test --release --lib retention::model` runs the long one.
//!
//! [`Surveying`]: crate::retention::Surveying
//! [`Deletion`]: crate::retention::Deletion

mod handles;
mod judged;
mod random;
mod rule;
mod run;
mod shown;
mod world;

use handles::HandleClass;
use rule::{Blind, Rule};
use run::Case;

/// Half as many in each of two tests, which run side by side.
fn cases() -> u64 {
    let cases = option_env!("STATESCOPE_MODEL_CASES");
    cases.map_or(5_000, |cases| cases.parse().unwrap())
}

fn check(seeds: std::ops::Range<u64>) {
    let mut deleted = 0;
    let mut whole_runs = 0;
    for seed in seeds {
        let case = Case::new(seed, None);
        let result = case
            .run()
            .unwrap_or_else(|violation| panic!("seed {seed}: {violation}"));
        deleted += result.deleted;
        whole_runs += u64::from(result.finished);
    }
    // Cases in which nothing happens would prove nothing.
    assert!(deleted > cases() / 2, "only {deleted} files were deleted");
    assert!(
        whole_runs > cases() / 20,
        "only {whole_runs} runs came to their end"
    );
}

#[test]
fn no_needed_file_is_ever_deleted_whatever_happens_meanwhile() {
    check(0..cases() / 2);
}

#[test]
fn no_needed_file_is_ever_deleted_whatever_happens_meanwhile_more_cases() {
    check(cases() / 2..cases());
}

#[test]
fn overlooking_any_class_of_handles_is_caught() {
    for class in HandleClass::ALL {
        assert!(
            is_caught(Blind::Class(class)),
            "{class:?} can be overlooked"
        );
    }
}

#[test]
fn breaking_any_rule_of_the_machines_is_caught() {
    let missed: Vec<Rule> = Rule::ALL
        .into_iter()
        .filter(|rule| !is_caught(Blind::Rule(*rule)))
        .collect();
    assert!(missed.is_empty(), "{missed:?} can be broken");
}

fn is_caught(blind: Blind) -> bool {
    const PATIENCE: u64 = 50_000;
    (0..PATIENCE).any(|seed| Case::new(seed, Some(blind)).run().is_err())
}
