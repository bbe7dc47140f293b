use futures_util::{StreamExt, stream};

use crate::inspect::states::head::head;
use crate::inspect::states::key_groups::key_groups;
use crate::inspect::states::source::Source;
use crate::inspect::states::{Reading, Trouble, changelog, unread};
use statescope_analysis::snapshot::contents::{KeyedFormat, StatesBuilder};
use statescope_format::model::checkpoint::StateSlot;
use statescope_format::model::handle::{
    HandleAndLocalPath, IncrementalRemoteKeyedStateHandle, KeyedStateHandle,
};
use statescope_format::state_file::sst::{SstProperties, SstReader, SstStep};
use statescope_format::state_file::{StateFileHead, keyed_head};

/// Files of one database that are looked into at a time.
const FILES_AT_ONCE: usize = 16;
/// What raw keyed state is called, which has no name. Mostly these are timers on the heap.
const RAW: &str = "(raw keyed state)";

/// The keyed state of one subtask.
#[derive(Clone, Copy)]
pub(super) struct Keyed<'s> {
    pub(super) reading: Reading<'s>,
    pub(super) subtask: u32,
    pub(super) slot: StateSlot,
    pub(super) max_parallelism: u32,
    /// Look at the head even where no size needs it.
    pub(super) read_head: bool,
}

impl<'s> Keyed<'s> {
    /// What a handle tells; those inside a changelog handle included.
    pub(super) async fn read(self, handle: &KeyedStateHandle<'_>, builder: &mut StatesBuilder) {
        if self.slot == StateSlot::RawKeyed {
            let bytes = statescope_analysis::snapshot::summary::keyed_state_size(handle);
            builder.opaque(self.slot, RAW, bytes);
            return;
        }
        match handle {
            KeyedStateHandle::KeyGroups(handle) => {
                let source = self.source(&handle.stream);
                let mut found = StatesBuilder::default();
                let mut done = key_groups(self, &source, handle, &mut found).await;
                // Recorded sizes may be wrong: the file decides.
                if done.is_err()
                    && let Some(other) = source.if_recorded_wrong().await
                {
                    found = StatesBuilder::default();
                    done = key_groups(self, &other, handle, &mut found).await;
                }
                builder.merge(found);
                self.note(done, &source, builder);
            }
            KeyedStateHandle::Incremental(handle) => self.incremental(handle, builder).await,
            KeyedStateHandle::Changelog(handle) => {
                for inner in &handle.materialized {
                    // A changelog in a changelog is more than Flink ever writes.
                    match inner {
                        KeyedStateHandle::KeyGroups(_) | KeyedStateHandle::Incremental(_) => {
                            Box::pin(self.read(inner, builder)).await;
                        }
                        _ => builder.partial(self.slot),
                    }
                }
                builder.keyed_format(KeyedFormat::Changelog);
                changelog::changes(self, &handle.non_materialized, builder).await;
            }
            KeyedStateHandle::ChangelogByteIncrement(_)
            | KeyedStateHandle::ChangelogFileIncrement(_) => {
                changelog::changes(self, std::slice::from_ref(handle), builder).await;
            }
        }
    }

    /// A database: names and types in the meta stream, figures in the SSTs.
    async fn incremental(
        self,
        handle: &IncrementalRemoteKeyedStateHandle<'_>,
        builder: &mut StatesBuilder,
    ) {
        builder.keyed_format(KeyedFormat::Database);
        if self.read_head {
            let source = self.source(&handle.meta);
            let head = head(&source, keyed_head, StateFileHead::has_all_states).await;
            let done = head.map(|head| {
                builder.head(self.slot, &head);
                self.note_unread_states(&head, &source, builder);
            });
            self.note(done, &source, builder);
        }
        let files = handle.shared.iter().chain(&handle.private);
        let tables: Vec<_> = files.filter(|file| is_sst(file)).collect();
        if !self.reading.options.sizes {
            builder.partial(self.slot);
            // Later handles tell by themselves that an old RocksDB does not read their tables.
            if self.read_head && handle.state_handle_id.is_none() {
                self.newest_table(&tables, builder).await;
            }
            return;
        }
        let mut read = stream::iter(tables)
            .map(|file| async move {
                let source = self.source(&file.handle);
                let properties = sst(&source).await;
                (source, properties)
            })
            .buffered(FILES_AT_ONCE);
        while let Some((source, properties)) = read.next().await {
            let done = properties.map(|(length, properties)| {
                builder.sst(self.slot, length, &properties);
            });
            self.note(done, &source, builder);
        }
        builder.database(self.slot);
    }

    /// The layout of the tables: the one that was written last is as new as any.
    async fn newest_table(self, tables: &[&HandleAndLocalPath<'_>], builder: &mut StatesBuilder) {
        let newest = tables.iter().max_by_key(|file| file.local_path.as_bytes());
        let Some(source) = newest.map(|file| self.source(&file.handle)) else {
            return;
        };
        let done = sst(&source).await.map(|(_, properties)| {
            builder.table_version(properties.format_version);
        });
        self.note(done, &source, builder);
    }

    pub(super) fn source<'a>(
        &self,
        stream: &statescope_format::model::handle::StreamStateHandle<'a>,
    ) -> Source<'s, 'a> {
        Source::new(self.reading.storage, self.reading.base, stream)
    }

    /// Says so if a head has states that could not be read.
    pub(super) fn note_unread_states(
        &self,
        head: &StateFileHead,
        source: &Source<'_, '_>,
        builder: &mut StatesBuilder,
    ) {
        if !head.has_all_states() {
            let trouble = Trouble::UnknownSerializer;
            builder.unread(unread(self.subtask, self.slot, source.path(), &trouble));
        }
    }

    /// Says so if a stream could not be read.
    pub(super) fn note(
        &self,
        done: Result<(), Trouble>,
        source: &Source<'_, '_>,
        builder: &mut StatesBuilder,
    ) {
        if let Err(trouble) = done {
            builder.unread(unread(self.subtask, self.slot, source.path(), &trouble));
        }
    }
}

fn is_sst(file: &HandleAndLocalPath<'_>) -> bool {
    file.local_path.as_bytes().ends_with(b".sst")
}

/// Length and properties of an SST, from its last few kB. Recorded sizes may be wrong: the file
/// decides.
async fn sst(source: &Source<'_, '_>) -> Result<(u64, SstProperties), Trouble> {
    match table(source).await {
        Err(trouble) => match source.if_recorded_wrong().await {
            Some(other) => table(&other).await,
            None => Err(trouble),
        },
        read => read,
    }
}

async fn table(source: &Source<'_, '_>) -> Result<(u64, SstProperties), Trouble> {
    let length = source.length().await?;
    let mut step = SstReader::open(length)?;
    loop {
        match step {
            SstStep::Done(properties) => return Ok((length, *properties)),
            SstStep::Read(reader) => {
                let bytes = source.read(reader.range()).await?;
                step = reader.read(&bytes)?;
            }
        }
    }
}
