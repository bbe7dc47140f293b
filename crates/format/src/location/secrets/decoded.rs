use std::ops::Range;

/// A text without its percent-encoding, with where each byte came from.
pub(super) struct Decoded {
    bytes: Vec<u8>,
    /// For each byte, where it begins in the source; and where the source ends.
    sources: Vec<usize>,
}

impl Decoded {
    pub(super) fn of(text: &str) -> Self {
        /// A path that went through several hands may be encoded more than once.
        const TIMES: usize = 3;
        let mut this = Self {
            bytes: text.as_bytes().to_vec(),
            sources: (0..=text.len()).collect(),
        };
        for _ in 0..TIMES {
            if !this.decode() {
                break;
            }
        }
        this
    }

    /// Whether something was encoded.
    fn decode(&mut self) -> bool {
        let (mut from, mut to) = (0, 0);
        while let Some(&byte) = self.bytes.get(from) {
            let encoded = match (byte, self.bytes.get(from + 1..from + 3)) {
                (b'%', Some(&[high, low])) => hex(high).zip(hex(low)),
                _ => None,
            };
            let (byte, length) = match encoded {
                Some((high, low)) => (high << 4 | low, 3),
                None => (byte, 1),
            };
            let source = self.source(from);
            if let (Some(place), Some(at)) = (self.bytes.get_mut(to), self.sources.get_mut(to)) {
                *place = byte;
                *at = source;
            }
            from += length;
            to += 1;
        }
        let end = self.source(from);
        self.bytes.truncate(to);
        self.sources.truncate(to);
        self.sources.push(end);
        from > to
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The byte there; 0 behind the end.
    pub(super) fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or_default()
    }

    /// Whether the byte there stands for itself.
    pub(super) fn is_literal(&self, at: usize) -> bool {
        self.source(at + 1) == self.source(at) + 1
    }

    /// Where in the source the byte there begins.
    pub(super) fn source(&self, at: usize) -> usize {
        let at = self.sources.get(at).or(self.sources.last());
        at.copied().unwrap_or_default()
    }

    pub(super) fn source_range(&self, range: Range<usize>) -> Range<usize> {
        self.source(range.start)..self.source(range.end)
    }
}

fn hex(digit: u8) -> Option<u8> {
    let value = char::from(digit).to_digit(16)?;
    u8::try_from(value).ok()
}
