//! `CheckpointProperties` at the end of versions 4 and later (docs/format.md 7.2).

use crate::java_stream::{self, JavaField, JavaItem, JavaObject, JavaRef, JavaStream, JavaValue};
use crate::metadata::body::Cx;
use crate::model::checkpoint::{
    CheckpointProperties, PostCheckpointAction, SavepointFormat, SharingFilesStrategy, SnapshotType,
};
use crate::reader::{PResult, ParseErrorKind, Trace, fail};

/// A class as Flink 1.16 to 2.3 writes it. Java refuses to read one that differs.
struct Expected {
    name: &'static str,
    serial_version_uid: u64,
    flags: u8,
    /// Names and signatures of the fields that hold objects; the others are flags.
    objects: &'static [(&'static str, &'static str)],
}

const SERIALIZABLE: u8 = 0x02;
const SERIALIZABLE_ENUM: u8 = 0x12;
const STRING: &str = "Ljava/lang/String;";

const CHECKPOINT_PROPERTIES: Expected = Expected {
    name: "org.apache.flink.runtime.checkpoint.CheckpointProperties",
    serial_version_uid: 2,
    flags: SERIALIZABLE,
    objects: &[(
        "checkpointType",
        "Lorg/apache/flink/runtime/checkpoint/SnapshotType;",
    )],
};
const CHECKPOINT_TYPE: Expected = Expected {
    name: "org.apache.flink.runtime.checkpoint.CheckpointType",
    serial_version_uid: 0xD6DE_4F03_05AE_1D3A,
    flags: SERIALIZABLE,
    objects: &[
        ("name", STRING),
        (
            "sharingFilesStrategy",
            "Lorg/apache/flink/runtime/checkpoint/SnapshotType$SharingFilesStrategy;",
        ),
    ],
};
const SAVEPOINT_TYPE: Expected = Expected {
    name: "org.apache.flink.runtime.checkpoint.SavepointType",
    serial_version_uid: 0xA087_D308_A458_14B8,
    flags: SERIALIZABLE,
    objects: &[
        (
            "formatType",
            "Lorg/apache/flink/core/execution/SavepointFormatType;",
        ),
        ("name", STRING),
        (
            "postCheckpointAction",
            "Lorg/apache/flink/runtime/checkpoint/SavepointType$PostCheckpointAction;",
        ),
    ],
};
const ENUM_CLASS: Expected = Expected {
    name: "java.lang.Enum",
    serial_version_uid: 0,
    flags: SERIALIZABLE_ENUM,
    objects: &[],
};

const SHARING_FILES_STRATEGY: &str =
    "org.apache.flink.runtime.checkpoint.SnapshotType$SharingFilesStrategy";
const FORMAT_TYPE: &str = "org.apache.flink.core.execution.SavepointFormatType";
const POST_CHECKPOINT_ACTION: &str =
    "org.apache.flink.runtime.checkpoint.SavepointType$PostCheckpointAction";

/// The properties; Flink accepts null, which tools write.
pub(super) fn checkpoint_properties<'a, T: Trace>(
    cx: &mut Cx<'_, T>,
    input: &'a [u8],
) -> PResult<'a, Option<CheckpointProperties>> {
    let (rest, stream) = java_stream::stream(cx, input)?;
    if stream.root() == JavaValue::Null {
        return Ok((rest, None));
    }
    match Interpreter(&stream).properties() {
        Ok(properties) => Ok((rest, Some(properties))),
        Err(what) => {
            let kind = ParseErrorKind::JavaStream(what);
            fail(cx.error(input, "checkpoint properties", kind))
        }
    }
}

struct Interpreter<'s, 'a>(&'s JavaStream<'a>);

