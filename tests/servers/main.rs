//! What needs a real HDFS or an Azure emulator (tests/support/servers).

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

#[path = "../support/servers/compare.rs"]
mod compare;
#[path = "../support/history_suite.rs"]
mod history_suite;
#[path = "../support/servers/program.rs"]
mod program;
#[path = "../support/put_suite.rs"]
mod put_suite;
#[path = "../support/series.rs"]
mod series;
#[path = "../support/servers/snapshots.rs"]
mod snapshots;
#[path = "../support/store_suite.rs"]
mod store_suite;

mod e2e_hdfs;
mod history_hdfs;
mod retention_hdfs;
mod storage_azure;
mod storage_hdfs;
