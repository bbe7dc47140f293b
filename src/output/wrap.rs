//! Text on lines of so many columns.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Breaks between words, and inside a word only where it has no room on a line of its own.
pub(super) fn lines(text: &str, room: Option<usize>) -> Vec<String> {
    let Some(room) = room.filter(|&room| text.width() > room) else {
        return vec![text.to_owned()];
    };
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ') {
        let gap = usize::from(used > 0);
        let width = word.width();
        if used > 0 && used + gap + width > room {
            lines.push(String::new());
            used = 0;
        }
        if let (true, Some(line)) = (used > 0, lines.last_mut()) {
            line.push(' ');
            used += 1;
        }
        // A path that is too long for a line breaks between its parts, if it can.
        for part in word.split_inclusive('/') {
            if used > 0 && used + part.width() > room {
                lines.push(String::new());
                used = 0;
            }
            for character in part.chars() {
                let width = character.width().unwrap_or_default();
                if used + width > room && used > 0 {
                    lines.push(String::new());
                    used = 0;
                }
                if let Some(line) = lines.last_mut() {
                    line.push(character);
                    used += width;
                }
            }
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_the_room_and_nothing_is_lost() {
        let text =
            "restorable only by dropping s3://bucket/savepoints/savepoint-0123456789 日本語 x";
        for room in 2..100 {
            let lines = lines(text, Some(room));
            assert!(
                lines.iter().all(|line| line.width() <= room),
                "{room}: {lines:?}"
            );
            let joined: String = lines.concat().replace(' ', "");
            assert_eq!(joined, text.replace(' ', ""));
        }
        assert_eq!(lines(text, None), [text]);
    }
}
