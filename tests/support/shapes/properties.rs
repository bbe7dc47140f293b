//! Writes the checkpoint properties at the end of version 4 and later: a Java object stream.
//!
//! Names, serial version ids and field order are those of section 7 of `docs/format.md`.

use super::writer::MetadataWriter;

/// The kind of snapshot that the properties describe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Properties {
    /// A stream that holds null, as tools without properties write it.
    Null,
    /// A checkpoint that is deleted when the job ends.
    Checkpoint,
    FullCheckpoint,
    Savepoint(Format, PostAction),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Canonical,
    Native,
}

/// What happens to the job after a savepoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostAction {
    None,
    Suspend,
    Terminate,
}

// Java's stream protocol.
const NULL: u8 = 0x70;
const REFERENCE: u8 = 0x71;
const CLASS: u8 = 0x72;
const OBJECT: u8 = 0x73;
const STRING: u8 = 0x74;
const END: u8 = 0x78;
const ENUM: u8 = 0x7E;
const SERIALIZABLE: u8 = 0x02;
const SERIALIZABLE_ENUM: u8 = 0x12;

const PROPERTIES: &str = "org.apache.flink.runtime.checkpoint.CheckpointProperties";
const CHECKPOINT_TYPE: &str = "org.apache.flink.runtime.checkpoint.CheckpointType";
const SAVEPOINT_TYPE: &str = "org.apache.flink.runtime.checkpoint.SavepointType";
const SHARING: &str = "org.apache.flink.runtime.checkpoint.SnapshotType$SharingFilesStrategy";
const POST_ACTION: &str = "org.apache.flink.runtime.checkpoint.SavepointType$PostCheckpointAction";
const FORMAT: &str = "org.apache.flink.core.execution.SavepointFormatType";

const CHECKPOINT_TYPE_ID: u64 = 0xD6DE_4F03_05AE_1D3A;
const SAVEPOINT_TYPE_ID: u64 = 0xA087_D308_A458_14B8;

/// The boolean fields; the first five say when the snapshot is discarded.
const FLAGS: [&str; 7] = [
    "discardCancelled",
    "discardFailed",
    "discardFinished",
    "discardSubsumed",
    "discardSuspended",
    "forced",
    "unclaimed",
];
const CHECKPOINT_FLAGS: [u8; 7] = [1, 1, 1, 1, 1, 0, 0];
const SAVEPOINT_FLAGS: [u8; 7] = [0, 0, 0, 0, 0, 1, 0];

/// The handle that `java.lang.Enum` has got when a savepoint's second enum refers to it.
const ENUM_CLASS_HANDLE: i32 = 0x7E_0009;

impl MetadataWriter {
    /// Section 7: the last thing in a file of version 4 or later.
    pub fn properties(&mut self, properties: Properties) {
        self.raw(&[0xAC, 0xED, 0x00, 0x05]);
        match properties {
            Properties::Null => self.u8(NULL),
            Properties::Checkpoint => self.checkpoint("Checkpoint", "FORWARD_BACKWARD"),
            Properties::FullCheckpoint => self.checkpoint("Full Checkpoint", "FORWARD"),
            Properties::Savepoint(format, action) => self.savepoint(format, action),
        }
    }

    fn checkpoint(&mut self, name: &str, sharing: &str) {
        self.snapshot(CHECKPOINT_FLAGS);
        self.object(CHECKPOINT_TYPE, CHECKPOINT_TYPE_ID, 2);
        self.object_field("name", "java.lang.String");
        self.object_field("sharingFilesStrategy", SHARING);
        self.raw(&[END, NULL]);
        self.string(name);
        self.first_enum(SHARING, sharing);
    }

    fn savepoint(&mut self, format: Format, action: PostAction) {
        self.snapshot(SAVEPOINT_FLAGS);
        self.object(SAVEPOINT_TYPE, SAVEPOINT_TYPE_ID, 3);
        self.object_field("formatType", FORMAT);
        self.object_field("name", "java.lang.String");
        self.object_field("postCheckpointAction", POST_ACTION);
        self.raw(&[END, NULL]);
        let format = match format {
            Format::Canonical => "CANONICAL",
            Format::Native => "NATIVE",
        };
        let (name, action) = match action {
            PostAction::None => ("Savepoint", "NONE"),
            PostAction::Suspend => ("Suspend Savepoint", "SUSPEND"),
            PostAction::Terminate => ("Terminate Savepoint", "TERMINATE"),
        };
        self.first_enum(FORMAT, format);
        self.string(name);
        self.enum_class(POST_ACTION);
        self.u8(REFERENCE);
        self.i32(ENUM_CLASS_HANDLE);
        self.string(action);
    }

    /// The outer object with its flags; the object of the snapshot type must follow.
    fn snapshot(&mut self, flags: [u8; 7]) {
        self.object(PROPERTIES, 2, 8);
        for flag in FLAGS {
            self.u8(b'Z');
            self.utf(flag);
        }
        self.object_field(
            "checkpointType",
            "org.apache.flink.runtime.checkpoint.SnapshotType",
        );
        self.raw(&[END, NULL]);
        self.raw(&flags);
    }

    /// A new object and the head of its class; as many fields and `END`, `NULL` must follow.
    fn object(&mut self, class: &str, id: u64, fields: u16) {
        self.raw(&[OBJECT, CLASS]);
        self.utf(class);
        self.i64(id.cast_signed());
        self.u8(SERIALIZABLE);
        self.u16(fields);
    }

    fn object_field(&mut self, name: &str, class: &str) {
        self.u8(b'L');
        self.utf(name);
        self.string(&format!("L{};", class.replace('.', "/")));
    }

    /// An enum constant together with the description of `java.lang.Enum`.
    fn first_enum(&mut self, class: &str, constant: &str) {
        self.enum_class(class);
        self.enum_class_body("java.lang.Enum");
        self.u8(NULL);
        self.string(constant);
    }

    fn enum_class(&mut self, class: &str) {
        self.u8(ENUM);
        self.enum_class_body(class);
    }

    fn enum_class_body(&mut self, class: &str) {
        self.u8(CLASS);
        self.utf(class);
        self.i64(0);
        self.u8(SERIALIZABLE_ENUM);
        self.u16(0);
        self.u8(END);
    }

    fn string(&mut self, text: &str) {
        self.u8(STRING);
        self.utf(text);
    }
}
