use std::collections::BTreeMap;

use byteorder::{BigEndian, ByteOrder};

use crate::reader::{ParseError, ParseErrorKind, to_u64};
use crate::state_file::body::numbers::invalid;

/// What a change does (Flink's `StateChangeOperation`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// The value of a key is gone.
    Clear,
    /// The value of a key.
    Set,
    /// The same, in the form that the backend holds.
    SetInternal,
    /// A value is added.
    Add,
    /// Namespaces are merged (session windows).
    MergeNamespaces,
    /// An element is added to a list, or to a priority queue.
    AddElement,
    /// An entry of a map, or an element of a list.
    AddOrUpdateElement,
    /// An entry of a map, or an element, is gone.
    RemoveElement,
    /// Which state a number stands for.
    Metadata,
}

impl Operation {
    pub(super) const METADATA: u8 = 8;

    fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Clear,
            1 => Self::Set,
            2 => Self::SetInternal,
            3 => Self::Add,
            4 => Self::MergeNamespaces,
            5 => Self::AddElement,
            6 => Self::AddOrUpdateElement,
            7 => Self::RemoveElement,
            Self::METADATA => Self::Metadata,
            _ => return None,
        })
    }
}

/// Changes of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OperationCounts {
    /// How many.
    pub changes: u64,
    /// Their bytes: operation, state number, key, namespace and data; without the framing.
    pub bytes: u64,
}

/// Changes by state and operation. All bytes together are what a changelog handle gives as its
/// size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeCounts {
    /// By number of the state, which only holds within the changelog of one subtask.
    pub states: BTreeMap<i16, BTreeMap<Operation, OperationCounts>>,
}

impl ChangeCounts {
    /// All changes of one state.
    pub fn of_state(&self, state: i16) -> OperationCounts {
        let mut sum = OperationCounts::default();
        for counts in self
            .states
            .get(&state)
            .into_iter()
            .flat_map(BTreeMap::values)
        {
            sum.changes = sum.changes.saturating_add(counts.changes);
            sum.bytes = sum.bytes.saturating_add(counts.bytes);
        }
        sum
    }

    /// Counts one change of `bytes` bytes that started at `at`.
    pub(super) fn change(
        &mut self,
        code: u8,
        state: i16,
        bytes: u64,
        at: u64,
    ) -> Result<(), ParseError> {
        let Some(operation) = Operation::from_code(code) else {
            let reason = "is no operation that this build knows";
            return Err(invalid(i64::from(code), at, "operation", reason));
        };
        let counts = self.states.entry(state).or_default();
        let counts = counts.entry(operation).or_default();
        counts.changes = counts.changes.saturating_add(1);
        counts.bytes = counts.bytes.saturating_add(bytes);
        Ok(())
    }

    /// Counts a record of metadata, whose content is what follows the operation.
    pub(super) fn metadata<'r>(
        &mut self,
        content: &'r [u8],
        bytes: u64,
        at: u64,
    ) -> Result<MetadataChange<'r>, ParseError> {
        let change = MetadataChange::new(content).ok_or_else(|| {
            let kind = ParseErrorKind::Truncated {
                needed: to_u64(MetadataChange::LEAST),
                remaining: to_u64(content.len()),
            };
            ParseError::new(kind, at, "metadata of a state")
        })?;
        self.change(Operation::METADATA, change.state, bytes, at)?;
        Ok(change)
    }
}

/// Says which state a number stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MetadataChange<'r> {
    /// The number.
    pub state: i16,
    /// `BackendStateType.getCode()`, which is not the number that heads of streams have.
    pub type_code: u8,
    /// Version of the meta info's format: 6 or 7, which are the same.
    pub version: i32,
    /// The state's meta info, as in the head of a stream, and behind it what a key-value state has
    /// in addition: time to live and default value.
    pub meta_info: &'r [u8],
}

impl<'r> MetadataChange<'r> {
    const LEAST: usize = 7;

    fn new(content: &'r [u8]) -> Option<Self> {
        let (version, rest) = content.split_at_checked(4)?;
        let (meta_info, [high, low, type_code]) = rest.split_last_chunk::<3>()?;
        Some(Self {
            state: i16::from_be_bytes([*high, *low]),
            type_code: *type_code,
            version: BigEndian::read_i32(version),
            meta_info,
        })
    }
}
