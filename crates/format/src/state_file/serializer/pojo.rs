use crate::reader::PResult;
use crate::state_file::grammar::Cx;
use crate::state_file::serializer::blocks::{nothing, optional_map, snapshot_in_block};
use crate::state_file::serializer::{Detail, PojoField, Subclass};

/// `PojoSerializerSnapshot`.
pub(super) fn pojo<'a>(cx: &mut Cx<'_>, input: &'a [u8]) -> PResult<'a, Detail> {
    let (rest, class) = cx.utf(input, "POJO class")?;
    let (rest, fields) = optional_map(cx, rest, "field", declared, snapshot_in_block)?;
    let (rest, registered_subclasses) = subclasses(cx, rest, "registered subclass")?;
    let (rest, non_registered_subclasses) = subclasses(cx, rest, "other subclass")?;
    let fields = fields.into_iter().map(|entry| PojoField {
        // Without a key Flink makes up a name, "missing-field-at-" and its place.
        name: entry.key.is_some().then_some(entry.name),
        declaring_class: entry.key,
        serializer: entry.value,
    });
    let detail = Detail::Pojo {
        class: class.to_string(),
        fields: fields.collect(),
        registered_subclasses,
        non_registered_subclasses,
    };
    Ok((rest, detail))
}

/// The class that declares a field; its name is written again behind.
fn declared<'a>(cx: &mut Cx<'_>, input: &'a [u8]) -> PResult<'a, String> {
    let (rest, class) = cx.utf(input, "declaring class")?;
    let (rest, _) = cx.utf(rest, "field name")?;
    Ok((rest, class.to_string()))
}

fn subclasses<'a>(
    cx: &mut Cx<'_>,
    input: &'a [u8],
    node: &'static str,
) -> PResult<'a, Vec<Subclass>> {
    let (rest, entries) = optional_map(cx, input, node, nothing, snapshot_in_block)?;
    let subclasses = entries.into_iter().map(|entry| Subclass {
        class: entry.name,
        serializer: entry.value,
    });
    Ok((rest, subclasses.collect()))
}
