//! How values lie in a stream, as far as their serializers are Flink's own
//! (docs/state-files.md 4.3).

use crate::state_file::body::Skipper;
use crate::state_file::serializer::{Detail, SerializerSnapshot};
use crate::state_file::{
    BackendStateType, NAMESPACE_SERIALIZER, StateMetaInfoSnapshot, VALUE_SERIALIZER,
};

/// How one entry of a state lies in a stream of the heap backend: namespace, key and value, or a
/// timer; `None` where any part is of a class whose layout is not known.
///
/// `key` is the serializer of the stream's keys.
pub fn entry_layout(
    state: &StateMetaInfoSnapshot,
    key: Option<&SerializerSnapshot>,
) -> Option<Skipper> {
    let value = skipper(state.serializer(VALUE_SERIALIZER)?)?;
    if state.backend_state_type == BackendStateType::PriorityQueue {
        return Some(value);
    }
    let namespace = skipper(state.serializer(NAMESPACE_SERIALIZER)?)?;
    Some(Skipper::Sequence(vec![namespace, skipper(key?)?, value]))
}

/// More nested types are not stepped over.
const DEPTH: u32 = 32;

fn skipper(snapshot: &SerializerSnapshot) -> Option<Skipper> {
    value(snapshot, DEPTH)
}

fn value(snapshot: &SerializerSnapshot, depth: u32) -> Option<Skipper> {
    let depth = depth.checked_sub(1)?;
    let nested = |at: usize| value(snapshot.nested.get(at)?, depth);
    let all = |snapshots: &[SerializerSnapshot]| {
        let parts = snapshots.iter().map(|inner| value(inner, depth));
        parts.collect::<Option<Vec<_>>>()
    };
    let class = snapshot.serializer_class.as_deref()?;
    let class = class.strip_prefix("org.apache.flink.")?;
    if let Some(base) = class.strip_prefix("api.common.typeutils.base.") {
        return match base {
            "ListSerializer" | "SetSerializer" => Some(Skipper::List(Box::new(nested(0)?))),
            "MapSerializer" => Some(Skipper::map(nested(0)?, nested(1)?)),
            "GenericArraySerializer" => Some(Skipper::array(nested(0)?)),
            _ => basic(base),
        };
    }
    Some(match (class, &snapshot.detail) {
        ("runtime.state.VoidNamespaceSerializer", _) => Skipper::Fixed(1),
        ("runtime.state.ArrayListSerializer", _) => Skipper::List(Box::new(nested(0)?)),
        (
            "runtime.state.ttl.TtlStateFactory$TtlSerializer"
            | "runtime.state.v2.ttl.TtlStateFactory$TtlSerializer",
            _,
        ) => Skipper::with_time_to_live(nested(1)?),
        ("streaming.api.operators.TimerSerializer", _) => Skipper::timer(nested(0)?, nested(1)?),
        (
            "streaming.api.windowing.windows.TimeWindow$Serializer"
            | "table.runtime.operators.window.TimeWindow$Serializer",
            _,
        ) => Skipper::Fixed(16),
        ("streaming.api.windowing.windows.GlobalWindow$Serializer", _) => Skipper::Fixed(1),
        ("table.runtime.operators.window.CountWindow$Serializer", _) => Skipper::Fixed(8),
        (
            "api.java.typeutils.runtime.TupleSerializer"
            | "api.scala.typeutils.ScalaCaseClassSerializer"
            | "api.scala.package$Tuple2CaseClassSerializer",
            _,
        ) => Skipper::Sequence(all(&snapshot.nested)?),
        ("api.java.typeutils.runtime.EitherSerializer", _) => {
            Skipper::Either(Box::new(nested(0)?), Box::new(nested(1)?))
        }
        ("api.java.typeutils.runtime.RowSerializer", detail) => Skipper::Masked {
            leading_bits: match detail {
                Detail::Flag { on: true } => 2,
                _ => 0,
            },
            fields: all(&snapshot.nested)?,
        },
        ("api.java.typeutils.runtime.NullableSerializer", Detail::Nullable { padding }) => {
            Skipper::Flagged {
                present: false,
                value: Box::new(nested(0)?),
                padding: u64::try_from(*padding).ok()?,
            }
        }
        (
            _,
            Detail::Pojo {
                fields,
                registered_subclasses,
                ..
            },
        ) => Skipper::Pojo {
            fields: {
                let fields = fields.iter();
                let fields = fields.map(|field| value(field.serializer.as_ref()?, depth));
                fields.collect::<Option<_>>()?
            },
            subclasses: {
                let subclasses = registered_subclasses.iter();
                let layout = |serializer: &SerializerSnapshot| value(serializer, depth);
                subclasses
                    .map(|subclass| subclass.serializer.as_ref().and_then(layout))
                    .collect()
            },
        },
        (_, Detail::RowData { .. } | Detail::ArrayData { .. } | Detail::MapData { .. })
        | (
            "table.runtime.typeutils.StringDataSerializer"
            | "table.runtime.typeutils.RawValueDataSerializer"
            | "table.runtime.typeutils.BinaryRowDataSerializer",
            _,
        ) => Skipper::Counted { unit: 1 },
        // Few digits fit a long.
        (_, Detail::Decimal { precision, .. }) => match precision {
            ..=18 => Skipper::Fixed(8),
            _ => Skipper::Counted { unit: 1 },
        },
        (_, Detail::Timestamp { precision }) => match precision {
            ..=3 => Skipper::Fixed(8),
            _ => Skipper::Fixed(12),
        },
        _ => return None,
    })
}

/// The types below `api.common.typeutils.base`.
fn basic(serializer: &str) -> Option<Skipper> {
    if let Some(array) = serializer.strip_prefix("array.") {
        return Some(match array {
            "StringArraySerializer" => Skipper::List(Box::new(Skipper::Text)),
            _ => Skipper::Counted {
                unit: match array.strip_suffix("PrimitiveArraySerializer")? {
                    "Boolean" | "Byte" => 1,
                    "Char" | "Short" => 2,
                    "Float" | "Int" => 4,
                    "Double" | "Long" => 8,
                    _ => return None,
                },
            },
        });
    }
    let name = serializer.strip_suffix("Serializer")?;
    Some(match name {
        "String" | "StringValue" => Skipper::Text,
        "BigInt" => Skipper::BigInteger,
        "BigDec" => Skipper::BigDecimal,
        _ => Skipper::Fixed(match name {
            "Boolean" | "BooleanValue" | "Byte" | "ByteValue" | "Void" => 1,
            "Char" | "CharValue" | "Short" | "ShortValue" => 2,
            "Enum" | "Float" | "FloatValue" | "Int" | "IntValue" => 4,
            "LocalDate" => 6,
            "LocalTime" => 7,
            "Date" | "Double" | "DoubleValue" | "Long" | "LongValue" | "SqlDate" | "SqlTime" => 8,
            "Instant" | "SqlTimestamp" => 12,
            "LocalDateTime" => 13,
            _ => return None,
        }),
    })
}
