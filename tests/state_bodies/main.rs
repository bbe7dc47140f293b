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
#[path = "../support/mod.rs"]
mod support;
