//! Changes of the changelog backend, counted by state and operation.

mod change_set;
mod counts;

pub use change_set::ChangeSetBody;
pub use counts::{ChangeCounts, MetadataChange, Operation, OperationCounts};

use crate::model::handle::StateChanges;
use crate::reader::{ParseError, ParseErrorKind, to_u64};

/// Counts changes that are kept inside `_metadata`. `metadata` gets the records that say which
/// state has which number; they come before the state's first change.
///
/// Offsets in errors count from the start of the change in question.
pub fn count_changes(
    changes: StateChanges<'_>,
    counts: &mut ChangeCounts,
    mut metadata: impl FnMut(MetadataChange<'_>),
) -> Result<(), ParseError> {
    for change in changes.iter() {
        let record = change.data;
        match record {
            [Operation::METADATA, content @ ..] => {
                let record_bytes = to_u64(record.len());
                metadata(counts.metadata(content, record_bytes, 0)?);
            }
            &[operation, high, low, ..] => {
                let state = i16::from_be_bytes([high, low]);
                counts.change(operation, state, to_u64(record.len()), 0)?;
            }
            _ => {
                let kind = ParseErrorKind::Truncated {
                    needed: 3,
                    remaining: to_u64(record.len()),
                };
                return Err(ParseError::new(kind, 0, "change"));
            }
        }
    }
    Ok(())
}
