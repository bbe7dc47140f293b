//! Numbers as RocksDB writes them: little-endian, or 7 bits per byte (docs/state-files.md 5).

use byteorder::{ByteOrder, LittleEndian};

use crate::reader::{Context, FieldValue, PResult, ParseErrorKind, Trace, fail, to_u64};

/// 64 bits, 7 per byte.
const VARINT_BYTES: usize = 10;

impl<T: Trace, G> Context<'_, T, G> {
    pub(crate) fn u32_le<'a>(&mut self, input: &'a [u8], field: &'static str) -> PResult<'a, u32> {
        let (rest, raw) = self.slice(input, 4, field)?;
        let value = LittleEndian::read_u32(raw);
        self.traced(input, rest, field, FieldValue::Int(i64::from(value)));
        Ok((rest, value))
    }

    pub(crate) fn u64_le<'a>(&mut self, input: &'a [u8], field: &'static str) -> PResult<'a, u64> {
        let (rest, raw) = self.slice(input, 8, field)?;
        let value = LittleEndian::read_u64(raw);
        self.traced(input, rest, field, FieldValue::Int(value.cast_signed()));
        Ok((rest, value))
    }

    /// The low bits come first; the top bit of a byte says that another follows.
    pub(crate) fn varint<'a>(&mut self, input: &'a [u8], field: &'static str) -> PResult<'a, u64> {
        let mut value = 0_u64;
        for (index, &byte) in input.iter().take(VARINT_BYTES).enumerate() {
            let bits = u64::from(byte & 0x7F);
            let shift = 7 * index;
            if (bits << shift) >> shift != bits {
                break;
            }
            value |= bits << shift;
            if byte < 0x80 {
                let (rest, _) = self.slice(input, index + 1, field)?;
                self.traced(input, rest, field, FieldValue::Int(value.cast_signed()));
                return Ok((rest, value));
            }
        }
        if input.len() < VARINT_BYTES && input.iter().all(|&byte| byte >= 0x80) {
            return self
                .slice(input, input.len() + 1, field)
                .map(|(rest, _)| (rest, 0));
        }
        let kind = ParseErrorKind::InvalidValue {
            value: i64::MAX,
            reason: "or more does not fit 64 bits: the file is damaged",
        };
        fail(self.error(input, field, kind))
    }

    /// A varint length of something in `rest`.
    pub(crate) fn varint_length<'a>(
        &mut self,
        input: &'a [u8],
        field: &'static str,
    ) -> PResult<'a, usize> {
        let (rest, length) = self.varint(input, field)?;
        match usize::try_from(length) {
            Ok(length) => Ok((rest, length)),
            Err(_) => {
                let kind = ParseErrorKind::CountTooLarge {
                    count: length,
                    needed: length,
                    remaining: to_u64(rest.len()),
                };
                fail(self.error(input, field, kind))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::reader::{Context, Limits, NoTrace, ParseErrorKind};

    fn varint(bytes: &[u8]) -> Result<(usize, u64), ParseErrorKind> {
        let mut trace = NoTrace;
        let mut cx = Context::new(bytes.len(), Limits::default(), &mut trace, ());
        match cx.varint(bytes, "number") {
            Ok((rest, value)) => Ok((rest.len(), value)),
            Err(nom::Err::Failure(error)) => Err(error.kind().clone()),
            Err(_) => unreachable!("nothing here backtracks"),
        }
    }

    #[test]
    fn varints_are_read_up_to_64_bits() {
        assert_eq!(varint(&[0, 9]), Ok((1, 0)));
        assert_eq!(varint(&[0x7F]), Ok((0, 127)));
        assert_eq!(varint(&[0x80, 1]), Ok((0, 128)));
        let mut largest = [0xFF; 10];
        largest[9] = 1;
        assert_eq!(varint(&largest), Ok((0, u64::MAX)));
    }

    #[test]
    fn a_varint_beyond_64_bits_or_without_end_is_an_error() {
        let mut too_large = [0xFF; 10];
        too_large[9] = 2;
        assert!(matches!(
            varint(&too_large),
            Err(ParseErrorKind::InvalidValue { .. })
        ));
        assert!(matches!(
            varint(&[0x80; 11]),
            Err(ParseErrorKind::InvalidValue { .. })
        ));
        for length in 0..10 {
            let cut = varint(&[0x80; 10][..length]);
            assert!(
                matches!(cut, Err(ParseErrorKind::Truncated { .. })),
                "{length}"
            );
        }
    }
}
