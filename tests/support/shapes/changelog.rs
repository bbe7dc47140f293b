//! [`Shape::Changelog`](super::Shape::Changelog).

use super::builder::{Builder, Sizes, auto_max_parallelism, key_group_range};
use super::handles::{ChangelogForm, KeyGroups, Stream};
use super::incremental_rocksdb::{SharedFile, write_incremental};
use super::random::Uuid;

const PARALLELISMS: [u32; 3] = [16, 32, 64];
/// About what a subtask takes apart from its changes.
const SUBTASK_BYTES: usize = 3400;
/// What a change takes on average.
const CHANGE_BYTES: usize = 58;
const MATERIALIZED_FILES: u32 = 8;
const MATERIALIZATION_ID: i64 = 96;
/// Subtasks that write into the same changelog file.
const SUBTASKS_PER_FILE: u32 = 4;
const FILES_PER_SUBTASK: u64 = 3;

pub fn write(builder: &mut Builder) {
    let form = match builder.writer.version() {
        2 => None,
        3 => Some(ChangelogForm::Flink115),
        _ => Some(ChangelogForm::V2),
    };
    while builder.wants_more() {
        write_operator(builder, form);
    }
}

fn write_operator(builder: &mut Builder, form: Option<ChangelogForm>) {
    let parallelism = builder.parallelism(&PARALLELISMS, SUBTASK_BYTES + 8 * CHANGE_BYTES);
    let max_parallelism = auto_max_parallelism(parallelism);
    let room = (builder.room() / parallelism as usize).saturating_sub(SUBTASK_BYTES);
    let wanted = builder.random.between(1000, 4000) as usize;
    let changes = wanted.min(room / CHANGE_BYTES).max(1);

    builder.operator("aggregate", parallelism, max_parallelism, None);
    builder.writer.count(parallelism as usize);
    let mut files = Vec::new();
    for index in 0..parallelism {
        let range = key_group_range(index, parallelism, max_parallelism);
        builder.subtask(index);
        builder.writer.operator_slot(false);
        builder.writer.operator_slot(false);
        let sizes = if let Some(form) = form {
            let part = u64::from(index % SUBTASKS_PER_FILE);
            if part == 0 {
                files = new_files(builder);
            }
            write_changelog(builder, form, range, &files, part, changes)
        } else {
            write_materialized(builder, range)
        };
        builder.count_handle(sizes);
        builder.writer.no_keyed();
        builder.writer.no_channels();
    }
}

/// A changelog file: each of its subtasks has a part of the same size.
struct ChangelogFile {
    part: u64,
    uuid: Uuid,
}

fn new_files(builder: &mut Builder) -> Vec<ChangelogFile> {
    (0..FILES_PER_SUBTASK)
        .map(|_| ChangelogFile {
            part: builder.random.between(2_000, 400_000),
            uuid: builder.random.uuid(),
        })
        .collect()
}

fn write_changelog(
    builder: &mut Builder,
    form: ChangelogForm,
    range: KeyGroups,
    files: &[ChangelogFile],
    part: u64,
    changes: usize,
) -> Sizes {
    // A change's length is decided once, because the checkpointed size comes before all changes.
    let lengths: Vec<u8> = (0..changes)
        .map(|_| builder.random.between(20, 80) as u8)
        .collect();
    let change_bytes: u64 = lengths.iter().copied().map(u64::from).sum();
    // Only the last file belongs to this checkpoint.
    let last_part = files.last().map_or(0, |file| file.part);
    let checkpointed = change_bytes + last_part;

    builder.writer.changelog(form, range, checkpointed);
    builder.writer.count(1);
    let materialized = write_materialized(builder, range);
    builder.writer.count(2);
    let in_files = write_file_increment(builder, form, range, files, part, last_part);
    write_byte_increment(builder, form, range, &lengths);
    builder.expected.inline_bytes += change_bytes;
    let id = builder.uuid();
    let checkpoint_id = builder.expected.checkpoint_id;
    builder
        .writer
        .changelog_end(form, MATERIALIZATION_ID, checkpoint_id, &id);
    Sizes {
        state: materialized.state + in_files + change_bytes,
        checkpointed,
    }
}

fn write_materialized(builder: &mut Builder, range: KeyGroups) -> Sizes {
    let files: Vec<SharedFile> = (0..MATERIALIZED_FILES)
        .map(|number| SharedFile::new(builder, number * 2 + 9))
        .collect();
    write_incremental(builder, range, &files, 0)
}

/// Tag 10 or 13: this subtask's part of each file. Returns the size of the parts.
fn write_file_increment(
    builder: &mut Builder,
    form: ChangelogForm,
    range: KeyGroups,
    files: &[ChangelogFile],
    part: u64,
    incremental: u64,
) -> u64 {
    let mut paths = Vec::with_capacity(files.len());
    for file in files {
        builder.count_file(file.part * u64::from(SUBTASKS_PER_FILE), part == 0);
        let mut path = builder.changelog.clone();
        file.uuid.push_to(&mut path);
        paths.push(path);
    }
    let streams: Vec<(i64, Stream<'_>)> = files
        .iter()
        .zip(&paths)
        .map(|(file, path)| {
            let size = file.part * u64::from(SUBTASKS_PER_FILE);
            let offset = (file.part * part).cast_signed();
            (offset, Stream::File { path, size })
        })
        .collect();
    let total = files.iter().map(|file| file.part).sum();
    let id = builder.uuid();
    let sizes = (total, incremental);
    builder
        .writer
        .file_increment(form, range, &streams, sizes, &id);
    total
}

/// Tag 9: the first change announces the state, the others belong to key groups.
fn write_byte_increment(
    builder: &mut Builder,
    form: ChangelogForm,
    range: KeyGroups,
    lengths: &[u8],
) {
    let from = 4 * FILES_PER_SUBTASK.cast_signed();
    let sequence = (from, from + lengths.len() as i64);
    builder
        .writer
        .byte_increment(range, sequence, lengths.len());
    let last = range.start + range.count - 1;
    for (position, &length) in lengths.iter().enumerate() {
        let key_group = builder
            .random
            .between(u64::from(range.start), u64::from(last));
        let data = builder.data(u64::from(length));
        builder.writer.change(
            (position > 0).then_some(key_group as u32),
            &builder.noise[data],
        );
    }
    builder.expected.changes += lengths.len() as u64;
    let id = builder.uuid();
    builder.writer.increment_end(form, &id);
}
