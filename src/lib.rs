#![doc = include_str!("../docs/library.md")]
#![forbid(unsafe_code)]

#[cfg(feature = "output")]
pub mod output;
pub mod report;

pub use statescope_analysis::{finding, growth, health, restore, retention, snapshot};
pub use statescope_format::{
    FieldValue, FileIdentity, JavaStr, Limits, Location, NoTrace, ParseError, ParseErrorKind,
    PathStep, Revision, Scheme, Trace, UtcSeconds, without_secrets,
};
pub use statescope_format::{
    class_file, dump, java_stream, layout, location, metadata, model, reader, state_file, time,
};
#[cfg(feature = "rest")]
pub use statescope_store::cluster;
pub use statescope_store::inspect::front::{Snapshot, blocking, open, open_with};
pub use statescope_store::{Error, inspect, storage};
