//! Big synthetic `_metadata` files for benchmarks and limit tests.
//!
//! [`build`] writes a snapshot of a given shape, size and metadata version and says what it
//! wrote. The same arguments always give the same bytes. Everything a reader can check is
//! plausible (key-group ranges, subtask indexes, unique operator ids, sizes), but the contents
//! of inline state are noise.
//!
//! These files are a complement to files that Flink wrote, never a replacement.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "every test and benchmark includes this and uses its own part"
)]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "nothing here reads foreign data"
)]

mod builder;
mod changelog;
pub mod files_of_operators;
pub mod handles;
mod incremental_rocksdb;
mod many_inline;
mod many_operators;
pub mod properties;
pub mod random;
pub mod writer;

use builder::Builder;
use properties::{Format, PostAction, Properties};

/// The metadata versions that [`build`] can write.
pub const VERSIONS: std::ops::RangeInclusive<u32> = 2..=7;

/// What kind of job the snapshot belongs to.
///
/// What a version cannot express is left out or written in its older form: version 2 has no
/// changelog (only what it would have materialized), no finished subtasks or operators and no
/// channel state; version 3 has the changelog handles of Flink 1.15.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shape {
    /// Few wide operators whose subtasks list many shared files.
    IncrementalRocksDb,
    /// A canonical savepoint with all state inside the file.
    ManyInline,
    /// Changelog backend: many small state changes inside the file, some in shared files.
    Changelog,
    /// Very many operators and subtasks with little or no state, some of them finished.
    ManyOperators,
}

impl Shape {
    pub const ALL: [Self; 4] = [
        Self::IncrementalRocksDb,
        Self::ManyInline,
        Self::Changelog,
        Self::ManyOperators,
    ];

    /// The properties that [`build`] writes from version 4 on.
    pub fn properties(self) -> Properties {
        match self {
            Self::IncrementalRocksDb | Self::Changelog => Properties::Checkpoint,
            Self::ManyInline => Properties::Savepoint(Format::Canonical, PostAction::None),
            Self::ManyOperators => Properties::FullCheckpoint,
        }
    }
}

/// A synthetic file and what is in it.
pub struct Built {
    pub bytes: Vec<u8>,
    pub expected: Expected,
}

/// What was written, counted while writing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    pub checkpoint_id: i64,
    pub master_states: u64,
    /// All operators, also fully finished ones.
    pub operators: u64,
    pub fully_finished_operators: u64,
    /// Entries of subtasks that are not finished, also if they are without state.
    pub subtasks: u64,
    pub finished_subtasks: u64,
    /// Handles in the slots and channel lists of subtasks; not the handles inside of them.
    pub state_handles: u64,
    /// Stream handles other than null, wherever they are: inline data or files, also the
    /// coordinators' and every mention of a file that is mentioned more than once.
    pub stream_handles: u64,
    /// The changes inside of changelog handles.
    pub changes: u64,
    /// State size as Flink sums it, coordinators included, master states not.
    pub state_bytes: u64,
    /// Checkpointed size as Flink sums it.
    pub checkpointed_bytes: u64,
    /// Bytes of state inside the file: inline handles and changes.
    pub inline_bytes: u64,
    /// Different files by path.
    pub files: u64,
    /// Stored sizes of these files, each once.
    pub file_bytes: u64,
}

impl Expected {
    /// Bytes that the state really occupies: every file once, and what is inline.
    ///
    /// Files with channel state or changes count in full, whatever the handles use of them.
    pub fn unique_bytes(&self) -> u64 {
        self.file_bytes + self.inline_bytes
    }
}

/// Writes a file of about `approx_bytes`, but at least one operator.
///
/// # Panics
///
/// If `version` is not one of [`VERSIONS`].
pub fn build(shape: Shape, approx_bytes: usize, version: u32) -> Built {
    assert!(
        VERSIONS.contains(&version),
        "no metadata version: {version}"
    );
    let mut builder = Builder::new(shape, approx_bytes, version);
    match shape {
        Shape::IncrementalRocksDb => incremental_rocksdb::write(&mut builder),
        Shape::ManyInline => many_inline::write(&mut builder),
        Shape::Changelog => changelog::write(&mut builder),
        Shape::ManyOperators => many_operators::write(&mut builder),
    }
    builder.finish(shape.properties())
}
