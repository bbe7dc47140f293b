//! What a `_metadata` file says, named after Flink's classes. Everything borrows from the file.

pub mod checkpoint;
pub mod handle;
