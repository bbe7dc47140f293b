//! Every format against files that Flink wrote, and files that nobody should write.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

// The fixtures of the whole project are shared; their helpers name this crate as users do.
extern crate statescope_format as statescope;

#[path = "../../../../tests/support/byte_table.rs"]
mod byte_table;
#[path = "../../../../tests/support/shapes/random.rs"]
#[allow(dead_code, unreachable_pub, reason = "a part is used here")]
mod random;
#[path = "../../../../tests/support/testdata.rs"]
mod support;
#[path = "../../../../tests/support/sst.rs"]
mod tables;

mod java_stream;
mod sst;
mod state_bodies;
mod versions;
