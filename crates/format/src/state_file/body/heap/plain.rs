use super::tally::{Block, HEAD, Tally};
use crate::reader::ParseError;
use crate::state_file::body::feed::{Feed, Grammar, Place, Want};
use crate::state_file::body::skipper::Skipper;
use crate::state_file::body::walker::{Walk, Walker};

/// The blocks of a key group that is not compressed: nothing but their content says where they
/// end.
pub(super) struct PlainBlocks<'s> {
    feed: Feed,
    steps: Steps<'s>,
    /// What did not fit.
    doubt: Option<ParseError>,
}

struct Steps<'s> {
    layouts: &'s [Option<Skipper>],
    walker: Walker<'s>,
    block: Option<Block>,
    step: Step,
}

#[derive(Clone, Copy, PartialEq)]
enum Step {
    Head,
    Content,
    /// A value of unknown layout: nobody can tell what is behind it.
    Unknown,
}

impl<'s> PlainBlocks<'s> {
    pub(super) fn new(layouts: &'s [Option<Skipper>]) -> Self {
        Self {
            feed: Feed::new(HEAD),
            steps: Steps {
                layouts,
                walker: Walker::default(),
                block: None,
                step: Step::Head,
            },
            doubt: None,
        }
    }

    /// Starts over with another key group.
    pub(super) fn begin(&mut self) {
        self.feed = Feed::new(HEAD.or_end());
        self.steps.block = None;
        self.steps.step = Step::Head;
        self.doubt = None;
    }

    /// Whether all blocks were of a known layout.
    pub(super) fn tells_its_end(&self) -> bool {
        self.steps.step != Step::Unknown
    }

    pub(super) fn push(&mut self, bytes: &[u8], place: Place, tally: &mut Tally) {
        if self.doubt.is_some() {
            return;
        }
        let steps = &mut self.steps;
        let pushed = self.feed.push(bytes, place, &mut Told { steps, tally });
        self.doubt = pushed.err();
    }

    /// The key group ends; an error when it makes no sense by the layouts.
    pub(super) fn end(&mut self, at: u64, tally: &mut Tally) -> Result<(), ParseError> {
        if let Some(doubt) = self.doubt.take() {
            return Err(doubt);
        }
        if self.steps.step == Step::Unknown && !tally.is_last() {
            return Ok(());
        }
        self.feed.finish(at)?;
        self.steps.close(at, tally);
        tally.complete(at)
    }
}

impl Steps<'_> {
    /// The current block, if any, ends at `end`.
    fn close(&mut self, end: u64, tally: &mut Tally) {
        if let Some(block) = self.block.take() {
            tally.ends(block, end, end.saturating_sub(block.start));
        }
    }

    fn unknown(&mut self) -> Want {
        self.step = Step::Unknown;
        Want::NOTHING
    }

    fn head(&mut self, head: u64, at: u64, tally: &mut Tally) -> Result<Want, ParseError> {
        self.close(at, tally);
        let block = tally.block(head, at)?;
        self.block = Some(block);
        match self.layouts.get(block.state) {
            Some(Some(layout)) => self.walker.begin(block.entries, layout),
            _ if block.entries == 0 => self.walker.clear(),
            _ => return Ok(self.unknown()),
        }
        self.content(0, at)
    }

    fn content(&mut self, value: u64, at: u64) -> Result<Want, ParseError> {
        self.step = Step::Content;
        Ok(match self.walker.next(value, at)? {
            Walk::Want(want) => want,
            Walk::Unknown => self.unknown(),
            Walk::Done => {
                self.step = Step::Head;
                HEAD.or_end()
            }
        })
    }
}

struct Told<'t, 's> {
    steps: &'t mut Steps<'s>,
    tally: &'t mut Tally,
}

impl Grammar for Told<'_, '_> {
    fn next(&mut self, value: u64, at: u64) -> Result<Want, ParseError> {
        match self.steps.step {
            Step::Head => self.steps.head(value, at, self.tally),
            Step::Content => self.steps.content(value, at),
            Step::Unknown => Ok(Want::NOTHING),
        }
    }
}
