//! The strings of Java class files (The Java Virtual Machine Specification, 4.1 and 4.4).

use crate::JavaStr;
use crate::reader::{Context, Limits, NoTrace, PResult, ParseError, ParseErrorKind, fail};

/// What class files begin with.
const MAGIC: u32 = 0xCAFE_BABE;

/// Calls `each` for every string constant of a class file, and then for the name of the class, as
/// `getName` and as `getSimpleName` give it: both are used as uids.
///
/// Strings that are put together when the program runs are in no class file.
///
/// # Errors
/// What is wrong with a file that is none, or damaged; strings before that place were passed on.
pub fn strings(class: &[u8], each: &mut dyn FnMut(&str)) -> Result<(), ParseError> {
    let mut trace = NoTrace;
    let mut cx = Context::new(class.len(), Limits::default(), &mut trace, ());
    match class_file(&mut cx, class, each) {
        Ok(_) => Ok(()),
        Err(nom::Err::Error(error) | nom::Err::Failure(error)) => Err(error),
        // The parsers are those of complete input.
        Err(nom::Err::Incomplete(_)) => Err(cx.error(class, "class file", ParseErrorKind::Empty)),
    }
}

/// The entries that others refer to, by index; `None` for all other kinds.
type Pool<T> = Vec<Option<T>>;

fn class_file<'a>(
    cx: &mut Context<'_, NoTrace>,
    input: &'a [u8],
    each: &mut dyn FnMut(&str),
) -> PResult<'a, ()> {
    let (rest, magic) = cx.magic(input, "magic number")?;
    if magic != MAGIC {
        let kind = ParseErrorKind::InvalidValue {
            value: i64::from(magic),
            reason: "is not the magic number of class files",
        };
        return fail(cx.error(input, "magic number", kind));
    }
    let (rest, _) = cx.bytes(rest, 4, "class file version")?;
    let (mut rest, count) = cx.u16(rest, "number of constants")?;

    let mut texts: Pool<JavaStr<'a>> = vec![None];
    let mut classes: Pool<u16> = vec![None];
    let mut strings: Vec<u16> = Vec::new();
    while texts.len() < usize::from(count) {
        let (behind, constant) = constant(cx, rest)?;
        rest = behind;
        let (text, class, slots) = match constant {
            Constant::Text(text) => (text, None, 1),
            Constant::Class(name) => (None, Some(name), 1),
            Constant::String(text) => {
                strings.push(text);
                (None, None, 1)
            }
            Constant::Other => (None, None, 1),
            Constant::Wide => (None, None, 2),
        };
        texts.push(text);
        classes.push(class);
        if slots == 2 {
            texts.push(None);
            classes.push(None);
        }
    }
    let text = |index: u16| texts.get(usize::from(index)).copied().flatten();
    for text in strings.into_iter().filter_map(text) {
        each(&text.to_str());
    }

    let (rest, _) = cx.bytes(rest, 2, "access flags")?;
    let (rest, this) = cx.u16(rest, "this class")?;
    let class = classes.get(usize::from(this)).copied().flatten();
    if let Some(name) = class.and_then(text) {
        let name = name.to_str().replace('/', ".");
        let simple = name.rsplit(['.', '$']).next().unwrap_or_default();
        each(simple);
        each(&name);
    }
    Ok((rest, ()))
}

enum Constant<'a> {
    /// `CONSTANT_Utf8`; `None` if it is none, which only obfuscators write.
    Text(Option<JavaStr<'a>>),
    /// `CONSTANT_Class`: the index of its name.
    Class(u16),
    /// `CONSTANT_String`: the index of its text.
    String(u16),
    Other,
    /// One that takes two places.
    Wide,
}

fn constant<'a>(cx: &mut Context<'_, NoTrace>, input: &'a [u8]) -> PResult<'a, Constant<'a>> {
    let (rest, tag) = cx.u8(input, "kind of constant")?;
    let (length, other) = match tag {
        1 => {
            let (rest, length) = cx.u16(rest, "length of text")?;
            let (rest, raw) = cx.bytes(rest, usize::from(length), "text")?;
            return Ok((rest, Constant::Text(JavaStr::new(raw).ok())));
        }
        7 => {
            let (rest, name) = cx.u16(rest, "name of class")?;
            return Ok((rest, Constant::Class(name)));
        }
        8 => {
            let (rest, text) = cx.u16(rest, "text of string")?;
            return Ok((rest, Constant::String(text)));
        }
        // Method type, module, package.
        16 | 19 | 20 => (2, Constant::Other),
        // Method handle.
        15 => (3, Constant::Other),
        // Integer, float, field, method, interface method, name and type, dynamic, invoke dynamic.
        3 | 4 | 9..=12 | 17 | 18 => (4, Constant::Other),
        // Long and double.
        5 | 6 => (8, Constant::Wide),
        _ => {
            return fail(cx.error(
                input,
                "kind of constant",
                ParseErrorKind::UnknownTag { tag },
            ));
        }
    };
    let (rest, _) = cx.bytes(rest, length, "constant")?;
    Ok((rest, other))
}
