//! Are the files there? Pure: what a snapshot needs goes in with what a store showed, findings
//! come out.

mod dependencies;
mod file_check;
mod judge;
mod looked;
mod needed;

pub use dependencies::{Dependency, Relation, dependencies};
pub use file_check::FileCheck;
pub use judge::{Seen, judge};
pub use looked::{Looked, PathMap};
pub use needed::{Needed, NeededFile, NeededFiles};
