//! Random worlds, in which no file that a snapshot needs may ever be deleted.
//!
//! The worlds know what each snapshot needs without asking the code under test, which reads the same
//! handles as the parser would make them. Checkpoints land while a plan is carried out, deletions
//! fail, and the process dies after any number of them. A reading that overlooks one class of
//! handles must be caught: that shows that the test can fail, for each class.

mod handles;
mod random;
mod run;
mod world;

use handles::HandleClass;
use run::Case;

/// Half as many in each of two tests, which run side by side.
const CASES: u64 = 100_000;

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
    assert!(deleted > CASES, "only {deleted} files were deleted");
    assert!(
        whole_runs > CASES / 10,
        "only {whole_runs} runs came to their end"
    );
}

#[test]
fn no_needed_file_is_ever_deleted_whatever_happens_meanwhile() {
    check(0..CASES / 2);
}

#[test]
fn no_needed_file_is_ever_deleted_whatever_happens_meanwhile_more_cases() {
    check(CASES / 2..CASES);
}

#[test]
fn overlooking_any_class_of_handles_is_caught() {
    const PATIENCE: u64 = 20_000;
    for class in HandleClass::ALL {
        let caught = (0..PATIENCE).any(|seed| Case::new(seed, Some(class)).run().is_err());
        assert!(caught, "{class:?} can be overlooked");
    }
}
