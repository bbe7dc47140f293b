use std::fmt;

/// Why and where a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError(Box<Located>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Located {
    kind: ParseErrorKind,
    offset: u64,
    field: &'static str,
    /// Innermost first: steps are added while the error travels outwards.
    path: Vec<PathStep>,
    /// Name of the structure that is being left, for the step that is added next.
    label: Option<String>,
}

/// What is wrong. Grows with the format, so matches need a wildcard.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// There are no bytes at all.
    #[error("the file is empty")]
    Empty,
    /// The file does not start with Flink's magic number.
    #[error("not a Flink _metadata file: {0}")]
    NotMetadata(&'static str),
    /// A Flink `_metadata` file of a version that this build does not read.
    #[error("metadata version {version} {reason}; this build reads 2 to 7")]
    UnsupportedVersion {
        /// The version in the file.
        version: i32,
        /// What is known about it.
        reason: &'static str,
    },
    /// State from before Flink 1.2, which no reader since takes.
    #[error("holds {count} pieces of state from before Flink 1.2, which no later release reads")]
    LegacyState {
        /// How many.
        count: i32,
    },
    /// The input ends inside a field.
    #[error("needs {needed} bytes, {remaining} remain: the file is cut short or damaged")]
    Truncated {
        /// Bytes that the field takes.
        needed: u64,
        /// Bytes that are left.
        remaining: u64,
    },
    /// A count or length below zero.
    #[error("is {0}, which no Flink writes: the file is damaged")]
    NegativeCount(i32),
    /// More elements than the rest of the input can hold.
    #[error(
        "says {count}, at least {needed} bytes, but {remaining} remain: the file is cut short or damaged"
    )]
    CountTooLarge {
        /// The count in the file.
        count: u64,
        /// The fewest bytes that so many elements take.
        needed: u64,
        /// Bytes that are left.
        remaining: u64,
    },
    /// A type tag that does not exist in this place. Handles carry no length, so nothing behind
    /// it can be read.
    #[error("unknown tag {tag}: damaged, or written by a Flink newer than this build knows")]
    UnknownTag {
        /// The tag in the file.
        tag: u8,
    },
    /// No handle where Flink needs one.
    #[error("is missing (tag 0), but Flink needs it: the file is damaged")]
    MissingHandle,
    /// A value that Flink never writes, or refuses to load.
    #[error("{value} {reason}")]
    InvalidValue {
        /// The value in the file.
        value: i64,
        /// Why it cannot be.
        reason: &'static str,
    },
    /// Bytes that are not modified UTF-8.
    #[error("is not a Java string (modified UTF-8): the file is damaged")]
    InvalidString,
    /// A length-prefixed block whose content is shorter or longer than it says.
    #[error("has {0} bytes left over behind its content: the file is damaged")]
    BlockNotConsumed(u64),
    /// A Java object stream that is not what Flink writes there.
    #[error("{0}")]
    JavaStream(&'static str),
    /// A file of RocksDB that is no table, or a table of a kind that Flink does not use.
    #[error("not an SST that this build reads: {0}")]
    NotSst(&'static str),
    /// A table of a format version that this build does not know.
    #[error("SST format version {0} is not known; this build reads 0 to 7")]
    UnsupportedSstVersion(u32),
    /// A block that RocksDB leaves uncompressed, but this one is not.
    #[error("is compressed ({0}), which this build does not read here")]
    UnsupportedCompression(&'static str),
    /// The bytes are not the ones that were written.
    #[error("has checksum {computed:#010x}, but {stored:#010x} was stored: the file is damaged")]
    ChecksumMismatch {
        /// The checksum in the file.
        stored: u32,
        /// The checksum of what was read.
        computed: u32,
    },
    /// A compressed stream that is not what snappy's framing format allows.
    #[error("is damaged: {0}")]
    Snappy(&'static str),
    /// A limit of [`crate::Limits`] was reached.
    #[error("more than {limit} {what}: refused, see Limits")]
    LimitReached {
        /// What is counted.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// Bytes behind the end; only an error for a strict parser.
    #[error("{0} bytes behind the end of the metadata")]
    TrailingBytes(u64),
}

/// One step on the way from the file's start to the error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathStep {
    /// The structure, in words.
    pub node: &'static str,
    /// Its place in a list, from 0; a subtask's own index for subtasks.
    pub index: Option<usize>,
    /// Its name or id, where it was read before the error.
    pub label: Option<String>,
}

impl ParseError {
    /// True if more bytes might have helped.
    pub fn is_short(&self) -> bool {
        matches!(
            self.0.kind,
            ParseErrorKind::Empty
                | ParseErrorKind::Truncated { .. }
                | ParseErrorKind::CountTooLarge { .. }
        )
    }

    #[cold]
    pub(crate) fn new(kind: ParseErrorKind, offset: u64, field: &'static str) -> Self {
        Self(Box::new(Located {
            kind,
            offset,
            field,
            path: Vec::new(),
            label: None,
        }))
    }

    /// Adds the structure that the error travels out of.
    #[cold]
    pub(crate) fn within(mut self, node: &'static str, index: Option<usize>) -> Self {
        let label = self.0.label.take();
        self.0.path.push(PathStep { node, index, label });
        self
    }

    /// Names the structure that the next [`within`](Self::within) adds.
    #[cold]
    pub(crate) fn labelled(mut self, label: String) -> Self {
        self.0.label = Some(label);
        self
    }

    /// What is wrong.
    pub fn kind(&self) -> &ParseErrorKind {
        &self.0.kind
    }

    /// Position of the field that could not be read, in bytes from the start of the file.
    pub fn offset(&self) -> u64 {
        self.0.offset
    }

    /// The field that could not be read.
    pub fn field(&self) -> &'static str {
        self.0.field
    }

    /// The structures around it, outermost first.
    pub fn path(&self) -> impl Iterator<Item = &PathStep> {
        self.0.path.iter().rev()
    }
}

impl fmt::Display for PathStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.node)?;
        if let Some(index) = self.index {
            write!(f, " {index}")?;
        }
        match &self.label {
            Some(label) => write!(f, " ({label})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Located { kind, field, .. } = &*self.0;
        match kind {
            // These speak of the whole file.
            ParseErrorKind::Empty
            | ParseErrorKind::NotMetadata(_)
            | ParseErrorKind::NotSst(_)
            | ParseErrorKind::UnsupportedSstVersion(_)
            | ParseErrorKind::UnsupportedVersion { .. } => return write!(f, "{kind}"),
            ParseErrorKind::TrailingBytes(_) | ParseErrorKind::JavaStream(_) => {
                write!(f, "{kind}")?;
            }
            _ => write!(f, "{field} {kind}")?,
        }
        write!(f, " (byte {} = {:#x}", self.0.offset, self.0.offset)?;
        for (i, step) in self.path().enumerate() {
            f.write_str(if i == 0 { ", in " } else { " > " })?;
            write!(f, "{step}")?;
        }
        f.write_str(")")
    }
}

impl std::error::Error for ParseError {}

/// For nom's own combinators; the parsers here make their errors themselves, with an offset.
impl nom::error::ParseError<&[u8]> for ParseError {
    fn from_error_kind(input: &[u8], _: nom::error::ErrorKind) -> Self {
        let remaining = u64::try_from(input.len()).unwrap_or(u64::MAX);
        let kind = ParseErrorKind::Truncated {
            needed: remaining.saturating_add(1),
            remaining,
        };
        Self::new(kind, 0, "input")
    }

    fn append(_: &[u8], _: nom::error::ErrorKind, other: Self) -> Self {
        other
    }
}
