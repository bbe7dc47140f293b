#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod class_file;
pub mod dump;
mod java_str;
pub mod java_stream;
pub mod layout;
mod limits;
pub mod location;
pub mod metadata;
pub mod model;
pub mod reader;
pub mod state_file;
pub mod time;

pub use java_str::JavaStr;
pub use limits::Limits;
pub use location::{FileIdentity, Location, Revision, Scheme, without_secrets};
pub use reader::{FieldValue, NoTrace, ParseError, ParseErrorKind, PathStep, Trace};
pub use time::UtcSeconds;
