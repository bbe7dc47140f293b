//! What the stores behind HTTP have in common.

mod odd_keys;
mod options;
mod wire;
mod xml;

pub(super) use options::{client_options, connector, retry};
pub(super) use wire::TimedOut;
