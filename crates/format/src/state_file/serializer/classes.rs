//! The snapshot classes of Flink 1.8 to 2.3 and how each is laid out (docs/state-files.md 3.3).

/// How the payload of a snapshot class is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Nothing; before version 3 the serializer's class.
    Simple,
    /// Nested snapshots behind an outer part.
    Composite(Outer),
    Pojo,
    Kryo,
    Enum,
    ScalaEnum,
    /// The class of a value type.
    TypeClass,
    TtlAware,
    Avro,
    RowData,
    ArrayData,
    MapData,
    Decimal,
    Timestamp,
    BinaryRow,
    SortedMap,
    /// Nested snapshots alone.
    Nested,
    /// The class of an array's elements, and nested snapshots.
    ClassAndNested,
}

/// What a composite snapshot writes about itself before its nested ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outer {
    Nothing,
    /// A class, or the code of a collection's builder.
    Class,
    /// How many bytes stand for a null.
    Padding,
    /// A switch, from this outer version on.
    FlagSince(i32),
    /// A data type as a Java object, and a switch.
    DataType,
}

const FLINK: &str = "org.apache.flink.";

/// Classes of the form `<this>Serializer$<name>SerializerSnapshot`, below `api.common.typeutils.base.`.
#[rustfmt::skip]
const BASE: &[&str] = &[
    "BigDec", "BigInt", "Bitmap", "Boolean", "BooleanValue", "Byte", "ByteValue", "Char",
    "CharValue", "Date", "Double", "DoubleValue", "Float", "FloatValue", "Instant", "Int",
    "IntValue", "LocalDate", "LocalDateTime", "LocalTime", "Long", "LongValue", "NullValue",
    "Short", "ShortValue", "SqlDate", "SqlTime", "SqlTimestamp", "String", "StringValue",
    "Variant", "Void",
];
/// The same below `api.common.typeutils.base.array.`.
const ARRAYS: &[&str] = &[
    "BooleanPrimitiveArray",
    "BytePrimitiveArray",
    "CharPrimitiveArray",
    "DoublePrimitiveArray",
    "FloatPrimitiveArray",
    "IntPrimitiveArray",
    "LongPrimitiveArray",
    "ShortPrimitiveArray",
    "StringArray",
];

