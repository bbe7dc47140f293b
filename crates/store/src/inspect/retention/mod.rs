//! Retention on real stores: what is listed and read goes into the decisions of `retention`, and
//! [`apply`] is the only code that deletes anything. [`restore`] brings back what it only moved.

mod applied;
mod apply;
mod listed;
mod lookout;
mod plan;
mod read;
mod restore;
mod run;
mod survey;

pub use applied::{Applied, AppliedObject, ApplyError, State};
pub use apply::{ApplyRequest, apply};
pub use plan::{PlanRequest, plan};
pub use restore::{Restored, RestoredObject, RestoredState, restore};
