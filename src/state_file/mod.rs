//! Files that hold state: parsers without I/O (docs/state-files.md).

pub mod sst;