/// How the payload of a class is laid out, by its name below [`FLINK`].
fn layout(class: &str) -> Option<Layout> {
    Some(match class {
        "api.java.typeutils.runtime.Tuple0SerializerSnapshot"
        | "api.scala.typeutils.NothingSerializerSnapshot"
        | "api.scala.typeutils.UnitSerializer$UnitSerializerSnapshot"
        | "cep.nfa.DeweyNumber$DeweyNumberSerializer$DeweyNumberSerializerSnapshot"
        | "cep.nfa.sharedbuffer.EventId$EventIdSerializer$EventIdSerializerSnapshot"
        | "queryablestate.client.VoidNamespaceSerializer$VoidNamespaceSerializerSnapshot"
        | "runtime.state.JavaSerializer$JavaSerializerSnapshot"
        | "runtime.state.VoidNamespaceSerializer$VoidNamespaceSerializerSnapshot"
        | "streaming.api.utils.ByteArrayWrapperSerializer$ByteArrayWrapperSerializerSnapshot"
        | "streaming.api.windowing.windows.GlobalWindow$Serializer$GlobalWindowSerializerSnapshot"
        | "streaming.api.windowing.windows.TimeWindow$Serializer$TimeWindowSerializerSnapshot"
        | "table.dataview.NullSerializer$NullSerializerSnapshot"
        | "table.runtime.operators.sink.SortedLongSerializer$SortedLongSerializerSnapshot"
        | "table.runtime.operators.window.CountWindow$Serializer$CountWindowSerializerSnapshot"
        | "table.runtime.operators.window.GlobalWindow$Serializer$GlobalWindowSerializerSnapshot"
        | "table.runtime.operators.window.TimeWindow$Serializer$TimeWindowSerializerSnapshot"
        | "table.runtime.typeutils.BinaryStringSerializer$BinaryStringSerializerSnapshot"
        | "table.runtime.typeutils.StringDataSerializer$StringDataSerializerSnapshot" => {
            Layout::Simple
        }
        "table.runtime.typeutils.ArrayDataSerializer$ArrayDataSerializerSnapshot"
        | "table.runtime.typeutils.BaseArraySerializer$BaseArraySerializerSnapshot" => {
            Layout::ArrayData
        }
        "formats.avro.typeutils.AvroSerializerSnapshot" => Layout::Avro,
        "table.runtime.typeutils.BinaryRowDataSerializer$BinaryRowDataSerializerSnapshot"
        | "table.runtime.typeutils.BinaryRowSerializer$BinaryRowSerializerSnapshot" => {
            Layout::BinaryRow
        }
        "api.common.typeutils.base.GenericArraySerializerConfigSnapshot" => Layout::ClassAndNested,
        "api.common.typeutils.base.GenericArraySerializerSnapshot"
        | "api.java.typeutils.runtime.TupleSerializerSnapshot"
        | "api.scala.typeutils.ScalaCaseClassSerializerSnapshot"
        | "api.scala.typeutils.TraversableSerializerSnapshot"
        | "api.scala.typeutils.Tuple2CaseClassSerializerSnapshot" => {
            Layout::Composite(Outer::Class)
        }
        "table.runtime.typeutils.ExternalSerializer$ExternalSerializerSnapshot" => {
            Layout::Composite(Outer::DataType)
        }
        "cep.nfa.NFAStateSerializerSnapshot" => Layout::Composite(Outer::FlagSince(2)),
        "table.runtime.typeutils.LinkedListSerializer$LinkedListSerializerSnapshot" => {
            Layout::Composite(Outer::FlagSince(3))
        }
        "api.java.typeutils.runtime.RowSerializer$RowSerializerSnapshot"
        | "streaming.api.functions.sink.TwoPhaseCommitSinkFunction$StateSerializerSnapshot"
        | "streaming.api.functions.sink.legacy.TwoPhaseCommitSinkFunction$StateSerializerSnapshot" => {
            Layout::Composite(Outer::FlagSince(4))
        }
        "api.common.typeutils.SingleThreadAccessCheckingTypeSerializer$SingleThreadAccessCheckingTypeSerializerSnapshot"
        | "api.common.typeutils.base.ListSerializerSnapshot"
        | "api.common.typeutils.base.MapSerializerSnapshot"
        | "api.common.typeutils.base.SetSerializerSnapshot"
        | "api.java.typeutils.runtime.JavaEitherSerializerSnapshot"
        | "api.scala.typeutils.ScalaEitherSerializerSnapshot"
        | "api.scala.typeutils.ScalaOptionSerializerSnapshot"
        | "api.scala.typeutils.ScalaTrySerializerSnapshot"
        | "cep.nfa.sharedbuffer.LockableTypeSerializerSnapshot"
        | "cep.nfa.sharedbuffer.NodeId$NodeIdSerializer$NodeIdSerializerSnapshot"
        | "cep.nfa.sharedbuffer.SharedBufferEdge$SharedBufferEdgeSerializer$SharedBufferEdgeSerializerSnapshot"
        | "cep.nfa.sharedbuffer.SharedBufferNode$SharedBufferNodeSerializer$SharedBufferNodeSerializerSnapshot"
        | "cep.nfa.sharedbuffer.SharedBufferNodeSerializerSnapshotV2"
        | "runtime.state.ArrayListSerializerSnapshot"
        | "runtime.state.ttl.TtlStateFactory$TtlSerializerSnapshot"
        | "runtime.state.v2.ttl.TtlStateFactory$TtlSerializerSnapshot"
        | "streaming.api.datastream.CoGroupedStreams$UnionSerializerSnapshot"
        | "streaming.api.operators.TimerSerializerSnapshot"
        | "streaming.api.operators.co.IntervalJoinOperator$BufferEntrySerializerSnapshot"
        | "streaming.runtime.streamrecord.StreamElementSerializer$StreamElementSerializerSnapshot"
        | "table.dataview.ListViewSerializerSnapshot"
        | "table.dataview.MapViewSerializerSnapshot"
        | "table.dataview.NullAwareMapSerializerSnapshot"
        | "table.runtime.sequencedmultisetstate.linked.MetaSqnInfoSerializer$MetaSqnInfoSerializerSnapshot"
        | "table.runtime.sequencedmultisetstate.linked.NodeSerializer$NodeSerializerSnapshot"
        | "table.runtime.sequencedmultisetstate.linked.RowSqnInfoSerializer$RowSqnInfoSerializerSnapshot"
        | "table.runtime.typeutils.BinaryGenericSerializer$BinaryGenericSerializerSnapshot"
        | "table.runtime.typeutils.RawValueDataSerializer$RawValueDataSerializerSnapshot"
        | "table.runtime.typeutils.WindowKeySerializer$WindowKeySerializerSnapshot" => {
            Layout::Composite(Outer::Nothing)
        }
        "api.java.typeutils.runtime.NullableSerializer$NullableSerializerSnapshot" => {
            Layout::Composite(Outer::Padding)
        }
        "table.runtime.typeutils.DecimalDataSerializer$DecimalSerializerSnapshot"
        | "table.runtime.typeutils.DecimalSerializer$DecimalSerializerSnapshot" => Layout::Decimal,
        "api.common.typeutils.base.EnumSerializer$EnumSerializerSnapshot" => Layout::Enum,
        "api.java.typeutils.runtime.kryo.KryoSerializerSnapshot" => Layout::Kryo,
        "table.runtime.typeutils.BaseMapSerializer$BaseMapSerializerSnapshot"
        | "table.runtime.typeutils.MapDataSerializer$MapDataSerializerSnapshot" => Layout::MapData,
        "api.java.typeutils.runtime.EitherSerializerSnapshot" => Layout::Nested,
        "api.java.typeutils.runtime.PojoSerializerSnapshot" => Layout::Pojo,
        "table.runtime.typeutils.BaseRowSerializer$BaseRowSerializerSnapshot"
        | "table.runtime.typeutils.RowDataSerializer$RowDataSerializerSnapshot" => Layout::RowData,
        "api.scala.typeutils.ScalaEnumSerializerSnapshot" => Layout::ScalaEnum,
        "table.runtime.typeutils.SortedMapSerializerSnapshot" => Layout::SortedMap,
        "table.runtime.typeutils.SqlTimestampSerializer$SqlTimestampSerializerSnapshot"
        | "table.runtime.typeutils.TimestampDataSerializer$TimestampDataSerializerSnapshot" => {
            Layout::Timestamp
        }
        "runtime.state.ttl.TtlAwareSerializerSnapshot" => Layout::TtlAware,
        "api.java.typeutils.runtime.CopyableValueSerializer$CopyableValueSerializerSnapshot"
        | "api.java.typeutils.runtime.ValueSerializer$ValueSerializerSnapshot" => Layout::TypeClass,
        _ => return is_base_type(class).then_some(Layout::Simple),
    })
}

