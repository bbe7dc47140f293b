//! The grammar of the Java Object Serialization Specification, chapter 6 (docs/format.md 7.1).

use byteorder::{BigEndian, ByteOrder};

use crate::JavaStr;
use crate::java_stream::model::{
    JavaArray, JavaClass, JavaElements, JavaEnum, JavaField, JavaItem, JavaObject, JavaRef,
    JavaStream, JavaValue,
};
use crate::java_stream::tags::{
    ARRAY, BASE_HANDLE, BLOCK_DATA, BLOCK_DATA_LONG, CLASS, CLASS_DESC, END_BLOCK_DATA, ENUM,
    LONG_STRING, MAGIC_AND_VERSION, NULL, OBJECT, PROXY_CLASS_DESC, REFERENCE, RESET,
    SC_BLOCK_DATA, SC_EXTERNALIZABLE, SC_SERIALIZABLE, SC_WRITE_METHOD, STRING, tag_name,
};
use crate::reader::{
    Context, Limits, NoTrace, PResult, ParseError, ParseErrorKind, Trace, fail, finish, to_u64,
};

/// Parses one object stream from the start of `bytes`; returns it and the bytes behind it.
///
/// # Errors
/// Anything that is not one well-formed object, and objects nested or repeated beyond `limits`.
pub fn parse<'a>(
    bytes: &'a [u8],
    limits: Limits,
) -> Result<(JavaStream<'a>, &'a [u8]), ParseError> {
    let mut trace = NoTrace;
    let mut cx = Context::new(bytes.len(), limits, &mut trace, ());
    let (rest, stream) = finish(stream(&mut cx, bytes), bytes.len())?;
    Ok((stream, rest))
}

/// A header and one object; there is no length around it.
pub(crate) fn stream<'a, T: Trace, G>(
    cx: &mut Context<'_, T, G>,
    input: &'a [u8],
) -> PResult<'a, JavaStream<'a>> {
    let (rest, magic) = cx.magic(input, "Java stream magic and version")?;
    if magic != MAGIC_AND_VERSION {
        let kind = ParseErrorKind::JavaStream("not a Java object stream");
        return fail(cx.error(input, "Java stream magic and version", kind));
    }
    let mut reader = Reader::default();
    let (rest, root) = reader.value(cx, rest)?;
    reader.stream.root = root;
    Ok((rest, reader.stream))
}

/// Collects the items while the stream is read.
#[derive(Default)]
struct Reader<'a> {
    stream: JavaStream<'a>,
    /// The item that the first handle means; moves at a reset.
    base: usize,
}

impl<'a> Reader<'a> {
    /// Gives the next handle to `item`.
    fn add<T: Trace, G>(
        &mut self,
        cx: &Context<'_, T, G>,
        input: &'a [u8],
        item: JavaItem<'a>,
    ) -> Result<JavaRef, nom::Err<ParseError>> {
        if self.stream.items.len() >= cx.limits.java_objects {
            let kind = ParseErrorKind::LimitReached {
                what: "objects in a Java object stream",
                limit: to_u64(cx.limits.java_objects),
            };
            return Err(nom::Err::Failure(cx.error(input, "object", kind)));
        }
        self.stream.items.push(item);
        Ok(JavaRef(self.stream.items.len() - 1))
    }

    fn set(&mut self, at: JavaRef, item: JavaItem<'a>) {
        if let Some(place) = self.stream.items.get_mut(at.0) {
            *place = item;
        }
    }

