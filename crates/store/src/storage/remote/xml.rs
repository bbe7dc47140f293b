//! The little XML that has to be read here.

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::storage::xml::push_text;

/// The name of the outermost element, as it is written.
pub(super) fn root(xml: &[u8]) -> Option<String> {
    let mut reader = Reader::from_reader(xml);
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag) | Event::Empty(tag)) => {
                return String::from_utf8(tag.name().as_ref().to_vec()).ok();
            }
            Ok(Event::Decl(_) | Event::Comment(_) | Event::DocType(_) | Event::PI(_)) => {}
            Ok(Event::Text(text)) if text.iter().all(u8::is_ascii_whitespace) => {}
            _ => return None,
        }
    }
}

/// The text of the first element of each of these names, at any depth.
pub(super) fn first_texts<const N: usize>(xml: &[u8], names: [&[u8]; N]) -> [Option<String>; N] {
    let mut texts = [const { None }; N];
    let mut open: Option<usize> = None;
    let mut reader = Reader::from_reader(xml);
    loop {
        match reader.read_event() {
            Ok(Event::Eof) | Err(_) => return texts,
            Ok(Event::Start(tag)) => {
                let name = tag.local_name();
                open = names.iter().position(|wanted| *wanted == name.as_ref());
                if let Some(text) = open.and_then(|index| texts.get_mut(index)) {
                    match text {
                        None => *text = Some(String::new()),
                        Some(_) => open = None,
                    }
                }
            }
            Ok(Event::End(_)) => open = None,
            Ok(event) => {
                if let Some(Some(text)) = open.and_then(|index| texts.get_mut(index)) {
                    push_text(&event, text);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_texts_are_found_and_unescaped() {
        let xml = b"<?xml version=\"1.0\"?><Error><Code>A&amp;B</Code><Message>m &#60;</Message>\
                    <Code>later</Code></Error>";
        assert_eq!(
            first_texts(xml, [b"Code", b"Message", b"Region"]),
            [Some("A&B".to_owned()), Some("m <".to_owned()), None]
        );
        assert_eq!(first_texts(b"<html><p>no", [b"Code"]), [None]);
        assert_eq!(first_texts(b"\xff\xfe{", [b"Code"]), [None]);
    }
}