/// The serializers whose names do not follow from those of their snapshots.
fn irregular_serializer(class: &str) -> Option<&'static str> {
    Some(match class {
        "api.common.typeutils.base.GenericArraySerializerConfigSnapshot" => {
            "api.common.typeutils.base.GenericArraySerializer"
        }
        "api.java.typeutils.runtime.JavaEitherSerializerSnapshot" => {
            "api.java.typeutils.runtime.EitherSerializer"
        }
        "api.scala.typeutils.ScalaEitherSerializerSnapshot" => {
            "api.scala.typeutils.EitherSerializer"
        }
        "api.scala.typeutils.ScalaEnumSerializerSnapshot" => {
            "api.scala.typeutils.EnumValueSerializer"
        }
        "api.scala.typeutils.ScalaOptionSerializerSnapshot" => {
            "api.scala.typeutils.OptionSerializer"
        }
        "api.scala.typeutils.ScalaTrySerializerSnapshot" => "api.scala.typeutils.TrySerializer",
        "api.scala.typeutils.Tuple2CaseClassSerializerSnapshot" => {
            "api.scala.package$Tuple2CaseClassSerializer"
        }
        "cep.nfa.sharedbuffer.LockableTypeSerializerSnapshot" => {
            "cep.nfa.sharedbuffer.Lockable$LockableTypeSerializer"
        }
        "cep.nfa.sharedbuffer.SharedBufferNodeSerializerSnapshotV2" => {
            "cep.nfa.sharedbuffer.SharedBufferNodeSerializer"
        }
        "runtime.state.ttl.TtlAwareSerializerSnapshot" => "runtime.state.ttl.TtlAwareSerializer",
        "runtime.state.ttl.TtlStateFactory$TtlSerializerSnapshot" => {
            "runtime.state.ttl.TtlStateFactory$TtlSerializer"
        }
        "runtime.state.v2.ttl.TtlStateFactory$TtlSerializerSnapshot" => {
            "runtime.state.v2.ttl.TtlStateFactory$TtlSerializer"
        }
        "streaming.api.datastream.CoGroupedStreams$UnionSerializerSnapshot" => {
            "streaming.api.datastream.CoGroupedStreams$UnionSerializer"
        }
        "streaming.api.functions.sink.TwoPhaseCommitSinkFunction$StateSerializerSnapshot" => {
            "streaming.api.functions.sink.TwoPhaseCommitSinkFunction$StateSerializer"
        }
        "streaming.api.functions.sink.legacy.TwoPhaseCommitSinkFunction$StateSerializerSnapshot" => {
            "streaming.api.functions.sink.legacy.TwoPhaseCommitSinkFunction$StateSerializer"
        }
        "streaming.api.operators.co.IntervalJoinOperator$BufferEntrySerializerSnapshot" => {
            "streaming.api.operators.co.IntervalJoinOperator$BufferEntrySerializer"
        }
        _ => return None,
    })
}

