//! What the stores behind HTTP have in common.

mod client;
mod odd_keys;
mod options;
#[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
mod setting;
mod wire;
mod xml;

#[cfg(feature = "rest")]
pub(crate) use client::choose_cryptography;
#[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
pub(super) use options::{Roles, configured};
pub(super) use options::{client_options, connector, retry};
#[cfg(any(feature = "azure", feature = "gcs", feature = "s3"))]
pub(super) use setting::value;
pub(super) use wire::TimedOut;
