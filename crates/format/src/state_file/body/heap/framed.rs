use super::tally::{Block, HEAD, Tally};
use crate::reader::{ParseError, to_u64};
use crate::state_file::body::feed::{Feed, Grammar, Place, Want};
use crate::state_file::snappy::{Framed, Piece, Sink};

/// The blocks of a compressed key group: each is a stream of its own, which tells where it ends.
pub(super) struct FramedBlocks {
    framed: Framed,
    current: Option<Current>,
}

struct Current {
    /// Where its stream identifier is.
    start: u64,
    feed: Feed,
    /// `None` until the head was read.
    block: Option<Block>,
    /// Decompressed.
    bytes: u64,
}

impl FramedBlocks {
    pub(super) fn new() -> Self {
        Self {
            framed: Framed::new(0),
            current: None,
        }
    }

    /// Starts over with a key group whose blocks start at `first`.
    pub(super) fn begin(&mut self, first: u64) {
        self.framed.restart(first);
        self.current = None;
    }

    pub(super) fn push(&mut self, bytes: &[u8], tally: &mut Tally) -> Result<(), ParseError> {
        let current = &mut self.current;
        self.framed.push(bytes, &mut Told { current, tally })
    }

    pub(super) fn end(&mut self, at: u64, tally: &mut Tally) -> Result<(), ParseError> {
        self.framed.finish()?;
        if let Some(current) = self.current.take() {
            current.ends(at, tally)?;
        }
        tally.complete(at)
    }
}

impl Current {
    fn ends(self, end: u64, tally: &mut Tally) -> Result<(), ParseError> {
        self.feed.finish(end)?;
        if let Some(block) = self.block {
            let start = self.start;
            tally.ends(Block { start, ..block }, end, self.bytes);
        }
        Ok(())
    }
}

struct Told<'t> {
    current: &'t mut Option<Current>,
    tally: &'t mut Tally,
}

impl Sink for Told<'_> {
    fn piece(&mut self, piece: Piece<'_>, at: u64) -> Result<(), ParseError> {
        match (piece, self.current.as_mut()) {
            (Piece::Start, _) => {
                let next = Current {
                    start: at,
                    feed: Feed::new(HEAD),
                    block: None,
                    bytes: 0,
                };
                if let Some(current) = self.current.replace(next) {
                    current.ends(at, self.tally)?;
                }
            }
            (Piece::Data(data), Some(current)) => {
                current.bytes = current.bytes.saturating_add(to_u64(data.len()));
                let mut head = Head {
                    block: &mut current.block,
                    tally: self.tally,
                };
                current.feed.push(data, Place::Chunk(at), &mut head)?;
            }
            // The decoder has data only behind an identifier.
            (Piece::Data(_), None) => {}
        }
        Ok(())
    }
}

struct Head<'t> {
    block: &'t mut Option<Block>,
    tally: &'t mut Tally,
}

impl Grammar for Head<'_> {
    fn next(&mut self, value: u64, at: u64) -> Result<Want, ParseError> {
        *self.block = Some(self.tally.block(value, at)?);
        Ok(Want::NOTHING)
    }
}
