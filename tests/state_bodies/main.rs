//! The readers of state bodies: what they count is what was written, however the bytes are cut,
//! and nothing hostile gets through.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "tests may fail"
)]

mod fixtures;
mod generated;
mod golden;
mod hostile;
#[path = "../support/shapes/random.rs"]
#[allow(dead_code, unreachable_pub, reason = "a part is used here")]
mod random;
#[path = "../support/mod.rs"]
mod support;
#[allow(unreachable_pub, reason = "of this test")]
mod writer;
