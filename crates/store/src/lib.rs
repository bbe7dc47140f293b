#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod error;
pub mod inspect;
pub mod storage;

pub use error::Error;
