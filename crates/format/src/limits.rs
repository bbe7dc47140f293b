/// Bounds on what is accepted of every input, except of stores ([`Settings`]) and of jars
/// ([`JarLimits`]). docs/limits.md has them all.
///
/// Counts and lengths of binary formats need no limit of their own: each is checked against the
/// bytes that remain before anything is allocated, so memory stays in proportion to the input.
///
/// [`Settings`]: https://docs.rs/statescope/latest/statescope/storage/struct.Settings.html
/// [`JarLimits`]: https://docs.rs/statescope/latest/statescope/snapshot/uid/jar/struct.JarLimits.html
///
/// ```
/// let limits = statescope_format::Limits { nesting: 4, ..Default::default() };
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
    /// Bytes of a file of settings: Flink's, Hadoop's, profiles of the AWS tools, certificates.
    /// Default 4 MiB.
    pub conf_bytes: u64,
    /// Entries of a file of settings. Default 10,000.
    pub conf_entries: usize,
    /// Bytes of the full name of an entry, which is that of everything around it. Default 1024.
    pub conf_name_bytes: usize,
    /// Mappings and sequences inside each other in Flink's `config.yaml`. Default 32.
    pub conf_nesting: usize,
    /// Bytes of a job description, of a compiled SQL plan, of a list of uids, and of one answer of
    /// a cluster. Default 64 MiB.
    pub job_bytes: u64,
    /// Bytes of a retention plan, which names every file that may go. Default 1 GiB.
    pub retention_plan_bytes: u64,
    /// Bytes of the journal of a retention plan, which names every file that its runs moved, twice,
    /// and is read line by line. Default 4 GiB.
    pub journal_bytes: u64,
    /// Bytes of one line of such a journal: a thousand paths. Default 64 MiB.
    pub journal_line_bytes: u64,
    /// Bytes of a history file. Default 256 MiB.
    pub history_bytes: usize,
    /// Rows of a history file. Default 1,000,000.
    pub history_rows: usize,
    /// Bytes of all texts of a history file together. Default 256 MiB.
    pub history_text_bytes: usize,
    /// Bytes of one page of a history file, as they are in memory. Default 16 MiB.
    pub history_page_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            nesting: 16,
            java_nesting: 64,
            java_objects: 65_536,
            serializer_nesting: 64,
            conf_bytes: 4 << 20,
            conf_entries: 10_000,
            conf_name_bytes: 1024,
            conf_nesting: 32,
            job_bytes: 64 << 20,
            retention_plan_bytes: 1 << 30,
            journal_bytes: 4 << 30,
            journal_line_bytes: 64 << 20,
            history_bytes: 256 << 20,
            history_rows: 1_000_000,
            history_text_bytes: 256 << 20,
            history_page_bytes: 16 << 20,
        }
    }
}
