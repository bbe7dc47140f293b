//! Names come from files that anybody may have written. What a character looks like decides: one
//! that shows nothing, moves the cursor or turns the text around is written as `\u{…}` in every
//! format and on stderr (docs/security.md).

use std::borrow::Cow;
use std::fmt::Write;

use crate::output::unicode::Property;

const JOINER: char = '\u{200D}';
/// Asks for the coloured form of the character before.
const EMOJI_STYLE: char = '\u{FE0F}';
const KEYCAP: char = '\u{20E3}';

/// Text of one line: characters that cannot be seen are shown, not obeyed. Emoji and all scripts
/// stay as they are.
pub fn plain(text: &str) -> Cow<'_, str> {
    escaped(text, |_| false)
}

/// Text of several lines, with tabs between columns.
pub fn lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| matches!(c, '\n' | '\t'))
}

/// A path on a line of its own. A line without a backslash is the path itself; in all others,
/// `\\` stands for a backslash, and no two paths give the same line.
pub fn path_line(path: &str) -> String {
    plain(&path.replace('\\', "\\\\")).into_owned()
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

/// For CSV: a spreadsheet must not take the text for a formula. Some leave out blanks before one,
/// and some take the wide forms of East Asian keyboards.
pub(super) fn csv(text: &str) -> Cow<'_, str> {
    let safe = plain(text);
    let first = safe.trim_start().chars().next();
    if first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')) {
        return format!("'{safe}").into();
    }
    safe
}

/// A label's value in the text format of Prometheus, which has escapes for backslash, quote and line
/// feed alone.
pub(super) fn label(text: &str) -> String {
    let lines = text.split('\n').map(|line| {
        let line = plain(line).replace('\\', "\\\\");
        line.replace('"', "\\\"")
    });
    lines.collect::<Vec<_>>().join("\\n")
}

/// The runs of a text that can be seen, each with the character behind it that cannot.
pub(super) fn runs(text: &str) -> impl Iterator<Item = (&str, Option<char>)> {
    let mut rest = Some(text);
    let mut emoji = Emoji::None;
    std::iter::from_fn(move || {
        let run = rest?;
        for (at, c) in run.char_indices() {
            let (before, from) = run.split_at(at);
            let behind = from.strip_prefix(c).unwrap_or_default();
            let stays = emoji.takes(c, behind.chars().next()) || is_visible(c);
            emoji = emoji.after(c, stays);
            if !stays {
                rest = Some(behind);
                return Some((before, Some(c)));
            }
        }
        rest = None;
        Some((run, None))
    })
}

fn escaped(text: &str, keeps: impl Fn(char) -> bool) -> Cow<'_, str> {
    // Nearly every text is.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.into();
    }
    let mut safe = String::with_capacity(text.len());
    for (run, hidden) in runs(text) {
        safe.push_str(run);
        match hidden {
            Some(c) if keeps(c) => safe.push(c),
            // Writing to a string cannot fail.
            Some(c) => drop(write!(safe, "\\u{{{:x}}}", u32::from(c))),
            None => {}
        }
    }
    safe.into()
}

/// Whether a character shows something of its own, as far as Unicode can say.
fn is_visible(c: char) -> bool {
    match c {
        ' '..='~' => return true,
        // Blank in Japanese and Chinese text, as wide as a character: nobody overlooks it.
        '\u{3000}' => return true,
        // A pattern of Braille without dots.
        '\u{2800}' => return false,
        _ => {}
    }
    if Property::Unseen.holds(c) {
        return false;
    }
    // The emoji of coming years have their places already.
    !Property::Unassigned.holds(c) || is_pictograph(c)
}

fn is_pictograph(c: char) -> bool {
    Property::Pictograph.holds(c)
}

/// What an emoji may go on with: some consist of several characters, of which not all can be seen.
/// Anywhere else these are as suspicious as others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Emoji {
    None,
    /// A digit, `#` or `*`.
    Key,
    /// A character with two forms, for text and coloured.
    TwoForms,
    /// A pictograph that is complete.
    Whole,
}

impl Emoji {
    /// Whether an invisible character is a part of the emoji before it.
    fn takes(self, c: char, next: Option<char>) -> bool {
        match (c, self) {
            (EMOJI_STYLE, Self::TwoForms) => true,
            (EMOJI_STYLE, Self::Key) => next == Some(KEYCAP),
            (JOINER, Self::TwoForms | Self::Whole) => next.is_some_and(is_pictograph),
            _ => false,
        }
    }

