//! What several test files share.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

pub mod flink_json;
pub mod look;
pub mod matrix;
pub mod moved;
pub mod snapshots;
pub mod states_json;
pub mod testdata;

pub use testdata::*;

/// Runs what has to wait for a store.
pub fn wait<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(work)
}
