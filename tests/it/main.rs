//! What needs no server but those that tests start themselves: the library across its crates, and the command.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

#[path = "../support/servers/compare.rs"]
mod compare;
#[path = "../support/heads.rs"]
mod heads;
#[path = "../support/history_suite.rs"]
mod history_suite;
#[path = "../cli/inputs.rs"]
mod inputs;
#[path = "../support/servers/lake.rs"]
mod lake;
#[path = "../support/pairs.rs"]
mod pairs;
#[path = "../support/servers/program.rs"]
mod program;
#[path = "../support/properties.rs"]
mod properties;
#[path = "../support/put_suite.rs"]
mod put_suite;
#[path = "../support/series.rs"]
mod series;
#[path = "../support/servers/mod.rs"]
mod servers;
#[path = "../support/shapes/mod.rs"]
mod shapes;
#[path = "../support/snapshot_properties.rs"]
mod snapshot_properties;
#[path = "../support/servers/snapshots.rs"]
mod snapshots;
#[path = "../support/store_suite.rs"]
mod store_suite;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/sst.rs"]
mod tables;

mod architecture;
mod check;
mod cli;
mod cli_rest;
mod damage;
mod diff;
mod drift;
mod e2e_s3;
mod e2e_s3_states;
mod figures;
mod flink_truth;
mod fuzz_replay;
mod generated_shapes;
mod growth;
mod history;
mod history_s3;
mod html;
mod limits;
mod list;
mod not_seen;
mod output;
mod pointer;
mod readme;
mod rest;
mod restore_matrix;
mod retention;
mod retention_attacks;
mod retention_s3;
mod state_heads;
mod state_truth;
mod storage_faults;
mod storage_http;
mod storage_stores;
mod trust;
mod uids;
mod upgrade_recipes;
mod validate;
mod verdict;
