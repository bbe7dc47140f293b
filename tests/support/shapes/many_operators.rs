//! [`Shape::ManyOperators`](super::Shape::ManyOperators).

use super::builder::{Builder, Sizes, Stored, auto_max_parallelism, key_group_range};
use super::handles::{Channel, Direction, KeyGroups, KeyGroupsForm};

const PARALLELISMS: [u32; 6] = [1, 2, 4, 8, 16, 48];
/// What a subtask takes: without state, and about, with state.
const STATELESS_BYTES: usize = 22;
const STATEFUL_BYTES: usize = 300;
/// The size of each channel's state, including the length before its bytes.
const CHANNEL_BYTES: u64 = 1_204;

/// Operators repeat in this order.
const KINDS: [Kind; 12] = [
    Kind::Source,
    Kind::Stateless,
    Kind::Stateless,
    Kind::FullyFinished,
    Kind::Stateless,
    Kind::Keyed,
    Kind::Stateless,
    Kind::PartlyFinished,
    Kind::Empty,
    Kind::Stateless,
    Kind::Unaligned,
    Kind::Stateless,
];

#[derive(Clone, Copy)]
enum Kind {
    /// Only a coordinator.
    Source,
    /// All subtasks are listed, without state.
    Stateless,
    /// No subtask is listed.
    Empty,
    Keyed,
    /// Every third subtask goes on, the others have finished.
    PartlyFinished,
    FullyFinished,
    /// Channel state of an unaligned checkpoint.
    Unaligned,
}

pub fn write(builder: &mut Builder) {
    while builder.wants_more() {
        let turn = builder.expected.operators as usize % KINDS.len();
        write_operator(builder, KINDS[turn]);
    }
}

fn write_operator(builder: &mut Builder, kind: Kind) {
    let finished_exist = builder.writer.version() >= 3;
    let subtask_bytes = match kind {
        Kind::Keyed | Kind::Unaligned => STATEFUL_BYTES,
        _ => STATELESS_BYTES,
    };
    let parallelism = builder.parallelism(&PARALLELISMS, subtask_bytes);
    let max_parallelism = auto_max_parallelism(parallelism);
    let (name, coordinator) = match kind {
        Kind::Source => ("Source: clicks", Some(64)),
        Kind::Keyed => ("Größe → Σ 🦀", None),
        _ => ("Map", None),
    };
    builder.operator(name, parallelism, max_parallelism, coordinator);
    match kind {
        Kind::FullyFinished if finished_exist => {
            builder.expected.fully_finished_operators += 1;
            builder.writer.fully_finished();
        }
        Kind::Empty | Kind::FullyFinished => builder.writer.count(0),
        Kind::PartlyFinished => write_partly_finished(builder, parallelism, finished_exist),
        Kind::Source | Kind::Stateless => {
            builder.writer.count(parallelism as usize);
            for index in 0..parallelism {
                builder.stateless_subtask(index);
            }
        }
        Kind::Keyed => {
            builder.writer.count(parallelism as usize);
            for index in 0..parallelism {
                let range = key_group_range(index, parallelism, max_parallelism);
                write_keyed_subtask(builder, index, range);
            }
        }
        Kind::Unaligned => write_unaligned(builder, parallelism),
    }
}

/// Before version 3 a finished subtask is simply missing.
fn write_partly_finished(builder: &mut Builder, parallelism: u32, finished_exist: bool) {
    let running = parallelism.div_ceil(3);
    let listed = if finished_exist { parallelism } else { running };
    builder.writer.count(listed as usize);
    for index in 0..parallelism {
        if index % 3 == 0 {
            builder.stateless_subtask(index);
        } else if finished_exist {
            builder.expected.finished_subtasks += 1;
            builder.writer.finished_subtask(index);
        }
    }
}

/// Heap state in a file of the checkpoint.
fn write_keyed_subtask(builder: &mut Builder, index: u32, range: KeyGroups) {
    let form = match builder.writer.version() {
        2 => KeyGroupsForm::V1,
        _ => KeyGroupsForm::V2,
    };
    let size = builder.random.between(30_000, 900_000);
    let group = (size - 400) / u64::from(range.count);
    let offsets: Vec<i64> = (0..u64::from(range.count))
        .map(|position| (400 + position * group).cast_signed())
        .collect();
    builder.subtask(index);
    builder.writer.operator_slot(false);
    builder.writer.operator_slot(false);
    let state = builder.exclusive_file(size);
    let id = builder.uuid();
    let delegate = state.handle(&builder.noise);
    builder
        .writer
        .key_groups_handle(form, range.start, &offsets, &delegate, &id);
    builder.count_handle(Sizes::all(size));
    builder.writer.no_keyed();
    builder.writer.no_channels();
}

/// Two input channels and one output channel for each subtask, all in one file.
fn write_unaligned(builder: &mut Builder, parallelism: u32) {
    builder.writer.count(parallelism as usize);
    if builder.writer.version() == 2 {
        for index in 0..parallelism {
            builder.stateless_subtask(index);
        }
        return;
    }
    let file = builder.uncounted_file(4 + u64::from(parallelism) * 3 * CHANNEL_BYTES);
    for index in 0..parallelism {
        builder.subtask(index);
        builder.writer.operator_slot(false);
        builder.writer.operator_slot(false);
        builder.writer.no_keyed();
        builder.writer.no_keyed();
        let offset =
            |position: u32| (4 + u64::from(3 * index + position) * CHANNEL_BYTES).cast_signed();
        let (first, second, third) = ([offset(0)], [offset(1)], [offset(2)]);
        let channel = |channel, offsets| Channel {
            indexes: (0, channel),
            offsets,
            size: CHANNEL_BYTES,
        };
        let inputs = [channel(0, &first), channel(1, &second)];
        write_channels(builder, Direction::Input, index, &inputs, &file);
        write_channels(
            builder,
            Direction::Output,
            index,
            &[channel(0, &third)],
            &file,
        );
        builder.writer.end_subtask(None);
    }
}

/// One list of channel handles: merged from version 6 on.
fn write_channels(
    builder: &mut Builder,
    direction: Direction,
    subtask: u32,
    channels: &[Channel<'_>],
    file: &Stored,
) {
    let delegate = file.handle(&builder.noise);
    let writer = &mut builder.writer;
    let mut sizes = Vec::new();
    if writer.version() >= 6 {
        writer.count(1);
        writer.merged_channels(direction, subtask, channels, &delegate);
        sizes.push(channels.iter().map(|channel| channel.size).sum());
    } else {
        writer.count(channels.len());
        for channel in channels {
            writer.channel(direction, subtask, channel, &delegate);
            sizes.push(channel.size);
        }
    }
    let mut first = subtask == 0 && direction == Direction::Input;
    for size in sizes {
        builder.count_file(file.size, first);
        builder.count_handle(Sizes::all(size));
        first = false;
    }
}
