//! XML as a stream of events: what is never in memory as a tree cannot grow there.

use quick_xml::escape;
use quick_xml::events::Event;

/// Appends the characters that an event stands for. What stands for none that XML allows becomes
/// a control character, for callers that look for such.
pub(super) fn push_text(event: &Event<'_>, text: &mut String) {
    match event {
        Event::Text(part) => text.push_str(&part.decode().unwrap_or_default()),
        Event::CData(part) => text.push_str(&part.decode().unwrap_or_default()),
        Event::GeneralRef(reference) => {
            let name = reference.decode().unwrap_or_default();
            match reference.resolve_char_ref() {
                Ok(Some(c)) => text.push(c),
                _ => text.push_str(escape::resolve_predefined_entity(&name).unwrap_or("\0")),
            }
        }
        _ => {}
    }
}