impl<'a> Interpreter<'_, 'a> {
    fn properties(&self) -> Result<CheckpointProperties, &'static str> {
        let object = self
            .0
            .object(self.0.root())
            .filter(|object| self.class_is(object, &CHECKPOINT_PROPERTIES))
            .ok_or("the object behind the operators is not Flink's CheckpointProperties")?;
        let flag = |name| match object.field(name) {
            Some(JavaValue::Bool(flag)) => Ok(flag),
            _ => Err("a flag of the checkpoint properties is missing"),
        };
        let snapshot_type = object.field("checkpointType").unwrap_or_default();
        Ok(CheckpointProperties {
            discard_subsumed: flag("discardSubsumed")?,
            discard_finished: flag("discardFinished")?,
            discard_cancelled: flag("discardCancelled")?,
            discard_failed: flag("discardFailed")?,
            discard_suspended: flag("discardSuspended")?,
            forced: flag("forced")?,
            unclaimed: flag("unclaimed")?,
            snapshot_type: self.snapshot_type(snapshot_type)?,
        })
    }

    fn snapshot_type(&self, value: JavaValue) -> Result<SnapshotType, &'static str> {
        let object = self
            .0
            .object(value)
            .ok_or("the checkpoint properties have no snapshot type")?;
        let name = object
            .field("name")
            .and_then(|name| self.0.string(name))
            .ok_or("the snapshot type has no name")?
            .to_string();
        if self.class_is(object, &CHECKPOINT_TYPE) {
            let sharing = match self
                .constant(object, "sharingFilesStrategy", SHARING_FILES_STRATEGY)
                .as_deref()
            {
                Some("FORWARD_BACKWARD") => SharingFilesStrategy::ForwardBackward,
                Some("FORWARD") => SharingFilesStrategy::Forward,
                Some("NO_SHARING") => SharingFilesStrategy::NoSharing,
                _ => return Err("a file-sharing strategy that this build does not know"),
            };
            Ok(SnapshotType::Checkpoint { name, sharing })
        } else if self.class_is(object, &SAVEPOINT_TYPE) {
            let format = match self.constant(object, "formatType", FORMAT_TYPE).as_deref() {
                Some("CANONICAL") => SavepointFormat::Canonical,
                Some("NATIVE") => SavepointFormat::Native,
                _ => return Err("a savepoint format that this build does not know"),
            };
            let action = match self
                .constant(object, "postCheckpointAction", POST_CHECKPOINT_ACTION)
                .as_deref()
            {
                Some("NONE") => PostCheckpointAction::None,
                Some("SUSPEND") => PostCheckpointAction::Suspend,
                Some("TERMINATE") => PostCheckpointAction::Terminate,
                _ => return Err("a post-checkpoint action that this build does not know"),
            };
            Ok(SnapshotType::Savepoint {
                name,
                format,
                action,
            })
        } else {
            Err("a snapshot type that this build does not know")
        }
    }

    fn class_is(&self, object: &JavaObject<'a>, expected: &Expected) -> bool {
        self.is_as_expected(object.class, expected)
    }

    fn is_as_expected(&self, class: JavaRef, expected: &Expected) -> bool {
        let Some(class) = self.0.class(class) else {
            return false;
        };
        let signature = |field: &JavaField<'a>| {
            let signature = self.0.string(JavaValue::Ref(field.signature?))?;
            Some((field.name.as_bytes(), signature.as_bytes()))
        };
        let objects = class.fields.iter().filter(|field| field.type_code == b'L');
        class.name.as_bytes() == expected.name.as_bytes()
            && class.serial_version_uid.cast_unsigned() == expected.serial_version_uid
            && class.flags == expected.flags
            && objects.map(signature).eq(expected
                .objects
                .iter()
                .map(|(name, signature)| Some((name.as_bytes(), signature.as_bytes()))))
    }

    /// The constant of an enum whose class is the one that the field's signature names.
    fn constant(
        &self,
        object: &JavaObject<'a>,
        field: &str,
        class: &'static str,
    ) -> Option<String> {
        let value = object.field(field)?;
        let Some(JavaItem::Enum(constant)) = self.0.item(value) else {
            return None;
        };
        let expected = Expected {
            name: class,
            ..ENUM_CLASS
        };
        let super_class = self.0.class(constant.class)?.super_class?;
        if !self.is_as_expected(constant.class, &expected)
            || !self.is_as_expected(super_class, &ENUM_CLASS)
        {
            return None;
        }
        Some(self.0.enum_constant(value)?.to_string())
    }
}
