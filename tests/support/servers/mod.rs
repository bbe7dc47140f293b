//! Servers inside the test process, all on loopback.

#![allow(dead_code, reason = "each test uses some of them")]

#[cfg(feature = "s3")]
pub mod s3;
pub mod scripted;
