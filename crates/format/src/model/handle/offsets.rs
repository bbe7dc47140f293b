use std::fmt;

use byteorder::{BigEndian, ByteOrder};

/// A table of stream positions, kept as the big-endian 64-bit numbers on disk.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Offsets<'a>(&'a [u8]);

impl<'a> Offsets<'a> {
    const WIDTH: usize = 8;

    /// Wraps the bytes of whole 64-bit numbers; a rest of fewer than eight bytes is not read.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// How many offsets there are.
    pub fn len(self) -> usize {
        self.0.len() / Self::WIDTH
    }

    /// True when there are none.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The offsets in the order of the file.
    pub fn iter(self) -> impl ExactSizeIterator<Item = i64> + use<'a> {
        self.0.chunks_exact(Self::WIDTH).map(BigEndian::read_i64)
    }
}

impl fmt::Debug for Offsets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
