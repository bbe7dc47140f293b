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
use super::support;
use crate::random;
#[allow(unreachable_pub, reason = "of this test")]
mod writer;
