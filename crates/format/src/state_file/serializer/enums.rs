use crate::reader::PResult;
use crate::state_file::grammar::Cx;
use crate::state_file::serializer::Detail;

/// A name of no characters.
const NAME_MIN: usize = 2;

/// `EnumSerializerSnapshot`: the order of the constants is that of their ordinals.
pub(super) fn java_enum<'a>(cx: &mut Cx<'_>, input: &'a [u8]) -> PResult<'a, Detail> {
    let (rest, class) = cx.utf(input, "enum class")?;
    let (rest, count) = cx.count(rest, "constants", NAME_MIN)?;
    let (rest, constants) = cx.list(rest, count, "constant", |cx, input| {
        let (rest, name) = cx.utf(input, "name")?;
        Ok((rest, name.to_string()))
    })?;
    let class = class.to_string();
    Ok((rest, Detail::Enum { class, constants }))
}

/// `ScalaEnumSerializerSnapshot`: each constant has an id.
pub(super) fn scala_enum<'a>(cx: &mut Cx<'_>, input: &'a [u8]) -> PResult<'a, Detail> {
    const ID: usize = 4;
    let (rest, class) = cx.utf(input, "enum class")?;
    let (rest, count) = cx.count(rest, "constants", NAME_MIN + ID)?;
    let (rest, mut constants) = cx.list(rest, count, "constant", |cx, input| {
        let (rest, name) = cx.utf(input, "name")?;
        let (rest, id) = cx.i32(rest, "id")?;
        Ok((rest, (id, name.to_string())))
    })?;
    constants.sort();
    let class = class.to_string();
    let constants = constants.into_iter().map(|(_, name)| name).collect();
    Ok((rest, Detail::Enum { class, constants }))
}
