use crate::java_stream::JavaStream;
use crate::reader::{PResult, ParseErrorKind, fail};
use crate::state_file::grammar::Cx;
use crate::state_file::serializer::blocks::{expect, java_object, nested, starts_nested};
use crate::state_file::serializer::classes::{self, Layout, Outer};
use crate::state_file::serializer::logical_type::LogicalType;
use crate::state_file::serializer::string_value::string_value;
use crate::state_file::serializer::{Detail, SerializerSnapshot, enums, kryo, pojo};

/// The form of `TypeSerializerSnapshotSerializationProxy` since Flink 1.7.
const PROXY_VERSION: i32 = 2;
/// Before; only the class can be read.
const OLD_PROXY_VERSION: i32 = 1;
const COMPOSITE_MAGIC: i32 = 911_108;
const COMPOSITE_VERSION: i32 = 3;

/// What a snapshot's payload comes to.
type Payload = (Detail, Vec<SerializerSnapshot>);

/// `TypeSerializerSnapshotSerializationUtil` (docs/state-files.md 3.1).
pub(in crate::state_file) fn serializer_snapshot<'a>(
    cx: &mut Cx<'_>,
    input: &'a [u8],
) -> PResult<'a, SerializerSnapshot> {
    let (rest, proxy) = cx.i32(input, "snapshot proxy version")?;
    match proxy {
        PROXY_VERSION => versioned_snapshot(cx, rest),
        OLD_PROXY_VERSION => {
            let (rest, class) = cx.utf(rest, "snapshot class")?;
            cx.grammar.unknown = true;
            let snapshot = SerializerSnapshot::unread(class.to_string(), 0);
            Ok((rest, snapshot))
        }
        _ => {
            let kind = ParseErrorKind::InvalidValue {
                value: i64::from(proxy),
                reason: "is no version of a serializer snapshot",
            };
            fail(cx.error(input, "snapshot proxy version", kind))
        }
    }
}

/// `TypeSerializerSnapshot.readVersionedSnapshot`.
pub(super) fn versioned_snapshot<'a>(
    cx: &mut Cx<'_>,
    input: &'a [u8],
) -> PResult<'a, SerializerSnapshot> {
    let limit = cx.limits.serializer_nesting;
    cx.nested(input, limit, "serializers inside serializers", |cx| {
        let (rest, class) = cx.utf(input, "snapshot class")?;
        let (rest, version) = cx.i32(rest, "snapshot version")?;
        let class = class.to_string();
        let Some(layout) = classes::layout_of(&class) else {
            if let Some(composite) = plain_composite(rest, version) {
                let nested = cx.labelled(|| class.clone(), |cx| nested(cx, composite));
                let (rest, nested) = nested?;
                let detail = Detail::None;
                let unread = SerializerSnapshot::unread(class, version);
                return Ok((
                    rest,
                    SerializerSnapshot {
                        detail,
                        nested,
                        ..unread
                    },
                ));
            }
            // The payload has no length. Many custom snapshots have none either: the callers look
            // whether what follows makes sense.
            cx.grammar.unknown = true;
            return Ok((rest, SerializerSnapshot::unread(class, version)));
        };
        let payload = cx.labelled(|| class.clone(), |cx| payload(cx, rest, layout, version));
        let (rest, (detail, nested)) = payload?;
        let snapshot = SerializerSnapshot {
            serializer_class: classes::serializer_class(&class),
            snapshot_class: class,
            version,
            detail,
            nested,
        };
        Ok((rest, snapshot))
    })
}

impl SerializerSnapshot {
    /// Stands for all that lies behind a class that is not known.
    pub(super) fn missing() -> Self {
        Self::unread(String::new(), 0)
    }

    /// Drops what was read behind classes that are not known, because it did not end where it had
    /// to.
    pub(in crate::state_file) fn forget_doubtful(&mut self) {
        let unread = self.nested.iter().position(|inner| !inner.is_read());
        if let Some(unread) = unread {
            let is_last = unread + 1 == self.nested.len();
            self.nested.truncate(unread + 1);
            if let Some(inner) = self.nested.last_mut() {
                inner.forget_doubtful();
            }
            if !is_last {
                self.nested.push(Self::missing());
            }
        }
    }

    fn unread(snapshot_class: String, version: i32) -> Self {
        Self {
            snapshot_class,
            serializer_class: None,
            version,
            detail: Detail::Unread,
            nested: Vec::new(),
        }
    }
}

/// The nested snapshots of a class that is not known but made from Flink's composite, without an
/// outer part: 16 bytes leave no doubt.
fn plain_composite(input: &[u8], version: i32) -> Option<&[u8]> {
    const OUTER_VERSION: usize = 4;
    let rest = input.strip_prefix(&COMPOSITE_MAGIC.to_be_bytes())?;
    let nested = rest.get(OUTER_VERSION..)?;
    (version == COMPOSITE_VERSION && starts_nested(nested)).then_some(nested)
}

