#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod finding;
pub mod growth;
pub mod health;
pub mod restore;
pub mod retention;
pub mod snapshot;
