use crate::JavaStr;

/// State of a `MasterTriggerRestoreHook` (`MasterState`, docs/format.md 3.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MasterState<'a> {
    /// Version of the hook's serializer.
    pub version: i32,
    /// The hook's identifier.
    pub name: JavaStr<'a>,
    /// The hook's state.
    pub data: &'a [u8],
}
