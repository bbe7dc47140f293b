use crate::reader::PResult;
use crate::state_file::grammar::Cx;
use crate::state_file::serializer::Detail;
use crate::state_file::serializer::blocks::optional_map;

/// `KryoSerializerSnapshot`. How registered classes are written matters to nobody here: their
/// entries are stepped over.
pub(super) fn kryo<'a>(cx: &mut Cx<'_>, input: &'a [u8]) -> PResult<'a, Detail> {
    let (rest, class) = cx.utf(input, "class")?;
    let (rest, registrations) = optional_map(cx, rest, "registration", skipped, skipped)?;
    let (rest, _) = optional_map(cx, rest, "default serializer", skipped, skipped)?;
    let (rest, _) = optional_map(cx, rest, "default serializer class", skipped, skipped)?;
    let registrations = registrations.into_iter().map(|entry| entry.name);
    let detail = Detail::Kryo {
        class: class.to_string(),
        registrations: registrations.collect(),
    };
    Ok((rest, detail))
}

fn skipped<'a>(cx: &mut Cx<'_>, input: &'a [u8]) -> PResult<'a, ()> {
    let (rest, _) = cx.bytes(input, input.len(), "content")?;
    Ok((rest, ()))
}
