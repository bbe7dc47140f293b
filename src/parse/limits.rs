/// Bounds on what a parser accepts.
///
/// Counts and lengths need no limit of their own: each is checked against the bytes that remain
/// before anything is allocated, so memory stays in proportion to the input.
///
/// ```
/// let limits = statescope::Limits { nesting: 4, ..Default::default() };
/// # let _ = limits;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// State handles inside state handles. Flink nests three deep: a changelog handle, a keyed
    /// handle, a key-groups handle as its stream. Default 16.
    pub nesting: u32,
    /// Objects inside objects of a Java object stream. Checkpoint properties need four; logical
    /// types of nested rows need more. Default 64.
    pub java_nesting: u32,
    /// Objects, strings, arrays and classes in one Java object stream. Checkpoint properties have
    /// about twenty. Default 65,536.
    pub java_objects: usize,
    /// Serializer snapshots inside serializer snapshots: maps of lists of POJOs. Default 64.
    pub serializer_nesting: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            nesting: 16,
            java_nesting: 64,
            java_objects: 65_536,
            serializer_nesting: 64,
        }
    }
}
