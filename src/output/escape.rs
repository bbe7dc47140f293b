//! Names come from files that anybody may have written.

use std::fmt::Write;

/// For a terminal: control characters and those that change the direction of text are shown, not
/// obeyed.
pub fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if is_harmless(c) {
            safe.push(c);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
        }
    }
    safe
}

/// For Markdown: as plain text, and nothing that Markdown or HTML would read as markup.
pub(super) fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in plain(text).chars() {
        match c {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '\\' | '|' | '`' | '*' | '_' | '[' | ']' | '#' | '~' => safe.extend(['\\', c]),
            _ => safe.push(c),
        }
    }
    safe
}

/// For CSV: a spreadsheet must not take the text for a formula.
pub(super) fn csv(text: &str) -> String {
    let safe = plain(text);
    if safe.starts_with(['=', '+', '-', '@']) {
        return format!("'{safe}");
    }
    safe
}

fn is_harmless(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}'
            | '\u{061C}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_get_no_control_characters() {
        assert_eq!(
            plain("a\u{1b}[31mb\n\u{202e}c"),
            "a\\u{1b}[31mb\\u{a}\\u{202e}c"
        );
        assert_eq!(plain("Zähler → 数 😀"), "Zähler → 数 😀");
    }

    #[test]
    fn markdown_gets_no_markup() {
        assert_eq!(markdown("a|b<i>*_`"), "a\\|b&lt;i&gt;\\*\\_\\`");
    }

    #[test]
    fn spreadsheets_get_no_formulas() {
        for text in ["=1+1", "+1", "-1", "@x"] {
            assert_eq!(csv(text), format!("'{text}"));
        }
        assert_eq!(csv("a=1"), "a=1");
    }
}
