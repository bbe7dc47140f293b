use byteorder::{ByteOrder, LittleEndian};

use crate::reader::{ParseError, ParseErrorKind, to_u64};
use crate::state_file::masked_crc::masked_crc32c;

/// What a framed stream consists of.
pub(super) enum Piece<'p> {
    /// A stream identifier: a stream begins here.
    Start,
    /// Decompressed bytes, at most 64 KiB at a time.
    Data(&'p [u8]),
}

/// Takes the pieces of a framed stream, each with the file position of the chunk it came from.
pub(super) trait Sink {
    fn piece(&mut self, piece: Piece<'_>, at: u64) -> Result<(), ParseError>;

    /// True when nothing more is wanted: the rest is not even looked at.
    fn is_done(&self) -> bool {
        false
    }
}

/// A decoder of snappy's framing format that is fed in pieces (docs/format.md 13.3).
///
/// Holds one chunk at most: 75 KiB compressed and 64 KiB decompressed.
pub(super) struct Framed {
    /// Position in the file of the next byte.
    position: u64,
    /// Where the current chunk starts.
    chunk_start: u64,
    head: [u8; HEAD],
    head_length: usize,
    chunk: Option<Chunk>,
    /// The part of the current chunk's content that earlier pieces brought.
    carry: Vec<u8>,
    decompressed: Vec<u8>,
    /// Whether an identifier must come before data.
    needs_identifier: bool,
}

#[derive(Clone, Copy)]
struct Chunk {
    kind: Kind,
    /// Bytes of content that are still to come.
    missing: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Compressed,
    Plain,
    Identifier,
    Skippable,
}

const HEAD: usize = 4;
const CHECKSUM: usize = 4;
const IDENTIFIER: &[u8] = b"sNaPpY";
/// The most that one chunk may decompress to.
const LARGEST: usize = 1 << 16;
/// The most that snappy makes of that.
const LARGEST_COMPRESSED: usize = 32 + LARGEST + LARGEST / 6;
const FIELD: &str = "snappy chunk";

impl Framed {
    /// For a framed stream that starts at `position` of the file.
    pub(super) fn new(position: u64) -> Self {
        Self {
            position,
            chunk_start: position,
            head: [0; HEAD],
            head_length: 0,
            chunk: None,
            carry: Vec::new(),
            decompressed: Vec::new(),
            needs_identifier: true,
        }
    }

    /// For chunks out of the middle of a stream, without an identifier in front.
    pub(super) fn continued(position: u64) -> Self {
        Self {
            needs_identifier: false,
            ..Self::new(position)
        }
    }

    /// Starts over with another stream at `position`; buffers are kept.
    pub(super) fn restart(&mut self, position: u64) {
        *self = Self {
            carry: std::mem::take(&mut self.carry),
            decompressed: std::mem::take(&mut self.decompressed),
            ..Self::new(position)
        };
        self.carry.clear();
    }

    /// Decodes as far as `bytes` go.
    pub(super) fn push(
        &mut self,
        mut bytes: &[u8],
        sink: &mut impl Sink,
    ) -> Result<(), ParseError> {
        while !bytes.is_empty() && !sink.is_done() {
            bytes = match self.chunk {
                None => self.head(bytes)?,
                Some(chunk) => self.content(chunk, bytes, sink)?,
            };
        }
        Ok(())
    }

    /// The stream ends here; an error if that is inside a chunk, or before any.
    pub(super) fn finish(&self) -> Result<(), ParseError> {
        let needed = match self.chunk {
            Some(chunk) => chunk.missing,
            None if self.head_length > 0 => HEAD - self.head_length,
            None if self.needs_identifier => HEAD + IDENTIFIER.len(),
            None => return Ok(()),
        };
        let kind = ParseErrorKind::Truncated {
            needed: to_u64(needed),
            remaining: 0,
        };
        Err(ParseError::new(kind, self.position, FIELD))
    }

