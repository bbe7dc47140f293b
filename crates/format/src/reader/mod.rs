//! What every parser here shares: a nom result with a located error, bounds, and a trace of what
//! was read. No I/O.

mod context;
mod error;
mod little_endian;
mod trace;

pub(crate) use crate::limits::Limits;
pub use context::to_u64;
pub(crate) use context::{Context, PResult, fail, finish};
pub use error::{ParseError, ParseErrorKind, PathStep};
pub use trace::{FieldValue, NoTrace, Trace};