    fn after(self, c: char, stays: bool) -> Self {
        const SKIN_TONES: std::ops::RangeInclusive<char> = '\u{1F3FB}'..='\u{1F3FF}';
        match c {
            '0'..='9' | '#' | '*' => Self::Key,
            EMOJI_STYLE if stays && self == Self::TwoForms => Self::Whole,
            _ if SKIN_TONES.contains(&c) && self != Self::None => Self::Whole,
            ..='~' => Self::None,
            _ if !is_pictograph(c) => Self::None,
            _ if Property::EmojiPresentation.holds(c) => Self::Whole,
            _ => Self::TwoForms,
        }
    }
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
        assert_eq!(lines("a\tb\r\nc"), "a\tb\\u{d}\nc");
    }

    #[test]
    fn what_cannot_be_seen_is_shown() {
        let hidden = [
            0x00, 0x7F, 0x9B, 0xA0, 0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x180B, 0x180E,
            0x2000, 0x200A, 0x200B, 0x200D, 0x200F, 0x2028, 0x2029, 0x202A, 0x202E, 0x202F, 0x2060,
            0x2065, 0x2066, 0x206F, 0x2800, 0x3164, 0xE000, 0xFE00, 0xFE0E, 0xFE0F, 0xFEFF, 0xFFA0,
            0xFFF0, 0xFFF9, 0xFFFB, 0xFFFE, 0x1_D173, 0xE_0001, 0xE_0041, 0xE_007F, 0xE_0100,
            0xE_01EF, 0xE_0FFF, 0xF_0000, 0x10_FFFD,
        ];
        for code in hidden {
            let c = char::from_u32(code).expect("a character");
            assert_eq!(plain(&format!("a{c}b")), format!("a\\u{{{code:x}}}b"));
        }
    }

    #[test]
    fn every_format_control_and_filler_of_unicode_is_shown() {
        let classes = r"[\p{Default_Ignorable_Code_Point}\p{Cc}\p{White_Space}]";
        let classes = regex_syntax::parse(classes).expect("classes").into_kind();
        let regex_syntax::hir::HirKind::Class(regex_syntax::hir::Class::Unicode(classes)) = classes
        else {
            panic!("no class");
        };
        for c in classes.iter().flat_map(|range| range.start()..=range.end()) {
            assert_eq!(
                plain(&c.to_string()).contains(c),
                " \u{3000}".contains(c),
                "{c:?}"
            );
        }
    }

    #[test]
    fn names_in_any_script_and_emoji_stay() {
        for text in [
            "Zähler → 数 😀",
            "注文　集計、ｶﾀｶﾅ",
            "한국어 ไทย हिन्दी עברית العربية",
            "e\u{301}",
            "❤\u{FE0F} 👩\u{200D}💻 👩🏽\u{200D}🚀 🏳\u{FE0F}\u{200D}🌈 👁\u{FE0F}\u{200D}🗨\u{FE0F}",
            "👨\u{200D}👩\u{200D}👧\u{200D}👦 🇩🇪 1\u{FE0F}\u{20E3} #\u{FE0F}\u{20E3}",
            "▁▂▃▄▅▆▇█",
            // Not yet an emoji.
            "\u{1FADB}",
        ] {
            assert_eq!(plain(text), text);
        }
    }

    #[test]
    fn joiners_and_styles_outside_of_emoji_are_shown() {
        for (text, safe) in [
            ("a\u{200D}b", "a\\u{200d}b"),
            ("👩\u{200D}b", "👩\\u{200d}b"),
            ("👩\u{200D}\u{200D}💻", "👩\\u{200d}\\u{200d}💻"),
            ("😀\u{FE0F}", "😀\\u{fe0f}"),
            ("❤\u{FE0F}\u{FE0F}", "❤\u{FE0F}\\u{fe0f}"),
            ("1\u{FE0F}", "1\\u{fe0f}"),
            ("🏴\u{E0067}\u{E007F}", "🏴\\u{e0067}\\u{e007f}"),
        ] {
            assert_eq!(plain(text), safe);
        }
    }

    #[test]
    fn lines_of_paths_are_unmistakable() {
        assert_eq!(path_line("/a b/数"), "/a b/数");
        assert_eq!(path_line("/a\n/b"), "/a\\u{a}/b");
        assert_eq!(path_line("/a\\u{a}/b"), "/a\\\\u{a}/b");
    }

    #[test]
    fn markdown_gets_no_markup() {
        assert_eq!(markdown("a|b<i>*_`"), "a\\|b&lt;i&gt;\\*\\_\\`");
    }

    #[test]
    fn spreadsheets_get_no_formulas() {
        for text in [
            "=1+1", "+1", "-1", "@x", " =1", "　=1", "＝1", "＋1", "－1", "＠x",
        ] {
            assert_eq!(csv(text), format!("'{text}"));
        }
        for text in ["\t=1", "\r=1", "\n=1", "\u{feff}=1"] {
            assert!(csv(text).starts_with("\\u{"), "{text:?}");
        }
        assert_eq!(csv("a=1"), "a=1");
    }

    #[test]
    fn labels_cannot_break_out() {
        let safe = r#"a\"} 1\nb\\\\u{7}"#;
        assert_eq!(label("a\"} 1\nb\\\u{7}"), safe);
    }
}
