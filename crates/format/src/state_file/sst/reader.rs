use std::ops::Range;

use crate::Limits;
use crate::reader::{Context, NoTrace, PResult, ParseError, ParseErrorKind, to_u64};
use crate::state_file::sst::SstProperties;
use crate::state_file::sst::block::BlockHandle;
use crate::state_file::sst::footer::{self, Footer};
use crate::state_file::sst::properties;

/// Properties, metaindex and footer are the last 1 to 2 kB of a file.
const WINDOW: u64 = 4096;

/// Reads the properties of one SST out of the ranges of bytes it asks for.
#[derive(Clone, Debug)]
pub struct SstReader {
    file_size: u64,
    range: Range<u64>,
    stage: Stage,
}

/// How far an [`SstReader`] is.
#[derive(Clone, Debug)]
pub enum SstStep {
    /// It needs the bytes of [`SstReader::range`].
    Read(SstReader),
    /// It has read all it needs.
    Done(Box<SstProperties>),
}

/// What is known before the bytes that are asked for.
#[derive(Clone, Copy, Debug)]
enum Stage {
    Tail,
    Metaindex(Footer),
    Properties(Footer, BlockHandle),
}

impl SstReader {
    /// Starts reading an SST of `file_size` bytes: the first range is its end.
    ///
    /// # Errors
    /// When a file of that size cannot be an SST.
    pub fn open(file_size: u64) -> Result<SstStep, ParseError> {
        if file_size < to_u64(footer::LEGACY_LEN) {
            let kind = match file_size {
                0 => ParseErrorKind::Empty,
                _ => ParseErrorKind::NotSst("it is too short"),
            };
            return Err(ParseError::new(kind, 0, "file"));
        }
        Ok(SstStep::Read(Self {
            file_size,
            range: file_size.saturating_sub(WINDOW)..file_size,
            stage: Stage::Tail,
        }))
    }

    /// The bytes that are needed now: a few kB, never more than 17 MB.
    pub fn range(&self) -> Range<u64> {
        self.range.clone()
    }

    /// Takes the bytes of [`range`](Self::range).
    ///
    /// # Errors
    /// Bytes that are fewer or more than the range has, a file that is no SST, one of an unknown
    /// format, and a damaged one. Offsets are those of the SST.
    pub fn read(self, bytes: &[u8]) -> Result<SstStep, ParseError> {
        let needed = self.range.end - self.range.start;
        let remaining = to_u64(bytes.len());
        if needed != remaining {
            let kind = ParseErrorKind::Truncated { needed, remaining };
            return Err(ParseError::new(kind, self.range.start, "range"));
        }
        match self.stage {
            Stage::Tail => {
                let file_size = self.file_size;
                let footer = parsed(file_size, |cx| footer::footer(cx, bytes, file_size))?;
                self.metaindex(footer, bytes)
            }
            Stage::Metaindex(footer) => self.metaindex(footer, bytes),
            Stage::Properties(footer, handle) => self.properties(footer, handle, bytes),
        }
    }

    fn metaindex(self, footer: Footer, bytes: &[u8]) -> Result<SstStep, ParseError> {
        let handle = footer.metaindex;
        let Some(raw) = self.part(bytes, handle) else {
            // The properties, which are wanted next, use to lie before the metaindex.
            let Range { start, end } = handle.range();
            return Ok(SstStep::Read(Self {
                range: start.saturating_sub(WINDOW)..end,
                stage: Stage::Metaindex(footer),
                ..self
            }));
        };
        let properties = parsed(handle.range().end, |cx| {
            cx.at("metaindex", None, |cx| {
                properties::properties_handle(cx, raw, &footer)
            })
        })?;
        self.properties(footer, properties, bytes)
    }

    fn properties(
        self,
        footer: Footer,
        handle: BlockHandle,
        bytes: &[u8],
    ) -> Result<SstStep, ParseError> {
        let Some(raw) = self.part(bytes, handle) else {
            return Ok(SstStep::Read(Self {
                range: handle.range(),
                stage: Stage::Properties(footer, handle),
                ..self
            }));
        };
        let properties = parsed(handle.range().end, |cx| {
            cx.at("properties", None, |cx| {
                properties::properties(cx, raw, handle, &footer)
            })
        })?;
        Ok(SstStep::Done(Box::new(properties)))
    }

    /// The bytes of a block, if they are among those of the range.
    fn part<'a>(&self, bytes: &'a [u8], handle: BlockHandle) -> Option<&'a [u8]> {
        let Range { start, end } = handle.range();
        let start = usize::try_from(start.checked_sub(self.range.start)?).ok()?;
        let end = usize::try_from(end.checked_sub(self.range.start)?).ok()?;
        bytes.get(start..end)
    }
}

/// Runs a parser of bytes that end at `end` in the file, so that offsets are right.
fn parsed<'a, O>(
    end: u64,
    parser: impl FnOnce(&mut Context<'_, NoTrace>) -> PResult<'a, O>,
) -> Result<O, ParseError> {
    let mut trace = NoTrace;
    let end = usize::try_from(end).unwrap_or(usize::MAX);
    let mut cx = Context::new(end, Limits::default(), &mut trace, ());
    match parser(&mut cx) {
        Ok((_, value)) => Ok(value),
        Err(nom::Err::Error(error) | nom::Err::Failure(error)) => Err(error),
        Err(nom::Err::Incomplete(_)) => Err(ParseError::new(ParseErrorKind::Empty, 0, "range")),
    }
}
