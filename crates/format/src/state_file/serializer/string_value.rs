use crate::reader::{PResult, ParseErrorKind, fail};
use crate::state_file::grammar::Cx;

/// `StringValue.writeString`: UTF-16 units and their number plus one, each as seven bits a byte,
/// the lowest first.
pub(super) fn string_value<'a>(
    cx: &mut Cx<'_>,
    input: &'a [u8],
    field: &'static str,
) -> PResult<'a, String> {
    let (mut rest, length) = varint(cx, input, field)?;
    // 0 stands for null, which no schema is.
    let Some(length) = length.checked_sub(1) else {
        return fail(cx.error(input, field, ParseErrorKind::InvalidString));
    };
    let mut units = Vec::new();
    for _ in 0..length {
        let (behind, unit) = varint(cx, rest, field)?;
        units.push(u16::try_from(unit).unwrap_or(u16::MAX));
        rest = behind;
    }
    match String::from_utf16(&units) {
        Ok(text) => Ok((rest, text)),
        Err(_) => fail(cx.error(input, field, ParseErrorKind::InvalidString)),
    }
}

fn varint<'a>(cx: &mut Cx<'_>, input: &'a [u8], field: &'static str) -> PResult<'a, u32> {
    let mut value = 0_u32;
    let mut rest = input;
    for shift in (0..32).step_by(7) {
        let (behind, byte) = cx.u8(rest, field)?;
        value |= u32::from(byte & 0x7F).wrapping_shl(shift);
        rest = behind;
        if byte < 0x80 {
            return Ok((rest, value));
        }
    }
    fail(cx.error(input, field, ParseErrorKind::InvalidString))
}
