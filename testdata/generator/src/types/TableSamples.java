package fixture;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedList;
import java.util.List;
import java.util.TreeMap;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.base.ListSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.MapSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.dataview.ListView;
import org.apache.flink.table.api.dataview.MapView;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericMapData;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RawValueData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.data.binary.BinaryRowData;
import org.apache.flink.table.dataview.ListViewSerializer;
import org.apache.flink.table.dataview.MapViewSerializer;
import org.apache.flink.table.runtime.typeutils.BinaryRowDataSerializer;
import org.apache.flink.table.runtime.typeutils.ExternalTypeInfo;
import org.apache.flink.table.runtime.typeutils.InternalTypeInfo;
import org.apache.flink.table.runtime.typeutils.LinkedListSerializer;
import org.apache.flink.table.runtime.typeutils.RawValueDataSerializer;
import org.apache.flink.table.runtime.typeutils.SortedMapTypeInfo;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.BigIntType;
import org.apache.flink.table.types.logical.BooleanType;
import org.apache.flink.table.types.logical.DateType;
import org.apache.flink.table.types.logical.DecimalType;
import org.apache.flink.table.types.logical.DoubleType;
import org.apache.flink.table.types.logical.IntType;
import org.apache.flink.table.types.logical.LocalZonedTimestampType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.RowType;
import org.apache.flink.table.types.logical.TimestampType;
import org.apache.flink.table.types.logical.VarBinaryType;
import org.apache.flink.table.types.logical.VarCharType;

/** Types that only tables and SQL use. */
final class TableSamples {
    private TableSamples() {}

    static List<Sample> all() {
        List<Sample> all = new ArrayList<>();
        LogicalType text = new VarCharType(VarCharType.MAX_LENGTH);
        rows(all, text);
        all.add(internal("string-data", text, n -> StringData.fromString("größe-" + n)));
        all.add(internal("array-data", new ArrayType(new IntType(false)),
                n -> new GenericArrayData(new int[] {1, (int) n})));
        all.add(internal("map-data", new MapType(new VarCharType(false, 20), new BigIntType()),
                n -> new GenericMapData(Collections.singletonMap(StringData.fromString("k"), n))));
        all.add(internal("decimal", new DecimalType(10, 2), n -> decimal(n, 10)));
        all.add(internal("decimal-large", new DecimalType(38, 2), n -> decimal(n, 38)));
        all.add(internal("timestamp-3", new TimestampType(3), TimestampData::fromEpochMillis));
        all.add(internal("timestamp-9", new TimestampType(9), n -> TimestampData.fromEpochMillis(n, 7)));
        all.add(internal("timestamp-ltz-6", new LocalZonedTimestampType(6), TimestampData::fromEpochMillis));
        all.add(new Sample("raw-value", new RawValueDataSerializer<>(StringSerializer.INSTANCE),
                n -> RawValueData.fromObject("raw-" + n)));
        all.add(new Sample("binary-row", new BinaryRowDataSerializer(2), n -> new BinaryRowDataSerializer(2)
                .copy(binaryRow())));
        all.add(new Sample("linked-list", new LinkedListSerializer<>(LongSerializer.INSTANCE, true),
                n -> new LinkedList<>(Arrays.asList(n, null))));
        all.add(new Sample("sorted-map", new SortedMapTypeInfo<>(Long.class, String.class),
                n -> new TreeMap<>(Collections.singletonMap(n, "v"))));
        all.add(new Sample("external", ExternalTypeInfo.of(DataTypes.ROW(DataTypes.FIELD("a", DataTypes.INT()))),
                n -> org.apache.flink.types.Row.of((int) n)));
        all.add(new Sample("list-view",
                new ListViewSerializer<>(new ListSerializer<>(LongSerializer.INSTANCE)), TableSamples::listView));
        all.add(new Sample("map-view",
                new MapViewSerializer<>(new MapSerializer<>(StringSerializer.INSTANCE, LongSerializer.INSTANCE)),
                TableSamples::mapView));
        return all;
    }

    private static void rows(List<Sample> all, LogicalType text) {
        RowType nested = RowType.of(new IntType(), new DateType());
        RowType row = RowType.of(
                new BigIntType(false), text, new DecimalType(12, 4), new TimestampType(3), new BooleanType(),
                new DoubleType(), new VarBinaryType(16), new ArrayType(text), nested);
        all.add(internal("row-data", row, n -> GenericRowData.of(
                n, StringData.fromString("row-" + n), decimal(n, 12), TimestampData.fromEpochMillis(n), true,
                n / 2.0, new byte[] {1, 2}, new GenericArrayData(new Object[] {StringData.fromString("e")}),
                GenericRowData.of((int) n, (int) n))));
    }

    private static DecimalData decimal(long n, int precision) {
        int scale = precision == 12 ? 4 : 2;
        return DecimalData.fromBigDecimal(BigDecimal.valueOf(n, scale), precision, scale);
    }

    private static BinaryRowData binaryRow() {
        BinaryRowData row = new BinaryRowData(2);
        row.pointTo(org.apache.flink.core.memory.MemorySegmentFactory.wrap(new byte[24]), 0, 24);
        row.setInt(0, 7);
        row.setNullAt(1);
        return row;
    }

    private static ListView<Long> listView(long n) throws Exception {
        ListView<Long> view = new ListView<>();
        view.add(n);
        return view;
    }

    private static MapView<String, Long> mapView(long n) throws Exception {
        MapView<String, Long> view = new MapView<>();
        view.put("k", n);
        return view;
    }

    private static Sample internal(String name, LogicalType type, Sample.Values values) {
        return new Sample(name, InternalTypeInfo.of(type).toSerializer(), values);
    }
}
