use std::fmt;

/// A size in bytes as a handle records it; Flink writes -1 where it does not know.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct StateSize(i64);

impl StateSize {
    /// A size that was not recorded.
    pub const UNKNOWN: Self = Self(-1);

    /// No bytes.
    pub const ZERO: Self = Self(0);

    /// The length of bytes in memory.
    pub fn of_slice(bytes: &[u8]) -> Self {
        Self(i64::try_from(bytes.len()).unwrap_or(i64::MAX))
    }

    /// The size for a number on disk; `None` below -1, which no Flink writes.
    pub fn from_wire(size: i64) -> Option<Self> {
        (size >= -1).then_some(Self(size))
    }

    /// Bytes, or `None` when unknown.
    pub fn bytes(self) -> Option<u64> {
        u64::try_from(self.0).ok()
    }
}

impl fmt::Debug for StateSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bytes() {
            Some(bytes) => write!(f, "{bytes} B"),
            None => f.write_str("unknown"),
        }
    }
}
