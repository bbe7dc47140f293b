//! Properties of characters, from the tables of Unicode that regular expressions have.

use std::sync::LazyLock;

use regex_syntax::hir::{Class, ClassUnicode, HirKind};

/// A property that decides whether a character is shown as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Property {
    /// Ignorable (shows nothing, even where a font lacks it), a control, a format, a separator or
    /// private.
    Unseen,
    /// No character yet.
    Unassigned,
    /// `Extended_Pictographic`: an emoji, or the place of a coming one.
    Pictograph,
    /// `Emoji_Presentation`: coloured unless asked otherwise.
    EmojiPresentation,
}

impl Property {
    pub(super) fn holds(self, c: char) -> bool {
        static TABLES: LazyLock<[Table; 4]> = LazyLock::new(|| {
            [
                Table::of(r"[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Z}\p{Co}]"),
                Table::of(r"\p{Cn}"),
                Table::of(r"\p{Extended_Pictographic}"),
                Table::of(r"\p{Emoji_Presentation}"),
            ]
        });
        let [unseen, unassigned, pictograph, presentation] = &*TABLES;
        let table = match self {
            Self::Unseen => unseen,
            Self::Unassigned => unassigned,
            Self::Pictograph => pictograph,
            Self::EmojiPresentation => presentation,
        };
        table.holds(c)
    }
}

/// Ranges of characters in order; every character if the tables lack the class, so that nothing is
/// shown by mistake.
struct Table(Option<ClassUnicode>);

impl Table {
    fn of(class: &str) -> Self {
        let parsed = regex_syntax::parse(class).ok();
        Self(parsed.and_then(|class| match class.into_kind() {
            HirKind::Class(Class::Unicode(ranges)) => Some(ranges),
            _ => None,
        }))
    }

    fn holds(&self, c: char) -> bool {
        let Some(ranges) = &self.0 else { return true };
        let ranges = ranges.ranges();
        let after = ranges.partition_point(|range| range.start() <= c);
        let range = after.checked_sub(1).and_then(|at| ranges.get(at));
        range.is_some_and(|range| c <= range.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_has_its_table() {
        for (property, inside, outside) in [
            (Property::Unseen, '\u{202E}', 'é'),
            (Property::Unassigned, '\u{378}', '数'),
            (Property::Pictograph, '😀', 'x'),
            (Property::EmojiPresentation, '😀', '❤'),
        ] {
            assert!(property.holds(inside), "{property:?}");
            assert!(!property.holds(outside), "{property:?}");
        }
    }
}
