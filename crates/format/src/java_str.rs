//! Strings as Java's `DataOutput.writeUTF` leaves them on disk.

use std::borrow::Cow;
use std::fmt;

/// A string in Java's *modified* UTF-8, borrowed from the input (docs/format.md 1.2).
///
/// It differs from UTF-8 in two ways: NUL is the two bytes `C0 80`, and a supplementary
/// character is a surrogate pair of two three-byte groups. Java also lets lone surrogates
/// through; they have no UTF-8 form, so they are shown escaped, like `\ud83d`.
///
/// Equality and ordering are those of the bytes on disk.
///
/// ```
/// use statescope_format::JavaStr;
///
/// let grin = JavaStr::new(&[0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80]).expect("a surrogate pair");
/// assert_eq!(grin.to_str(), "😀");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct JavaStr<'a>(&'a [u8]);

impl<'a> JavaStr<'a> {
    /// Wraps `bytes`, or returns the index of the first byte that `DataInput.readUTF` would refuse.
    pub fn new(bytes: &'a [u8]) -> Result<Self, usize> {
        if bytes.is_ascii() {
            return Ok(Self(bytes));
        }
        let mut at = 0;
        while at < bytes.len() {
            match Unit::read(bytes, at) {
                Some(unit) => at += unit.width,
                None => return Err(at),
            }
        }
        Ok(Self(bytes))
    }

    /// The bytes as they are on disk.
    pub fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    /// True for the empty string, which Flink writes for "none".
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The text; borrows when it is the same in UTF-8, which it nearly always is.
    pub fn to_str(self) -> Cow<'a, str> {
        // `C0 80` and surrogates are invalid UTF-8, so valid UTF-8 here means "the same in both".
        match std::str::from_utf8(self.0) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => Cow::Owned(self.decode()),
        }
    }

    fn decode(self) -> String {
        let mut at = 0;
        let units = std::iter::from_fn(|| {
            let unit = Unit::read(self.0, at)?;
            at += unit.width;
            Some(unit.value)
        });
        let mut text = String::with_capacity(self.0.len());
        for decoded in char::decode_utf16(units) {
            match decoded {
                Ok(c) => text.push(c),
                Err(lone) => text.push_str(&format!("\\u{:04x}", lone.unpaired_surrogate())),
            }
        }
        text
    }
}

/// One UTF-16 code unit and how many bytes it took.
struct Unit {
    value: u16,
    width: usize,
}

impl Unit {
    /// Reads as `DataInputStream.readUTF` does: by the lead byte, overlong forms included.
    fn read(bytes: &[u8], at: usize) -> Option<Self> {
        let continuation = |i: usize| {
            let byte = *bytes.get(at + i)?;
            (byte & 0xC0 == 0x80).then_some(u16::from(byte & 0x3F))
        };
        let lead = *bytes.get(at)?;
        let bits = u16::from(lead);
        match lead {
            0x00..=0x7F => Some(Self {
                value: bits,
                width: 1,
            }),
            0xC0..=0xDF => Some(Self {
                value: (bits & 0x1F) << 6 | continuation(1)?,
                width: 2,
            }),
            0xE0..=0xEF => Some(Self {
                value: (bits & 0x0F) << 12 | continuation(1)? << 6 | continuation(2)?,
                width: 3,
            }),
            _ => None,
        }
    }
}

impl fmt::Display for JavaStr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_str())
    }
}

impl fmt::Debug for JavaStr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_str(), f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_and_two_byte_characters_borrow() {
        for text in ["", "my-keyed", "Zähler"] {
            let decoded = JavaStr::new(text.as_bytes()).unwrap().to_str();
            assert_eq!(decoded, text);
            assert!(matches!(decoded, Cow::Borrowed(_)));
        }
    }

    #[test]
    fn nul_is_two_bytes() {
        assert_eq!(JavaStr::new(b"a\xC0\x80b").unwrap().to_str(), "a\0b");
    }

    #[test]
    fn lone_surrogates_are_shown_escaped() {
        let text = JavaStr::new(b"x\xED\xA0\xBDy").unwrap();
        assert_eq!(text.to_str(), "x\\ud83dy");
    }

    #[test]
    fn four_byte_utf8_and_cut_groups_are_refused_where_java_refuses_them() {
        assert_eq!(JavaStr::new("a😀".as_bytes()), Err(1));
        assert_eq!(JavaStr::new(b"ab\xC3"), Err(2));
        assert_eq!(JavaStr::new(b"\xE2\x82"), Err(0));
        assert_eq!(JavaStr::new(b"\x80"), Err(0));
    }
}
