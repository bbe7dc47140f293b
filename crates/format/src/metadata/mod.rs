//! The parser of `_metadata` files: bytes in, [`CheckpointMetadata`] out, no I/O.
//!
//! One small file per version and per family of handles; docs/format.md is the reference.

mod body;
mod dialect;
mod handle;
mod header;
mod parser;
mod properties;
mod recoding;
mod v2;
mod v3;
mod v5;
mod v7;

pub use dialect::Dialect;
pub use header::{HEADER_BYTES, starts_like_metadata};
pub use parser::{MetadataParser, Outline, ParsedMetadata, parse};
pub use recoding::{Base64, Recoding};

#[cfg(doc)]
use crate::model::checkpoint::CheckpointMetadata;
