//! The files that hold state: what their first bytes tell about the states inside (names, types,
//! serializers), without a JVM and without the job's classes (docs/state-files.md).

mod grammar;
mod head;
mod legacy;
mod meta_info;
mod resume;
pub mod serializer;

pub use head::{HeadKind, StateFileHead, keyed_head, operator_head};
pub use meta_info::{BackendStateType, StateMetaInfoSnapshot, meta_info};
