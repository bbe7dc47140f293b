use super::counts::{ChangeCounts, MetadataChange, Operation};
use crate::reader::{ParseError, ParseErrorKind, to_u64};
use crate::state_file::body::feed::{Feed, Grammar, Place, Want};
use crate::state_file::body::numbers::{invalid, length};
use crate::state_file::snappy::{Framed, Piece, Sink};

/// Counts the changes of one subtask in a changelog file, fed in pieces (docs/state-files.md 4.7;
/// Flink's `StateChangeFormat`).
///
/// A file holds the changes of several subtasks. The handle says where those of one start; where
/// they end is found by reading them.
pub struct ChangeSetBody {
    feed: Feed,
    set: ChangeSet,
    /// Position in the file of the next byte.
    position: u64,
    framed: Option<Framed>,
}

/// Width of the flag that the file starts with.
const FLAG: u64 = 1;

impl ChangeSetBody {
    /// A reader for the changes at `offset` of the handle; `compressed` is what the first byte
    /// of the file says, see [`is_compressed`](Self::is_compressed).
    pub fn new(offset: u64, compressed: bool) -> Self {
        let mut set = ChangeSet::default();
        // The offset counts decompressed bytes: those in front have to be read, too.
        let (feed, position) = if compressed {
            set.step = Step::Offset;
            (Feed::new(Want::skip(offset, "changes of others")), FLAG)
        } else {
            (Feed::new(GROUPS), offset.saturating_add(FLAG))
        };
        Self {
            feed,
            set,
            position,
            framed: compressed.then(|| Framed::new(position)),
        }
    }

    /// What the first byte of a changelog file says.
    pub fn is_compressed(flag: u8) -> Result<bool, ParseError> {
        match flag {
            0 => Ok(false),
            1 => Ok(true),
            _ => {
                let reason = "is neither 0 nor 1";
                Err(invalid(i64::from(flag), 0, "compression flag", reason))
            }
        }
    }

    /// Position in the file of the byte that comes next; `None` when all changes were read.
    pub fn position(&self) -> Option<u64> {
        (!self.feed.is_done()).then_some(self.position)
    }

    /// Reads the bytes at [`position`](Self::position); those behind the subtask's changes are
    /// ignored. `metadata` gets the records that say which state has which number.
    pub fn push(
        &mut self,
        bytes: &[u8],
        counts: &mut ChangeCounts,
        metadata: impl FnMut(MetadataChange<'_>),
    ) -> Result<(), ParseError> {
        let mut told = Told {
            feed: &mut self.feed,
            steps: Steps {
                set: &mut self.set,
                counts,
                metadata,
            },
        };
        match &mut self.framed {
            Some(framed) => framed.push(bytes, &mut told)?,
            None => {
                let at = self.position;
                told.read(bytes, Place::Plain { at, end: None })?;
            }
        }
        self.position = self.position.saturating_add(to_u64(bytes.len()));
        Ok(())
    }

    /// The file is over: an error unless all changes were read.
    pub fn finish(&self) -> Result<(), ParseError> {
        if self.feed.is_done() {
            return Ok(());
        }
        if let Some(framed) = &self.framed {
            framed.finish()?;
        }
        self.feed.finish(self.position)
    }
}

/// Where in the set we are.
#[derive(Default)]
struct ChangeSet {
    step: Step,
    /// Key groups and changes of the current one that are still to come.
    groups: u64,
    changes: u64,
    /// Of the current change.
    bytes: u64,
    start: u64,
    operation: u8,
    /// Content of a metadata record.
    content: Vec<u8>,
}

#[derive(Clone, Copy, Default)]
enum Step {
    Offset,
    #[default]
    Groups,
    Changes,
    KeyGroup,
    Length,
    Operation,
    State,
    Content,
    Metadata,
}

const GROUPS: Want = Want::word(4, "number of key groups");
const CHANGES: Want = Want::word(4, "number of changes");
const LENGTH: Want = Want::word(4, "length of a change");
/// Operation and state number.
const HEAD: u64 = 3;
/// A state's name and serializers take a few kilobytes.
const LARGEST_METADATA: u64 = 1 << 24;

struct Steps<'t, F> {
    set: &'t mut ChangeSet,
    counts: &'t mut ChangeCounts,
    metadata: F,
}

