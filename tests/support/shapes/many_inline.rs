//! [`Shape::ManyInline`](super::Shape::ManyInline).

use super::builder::{Builder, Sizes, key_group_range};
use super::handles::{KeyGroups, KeyGroupsForm, Mode, NamedState};

/// Key groups of every subtask, so that every offset table is as long.
const KEY_GROUPS: u32 = 128;
const PARALLELISMS: [u32; 5] = [1, 8, 16, 32, 64];
/// About what a subtask takes, and what it takes in addition with raw keyed state.
const SUBTASK_BYTES: usize = 3000;
const RAW_STATE_BYTES: usize = 1450;
/// The offset of a key group that raw keyed state has not written.
const UNWRITTEN: i64 = -1;

pub fn write(builder: &mut Builder) {
    while builder.wants_more() {
        write_operator(builder);
    }
}

fn write_operator(builder: &mut Builder) {
    let with_raw_state = builder.expected.operators % 4 == 3;
    let coordinator = builder.expected.operators.is_multiple_of(8).then_some(180);
    let subtask_bytes = SUBTASK_BYTES + if with_raw_state { RAW_STATE_BYTES } else { 0 };
    let parallelism = builder.parallelism(&PARALLELISMS, subtask_bytes);
    let max_parallelism = parallelism * KEY_GROUPS;
    builder.operator("window", parallelism, max_parallelism, coordinator);
    builder.writer.count(parallelism as usize);
    for index in 0..parallelism {
        let range = key_group_range(index, parallelism, max_parallelism);
        builder.subtask(index);
        write_operator_state(builder);
        builder.writer.operator_slot(false);
        write_keyed_state(builder, range);
        if with_raw_state {
            write_raw_keyed_state(builder, range);
        } else {
            builder.writer.no_keyed();
        }
        builder.writer.no_channels();
    }
}

/// A union list and a broadcast map in one stream.
fn write_operator_state(builder: &mut Builder) {
    let size = builder.random.between(50, 800);
    let state = builder.inline(size);
    let (half, end) = ((size / 2).cast_signed(), size.cast_signed());
    let states = [
        NamedState {
            name: "offsets",
            mode: Mode::Union,
            offsets: &[half, half + 8, half + 16],
        },
        NamedState {
            name: "rules",
            mode: Mode::Broadcast,
            offsets: &[end - 1],
        },
    ];
    builder.writer.operator_slot(true);
    builder
        .writer
        .partitionable(&states, &state.handle(&builder.noise));
    builder.count_handle(Sizes::all(size));
}

/// A canonical key-groups handle; offset 0 means that a key group is empty.
fn write_keyed_state(builder: &mut Builder, range: KeyGroups) {
    let form = match builder.writer.version() {
        2 => KeyGroupsForm::V1,
        _ => KeyGroupsForm::Savepoint,
    };
    let size = builder.random.between(50, 2000);
    let header = size.min(60) / 2;
    let used = ((size - header) / 32).clamp(1, u64::from(range.count));
    let entry = (size - header) / used;
    let gap = u64::from(range.count) / used;
    let offsets: Vec<i64> = (0..u64::from(range.count))
        .map(|group| match (group % gap, group / gap) {
            (0, entries) if entries < used => (header + entries * entry).cast_signed(),
            _ => 0,
        })
        .collect();
    write_key_groups(builder, form, range, &offsets, size);
}

fn write_raw_keyed_state(builder: &mut Builder, range: KeyGroups) {
    let form = match builder.writer.version() {
        2 => KeyGroupsForm::V1,
        _ => KeyGroupsForm::V2,
    };
    let size = builder.random.between(64, 300);
    let mut offsets = vec![UNWRITTEN; range.count as usize];
    offsets[0] = 0;
    write_key_groups(builder, form, range, &offsets, size);
}

fn write_key_groups(
    builder: &mut Builder,
    form: KeyGroupsForm,
    range: KeyGroups,
    offsets: &[i64],
    size: u64,
) {
    let state = builder.inline(size);
    let id = builder.uuid();
    let delegate = state.handle(&builder.noise);
    builder
        .writer
        .key_groups_handle(form, range.start, offsets, &delegate, &id);
    builder.count_handle(Sizes::all(size));
}
