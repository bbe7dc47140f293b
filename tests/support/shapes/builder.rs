//! What all shapes need: names, paths, sizes, and counting what is written.

use std::fmt::Write;
use std::ops::Range;

use super::handles::{KeyGroups, Mode, NamedState, Stream};
use super::properties::Properties;
use super::random::{Random, Uuid, push_hex, scramble};
use super::writer::{MetadataWriter, OperatorHead, Slot};
use super::{Built, Expected, Shape};

/// Where the job of the synthetic files stores its state.
const BUCKET: &str = "s3://prod-flink-eu-central-1/streaming/orders-platform";
const CHECKPOINT_ID: i64 = 4217;
/// More than any one inline state.
const NOISE_BYTES: usize = 64 * 1024;
/// The longest properties of section 7.
const PROPERTIES_BYTES: usize = 760;
/// One operator may exceed the wanted size by a little.
const SLACK_BYTES: usize = 256 * 1024;

/// Writes one file and counts.
pub struct Builder {
    pub writer: MetadataWriter,
    pub random: Random,
    pub expected: Expected,
    /// Inline state is cut from here.
    pub noise: Vec<u8>,
    /// The directory of shared files, with a slash.
    pub shared: String,
    /// The directory of the checkpoint itself, with a slash.
    exclusive: String,
    /// The directory of changelog files, with a slash.
    pub changelog: String,
    target: usize,
    operators: Option<Slot>,
}

/// State that a stream handle refers to, with the text that the handle borrows.
pub struct Stored {
    location: Location,
    name: String,
    pub size: u64,
}

enum Location {
    Inline(Range<usize>),
    File,
    Relative,
}

impl Stored {
    pub fn handle<'a>(&'a self, noise: &'a [u8]) -> Stream<'a> {
        let (name, size) = (self.name.as_str(), self.size);
        match &self.location {
            Location::Inline(range) => Stream::Inline {
                name,
                data: &noise[range.clone()],
            },
            Location::File => Stream::File { path: name, size },
            Location::Relative => Stream::Relative { path: name, size },
        }
    }
}

impl Builder {
    /// Starts a file: everything before the first operator.
    pub fn new(shape: Shape, approx_bytes: usize, version: u32) -> Self {
        let mut random = Random::new(0xF11A_0000 + shape as u64);
        let noise = (0..NOISE_BYTES / 8)
            .flat_map(|_| random.next_u64().to_be_bytes())
            .collect();
        let mut job = String::new();
        push_hex(&mut job, random.next_u64(), 0..16);
        push_hex(&mut job, random.next_u64(), 0..16);
        let checkpoints = format!("{BUCKET}/checkpoints/{job}");

        let mut writer = MetadataWriter::new(version, approx_bytes + SLACK_BYTES);
        let master_states = usize::from(shape == Shape::ManyOperators);
        writer.body(CHECKPOINT_ID, master_states);
        for _ in 0..master_states {
            writer.master_state(1, "orders-master-hook", b"ledger=17");
        }
        let operators = Some(writer.slot());
        Self {
            writer,
            random,
            expected: Expected {
                checkpoint_id: CHECKPOINT_ID,
                master_states: master_states as u64,
                ..Expected::default()
            },
            noise,
            shared: format!("{checkpoints}/shared/"),
            exclusive: format!("{checkpoints}/chk-{CHECKPOINT_ID}/"),
            changelog: format!("{BUCKET}/changelog/{job}/dstl/"),
            target: approx_bytes.saturating_sub(PROPERTIES_BYTES),
            operators,
        }
    }

    /// Ends the file.
    pub fn finish(mut self, properties: Properties) -> Built {
        if let Some(slot) = self.operators.take() {
            self.writer.fill(slot, self.expected.operators as usize);
        }
        if self.writer.version() >= 4 {
            self.writer.properties(properties);
        }
        Built {
            bytes: self.writer.into_bytes(),
            expected: self.expected,
        }
    }

    /// The bytes that are still wanted.
    pub fn room(&self) -> usize {
        self.target.saturating_sub(self.writer.len())
    }

    /// Whether there should be another operator: the wanted size is not reached, or there is
    /// none yet.
    pub fn wants_more(&self) -> bool {
        self.room() > 0 || self.expected.operators == 0
    }

    /// One of the parallelisms, but no more subtasks than there is room for.
    pub fn parallelism(&mut self, choices: &[u32], subtask_bytes: usize) -> u32 {
        let most = (self.room() / subtask_bytes).max(1);
        let wanted = self.random.pick(choices);
        wanted.min(u32::try_from(most).unwrap_or(u32::MAX))
    }

    /// Starts an operator; its number of subtasks must follow.
    ///
    /// The uid stays empty, as it is for generated ids, so that no id has to be a hash. From
    /// version 3 on the operator has a coordinator of the given size.
    pub fn operator(
        &mut self,
        name: &str,
        parallelism: u32,
        max_parallelism: u32,
        coordinator: Option<u64>,
    ) {
        let index = self.expected.operators;
        self.expected.operators += 1;
        let mut id = [0; 16];
        id[..8].copy_from_slice(&scramble(index + 1).to_be_bytes());
        id[8..].copy_from_slice(&scramble(!index).to_be_bytes());

        let full_name = format!("{name} {index}");
        let coordinator = coordinator
            .filter(|_| self.writer.version() >= 3)
            .map(|size| {
                let mut state = self.inline(size);
                state.name.clear();
                for half in [scramble(index + 1), scramble(!index)] {
                    push_hex(&mut state.name, half, 0..16);
                }
                self.expected.state_bytes += size;
                self.expected.checkpointed_bytes += size;
                state
            });
        self.writer.operator(&OperatorHead {
            id,
            name: &full_name,
            uid: "",
            parallelism,
            max_parallelism,
            coordinator: coordinator
                .as_ref()
                .map_or(Stream::Null, |state| state.handle(&self.noise)),
        });
    }

