#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

#[cfg(feature = "rest")]
pub mod cluster;
mod error;
pub mod inspect;
pub mod storage;

pub use error::Error;
