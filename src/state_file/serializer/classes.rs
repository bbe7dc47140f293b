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
    /// A number that matters to nobody: the padding of nulls.
    Padding,
    /// A switch, from this outer version on.
    FlagSince(i32),
    /// A data type as a Java object, and a switch.
    DataType,
}

const FLINK: &str = "org.apache.flink.";

/// Classes of the form `<this>Serializer$<name>SerializerSnapshot`, below `api.common.typeutils.base.`.
const BASE: &[&str] = &[
    "BigDec",
    "BigInt",
    "Bitmap",
    "Boolean",
    "BooleanValue",
    "Byte",
    "ByteValue",
    "Char",
    "CharValue",
    "Date",
    "Double",
    "DoubleValue",
    "Float",
    "FloatValue",
    "Instant",
    "Int",
    "IntValue",
    "LocalDate",
    "LocalDateTime",
    "LocalTime",
    "Long",
    "LongValue",
    "NullValue",
    "Short",
    "ShortValue",
    "SqlDate",
    "SqlTime",
    "SqlTimestamp",
    "String",
    "StringValue",
    "Variant",
    "Void",
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

use Layout::{
    ArrayData, Avro, BinaryRow, ClassAndNested, Composite, Decimal, Enum, Kryo, MapData, Nested,
    Pojo, RowData, ScalaEnum, Simple, SortedMap, Timestamp, TtlAware, TypeClass,
};
use Outer::{Class, DataType, FlagSince, Nothing, Padding};

/// Every other class: the snapshot, the serializer where its name does not follow from the
/// snapshot's (an empty string where it does), and the layout.
const OTHERS: &[(&str, &str, Layout)] = &[
    (
        "api.common.typeutils.SingleThreadAccessCheckingTypeSerializer$SingleThreadAccessCheckingTypeSerializerSnapshot",
        "",
        Composite(Nothing),
    ),
    (
        "api.common.typeutils.base.EnumSerializer$EnumSerializerSnapshot",
        "",
        Enum,
    ),
    (
        "api.common.typeutils.base.GenericArraySerializerConfigSnapshot",
        "api.common.typeutils.base.GenericArraySerializer",
        ClassAndNested,
    ),
    (
        "api.common.typeutils.base.GenericArraySerializerSnapshot",
        "",
        Composite(Class),
    ),
    (
        "api.common.typeutils.base.ListSerializerSnapshot",
        "",
        Composite(Nothing),
    ),
    (
        "api.common.typeutils.base.MapSerializerSnapshot",
        "",
        Composite(Nothing),
    ),
    (
        "api.common.typeutils.base.SetSerializerSnapshot",
        "",
        Composite(Nothing),
    ),
    (
        "api.java.typeutils.runtime.CopyableValueSerializer$CopyableValueSerializerSnapshot",
        "",
        TypeClass,
    ),
    (
        "api.java.typeutils.runtime.EitherSerializerSnapshot",
        "",
        Nested,
    ),
    (
        "api.java.typeutils.runtime.JavaEitherSerializerSnapshot",
        "api.java.typeutils.runtime.EitherSerializer",
        Composite(Nothing),
    ),
    (
        "api.java.typeutils.runtime.NullableSerializer$NullableSerializerSnapshot",
        "",
        Composite(Padding),
    ),
    (
        "api.java.typeutils.runtime.PojoSerializerSnapshot",
        "",
        Pojo,
    ),
    (
        "api.java.typeutils.runtime.RowSerializer$RowSerializerSnapshot",
        "",
        Composite(FlagSince(4)),
    ),
    (
        "api.java.typeutils.runtime.Tuple0SerializerSnapshot",
        "",
        Simple,
    ),
    (
        "api.java.typeutils.runtime.TupleSerializerSnapshot",
        "",
        Composite(Class),
    ),
    (
        "api.java.typeutils.runtime.ValueSerializer$ValueSerializerSnapshot",
        "",
        TypeClass,
    ),
    (
        "api.java.typeutils.runtime.kryo.KryoSerializerSnapshot",
        "",
        Kryo,
    ),
    ("api.scala.typeutils.NothingSerializerSnapshot", "", Simple),
    (
        "api.scala.typeutils.ScalaCaseClassSerializerSnapshot",
        "",
        Composite(Class),
    ),
    (
        "api.scala.typeutils.ScalaEitherSerializerSnapshot",
        "api.scala.typeutils.EitherSerializer",
        Composite(Nothing),
    ),
    (
        "api.scala.typeutils.ScalaEnumSerializerSnapshot",
        "api.scala.typeutils.EnumValueSerializer",
        ScalaEnum,
    ),
    (
        "api.scala.typeutils.ScalaOptionSerializerSnapshot",
        "api.scala.typeutils.OptionSerializer",
        Composite(Nothing),
    ),
    (
        "api.scala.typeutils.ScalaTrySerializerSnapshot",
        "api.scala.typeutils.TrySerializer",
        Composite(Nothing),
    ),
    (
        "api.scala.typeutils.TraversableSerializerSnapshot",
        "",
        Composite(Class),
    ),
    (
        "api.scala.typeutils.Tuple2CaseClassSerializerSnapshot",
        "api.scala.typeutils.ScalaCaseClassSerializer",
        Composite(Class),
    ),
    (
        "api.scala.typeutils.UnitSerializer$UnitSerializerSnapshot",
        "",
        Simple,
    ),
    (
        "cep.nfa.DeweyNumber$DeweyNumberSerializer$DeweyNumberSerializerSnapshot",
        "",
        Simple,
    ),
    (
        "cep.nfa.NFAStateSerializerSnapshot",
        "",
        Composite(FlagSince(2)),
    ),
    (
        "cep.nfa.sharedbuffer.EventId$EventIdSerializer$EventIdSerializerSnapshot",
        "",
        Simple,
    ),
    (
        "cep.nfa.sharedbuffer.LockableTypeSerializerSnapshot",
        "cep.nfa.sharedbuffer.Lockable$LockableTypeSerializer",
        Composite(Nothing),
    ),
    (
        "cep.nfa.sharedbuffer.NodeId$NodeIdSerializer$NodeIdSerializerSnapshot",
        "",
        Composite(Nothing),
    ),
    (
        "cep.nfa.sharedbuffer.SharedBufferEdge$SharedBufferEdgeSerializer$SharedBufferEdgeSerializerSnapshot",
        "",
        Composite(Nothing),
    ),
    (
        "cep.nfa.sharedbuffer.SharedBufferNode$SharedBufferNodeSerializer$SharedBufferNodeSerializerSnapshot",
        "",
        Composite(Nothing),
    ),
    (
        "cep.nfa.sharedbuffer.SharedBufferNodeSerializerSnapshotV2",
        "cep.nfa.sharedbuffer.SharedBufferNodeSerializer",
        Composite(Nothing),
    ),
    ("formats.avro.typeutils.AvroSerializerSnapshot", "", Avro),
    (
        "queryablestate.client.VoidNamespaceSerializer$VoidNamespaceSerializerSnapshot",
        "",
        Simple,
    ),
    (
        "runtime.state.ArrayListSerializerSnapshot",
        "",
        Composite(Nothing),
    ),
    (
        "runtime.state.JavaSerializer$JavaSerializerSnapshot",
        "",
        Simple,
    ),
    (
        "runtime.state.VoidNamespaceSerializer$VoidNamespaceSerializerSnapshot",
        "",
        Simple,
    ),
    (
        "runtime.state.ttl.TtlAwareSerializerSnapshot",
        "runtime.state.ttl.TtlAwareSerializer",
        TtlAware,
    ),
    (
        "runtime.state.ttl.TtlStateFactory$TtlSerializerSnapshot",
        "runtime.state.ttl.TtlStateFactory$TtlSerializer",
        Composite(Nothing),
    ),
    (
        "runtime.state.v2.ttl.TtlStateFactory$TtlSerializerSnapshot",
        "runtime.state.v2.ttl.TtlStateFactory$TtlSerializer",
        Composite(Nothing),
    ),
    (
        "streaming.api.datastream.CoGroupedStreams$UnionSerializerSnapshot",
        "streaming.api.datastream.CoGroupedStreams$UnionSerializer",
        Composite(Nothing),
    ),
    (
        "streaming.api.functions.sink.TwoPhaseCommitSinkFunction$StateSerializerSnapshot",
        "streaming.api.functions.sink.TwoPhaseCommitSinkFunction$StateSerializer",
        Composite(FlagSince(4)),
    ),
    (
        "streaming.api.functions.sink.legacy.TwoPhaseCommitSinkFunction$StateSerializerSnapshot",
        "streaming.api.functions.sink.legacy.TwoPhaseCommitSinkFunction$StateSerializer",
        Composite(FlagSince(4)),
    ),
    (
        "streaming.api.operators.TimerSerializerSnapshot",
        "",
        Composite(Nothing),
    ),
    (
        "streaming.api.operators.co.IntervalJoinOperator$BufferEntrySerializerSnapshot",
        "streaming.api.operators.co.IntervalJoinOperator$BufferEntrySerializer",
        Composite(Nothing),
    ),
    (
        "streaming.api.utils.ByteArrayWrapperSerializer$ByteArrayWrapperSerializerSnapshot",
        "",
        Simple,
    ),
    (
        "streaming.api.windowing.windows.GlobalWindow$Serializer$GlobalWindowSerializerSnapshot",
        "",
        Simple,
    ),
    (
        "streaming.api.windowing.windows.TimeWindow$Serializer$TimeWindowSerializerSnapshot",
        "",
        Simple,
    ),
    (
        "streaming.runtime.streamrecord.StreamElementSerializer$StreamElementSerializerSnapshot",
        "",
        Composite(Nothing),
    ),
    (
        "table.dataview.ListViewSerializerSnapshot",
        "",
        Composite(Nothing),
    ),
    (
        "table.dataview.MapViewSerializerSnapshot",
        "",
        Composite(Nothing),
    ),
    (
        "table.dataview.NullAwareMapSerializerSnapshot",
        "",
        Composite(Nothing),
    ),
    (
        "table.dataview.NullSerializer$NullSerializerSnapshot",
        "",
        Simple,
    ),
    (
        "table.runtime.operators.sink.SortedLongSerializer$SortedLongSerializerSnapshot",
        "",
        Simple,
    ),
    (
        "table.runtime.operators.window.CountWindow$Serializer$CountWindowSerializerSnapshot",
        "",
        Simple,
    ),
    (
        "table.runtime.operators.window.GlobalWindow$Serializer$GlobalWindowSerializerSnapshot",
        "",
        Simple,
    ),
    (
        "table.runtime.operators.window.TimeWindow$Serializer$TimeWindowSerializerSnapshot",
        "",
        Simple,
    ),
    (
        "table.runtime.sequencedmultisetstate.linked.MetaSqnInfoSerializer$MetaSqnInfoSerializerSnapshot",
        "",
        Composite(Nothing),
    ),
    (
        "table.runtime.sequencedmultisetstate.linked.NodeSerializer$NodeSerializerSnapshot",
        "",
        Composite(Nothing),
    ),
    (
        "table.runtime.sequencedmultisetstate.linked.RowSqnInfoSerializer$RowSqnInfoSerializerSnapshot",
        "",
        Composite(Nothing),
    ),
    (
        "table.runtime.typeutils.ArrayDataSerializer$ArrayDataSerializerSnapshot",
        "",
        ArrayData,
    ),
    (
        "table.runtime.typeutils.BaseArraySerializer$BaseArraySerializerSnapshot",
        "",
        ArrayData,
    ),
    (
        "table.runtime.typeutils.BaseMapSerializer$BaseMapSerializerSnapshot",
        "",
        MapData,
    ),
    (
        "table.runtime.typeutils.BaseRowSerializer$BaseRowSerializerSnapshot",
        "",
        RowData,
    ),
    (
        "table.runtime.typeutils.BinaryGenericSerializer$BinaryGenericSerializerSnapshot",
        "",
        Composite(Nothing),
    ),
    (
        "table.runtime.typeutils.BinaryRowDataSerializer$BinaryRowDataSerializerSnapshot",
        "",
        BinaryRow,
    ),
    (
        "table.runtime.typeutils.BinaryRowSerializer$BinaryRowSerializerSnapshot",
        "",
        BinaryRow,
    ),
    (
        "table.runtime.typeutils.BinaryStringSerializer$BinaryStringSerializerSnapshot",
        "",
        Simple,
    ),
    (
        "table.runtime.typeutils.DecimalDataSerializer$DecimalSerializerSnapshot",
        "",
        Decimal,
    ),
    (
        "table.runtime.typeutils.DecimalSerializer$DecimalSerializerSnapshot",
        "",
        Decimal,
    ),
    (
        "table.runtime.typeutils.ExternalSerializer$ExternalSerializerSnapshot",
        "",
        Composite(DataType),
    ),
    (
        "table.runtime.typeutils.LinkedListSerializer$LinkedListSerializerSnapshot",
        "",
        Composite(FlagSince(3)),
    ),
    (
        "table.runtime.typeutils.MapDataSerializer$MapDataSerializerSnapshot",
        "",
        MapData,
    ),
    (
        "table.runtime.typeutils.RawValueDataSerializer$RawValueDataSerializerSnapshot",
        "",
        Composite(Nothing),
    ),
    (
        "table.runtime.typeutils.RowDataSerializer$RowDataSerializerSnapshot",
        "",
        RowData,
    ),
    (
        "table.runtime.typeutils.SortedMapSerializerSnapshot",
        "",
        SortedMap,
    ),
    (
        "table.runtime.typeutils.SqlTimestampSerializer$SqlTimestampSerializerSnapshot",
        "",
        Timestamp,
    ),
    (
        "table.runtime.typeutils.StringDataSerializer$StringDataSerializerSnapshot",
        "",
        Simple,
    ),
    (
        "table.runtime.typeutils.TimestampDataSerializer$TimestampDataSerializerSnapshot",
        "",
        Timestamp,
    ),
    (
        "table.runtime.typeutils.WindowKeySerializer$WindowKeySerializerSnapshot",
        "",
        Composite(Nothing),
    ),
];

/// A snapshot class that is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct KnownClass {
    pub(super) layout: Layout,
    /// The serializer's class below [`FLINK`], where it has to be told.
    serializer: &'static str,
}

