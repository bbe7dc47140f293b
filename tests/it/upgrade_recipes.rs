//! The recipes of docs/upgrade.md, run as they are written there.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]
#![cfg(all(feature = "cli", unix))]

use std::path::Path;
use std::process::Command;

const PAGE: &str = include_str!("../../docs/upgrade.md");

fn recipes() -> Vec<&'static str> {
    let blocks = PAGE.split("```sh\n").skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap())
        .collect()
}

/// Whether the deployment goes on, from a base to a change of it; `described` is the change whose
/// description the new job has.
fn passes(recipe: &str, base: &str, described: &str, new: &str) -> bool {
    let matrix = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/restore/flink-2.3.0");
    let work = tempfile::tempdir().expect("a directory");
    let job = matrix.join("variant").join(described).join("job.json");
    std::fs::copy(job, work.path().join("job.json")).expect("a description");
    let binary = Path::new(env!("CARGO_BIN_EXE_statescope"));
    let path = std::env::var("PATH").expect("a path");
    let status = Command::new("sh")
        .args(["-c", recipe])
        .current_dir(work.path())
        .env(
            "PATH",
            format!("{}:{path}", binary.parent().unwrap().display()),
        )
        .env("OLD", matrix.join("base").join(base))
        .env("NEW", matrix.join(new))
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status();
    status.expect("a shell").success()
}

#[test]
fn a_deployment_that_would_lose_state_is_stopped_and_one_that_would_not_goes_on() {
    let recipes = recipes();
    let [operators, states] = recipes[..] else {
        panic!("{recipes:?}");
    };
    for recipe in [operators, states] {
        assert!(
            passes(recipe, "small", "small-changelog-on", "base/small"),
            "{recipe}"
        );
        let renamed = "variant/small-uid-changed";
        assert!(
            !passes(recipe, "small", "small-uid-changed", renamed),
            "{recipe}"
        );
    }
    // Only states tell these.
    for (base, change) in [
        ("two", "two-uids-swapped"),
        ("pojo", "pojo-field-type"),
        ("small", "small-value-to-string"),
    ] {
        let new = format!("variant/{change}");
        assert!(!passes(states, base, change, &new), "{change}");
    }
    // What is not known is no yes.
    let kryo = "variant/kryo-to-pojo";
    assert!(!passes(states, "kryo", "kryo-to-pojo", kryo));
}

#[test]
fn the_pipeline_runs_the_recipe() {
    let yaml = PAGE.split("```yaml\n").nth(1).expect("a pipeline");
    let yaml = yaml.split("```").next().unwrap();
    let lines: Vec<_> = yaml.lines().map(str::trim).collect();
    for line in recipes()[1].lines() {
        assert!(lines.contains(&line), "{line}");
    }
}
