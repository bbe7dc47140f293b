//! Is a snapshot whole: its metadata sane, its files there, nothing in it that hurts later.

pub mod check;
pub mod files;
pub mod lint;
pub mod sanity;
