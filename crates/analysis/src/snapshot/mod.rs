//! What one snapshot holds: its sizes, its states, the bytes it mentions, the uids of its operators.

pub mod contents;
pub mod references;
pub mod summary;
pub mod uid;
