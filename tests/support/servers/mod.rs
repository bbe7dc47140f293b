//! Servers inside the test process, all on loopback.

#![allow(dead_code, reason = "each test uses some of them")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "they are for tests"
)]

#[cfg(feature = "s3")]
pub(crate) mod counted;
#[cfg(feature = "s3")]
pub(crate) mod guard;
#[cfg(feature = "s3")]
pub(crate) mod s3;
pub(crate) mod scripted;
