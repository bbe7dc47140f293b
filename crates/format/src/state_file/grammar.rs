use crate::reader::{Context, Limits, NoTrace, PResult, ParseError, finish};

/// What reading a head has to remember, of the innermost block that has a length of its own.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Heads {
    /// A class that is not known was met, and nothing behind its name and version has been
    /// recognised yet.
    pub(super) unknown: bool,
    /// What was read behind such a class looked like the next snapshot. Only what follows tells
    /// whether it was, or a part of what the class wrote about itself.
    pub(super) doubt: bool,
    /// It was not: there is no point in another try before the next state.
    pub(super) lost: bool,
}

impl Heads {
    /// All that was read so far is certain.
    pub(super) fn is_clear(self) -> bool {
        !self.unknown && !self.doubt
    }
}

pub(super) type Cx<'t> = Context<'t, NoTrace, Heads>;

/// Runs `parser` on `bytes`, which may be longer than what it reads.
pub(super) fn read<'a, O>(
    bytes: &'a [u8],
    limits: Limits,
    parser: impl FnOnce(&mut Cx<'_>, &'a [u8]) -> PResult<'a, O>,
) -> Result<(&'a [u8], O), ParseError> {
    let mut trace = NoTrace;
    let mut cx = Context::new(bytes.len(), limits, &mut trace, Heads::default());
    let result = parser(&mut cx, bytes);
    finish(result, bytes.len())
}