/// The layout of a snapshot class; `None` for classes that are not known.
pub(super) fn layout_of(snapshot_class: &str) -> Option<Layout> {
    layout(snapshot_class.strip_prefix(FLINK)?)
}

/// True for `api.common.typeutils.base.LongSerializer$LongSerializerSnapshot` and its like: those
/// that differ in one word.
fn is_base_type(class: &str) -> bool {
    let Some(class) = class.strip_prefix("api.common.typeutils.base.") else {
        return false;
    };
    let (names, class) = match class.strip_prefix("array.") {
        Some(class) => (ARRAYS, class),
        None => (BASE, class),
    };
    let names_of = |(outer, inner): (&'_ str, &'_ str)| {
        let name = outer.strip_suffix("Serializer")?;
        (inner.strip_suffix("SerializerSnapshot") == Some(name)).then(|| names.contains(&name))
    };
    class.split_once('$').and_then(names_of) == Some(true)
}

/// The class of the serializer that writes a snapshot of this class; `None` for classes that are
/// not known.
pub(super) fn serializer_class(snapshot_class: &str) -> Option<String> {
    let class = snapshot_class.strip_prefix(FLINK)?;
    layout(class)?;
    let serializer = irregular_serializer(class).or_else(|| match class.rsplit_once('$') {
        Some((outer, _)) => Some(outer),
        None => class.strip_suffix("Snapshot"),
    })?;
    Some(format!("{FLINK}{serializer}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serializers_follow_from_their_snapshots() {
        for (snapshot, serializer) in [
            (
                "api.common.typeutils.base.LongSerializer$LongSerializerSnapshot",
                "api.common.typeutils.base.LongSerializer",
            ),
            (
                "api.common.typeutils.base.ListSerializerSnapshot",
                "api.common.typeutils.base.ListSerializer",
            ),
            (
                "streaming.api.windowing.windows.TimeWindow$Serializer$TimeWindowSerializerSnapshot",
                "streaming.api.windowing.windows.TimeWindow$Serializer",
            ),
        ] {
            let class = serializer_class(&format!("{FLINK}{snapshot}"));
            assert_eq!(class, Some(format!("{FLINK}{serializer}")));
        }
        assert_eq!(serializer_class("com.acme.Mine$MineSnapshot"), None);
    }
}