/// The payloads of docs/state-files.md 3.3.
fn payload<'a>(
    cx: &mut Cx<'_>,
    input: &'a [u8],
    layout: Layout,
    version: i32,
) -> PResult<'a, Payload> {
    match layout {
        Layout::Simple if version >= 3 => Ok((input, (Detail::None, Vec::new()))),
        Layout::Simple | Layout::TypeClass => {
            let (rest, class) = class(cx, input)?;
            Ok((rest, (class, Vec::new())))
        }
        Layout::Composite(outer) => composite(cx, input, outer, version),
        Layout::Nested => with(nested(cx, input)?, Detail::None),
        Layout::ClassAndNested => {
            let (rest, class) = class(cx, input)?;
            with(nested(cx, rest)?, class)
        }
        Layout::Pojo => alone(pojo::pojo(cx, input)?),
        Layout::Kryo => alone(kryo::kryo(cx, input)?),
        Layout::Enum => alone(enums::java_enum(cx, input)?),
        Layout::ScalaEnum => alone(enums::scala_enum(cx, input)?),
        Layout::TtlAware => {
            let (rest, on) = cx.bool(input, "time to live")?;
            let (rest, inner) = versioned_snapshot(cx, rest)?;
            Ok((rest, (Detail::Flag { on }, vec![inner])))
        }
        Layout::Avro => alone(avro(cx, input, version)?),
        Layout::RowData => row_data(cx, input),
        Layout::ArrayData => {
            let (rest, element) = logical_type(cx, input)?;
            let (rest, _) = java_object(cx, rest)?;
            alone((rest, Detail::ArrayData { element }))
        }
        Layout::MapData => {
            let (rest, key) = logical_type(cx, input)?;
            let (rest, value) = logical_type(cx, rest)?;
            let (rest, _) = java_object(cx, rest)?;
            let (rest, _) = java_object(cx, rest)?;
            alone((rest, Detail::MapData { key, value }))
        }
        Layout::Decimal => {
            let (rest, precision) = cx.i32(input, "precision")?;
            let (rest, scale) = cx.i32(rest, "scale")?;
            alone((rest, Detail::Decimal { precision, scale }))
        }
        Layout::Timestamp => {
            let (rest, precision) = cx.i32(input, "precision")?;
            alone((rest, Detail::Timestamp { precision }))
        }
        Layout::BinaryRow => {
            let (rest, fields) = cx.i32(input, "fields")?;
            alone((rest, Detail::BinaryRow { fields }))
        }
        Layout::SortedMap => {
            let (rest, _) = java_object(cx, input)?;
            with(nested(cx, rest)?, Detail::None)
        }
    }
}

fn alone(parsed: (&[u8], Detail)) -> PResult<'_, Payload> {
    let (rest, detail) = parsed;
    Ok((rest, (detail, Vec::new())))
}

fn with(parsed: (&[u8], Vec<SerializerSnapshot>), detail: Detail) -> PResult<'_, Payload> {
    let (rest, nested) = parsed;
    Ok((rest, (detail, nested)))
}

/// `CompositeTypeSerializerSnapshot`.
fn composite<'a>(
    cx: &mut Cx<'_>,
    input: &'a [u8],
    outer: Outer,
    version: i32,
) -> PResult<'a, Payload> {
    let (rest, outer_version) = match version {
        COMPOSITE_VERSION => {
            let (rest, ()) = expect(cx, input, "composite magic", COMPOSITE_MAGIC)?;
            cx.i32(rest, "outer version")?
        }
        ..COMPOSITE_VERSION => (input, version),
        _ => {
            let kind = ParseErrorKind::InvalidValue {
                value: i64::from(version),
                reason: "is no version of a composite snapshot that this build knows",
            };
            return fail(cx.error(input, "snapshot version", kind));
        }
    };
    let (rest, detail) = match outer {
        Outer::Nothing => (rest, Detail::None),
        Outer::Class => class(cx, rest)?,
        Outer::Padding => {
            let (rest, padding) = cx.i32(rest, "padding")?;
            (rest, Detail::Nullable { padding })
        }
        Outer::FlagSince(since) if outer_version >= since => {
            let (rest, on) = cx.bool(rest, "switch")?;
            (rest, Detail::Flag { on })
        }
        Outer::FlagSince(_) => (rest, Detail::None),
        Outer::DataType => {
            let (rest, _) = java_object(cx, rest)?;
            let (rest, on) = cx.bool(rest, "internal input")?;
            (rest, Detail::Flag { on })
        }
    };
    with(nested(cx, rest)?, detail)
}

fn class<'a>(cx: &mut Cx<'_>, input: &'a [u8]) -> PResult<'a, Detail> {
    let (rest, class) = cx.utf(input, "class")?;
    let class = class.to_string();
    Ok((rest, Detail::Class { class }))
}

/// `AvroSerializerSnapshot`. Version 3 writes text in another form, for schemas of any length.
fn avro<'a>(cx: &mut Cx<'_>, input: &'a [u8], version: i32) -> PResult<'a, Detail> {
    let text = |cx: &mut Cx<'_>, input: &'a [u8], field| match version {
        ..3 => {
            let (rest, text) = cx.utf(input, field)?;
            Ok((rest, text.to_string()))
        }
        _ => string_value(cx, input, field),
    };
    let (rest, class) = match version {
        ..2 => (input, None),
        _ => {
            let (rest, class) = text(cx, input, "class")?;
            (rest, Some(class))
        }
    };
    let (rest, schema) = text(cx, rest, "schema")?;
    if !starts_like_json(&schema) {
        let kind = ParseErrorKind::InvalidString;
        return fail(cx.error(rest, "schema", kind));
    }
    Ok((rest, Detail::Avro { class, schema }))
}

fn starts_like_json(text: &str) -> bool {
    text.starts_with(['{', '[', '"'])
}

/// `RowDataSerializerSnapshot`.
fn row_data<'a>(cx: &mut Cx<'_>, input: &'a [u8]) -> PResult<'a, Payload> {
    /// Header and null of a Java object stream.
    const TYPE_MIN: usize = 5;
    let (rest, count) = cx.count(input, "field types", TYPE_MIN)?;
    let (rest, types) = cx.list(rest, count, "field type", logical_type)?;
    with(nested(cx, rest)?, Detail::RowData { types })
}

fn logical_type<'a>(cx: &mut Cx<'_>, input: &'a [u8]) -> PResult<'a, LogicalType> {
    let (rest, stream): (_, JavaStream<'_>) = java_object(cx, input)?;
    Ok((rest, LogicalType::of(&stream)))
}
