//! What is inside the files that state handles point at (docs/state-files.md). No I/O: callers
//! feed the bytes in order, in pieces of any size.

pub mod body;
mod snappy;
