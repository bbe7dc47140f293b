use byteorder::{BigEndian, ByteOrder};

use super::key_groups::KeyGroupLayout;

/// The two formats of keyed state that one kind of handle (`KeyGroupsStateHandle`) points at:
/// full checkpoints of RocksDB are canonical, and so were all savepoints before Flink 1.13.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyedBody {
    /// For [`CanonicalBody`](super::CanonicalBody).
    Canonical,
    /// For [`HeapBody`](super::HeapBody).
    Heap,
}

/// How to find out which of the two a stream has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyedBodyProbe {
    /// The offsets say it.
    Known(KeyedBody),
    /// The four bytes at this position say it: give them to [`judge`](Self::judge).
    Read {
        /// Position in the stream.
        offset: u64,
        /// The key group that starts there.
        key_group: u32,
    },
}

impl KeyedBodyProbe {
    /// What there is to look at for a stream; `None` where the offsets make no sense.
    pub fn new(layout: KeyGroupLayout<'_>) -> Option<Self> {
        let offsets = layout.offsets;
        if offsets.is_empty() || offsets.iter().any(|offset| offset == 0) {
            // Only a canonical stream leaves out key groups without entries.
            return Some(Self::Known(KeyedBody::Canonical));
        }
        // Key group 0 looks the same in both, so the last one is looked at.
        Some(Self::Read {
            offset: u64::try_from(offsets.iter().last()?).ok()?,
            key_group: layout.key_groups.last()?,
        })
    }

    /// Which one it is; `None` where both are possible (a stream with key group 0 only).
    pub fn judge(self, bytes: [u8; 4]) -> Option<KeyedBody> {
        let key_group = match self {
            Self::Known(body) => return Some(body),
            Self::Read { key_group, .. } => key_group,
        };
        match BigEndian::read_u32(&bytes) {
            // A heap stream repeats the number. A canonical one has the number of a state and
            // half of a key's length there, or the start of a compressed stream.
            0 if key_group == 0 => None,
            number if number == key_group => Some(KeyedBody::Heap),
            _ => Some(KeyedBody::Canonical),
        }
    }
}
