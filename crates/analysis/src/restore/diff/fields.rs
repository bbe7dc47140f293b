use serde::Serialize;

use crate::restore::diff::Side;
use crate::snapshot::summary::OperatorSummary;
use statescope_format::model::checkpoint::SavepointFormat;

/// One thing that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldChange {
    /// What changed: a name of docs/json.md.
    pub field: &'static str,
    /// The state; `None` for the operator or the snapshot as a whole.
    pub state: Option<String>,
    /// The part of the state's type: a path of fields, elements, keys and values.
    pub part: Option<String>,
    /// As it was; `None` if there was none.
    pub old: Option<FieldValue>,
    /// As it is; `None` if there is none.
    pub new: Option<FieldValue>,
}

/// A value that changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum FieldValue {
    /// A number, or bytes.
    Number(u64),
    /// A switch.
    Flag(bool),
    /// Words, or a name from the file.
    Text(String),
}

/// Which changes are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fields {
    /// All but sizes.
    #[default]
    WithoutSizes,
    /// Sizes too.
    WithSizes,
}

/// The fields that are sizes.
const SIZES: [&str; 4] = ["state_bytes", "checkpointed_bytes", "bytes", "entries"];

impl FieldChange {
    /// True for a size, which changes all the time.
    pub fn is_size(&self) -> bool {
        SIZES.contains(&self.field)
    }

    /// Of the operator or the snapshot.
    pub(super) fn of(
        field: &'static str,
        old: Option<FieldValue>,
        new: Option<FieldValue>,
    ) -> Self {
        Self {
            field,
            state: None,
            part: None,
            old,
            new,
        }
    }
}

impl From<u64> for FieldValue {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<u32> for FieldValue {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<bool> for FieldValue {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<&str> for FieldValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for FieldValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// A change, if both are known and differ.
pub(super) fn changed<T: PartialEq + Into<FieldValue>>(
    field: &'static str,
    old: Option<T>,
    new: Option<T>,
) -> Option<FieldChange> {
    let (old, new) = old.zip(new).filter(|(old, new)| old != new)?;
    Some(FieldChange::of(field, Some(old.into()), Some(new.into())))
}

/// What differs between two snapshots as a whole.
pub(super) fn snapshots(old: Side<'_>, new: Side<'_>, sizes: Fields, out: &mut Vec<FieldChange>) {
    let format = |side: Side<'_>| side.snapshot.savepoint_format.map(savepoint_format);
    out.extend(changed("savepoint_format", format(old), format(new)));
    // Nothing there is no format: the state may come later.
    let text = |set: &std::collections::BTreeSet<&str>| {
        let names: Vec<_> = set.iter().copied().collect();
        (!names.is_empty()).then(|| names.join(", "))
    };
    for (field, old, new) in [
        (
            "keyed_formats",
            &old.formats.keyed_formats,
            &new.formats.keyed_formats,
        ),
        (
            "materialized_formats",
            &old.formats.materialized_formats,
            &new.formats.materialized_formats,
        ),
    ] {
        out.extend(changed(field, text(old), text(new)));
    }
    if sizes == Fields::WithSizes {
        let (old, new) = (old.snapshot, new.snapshot);
        out.extend(changed("state_bytes", old.state_bytes, new.state_bytes));
        out.extend(changed(
            "checkpointed_bytes",
            old.checkpointed_bytes,
            new.checkpointed_bytes,
        ));
    }
}

fn savepoint_format(format: SavepointFormat) -> &'static str {
    match format {
        SavepointFormat::Canonical => "canonical",
        SavepointFormat::Native => "native",
    }
}

/// What differs between two operators, their states left aside.
pub(super) fn operators(
    old: &OperatorSummary,
    new: &OperatorSummary,
    sizes: Fields,
    out: &mut Vec<FieldChange>,
) {
    if old.operator_id != new.operator_id {
        let id = |operator: &OperatorSummary| Some(operator.operator_id.to_string());
        out.extend(changed("operator_id", id(old), id(new)));
        let uid = |operator: &OperatorSummary| operator.uid.clone().map(FieldValue::Text);
        let (old, new) = (uid(old), uid(new));
        if old != new {
            out.push(FieldChange::of("uid", old, new));
        }
    }
    out.extend(changed("name", old.name.clone(), new.name.clone()));
    out.extend(changed(
        "parallelism",
        Some(old.parallelism),
        Some(new.parallelism),
    ));
    out.extend(changed(
        "max_parallelism",
        Some(old.max_parallelism),
        Some(new.max_parallelism),
    ));
    if sizes == Fields::WithSizes {
        out.extend(changed("state_bytes", old.state_bytes, new.state_bytes));
        out.extend(changed(
            "checkpointed_bytes",
            old.checkpointed_bytes,
            new.checkpointed_bytes,
        ));
    }
}