impl<F: FnMut(MetadataChange<'_>)> Grammar for Steps<'_, F> {
    fn next(&mut self, value: u64, at: u64) -> Result<Want, ParseError> {
        let set = &mut *self.set;
        let (step, want) = match set.step {
            Step::Offset => (Step::Groups, GROUPS),
            Step::Groups => {
                set.groups = length(value, at, "number of key groups")?;
                set.next_change()
            }
            Step::Changes => {
                set.changes = length(value, at, "number of changes")?;
                set.groups = set.groups.saturating_sub(1);
                (Step::KeyGroup, Want::word(4, "key group"))
            }
            Step::KeyGroup => set.next_change(),
            Step::Length => {
                set.changes = set.changes.saturating_sub(1);
                set.bytes = length(value, at, "length of a change")?;
                if set.bytes < HEAD {
                    let value = i64::try_from(set.bytes).unwrap_or(i64::MAX);
                    let reason = "is too short for a change";
                    return Err(invalid(value, at, "length of a change", reason));
                }
                (Step::Operation, Want::word(1, "operation"))
            }
            Step::Operation => {
                set.start = at;
                set.operation = u8::try_from(value).unwrap_or(u8::MAX);
                if set.operation == Operation::METADATA {
                    set.begin_metadata(at)?
                } else {
                    (Step::State, Want::word(2, "state number"))
                }
            }
            Step::State => {
                let number = u16::try_from(value).unwrap_or(u16::MAX);
                let state = i16::from_be_bytes(number.to_be_bytes());
                self.counts
                    .change(set.operation, state, set.bytes, set.start)?;
                let rest = set.bytes.saturating_sub(HEAD);
                (Step::Content, Want::skip(rest, "change"))
            }
            Step::Metadata => {
                let change = self.counts.metadata(&set.content, set.bytes, set.start)?;
                (self.metadata)(change);
                set.content.clear();
                set.next_change()
            }
            Step::Content => set.next_change(),
        };
        set.step = step;
        Ok(want)
    }

    fn skipped(&mut self, bytes: &[u8]) {
        if let Step::Metadata = self.set.step {
            self.set.content.extend_from_slice(bytes);
        }
    }
}

impl ChangeSet {
    fn next_change(&self) -> (Step, Want) {
        match (self.changes, self.groups) {
            (1.., _) => (Step::Length, LENGTH),
            (0, 1..) => (Step::Changes, CHANGES),
            (0, 0) => (Step::Length, Want::NOTHING),
        }
    }

    fn begin_metadata(&self, at: u64) -> Result<(Step, Want), ParseError> {
        if self.bytes > LARGEST_METADATA {
            let kind = ParseErrorKind::LimitReached {
                what: "bytes of metadata of a state",
                limit: LARGEST_METADATA,
            };
            return Err(ParseError::new(kind, at, "change"));
        }
        let rest = self.bytes.saturating_sub(1);
        Ok((Step::Metadata, Want::skip(rest, "metadata of a state")))
    }
}

struct Told<'t, F> {
    feed: &'t mut Feed,
    steps: Steps<'t, F>,
}

impl<F: FnMut(MetadataChange<'_>)> Told<'_, F> {
    fn read(&mut self, bytes: &[u8], place: Place) -> Result<(), ParseError> {
        self.feed.push(bytes, place, &mut self.steps).map(drop)
    }
}

impl<F: FnMut(MetadataChange<'_>)> Sink for Told<'_, F> {
    fn piece(&mut self, piece: Piece<'_>, at: u64) -> Result<(), ParseError> {
        match piece {
            Piece::Start => Ok(()),
            Piece::Data(data) => self.read(data, Place::Chunk(at)),
        }
    }

    fn is_done(&self) -> bool {
        self.feed.is_done()
    }
}