    /// Anything that can stand for a value.
    fn value<T: Trace, G>(
        &mut self,
        cx: &mut Context<'_, T, G>,
        input: &'a [u8],
    ) -> PResult<'a, JavaValue> {
        let limit = cx.limits.java_nesting;
        cx.nested(input, limit, "Java objects inside each other", |cx| {
            self.value_unbounded(cx, input)
        })
    }

    fn value_unbounded<T: Trace, G>(
        &mut self,
        cx: &mut Context<'_, T, G>,
        mut input: &'a [u8],
    ) -> PResult<'a, JavaValue> {
        let (rest, tag) = loop {
            let (rest, tag) = cx.tag(input, "Java type", tag_name)?;
            if tag != RESET {
                break (rest, tag);
            }
            self.base = self.stream.items.len();
            input = rest;
        };
        match tag {
            NULL => Ok((rest, JavaValue::Null)),
            REFERENCE => {
                let (rest, at) = self.reference(cx, rest)?;
                Ok((rest, JavaValue::Ref(at)))
            }
            STRING | LONG_STRING => {
                let (rest, at) = self.string(cx, rest, tag)?;
                Ok((rest, JavaValue::Ref(at)))
            }
            OBJECT => self.object(cx, rest),
            ARRAY => self.array(cx, rest),
            ENUM => {
                let (rest, class) = self.required_class(cx, rest)?;
                let at = self.add(cx, rest, JavaItem::Pending)?;
                let (rest, constant) = self.string_object(cx, rest)?;
                self.set(at, JavaItem::Enum(JavaEnum { class, constant }));
                Ok((rest, JavaValue::Ref(at)))
            }
            CLASS => {
                let (rest, class) = self.class(cx, rest)?;
                let at = self.add(cx, rest, JavaItem::ClassObject(class))?;
                Ok((rest, JavaValue::Ref(at)))
            }
            CLASS_DESC | PROXY_CLASS_DESC => {
                let (rest, at) = self.described_class(cx, rest, tag)?;
                Ok((rest, JavaValue::Ref(at)))
            }
            _ => unexpected(cx, input),
        }
    }

    fn reference<T: Trace, G>(
        &mut self,
        cx: &mut Context<'_, T, G>,
        input: &'a [u8],
    ) -> PResult<'a, JavaRef> {
        let (rest, handle) = cx.magic(input, "handle")?;
        let at = handle
            .checked_sub(BASE_HANDLE)
            .and_then(|handle| usize::try_from(handle).ok())
            .and_then(|handle| handle.checked_add(self.base))
            .filter(|&at| at < self.stream.items.len());
        match at {
            Some(at) => Ok((rest, JavaRef(at))),
            None => {
                let kind = ParseErrorKind::JavaStream("a reference to an object that is not there");
                fail(cx.error(input, "handle", kind))
            }
        }
    }

    fn string<T: Trace, G>(
        &mut self,
        cx: &mut Context<'_, T, G>,
        input: &'a [u8],
        tag: u8,
    ) -> PResult<'a, JavaRef> {
        let (rest, text) = if tag == STRING {
            cx.utf(input, "string")?
        } else {
            long_string(cx, input)?
        };
        let at = self.add(cx, input, JavaItem::String(text))?;
        Ok((rest, at))
    }

    /// A string where nothing else can be.
    fn string_object<T: Trace, G>(
        &mut self,
        cx: &mut Context<'_, T, G>,
        input: &'a [u8],
    ) -> PResult<'a, JavaRef> {
        let (rest, tag) = cx.tag(input, "Java type", tag_name)?;
        let (rest, at) = match tag {
            STRING | LONG_STRING => self.string(cx, rest, tag)?,
            REFERENCE => self.reference(cx, rest)?,
            _ => return unexpected(cx, input),
        };
        match self.stream.items.get(at.0) {
            Some(JavaItem::String(_)) => Ok((rest, at)),
            _ => unexpected(cx, input),
        }
    }

    /// A class descriptor, or nothing.
    fn class<T: Trace, G>(
        &mut self,
        cx: &mut Context<'_, T, G>,
        input: &'a [u8],
    ) -> PResult<'a, Option<JavaRef>> {
        let limit = cx.limits.java_nesting;
        cx.nested(input, limit, "Java objects inside each other", |cx| {
            let (rest, tag) = cx.tag(input, "Java type", tag_name)?;
            let (rest, at) = match tag {
                NULL => return Ok((rest, None)),
                REFERENCE => self.reference(cx, rest)?,
                CLASS_DESC | PROXY_CLASS_DESC => self.described_class(cx, rest, tag)?,
                _ => return unexpected(cx, input),
            };
            // A class that is still being read would be its own super class.
            match self.stream.items.get(at.0) {
                Some(JavaItem::Class(_)) => Ok((rest, Some(at))),
                _ => unexpected(cx, input),
            }
        })
    }

    fn required_class<T: Trace, G>(
        &mut self,
        cx: &mut Context<'_, T, G>,
        input: &'a [u8],
    ) -> PResult<'a, JavaRef> {
        match self.class(cx, input)? {
            (rest, Some(class)) => Ok((rest, class)),
            (_, None) => unexpected(cx, input),
        }
    }

    fn described_class<T: Trace, G>(
        &mut self,
        cx: &mut Context<'_, T, G>,
        input: &'a [u8],
        tag: u8,
    ) -> PResult<'a, JavaRef> {
        /// A type letter and an empty name.
        const FIELD_MIN: usize = 1 + 2;
        if tag == PROXY_CLASS_DESC {
            return self.proxy_class(cx, input);
        }
        let (rest, name) = cx.utf(input, "class name")?;
        let (rest, serial_version_uid) = cx.i64(rest, "serialVersionUID")?;
        let at = self.add(cx, input, JavaItem::Pending)?;
        let (rest, flags) = cx.u8(rest, "class flags")?;
        let counted = rest;
        let (rest, count) = cx.u16(rest, "number of fields")?;
        let count = i32::from(count);
        let (rest, count) = cx.bounded(counted, rest, "number of fields", count, FIELD_MIN)?;
        let (rest, fields) = cx.list(rest, count, "field", |cx, input| {
            let (rest, type_code) = cx.u8(input, "type letter")?;
            if !b"BCDFIJSZL[".contains(&type_code) {
                let kind = ParseErrorKind::UnknownTag { tag: type_code };
                return fail(cx.error(input, "type letter", kind));
            }
            let (rest, name) = cx.utf(rest, "field name")?;
            let (rest, signature) = match type_code {
                b'L' | b'[' => {
                    let (rest, signature) = self.string_object(cx, rest)?;
                    (rest, Some(signature))
                }
                _ => (rest, None),
            };
            let field = JavaField {
                type_code,
                name,
                signature,
            };
            Ok((rest, field))
        })?;
        let (rest, _) = self.annotation(cx, rest)?;
        let (rest, super_class) = self.class(cx, rest)?;
        let class = JavaClass {
            name,
            serial_version_uid,
            flags,
            fields,
            super_class,
        };
        self.set(at, JavaItem::Class(class));
        Ok((rest, at))
    }

    fn proxy_class<T: Trace, G>(
        &mut self,
        cx: &mut Context<'_, T, G>,
        input: &'a [u8],
    ) -> PResult<'a, JavaRef> {
        const NAME_MIN: usize = 2;
        let at = self.add(cx, input, JavaItem::Pending)?;
        let (rest, count) = cx.count(input, "number of interfaces", NAME_MIN)?;
        let (rest, _) = cx.list(rest, count, "interface", |cx, input| {
            cx.utf(input, "interface name")
        })?;
        let (rest, _) = self.annotation(cx, rest)?;
        let (rest, super_class) = self.class(cx, rest)?;
        let class = JavaClass {
            name: JavaStr::default(),
            serial_version_uid: 0,
            flags: SC_SERIALIZABLE,
            fields: Vec::new(),
            super_class,
        };
        self.set(at, JavaItem::Class(class));
        Ok((rest, at))
    }

    /// What `writeObject` methods and class loaders add: the objects; raw bytes are skipped.
    fn annotation<T: Trace, G>(
        &mut self,
        cx: &mut Context<'_, T, G>,
        mut input: &'a [u8],
    ) -> PResult<'a, Vec<JavaValue>> {
        let mut values = Vec::new();
        loop {
            input = match input.first() {
                Some(&END_BLOCK_DATA) => {
                    let (rest, _) = cx.tag(input, "Java type", tag_name)?;
                    return Ok((rest, values));
                }
                Some(&BLOCK_DATA) => {
                    let (rest, _) = cx.tag(input, "Java type", tag_name)?;
                    let (rest, length) = cx.u8(rest, "block length")?;
                    cx.bytes(rest, usize::from(length), "block data")?.0
                }
                Some(&BLOCK_DATA_LONG) => {
                    let (rest, _) = cx.tag(input, "Java type", tag_name)?;
                    cx.block(rest, "block length", "block data")?.0
                }
                _ => {
                    let (rest, value) = self.value(cx, input)?;
                    values.push(value);
                    rest
                }
            };
        }
    }

    fn object<T: Trace, G>(
        &mut self,
        cx: &mut Context<'_, T, G>,
        input: &'a [u8],
    ) -> PResult<'a, JavaValue> {
        let (mut rest, class) = self.required_class(cx, input)?;
        let at = self.add(cx, input, JavaItem::Pending)?;
        let mut fields = Vec::new();
        let mut annotations = Vec::new();
        for class in self.hierarchy(cx, input, class)? {
            let (flags, declared) = self
                .stream
                .class(class)
                .map_or((0, 0), |class| (class.flags, class.fields.len()));
            if flags & SC_EXTERNALIZABLE != 0 && flags & SC_BLOCK_DATA == 0 {
                let kind = ParseErrorKind::JavaStream(
                    "an Externalizable object in the old form, which only its class can read",
                );
                return fail(cx.error(rest, "object", kind));
            }
            if flags & SC_SERIALIZABLE != 0 {
                for index in 0..declared {
                    let class = self.stream.class(class);
                    let field = class.and_then(|class| class.fields.get(index).copied());
                    let Some(field) = field else { break };
                    let (behind, value) = self.field_value(cx, rest, field.type_code)?;
                    fields.push((field.name, value));
                    rest = behind;
                }
            }
            if flags & (SC_WRITE_METHOD | SC_EXTERNALIZABLE) != 0 {
                let (behind, added) = self.annotation(cx, rest)?;
                annotations.extend(added);
                rest = behind;
            }
        }
        let object = JavaObject {
            class,
            fields,
            annotations,
        };
        self.set(at, JavaItem::Object(object));
        Ok((rest, JavaValue::Ref(at)))
    }

    /// The classes from the top-most super class down to `class`. A class is complete before
    /// another can extend it, so there are no cycles.
    fn hierarchy<T: Trace, G>(
        &self,
        cx: &Context<'_, T, G>,
        input: &'a [u8],
        class: JavaRef,
    ) -> Result<Vec<JavaRef>, nom::Err<ParseError>> {
        let limit = usize::try_from(cx.limits.java_nesting).unwrap_or(usize::MAX);
        let next = |class: &JavaRef| self.stream.class(*class)?.super_class;
        let chain = std::iter::successors(Some(class), next);
        let mut classes: Vec<_> = chain.take(limit.saturating_add(1)).collect();
        if classes.len() > limit {
            let kind = ParseErrorKind::LimitReached {
                what: "classes that extend each other",
                limit: to_u64(limit),
            };
            return Err(nom::Err::Failure(cx.error(input, "object", kind)));
        }
        classes.reverse();
        Ok(classes)
    }

    fn field_value<T: Trace, G>(
        &mut self,
        cx: &mut Context<'_, T, G>,
        input: &'a [u8],
        type_code: u8,
    ) -> PResult<'a, JavaValue> {
        let Some(width) = primitive_width(type_code) else {
            return self.value(cx, input);
        };
        let (rest, raw) = cx.bytes(input, width, "field value")?;
        Ok((rest, primitive(type_code, raw)))
    }

    fn array<T: Trace, G>(
        &mut self,
        cx: &mut Context<'_, T, G>,
        input: &'a [u8],
    ) -> PResult<'a, JavaValue> {
        let (rest, class) = self.required_class(cx, input)?;
        let at = self.add(cx, input, JavaItem::Pending)?;
        let name = self.stream.class(class).map(|class| class.name.as_bytes());
        let element = name.and_then(|name| name.get(1)).copied();
        let width = element.and_then(primitive_width);
        let (rest, count) = cx.count(rest, "array length", width.unwrap_or(1))?;
        let (rest, elements) = match width {
            Some(width) => {
                let length = count.saturating_mul(width);
                let (rest, raw) = cx.bytes(rest, length, "array elements")?;
                (rest, JavaElements::Primitive(raw))
            }
            None => {
                let (rest, elements) = cx.list(rest, count, "array element", |cx, input| {
                    self.value(cx, input)
                })?;
                (rest, JavaElements::Objects(elements))
            }
        };
        self.set(at, JavaItem::Array(JavaArray { class, elements }));
        Ok((rest, JavaValue::Ref(at)))
    }
}

