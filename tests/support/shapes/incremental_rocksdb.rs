//! [`Shape::IncrementalRocksDb`](super::Shape::IncrementalRocksDb), and the incremental handle
//! that the changelog shape also needs.

use super::builder::{Builder, Sizes, Stored, auto_max_parallelism, key_group_range, sst_name};
use super::handles::{Incremental, IncrementalForm, KeyGroups, Stream};
use super::random::Uuid;

const PARALLELISMS: [u32; 5] = [64, 96, 128, 192, 256];
/// About what a subtask takes apart from its shared files.
const SUBTASK_BYTES: usize = 1700;
/// What a shared file takes in the metadata.
const FILE_BYTES: usize = 166;

pub fn write(builder: &mut Builder) {
    while builder.wants_more() {
        if builder.expected.operators % 4 == 2 {
            write_source(builder);
        } else {
            write_stateful(builder);
        }
    }
}

/// A source: a coordinator and a small list state, no keyed state.
fn write_source(builder: &mut Builder) {
    let parallelism = builder.parallelism(&[16, 32], 256);
    let max_parallelism = auto_max_parallelism(parallelism);
    builder.operator("Source: orders", parallelism, max_parallelism, Some(420));
    builder.writer.count(parallelism as usize);
    for index in 0..parallelism {
        builder.subtask(index);
        let splits = builder.inline(96);
        builder.list_state(&splits);
        builder.writer.operator_slot(false);
        builder.writer.no_keyed();
        builder.writer.no_keyed();
        builder.writer.no_channels();
    }
}

fn write_stateful(builder: &mut Builder) {
    let parallelism = builder.parallelism(&PARALLELISMS, SUBTASK_BYTES + 4 * FILE_BYTES);
    let max_parallelism = auto_max_parallelism(parallelism);
    let room = (builder.room() / parallelism as usize).saturating_sub(SUBTASK_BYTES);
    let wanted = builder.random.between(40, 160) as usize;
    let count = wanted.min(room / FILE_BYTES).max(1);

    builder.operator("KeyedProcess: enrich", parallelism, max_parallelism, None);
    builder.writer.count(parallelism as usize);
    let mut files = Vec::new();
    for index in 0..parallelism {
        // As after a change of parallelism: every other subtask still lists files of its neighbour.
        let reused = if index % 2 == 1 { count / 8 } else { 0 };
        files.truncate(reused);
        while files.len() < count {
            let number = files.len() as u32 * 3 + 14;
            files.push(SharedFile::new(builder, number));
        }
        builder.subtask(index);
        let offsets = if builder.random.between(0, 3) == 0 {
            builder.exclusive_file(24_000)
        } else {
            builder.inline(120)
        };
        builder.list_state(&offsets);
        builder.writer.operator_slot(false);
        let range = key_group_range(index, parallelism, max_parallelism);
        let sizes = write_incremental(builder, range, &files, reused);
        builder.count_handle(sizes);
        builder.writer.no_keyed();
        builder.writer.no_channels();
    }
}

/// A table file in the shared directory.
pub struct SharedFile {
    number: u32,
    size: u64,
    uuid: Uuid,
}

impl SharedFile {
    pub fn new(builder: &mut Builder, number: u32) -> Self {
        Self {
            number,
            size: builder.random.between(1 << 20, 64 << 20),
            uuid: builder.random.uuid(),
        }
    }
}

/// An incremental handle; the first `reused` files have been counted before.
///
/// The last quarter of the files is new in this checkpoint. Version 2 gets tag 5, later
/// versions tag 11.
pub fn write_incremental(
    builder: &mut Builder,
    key_groups: KeyGroups,
    files: &[SharedFile],
    reused: usize,
) -> Sizes {
    let form = if builder.writer.version() == 2 {
        IncrementalForm::V1
    } else {
        IncrementalForm::V2
    };
    let meta = if builder.random.between(0, 1) == 0 {
        builder.inline(640)
    } else {
        builder.exclusive_file(26_000)
    };
    let private: [(&str, Stored); 3] = [
        ("CURRENT", builder.inline(16)),
        ("MANIFEST-000005", builder.shared_file(38_112)),
        ("OPTIONS-000012", builder.shared_file(29_870)),
    ];
    let new = files.len() - files.len().div_ceil(4);
    let total = |files: &[SharedFile]| files.iter().map(|file| file.size).sum::<u64>();
    let always = meta.size + private.iter().map(|(_, file)| file.size).sum::<u64>();
    let state = always + total(files);
    let checkpointed = match form {
        IncrementalForm::V1 => state,
        IncrementalForm::V2 => always + total(&files[new.max(reused)..]),
    };

    let (backend_id, handle_id) = (builder.uuid(), builder.uuid());
    builder.writer.incremental(&Incremental {
        form,
        checkpoint_id: builder.expected.checkpoint_id,
        backend_id: &backend_id,
        key_groups,
        checkpointed_size: checkpointed,
        meta: meta.handle(&builder.noise),
    });
    write_shared(builder, files, reused);
    builder.writer.count(private.len());
    for (name, file) in &private {
        builder
            .writer
            .local_file(name, &file.handle(&builder.noise));
    }
    builder.writer.incremental_end(form, &handle_id);
    Sizes {
        state,
        checkpointed,
    }
}

fn write_shared(builder: &mut Builder, files: &[SharedFile], reused: usize) {
    let mut path = builder.shared.clone();
    let directory = path.len();
    let mut name = String::new();
    builder.writer.count(files.len());
    for (position, file) in files.iter().enumerate() {
        builder.count_file(file.size, position >= reused);
        sst_name(&mut name, file.number);
        path.truncate(directory);
        file.uuid.push_to(&mut path);
        let size = file.size;
        let handle = Stream::File { path: &path, size };
        builder.writer.local_file(&name, &handle);
    }
}
