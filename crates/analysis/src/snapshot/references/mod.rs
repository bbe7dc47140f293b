//! Which bytes a snapshot needs: every stream that its handles mention, with its role, and what
//! makes two mentions the same bytes.

mod physical;
mod visit;

pub use physical::{Base, PhysicalKey};
pub use visit::{FileRole, Reference, Target, visit_keyed_state, visit_subtask};