#[cold]
fn unexpected<'a, O, T: Trace, G>(cx: &Context<'_, T, G>, input: &'a [u8]) -> PResult<'a, O> {
    let kind = ParseErrorKind::JavaStream("a Java object of a type that cannot be in this place");
    fail(cx.error(input, "Java type", kind))
}

fn long_string<'a, T: Trace, G>(
    cx: &mut Context<'_, T, G>,
    input: &'a [u8],
) -> PResult<'a, JavaStr<'a>> {
    let (rest, length) = cx.i64(input, "string length")?;
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    let (behind, raw) = cx.bytes(rest, length, "string")?;
    match JavaStr::new(raw) {
        Ok(text) => Ok((behind, text)),
        Err(_) => fail(cx.error(rest, "string", ParseErrorKind::InvalidString)),
    }
}

fn primitive_width(type_code: u8) -> Option<usize> {
    Some(match type_code {
        b'Z' | b'B' => 1,
        b'C' | b'S' => 2,
        b'I' | b'F' => 4,
        b'J' | b'D' => 8,
        _ => return None,
    })
}

/// `raw` has the width of the type.
fn primitive(type_code: u8, raw: &[u8]) -> JavaValue {
    let first = raw.first().copied().unwrap_or_default();
    match type_code {
        b'Z' => JavaValue::Bool(first != 0),
        b'B' => JavaValue::Byte(first.cast_signed()),
        b'C' => JavaValue::Char(BigEndian::read_u16(raw)),
        b'S' => JavaValue::Short(BigEndian::read_i16(raw)),
        b'I' => JavaValue::Int(BigEndian::read_i32(raw)),
        b'J' => JavaValue::Long(BigEndian::read_i64(raw)),
        b'F' => JavaValue::Float(BigEndian::read_f32(raw)),
        _ => JavaValue::Double(BigEndian::read_f64(raw)),
    }
}
