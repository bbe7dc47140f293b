use crate::checkpoint::CheckpointMetadata;
use crate::metadata::body::{Grammar, body};
use crate::metadata::dialect::Dialect;
use crate::metadata::header::header;
use crate::parse::{
    Context, FieldValue, Limits, NoTrace, ParseError, ParseErrorKind, Trace, to_u64,
};

/// Parses a whole `_metadata` file with default limits.
///
/// # Errors
/// Any input that is not what Flink writes, with the offset and the way there. Bytes behind the
/// end, which Flink ignores, are no error: see [`ParsedMetadata::trailing_bytes`].
///
/// ```no_run
/// let bytes = std::fs::read("savepoint-1a2b3c-0123456789ab/_metadata")?;
/// let parsed = statescope::metadata::parse(&bytes)?;
/// println!("{} operators", parsed.metadata.operator_states.len());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn parse(bytes: &[u8]) -> Result<ParsedMetadata<'_>, ParseError> {
    MetadataParser::default().parse(bytes)
}

/// A parser with options.
#[derive(Clone, Copy, Debug, Default)]
pub struct MetadataParser {
    limits: Limits,
    strict: bool,
}

/// What a `_metadata` file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParsedMetadata<'a> {
    /// The content.
    pub metadata: CheckpointMetadata<'a>,
    /// Bytes behind the end of the content. Flink ignores them; it never writes any.
    pub trailing_bytes: u64,
    /// The layout that fits, where the file holds state in which the layouts of version 3 differ.
    pub dialect: Option<Dialect>,
}

impl MetadataParser {
    /// Replaces the default limits.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// With `true`, bytes behind the end are an error.
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Parses a whole file.
    ///
    /// # Errors
    /// As [`parse`], and for bytes behind the end when [`strict`](Self::strict).
    pub fn parse<'a>(&self, bytes: &'a [u8]) -> Result<ParsedMetadata<'a>, ParseError> {
        self.finish(bytes, self.choose(bytes))
    }

    /// Parses a whole file and tells `trace` of every field, up to the error if there is one.
    /// Bytes behind the end are told as one last field.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_traced<'a>(
        &self,
        bytes: &'a [u8],
        trace: &mut impl Trace,
    ) -> Result<ParsedMetadata<'a>, ParseError> {
        let dialect = self.choose(bytes).dialect;
        let attempt = self.attempt(bytes, dialect, trace);
        if let Ok((_, rest @ [_, ..])) = &attempt.result {
            let end = to_u64(bytes.len());
            let value = FieldValue::Bytes(rest);
            trace.field(end - to_u64(rest.len()), end, "bytes behind the end", value);
        }
        self.finish(bytes, attempt)
    }

    fn finish<'a>(
        &self,
        bytes: &'a [u8],
        attempt: Attempt<'a>,
    ) -> Result<ParsedMetadata<'a>, ParseError> {
        let (metadata, rest) = attempt.result?;
        let trailing_bytes = to_u64(rest.len());
        if self.strict && trailing_bytes > 0 {
            let end = to_u64(bytes.len()) - trailing_bytes;
            let kind = ParseErrorKind::TrailingBytes(trailing_bytes);
            return Err(ParseError::new(kind, end, "end of metadata"));
        }
        Ok(ParsedMetadata {
            metadata,
            trailing_bytes,
            dialect: attempt.dialect_matters.then_some(attempt.dialect),
        })
    }

    /// The attempt that ends exactly at the end of the file, or else the first that succeeds, or
    /// else the one that came furthest (docs/format.md 8).
    fn choose<'a>(&self, bytes: &'a [u8]) -> Attempt<'a> {
        let mut best: Option<Attempt<'a>> = None;
        for dialect in Dialect::ALL {
            let attempt = self.attempt(bytes, dialect, &mut NoTrace);
            if attempt.ends_exactly() || !attempt.dialect_matters {
                return attempt;
            }
            best = match best {
                Some(best) if best.reached() >= attempt.reached() => Some(best),
                _ => Some(attempt),
            };
        }
        best.unwrap_or_else(|| self.attempt(bytes, Dialect::Flink1_15, &mut NoTrace))
    }

    fn attempt<'a>(
        &self,
        bytes: &'a [u8],
        dialect: Dialect,
        trace: &mut impl Trace,
    ) -> Attempt<'a> {
        let grammar = Grammar::new(dialect);
        let mut cx = Context::new(bytes.len(), self.limits, trace, grammar);
        let result =
            header(&mut cx, bytes).and_then(|(rest, version)| body(&mut cx, rest, version));
        Attempt {
            dialect,
            dialect_matters: cx.grammar.dialect_matters,
            result: match result {
                Ok((rest, metadata)) => Ok((metadata, rest)),
                Err(nom::Err::Error(error) | nom::Err::Failure(error)) => Err(error),
                Err(nom::Err::Incomplete(_)) => Err(cx.error(
                    bytes,
                    "file",
                    ParseErrorKind::Truncated {
                        needed: to_u64(bytes.len()).saturating_add(1),
                        remaining: to_u64(bytes.len()),
                    },
                )),
            },
        }
    }
}

struct Attempt<'a> {
    dialect: Dialect,
    /// The file is of version 3 and something was read in which its dialects differ.
    dialect_matters: bool,
    result: Result<(CheckpointMetadata<'a>, &'a [u8]), ParseError>,
}

impl Attempt<'_> {
    fn ends_exactly(&self) -> bool {
        matches!(self.result, Ok((_, [])))
    }

    /// For comparing attempts: any success beats any error, and later errors beat earlier ones.
    fn reached(&self) -> u64 {
        match &self.result {
            Ok(_) => u64::MAX,
            Err(error) => error.offset(),
        }
    }
}