    /// The start of a subtask with state.
    pub fn subtask(&mut self, index: u32) {
        self.expected.subtasks += 1;
        self.writer.subtask(index);
    }

    /// A subtask without state.
    pub fn stateless_subtask(&mut self, index: u32) {
        self.expected.subtasks += 1;
        self.writer.stateless_subtask(index);
    }

    /// Counts a handle of a subtask.
    pub fn count_handle(&mut self, sizes: Sizes) {
        self.expected.state_handles += 1;
        self.expected.state_bytes += sizes.state;
        self.expected.checkpointed_bytes += sizes.checkpointed;
    }

    /// Counts the mention of a file; `first` unless the same path has been mentioned before.
    pub fn count_file(&mut self, size: u64, first: bool) {
        self.expected.stream_handles += 1;
        if first {
            self.expected.files += 1;
            self.expected.file_bytes += size;
        }
    }

    pub fn uuid(&mut self) -> String {
        let mut text = String::with_capacity(36);
        self.random.uuid().push_to(&mut text);
        text
    }

    /// A piece of noise.
    pub fn data(&mut self, size: u64) -> Range<usize> {
        let start = self.random.between(0, NOISE_BYTES as u64 - size) as usize;
        start..start + size as usize
    }

    /// State inside the file.
    pub fn inline(&mut self, size: u64) -> Stored {
        self.expected.stream_handles += 1;
        self.expected.inline_bytes += size;
        Stored {
            location: Location::Inline(self.data(size)),
            name: path(&self.exclusive, self.random.uuid()),
            size,
        }
    }

    /// A new file in the directory of the checkpoint.
    pub fn exclusive_file(&mut self, size: u64) -> Stored {
        self.count_file(size, true);
        self.uncounted_file(size)
    }

    /// A file in the directory of the checkpoint, relative from version 3 on. Its mentions are
    /// still to be counted.
    pub fn uncounted_file(&mut self, size: u64) -> Stored {
        let uuid = self.random.uuid();
        let (location, directory) = if self.writer.version() >= 3 {
            (Location::Relative, "")
        } else {
            (Location::File, self.exclusive.as_str())
        };
        Stored {
            location,
            name: path(directory, uuid),
            size,
        }
    }

    /// A new file in the directory of shared files.
    pub fn shared_file(&mut self, size: u64) -> Stored {
        self.count_file(size, true);
        Stored {
            location: Location::File,
            name: path(&self.shared, self.random.uuid()),
            size,
        }
    }

    /// Fills the managed operator slot with a list state of a few elements.
    pub fn list_state(&mut self, stored: &Stored) {
        let elements = self.random.between(1, 4);
        let header = stored.size / 2;
        let step = (stored.size - header) / elements;
        let offsets: Vec<i64> = (0..elements)
            .map(|element| (header + element * step).cast_signed())
            .collect();
        self.writer.operator_slot(true);
        self.writer.partitionable(
            &[NamedState {
                name: "SourceReaderState",
                mode: Mode::Split,
                offsets: &offsets,
            }],
            &stored.handle(&self.noise),
        );
        self.count_handle(Sizes::all(stored.size));
    }
}

/// The two sizes of a handle.
#[derive(Clone, Copy, Default)]
pub struct Sizes {
    pub state: u64,
    pub checkpointed: u64,
}

impl Sizes {
    /// All of the state belongs to this checkpoint.
    pub fn all(size: u64) -> Self {
        Self {
            state: size,
            checkpointed: size,
        }
    }
}

fn path(directory: &str, uuid: Uuid) -> String {
    let mut path = String::with_capacity(directory.len() + 36);
    path.push_str(directory);
    uuid.push_to(&mut path);
    path
}

/// Replaces `text` by the name of a RocksDB table file.
pub fn sst_name(text: &mut String, number: u32) {
    text.clear();
    write!(text, "{number:06}.sst").expect("a string takes any text");
}

/// The maximum parallelism that Flink derives if the job sets none.
pub fn auto_max_parallelism(parallelism: u32) -> u32 {
    (parallelism + parallelism / 2)
        .next_power_of_two()
        .clamp(128, 32_768)
}

/// The key groups of a subtask, as `KeyGroupRangeAssignment` of Flink 2.3 divides them.
pub fn key_group_range(index: u32, parallelism: u32, max_parallelism: u32) -> KeyGroups {
    let (index, all) = (u64::from(index), u64::from(max_parallelism));
    let parallelism = u64::from(parallelism);
    let start = (index * all).div_ceil(parallelism);
    let last = ((index + 1) * all - 1) / parallelism;
    KeyGroups {
        start: start as u32,
        count: (last + 1 - start) as u32,
    }
}
