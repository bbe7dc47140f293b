//! Names of local files that are no text, as text, and back without loss.
//!
//! A byte that is part of no UTF-8 character is written as the character U+10FF00 plus the byte: private
//! use, at the very end. A name that has such a character itself is written as its bytes, so that every
//! name has one text.

use std::borrow::Cow;

const OFFSET: u32 = 0x0010_FF00;
const FIRST: char = '\u{10FF80}';

/// The text of a name, or of a path.
#[cfg_attr(not(unix), allow(dead_code))]
pub(super) fn to_text(name: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(name) {
        Ok(text) if text.chars().all(|c| c < FIRST) => return Cow::Borrowed(text),
        _ => {}
    }
    let mut text = String::with_capacity(name.len() * 2);
    for chunk in name.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c < FIRST {
                true => text.push(c),
                false => escape(c.encode_utf8(&mut [0; 4]).as_bytes(), &mut text),
            }
        }
        escape(chunk.invalid(), &mut text);
    }
    Cow::Owned(text)
}

fn escape(bytes: &[u8], text: &mut String) {
    let escaped = |&byte: &u8| char::from_u32(OFFSET + u32::from(byte));
    text.extend(bytes.iter().filter_map(escaped));
}

/// The name that a text stands for. A text that no name has stands for itself.
#[cfg_attr(not(unix), allow(dead_code))]
pub(super) fn to_bytes(text: &str) -> Cow<'_, [u8]> {
    if text.chars().all(|c| c < FIRST) {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut name = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u8::try_from(u32::from(c).wrapping_sub(OFFSET)) {
            Ok(byte) if c >= FIRST => name.push(byte),
            _ => name.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    match to_text(&name) == text {
        true => Cow::Owned(name),
        false => Cow::Borrowed(text.as_bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_comes_back_from_its_text() {
        let own = "a\u{10FFFF}b";
        for name in [
            &b"plain"[..],
            "größer".as_bytes(),
            b"odd\xff",
            b"\xc3",
            b"caf\xe9/x",
            b"\xf4\x8f\xbf\xbf",
            b"\xed\xa0\x80",
            own.as_bytes(),
        ] {
            let text = to_text(name);
            assert_eq!(to_bytes(&text), name, "{text:?}");
        }
        assert_eq!(to_text(b"odd\xff"), "odd\u{10FFFF}");
        let all: Vec<u8> = (0..=255).chain((0..=255).rev()).collect();
        assert_eq!(to_bytes(&to_text(&all)), all);
    }

    #[test]
    fn a_text_that_no_name_has_is_not_another_name_of_a_file() {
        // The bytes of a character, each escaped, would be that character.
        let text = "\u{10FFC3}\u{10FFA9}";
        assert_eq!(to_bytes(text), text.as_bytes());
    }
}
