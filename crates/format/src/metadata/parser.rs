use crate::metadata::body::{Body, Grammar, body};
use crate::metadata::dialect::Dialect;
use crate::metadata::header::header;
use crate::model::checkpoint::{
    CheckpointMetadata, CheckpointProperties, MasterState, MetadataVersion, OperatorState,
};
use crate::reader::{
    Context, FieldValue, Limits, NoTrace, ParseError, ParseErrorKind, Trace, finish, to_u64,
};

/// Parses a whole `_metadata` file with default limits.
///
/// # Errors
/// Any input that is not what Flink writes, with the offset and the way there. Bytes behind the
/// end, which Flink ignores, are no error: see [`Outline::trailing_bytes`].
///
/// ```no_run
/// let bytes = std::fs::read("savepoint-1a2b3c-0123456789ab/_metadata")?;
/// let parsed = statescope_format::metadata::parse(&bytes)?;
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
    /// As [`Outline::trailing_bytes`].
    pub trailing_bytes: u64,
    /// As [`Outline::dialect`].
    pub dialect: Option<Dialect>,
}

/// What a `_metadata` file says besides its operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline<'a> {
    /// The file's version.
    pub version: MetadataVersion,
    /// The checkpoint's number in its job.
    pub checkpoint_id: u64,
    /// State of checkpoint hooks.
    pub master_states: Vec<MasterState<'a>>,
    /// What kind of snapshot it is; from version 4 on.
    pub properties: Option<CheckpointProperties>,
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
        let mut operator_states = Vec::new();
        let outline = self.parse_each(bytes, &mut |operator| operator_states.push(operator))?;
        Ok(ParsedMetadata {
            metadata: CheckpointMetadata {
                version: outline.version,
                checkpoint_id: outline.checkpoint_id,
                master_states: outline.master_states,
                operator_states,
                properties: outline.properties,
            },
            trailing_bytes: outline.trailing_bytes,
            dialect: outline.dialect,
        })
    }

    /// Parses a whole file and hands over its operators one by one, in the order of the file, so
    /// that memory need not hold more than one.
    ///
    /// # Errors
    /// As [`parse`](Self::parse); the operators before the error have been handed over then, and
    /// must not be relied on.
    pub fn parse_each<'a>(
        &self,
        bytes: &'a [u8],
        each: &mut dyn FnMut(OperatorState<'a>),
    ) -> Result<Outline<'a>, ParseError> {
        self.parse_traced(bytes, &mut NoTrace, each)
    }

    /// As [`parse_each`](Self::parse_each), and tells `trace` of every field, up to the error if
    /// there is one. Bytes behind the end are told as one last field.
    ///
    /// # Errors
    /// As [`parse_each`](Self::parse_each).
    pub fn parse_traced<'a>(
        &self,
        bytes: &'a [u8],
        trace: &mut impl Trace,
        each: &mut dyn FnMut(OperatorState<'a>),
    ) -> Result<Outline<'a>, ParseError> {
        let dialect = self.dialect(bytes);
        let attempt = self.attempt(bytes, dialect, trace, each);
        let (mut outline, rest) = attempt.result?;
        if let [_, ..] = rest {
            outline.trailing_bytes = to_u64(rest.len());
            let end = to_u64(bytes.len());
            let start = end - outline.trailing_bytes;
            trace.field(start, end, "bytes behind the end", FieldValue::Bytes(rest));
            if self.strict {
                let kind = ParseErrorKind::TrailingBytes(outline.trailing_bytes);
                return Err(ParseError::new(kind, start, "end of metadata"));
            }
        }
        outline.dialect = attempt.dialect_matters.then_some(dialect);
        Ok(outline)
    }

    /// The layout to read a file in. In version 3 that is the one that ends exactly at the end of
    /// the file, or else the first that succeeds, or else the one that comes furthest
    /// (docs/format.md 8).
    fn dialect(&self, bytes: &[u8]) -> Dialect {
        if !is_version_3(bytes) {
            return Dialect::Flink1_15;
        }
        let mut best = (0, Dialect::Flink1_15);
        for dialect in Dialect::ALL {
            let attempt = self.attempt(bytes, dialect, &mut NoTrace, &mut drop);
            if attempt.ends_exactly() || !attempt.dialect_matters {
                return dialect;
            }
            if attempt.reached() > best.0 {
                best = (attempt.reached(), dialect);
            }
        }
        best.1
    }

    fn attempt<'a>(
        &self,
        bytes: &'a [u8],
        dialect: Dialect,
        trace: &mut impl Trace,
        each: &mut dyn FnMut(OperatorState<'a>),
    ) -> Attempt<'a> {
        let grammar = Grammar::new(dialect);
        let mut cx = Context::new(bytes.len(), self.limits, trace, grammar);
        let result = header(&mut cx, bytes).and_then(|(rest, version)| {
            cx.grammar.version = version;
            body(&mut cx, rest, each)
        });
        Attempt {
            dialect_matters: cx.grammar.dialect_matters,
            result: finish(result, bytes.len())
                .map(|(rest, body)| (Outline::new(cx.grammar.version, body), rest)),
        }
    }
}

impl<'a> Outline<'a> {
    fn new(version: MetadataVersion, body: Body<'a>) -> Self {
        Self {
            version,
            checkpoint_id: body.checkpoint_id,
            master_states: body.master_states,
            properties: body.properties,
            trailing_bytes: 0,
            dialect: None,
        }
    }
}

fn is_version_3(bytes: &[u8]) -> bool {
    let mut trace = NoTrace;
    let mut cx = Context::new(bytes.len(), Limits::default(), &mut trace, ());
    matches!(header(&mut cx, bytes), Ok((_, MetadataVersion::V3)))
}

struct Attempt<'a> {
    /// The file is of version 3 and something was read in which its dialects differ.
    dialect_matters: bool,
    result: Result<(Outline<'a>, &'a [u8]), ParseError>,
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
