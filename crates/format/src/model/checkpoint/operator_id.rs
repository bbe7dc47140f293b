use std::fmt;
use std::str::FromStr;

/// The 16 bytes that identify an operator (`OperatorID`), shown as 32 lower-case hex digits.
///
/// ```
/// use statescope_format::model::checkpoint::OperatorId;
///
/// let id: OperatorId = "38e7541c9b1074a2ac9abb34ce40e725".parse()?;
/// assert_eq!(id, OperatorId::of_uid("my-keyed"));
/// # Ok::<(), statescope_format::model::checkpoint::InvalidOperatorId>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperatorId([u8; 16]);

impl OperatorId {
    /// The id with those bytes, in the order of the file.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The id's bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The id that Flink gives to an operator with `uid(uid)`: MurmurHash3 x64 128 with seed 0
    /// over the UTF-8 bytes (`StreamGraphHasherV2`, docs/format.md 10).
    pub fn of_uid(uid: &str) -> Self {
        // Hashing a slice cannot fail; the crate's signature is that of a reader.
        let hash = murmur3::murmur3_x64_128(&mut uid.as_bytes(), 0).unwrap_or_default();
        Self(hash.to_le_bytes())
    }

    /// The first eight hex digits: enough to tell the operators of a job apart by eye.
    pub fn short(&self) -> String {
        let mut text = self.to_string();
        text.truncate(8);
        text
    }
}

impl fmt::Display for OperatorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: [u8; 16] = *b"0123456789abcdef";
        // At once: tables have millions of them.
        let mut text = [0; 32];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            let digits = [byte >> 4, byte & 0xF].map(|digit| DIGITS.get(usize::from(digit)));
            pair.copy_from_slice(&digits.map(|digit| digit.copied().unwrap_or_default()));
        }
        f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for OperatorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl serde::Serialize for OperatorId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for OperatorId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The text is not 32 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an operator id has 32 hex digits")]
pub struct InvalidOperatorId;

impl FromStr for OperatorId {
    type Err = InvalidOperatorId;

    fn from_str(text: &str) -> Result<Self, InvalidOperatorId> {
        if text.len() != 32 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(InvalidOperatorId);
        }
        u128::from_str_radix(text, 16)
            .map(|id| Self(id.to_be_bytes()))
            .map_err(|_| InvalidOperatorId)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// docs/format.md 10.
    #[test]
    fn uids_hash_as_in_flink() {
        for (uid, id) in [
            ("my-keyed", "38e7541c9b1074a2ac9abb34ce40e725"),
            ("sink", "2e588ce1c86a9d46e2e85186773ce4fd"),
            ("win", "1fda57489fc99cc8f66c9108fd52ccef"),
            ("my-source", "5712e5a8bfbfa8943a95ff796efbcfa9"),
            ("fin-seq", "acc93a309413575698d89e9d6617cf9d"),
            ("fin-map", "313fd15efa1312716c54d67c7d2dd524"),
            ("value-process-uid", "ca4f5fe9a637b656f09ea78b3e7a15b9"),
        ] {
            assert_eq!(OperatorId::of_uid(uid).to_string(), id);
            assert_eq!(id.parse(), Ok(OperatorId::of_uid(uid)));
        }
    }

    #[test]
    fn only_32_hex_digits_are_an_id() {
        for text in [
            "",
            "38e7",
            "+8e7541c9b1074a2ac9abb34ce40e725",
            "38e7541c9b1074a2ac9abb34ce40e72z",
        ] {
            assert_eq!(text.parse::<OperatorId>(), Err(InvalidOperatorId));
        }
    }
}
