#![doc = include_str!("../docs/library.md")]

pub mod checkpoint;
pub mod finding;
mod java_str;
pub mod java_stream;
mod location;
pub mod metadata;
mod parse;
pub mod references;
pub mod state;
pub mod summary;
pub mod validate;

pub use java_str::JavaStr;
pub use location::{Location, Scheme};
pub use parse::{FieldValue, Limits, NoTrace, ParseError, ParseErrorKind, PathStep, Trace};
