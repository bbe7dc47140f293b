#![doc = include_str!("../docs/library.md")]
#![forbid(unsafe_code)]

pub mod check;
pub mod checkpoint;
pub mod compat;
pub mod diff;
pub mod drift;
pub mod dump;
mod error;
pub mod finding;
pub mod growth;
#[cfg(feature = "history")]
pub mod history;
pub mod inspector;
mod java_str;
pub mod java_stream;
pub mod job;
pub mod layout;
mod limits;
pub mod lint;
mod location;
pub mod metadata;
#[cfg(feature = "output")]
pub mod output;
mod parse;
pub mod references;
mod release;
pub mod report;
#[cfg(feature = "rest")]
pub mod rest;
pub mod restore;
pub mod retention;
pub mod state;
pub mod state_file;
pub mod states;
pub mod storage;
pub mod summary;
mod time;
pub mod uid;
pub mod validate;
pub mod verdict;
pub mod verify;

pub use error::Error;
pub use java_str::JavaStr;
pub use limits::Limits;
pub use location::{FileIdentity, Location, Revision, Scheme, without_secrets};
pub use parse::{FieldValue, NoTrace, ParseError, ParseErrorKind, PathStep, Trace};
pub use time::UtcSeconds;
