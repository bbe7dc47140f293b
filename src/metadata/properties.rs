//! `CheckpointProperties` at the end of versions 4 and later (docs/format.md 7.2).

use crate::checkpoint::{
    CheckpointProperties, PostCheckpointAction, SavepointFormat, SharingFilesStrategy, SnapshotType,
};
use crate::java_stream::{self, JavaObject, JavaStream, JavaValue};
use crate::metadata::body::Cx;
use crate::parse::{PResult, ParseErrorKind, Trace, fail};

const PACKAGE: &str = "org.apache.flink.runtime.checkpoint.";

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
            .filter(|object| self.class_is(object, "CheckpointProperties"))
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
        if self.class_is(object, "CheckpointType") {
            let sharing = match self.constant(object, "sharingFilesStrategy").as_deref() {
                Some("FORWARD_BACKWARD") => SharingFilesStrategy::ForwardBackward,
                Some("FORWARD") => SharingFilesStrategy::Forward,
                Some("NO_SHARING") => SharingFilesStrategy::NoSharing,
                _ => return Err("a file-sharing strategy that this build does not know"),
            };
            Ok(SnapshotType::Checkpoint { name, sharing })
        } else if self.class_is(object, "SavepointType") {
            let format = match self.constant(object, "formatType").as_deref() {
                Some("CANONICAL") => SavepointFormat::Canonical,
                Some("NATIVE") => SavepointFormat::Native,
                _ => return Err("a savepoint format that this build does not know"),
            };
            let action = match self.constant(object, "postCheckpointAction").as_deref() {
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

    fn class_is(&self, object: &JavaObject<'a>, simple_name: &str) -> bool {
        let class = self.0.class_name(object).unwrap_or_default();
        class.to_str().strip_prefix(PACKAGE) == Some(simple_name)
    }

    fn constant(&self, object: &JavaObject<'a>, field: &str) -> Option<String> {
        let constant = self.0.enum_constant(object.field(field)?)?;
        Some(constant.to_string())
    }
}
