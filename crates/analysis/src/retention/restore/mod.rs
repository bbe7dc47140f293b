//! The way back from quarantine: what a journal says was moved, which of it is wanted, and in which
//! order it returns. Pure, like all that decides.

mod moved;
mod order;
mod refusal;
mod selection;

pub use moved::{JournalLine, JournalReader, MovedFile, MovedFiles, Way};
pub use order::{Restoration, RestoreStep, Returned};
pub use refusal::RestoreRefusal;
pub use selection::RestoreSelection;
