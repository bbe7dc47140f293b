use super::handles::{Mode, NamedState, Stream};
use super::properties::Properties;
use super::writer::{MetadataWriter, OperatorHead};

/// A checkpoint of version 5 with one stream of operator state in each of the files, which have 100
/// bytes, and an operator for each.
pub fn metadata(checkpoint: i64, files: &[&str]) -> Vec<u8> {
    let mut writer = MetadataWriter::new(5, 2048);
    writer.body(checkpoint, 0);
    writer.count(files.len());
    for (at, path) in files.iter().enumerate() {
        let mut id = [0; 16];
        id[0] = u8::try_from(at).expect("few files");
        writer.operator(&OperatorHead {
            id,
            name: "",
            uid: "",
            parallelism: 1,
            max_parallelism: 128,
            coordinator: Stream::Null,
        });
        writer.count(1);
        writer.subtask(0);
        writer.operator_slot(true);
        let states = [NamedState {
            name: "offsets",
            mode: Mode::Split,
            offsets: &[50],
        }];
        writer.partitionable(&states, &Stream::File { path, size: 100 });
        writer.operator_slot(false);
        writer.no_keyed();
        writer.no_keyed();
        writer.no_channels();
    }
    writer.properties(Properties::Checkpoint);
    writer.into_bytes()
}