    fn head<'b>(&mut self, bytes: &'b [u8]) -> Result<&'b [u8], ParseError> {
        if self.head_length == 0 {
            self.chunk_start = self.position;
        }
        let (taken, rest) = split(bytes, HEAD - self.head_length);
        for (to, from) in self.head.iter_mut().skip(self.head_length).zip(taken) {
            *to = *from;
        }
        self.head_length += taken.len();
        self.position += to_u64(taken.len());
        if self.head_length == HEAD {
            self.head_length = 0;
            let [tag, length @ ..] = self.head;
            self.chunk = Some(self.judge(tag, LittleEndian::read_u24(&length))?);
        }
        Ok(rest)
    }

    fn judge(&self, tag: u8, length: u32) -> Result<Chunk, ParseError> {
        let missing = usize::try_from(length).unwrap_or(usize::MAX);
        let kind = match tag {
            0x00 => Kind::Compressed,
            0x01 => Kind::Plain,
            0x80..=0xFE => Kind::Skippable,
            0xFF => Kind::Identifier,
            0x02..=0x7F => return Err(self.broken("a chunk of a reserved type")),
        };
        let fits = match kind {
            Kind::Compressed => (CHECKSUM + 1..=CHECKSUM + LARGEST_COMPRESSED).contains(&missing),
            Kind::Plain => (CHECKSUM..=CHECKSUM + LARGEST).contains(&missing),
            Kind::Identifier => missing == IDENTIFIER.len(),
            Kind::Skippable => true,
        };
        if !fits {
            return Err(self.broken("a chunk of an impossible length"));
        }
        if self.needs_identifier && kind != Kind::Identifier {
            return Err(self.broken("no stream identifier in front"));
        }
        Ok(Chunk { kind, missing })
    }

    fn content<'b>(
        &mut self,
        chunk: Chunk,
        bytes: &'b [u8],
        sink: &mut impl Sink,
    ) -> Result<&'b [u8], ParseError> {
        let (taken, rest) = split(bytes, chunk.missing);
        self.position += to_u64(taken.len());
        let missing = chunk.missing - taken.len();
        self.chunk = Some(Chunk { missing, ..chunk });
        if missing > 0 {
            if chunk.kind != Kind::Skippable {
                self.carry.extend_from_slice(taken);
            }
            return Ok(rest);
        }
        self.chunk = None;
        if self.carry.is_empty() {
            self.whole(chunk.kind, taken, sink)?;
        } else {
            let mut whole = std::mem::take(&mut self.carry);
            whole.extend_from_slice(taken);
            let result = self.whole(chunk.kind, &whole, sink);
            whole.clear();
            self.carry = whole;
            result?;
        }
        Ok(rest)
    }

    fn whole(
        &mut self,
        kind: Kind,
        content: &[u8],
        sink: &mut impl Sink,
    ) -> Result<(), ParseError> {
        let at = self.chunk_start;
        match kind {
            Kind::Skippable => Ok(()),
            Kind::Identifier if content == IDENTIFIER => {
                self.needs_identifier = false;
                sink.piece(Piece::Start, at)
            }
            Kind::Identifier => Err(self.broken("a wrong stream identifier")),
            Kind::Plain => {
                let (checksum, data) = split(content, CHECKSUM);
                self.verify(checksum, data)?;
                sink.piece(Piece::Data(data), at)
            }
            Kind::Compressed => {
                let (checksum, data) = split(content, CHECKSUM);
                let length = self.decompress(data)?;
                let data = self.decompressed.get(..length).unwrap_or_default();
                self.verify(checksum, data)?;
                sink.piece(Piece::Data(data), at)
            }
        }
    }

    /// How many bytes of `self.decompressed` are the result.
    fn decompress(&mut self, data: &[u8]) -> Result<usize, ParseError> {
        let broken = |_| self.broken("compressed bytes that make no sense");
        let length = snap::raw::decompress_len(data).map_err(broken)?;
        if length > LARGEST {
            return Err(self.broken("a chunk of more than 64 KiB"));
        }
        if self.decompressed.len() < length {
            self.decompressed.resize(length, 0);
        }
        let result = snap::raw::Decoder::new().decompress(data, &mut self.decompressed);
        result.map_err(|_| self.broken("compressed bytes that make no sense"))
    }

    fn verify(&self, checksum: &[u8], data: &[u8]) -> Result<(), ParseError> {
        let masked = masked_crc32c(data);
        if checksum == masked.to_le_bytes() {
            Ok(())
        } else {
            Err(self.broken("a wrong checksum"))
        }
    }

    #[cold]
    fn broken(&self, what: &'static str) -> ParseError {
        ParseError::new(ParseErrorKind::Snappy(what), self.chunk_start, FIELD)
    }
}

/// The first `length` bytes, or all where there are fewer, and the rest.
fn split(bytes: &[u8], length: usize) -> (&[u8], &[u8]) {
    bytes.split_at_checked(length).unwrap_or((bytes, &[]))
}
