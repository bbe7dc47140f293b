//! Base64, in the forms that tools write: with line ends of any kind, in the alphabet for URLs, with or
//! without padding, quoted, as a data URL, and as a PEM block.

/// The magic number and the first bytes of a version.
const START: &[u8] = b"SWBnLQAA";

/// What a decoder has to be told of a text in base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Base64 {
    frame: Frame,
    /// There is something in it that is neither of the alphabet nor a line feed.
    has_other_characters: bool,
    /// `-` and `_` stand for `+` and `/`.
    is_for_urls: bool,
    /// How many `=` were left out at the end.
    missing_padding: usize,
}

/// What is around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Frame {
    None,
    /// `data:...,`
    DataUrl,
    /// Lines that begin with `-----`.
    Pem,
}

impl Base64 {
    /// The form of a file; `None` where it does not begin as a metadata file in base64 does.
    pub(super) fn of(bytes: &[u8]) -> Option<Self> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = text.trim_ascii_start();
        let (before, _) = bytes.split_at(bytes.len() - text.len());
        let (frame, content) = framed(text);
        let begins = content.strip_prefix(b"\"").unwrap_or(content);
        if !begins.starts_with(START) {
            return None;
        }
        let is_digit =
            |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
        let is_plain = |byte: &u8| is_digit(&byte) || matches!(byte, b'=' | b'\n');
        let digits = content.iter().filter(is_digit).count();
        let is_padded = content.contains(&b'=');
        Some(Self {
            frame,
            has_other_characters: !before.iter().chain(content).all(is_plain),
            is_for_urls: content.iter().any(|byte| matches!(byte, b'-' | b'_')),
            missing_padding: match digits % 4 {
                2 if !is_padded => 2,
                3 if !is_padded => 1,
                _ => 0,
            },
        })
    }

    /// The command that decodes it, for GNU's and BSD's tools.
    pub(super) fn command(self) -> String {
        let read = match self.frame {
            Frame::None => None,
            Frame::DataUrl => Some("sed 's/^[^,]*,//' FILE"),
            Frame::Pem => Some("grep -v -e ----- FILE"),
        };
        let mut steps: Vec<&str> = read.into_iter().collect();
        if self.has_other_characters {
            steps.push("LC_ALL=C tr -dc 'A-Za-z0-9+/=_-'");
        }
        if self.is_for_urls {
            steps.push("tr -- '-_' '+/'");
        }
        let padding = match self.missing_padding {
            0 => None,
            1 => Some("(cat; printf =)"),
            _ => Some("(cat; printf ==)"),
        };
        steps.extend(padding);
        match (steps.split_first(), read) {
            (None, _) => "base64 -d FILE > _metadata".to_owned(),
            (Some(_), Some(_)) => format!("{} | base64 -d > _metadata", steps.join(" | ")),
            (Some((first, [])), None) => format!("{first} < FILE | base64 -d > _metadata"),
            (Some((first, rest)), None) => {
                format!(
                    "{first} < FILE | {} | base64 -d > _metadata",
                    rest.join(" | ")
                )
            }
        }
    }
}

/// A text without what is around it.
fn framed(text: &[u8]) -> (Frame, &[u8]) {
    if let Some(url) = text.strip_prefix(b"data:") {
        let comma = url.iter().position(|&byte| byte == b',');
        let content = comma.and_then(|comma| url.get(comma + 1..));
        return (Frame::DataUrl, content.unwrap_or_default());
    }
    if text.starts_with(b"-----BEGIN") {
        let line = text.iter().position(|&byte| byte == b'\n');
        let content = line
            .and_then(|line| text.get(line + 1..))
            .unwrap_or_default();
        let end = content.windows(5).position(|window| window == b"-----");
        let content = end.and_then(|end| content.get(..end)).unwrap_or(content);
        return (Frame::Pem, content);
    }
    (Frame::None, text)
}