/// Looks a snapshot class up.
pub(super) fn known(snapshot_class: &str) -> Option<KnownClass> {
    let class = snapshot_class.strip_prefix(FLINK)?;
    if let Ok(at) = OTHERS.binary_search_by(|(name, _, _)| (*name).cmp(class)) {
        let (_, serializer, layout) = OTHERS.get(at)?;
        return Some(KnownClass {
            layout: *layout,
            serializer,
        });
    }
    base_type(class).map(|_| KnownClass {
        layout: Layout::Simple,
        serializer: "",
    })
}

/// `Long` for `api.common.typeutils.base.LongSerializer$LongSerializerSnapshot`: the part of the
/// name that tells, of the classes that only differ in it.
fn base_type(class: &str) -> Option<&str> {
    let class = class.strip_prefix("api.common.typeutils.base.")?;
    let (names, class) = match class.strip_prefix("array.") {
        Some(class) => (ARRAYS, class),
        None => (BASE, class),
    };
    let (outer, inner) = class.split_once('$')?;
    let name = outer.strip_suffix("Serializer")?;
    let same = inner.strip_suffix("SerializerSnapshot") == Some(name);
    (same && names.contains(&name)).then_some(name)
}

/// The class of the serializer that writes a snapshot of this class; `None` for classes that are
/// not known.
pub(super) fn serializer_class(snapshot_class: &str) -> Option<String> {
    let known = known(snapshot_class)?;
    if !known.serializer.is_empty() {
        return Some(format!("{FLINK}{}", known.serializer));
    }
    let outer = snapshot_class.rsplit_once('$').map(|(outer, _)| outer);
    let name = outer.or_else(|| snapshot_class.strip_suffix("Snapshot"));
    name.map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_for_searching() {
        assert!(OTHERS.is_sorted_by(|a, b| a.0 < b.0));
    }

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
