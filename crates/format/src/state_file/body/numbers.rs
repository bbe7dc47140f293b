use crate::reader::{ParseError, ParseErrorKind};

/// An `i32` that cannot be negative.
pub(super) fn length(value: u64, at: u64, field: &'static str) -> Result<u64, ParseError> {
    match i32::try_from(signed(value)) {
        Ok(negative @ ..0) => Err(ParseError::new(
            ParseErrorKind::NegativeCount(negative),
            at,
            field,
        )),
        _ => Ok(value),
    }
}

/// The `i32` with these 32 bits.
pub(super) fn signed(value: u64) -> i64 {
    let bits = u32::try_from(value).unwrap_or(u32::MAX);
    i64::from(i32::from_be_bytes(bits.to_be_bytes()))
}

#[cold]
pub(super) fn invalid(
    value: i64,
    at: u64,
    field: &'static str,
    reason: &'static str,
) -> ParseError {
    ParseError::new(ParseErrorKind::InvalidValue { value, reason }, at, field)
}
