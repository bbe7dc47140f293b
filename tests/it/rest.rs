//! What real clusters say of a running job (testdata/rest), beside what the job graph holds.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]
#![cfg(feature = "rest")]

use std::fs;
use std::path::Path;

use serde_json::Value;
use statescope::restore::cluster;
use statescope::restore::job::StateBackend;

const RELEASES: [&str; 3] = ["1.17.2", "1.20.5", "2.3.0"];

fn answer(release: &str, what: &str) -> Vec<u8> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/rest");
    fs::read(directory.join(format!("flink-{release}-{what}.json"))).expect("an answer")
}

#[test]
fn vertices_are_those_of_the_job_graph() {
    for release in RELEASES {
        let job = cluster::job(&answer(release, "job")).expect("a job");
        let graph: Value = serde_json::from_slice(&answer(release, "operators")).unwrap();
        let graph = graph.as_array().unwrap();
        assert_eq!(job.vertices.len(), graph.len(), "{release}");
        for expected in graph {
            let id = expected["vertex"].as_str().unwrap();
            let vertex = job.vertices.iter().find(|v| v.id.to_string() == id);
            let vertex = vertex.unwrap_or_else(|| panic!("{release}: {id}"));
            assert_eq!(expected["parallelism"], vertex.parallelism);
            let operators = expected["operators"].as_array().unwrap();
            assert_eq!(vertex.operators, Some(operators.len()), "{release}: {id}");
            // One of them is the head of the chain.
            assert!(operators.iter().any(|operator| operator == id));
            let set = expected["max_parallelism_set"].as_i64().unwrap();
            let expected = u32::try_from(set).unwrap_or(128);
            assert_eq!(vertex.max_parallelism, Some(expected), "{release}: {id}");
        }
        let both = job.vertices.iter().find(|v| v.name == "both").unwrap();
        let name = |id| &job.vertices.iter().find(|v| v.id == id).unwrap().name;
        let inputs: Vec<_> = both.inputs.iter().map(|&id| name(id)).collect();
        assert_eq!(
            inputs,
            ["counter", "Source: other -> slow too"],
            "{release}"
        );
    }
}

#[test]
fn release_backend_and_checkpoints_are_told() {
    for release in RELEASES {
        let version = cluster::flink_version(&answer(release, "config")).expect("a release");
        assert_eq!(version, release);
        let config =
            cluster::checkpoints(&answer(release, "checkpoints-config")).expect("settings");
        assert_eq!(config.state_backend.as_deref(), Some("HashMapStateBackend"));
        assert_eq!(config.changelog, Some(false));
        assert_eq!(config.unaligned, Some(false));
    }
}

#[test]
fn a_description_has_the_heads_of_chains_and_says_that_it_hides_the_rest() {
    for release in RELEASES {
        let mut job = cluster::job(&answer(release, "job")).unwrap();
        let config = cluster::checkpoints(&answer(release, "checkpoints-config")).unwrap();
        assert!(job.hides_operators());
        let description = job.describe(&config, Some(release.to_owned()));
        assert_eq!(description.state_backend, Some(StateBackend::Hashmap));
        let set = description.operators.iter().map(|o| o.max_parallelism);
        assert_eq!(set.flatten().collect::<Vec<_>>(), [64], "{release}");
        let names = description
            .operators
            .iter()
            .filter_map(|o| o.name.as_deref());
        assert_eq!(names.collect::<Vec<_>>(), ["counter", "both"], "{release}");
        assert!(description.check().is_ok());
        job.vertices.retain(|vertex| vertex.operators == Some(1));
        assert!(!job.hides_operators());
    }
}

#[test]
fn other_answers_are_refused() {
    for text in ["", "{}", "[]", "<html>", r#"{"errors":["Job not found"]}"#] {
        assert!(cluster::job(text.as_bytes()).is_err(), "{text}");
    }
    let wrong = r#"{"vertices":[{"id":"abc","name":"x","parallelism":1}]}"#;
    assert!(cluster::job(wrong.as_bytes()).is_err());
}
