package fixture;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.BasicArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.BasicTypeInfo;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.java.tuple.Tuple0;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.api.java.typeutils.GenericTypeInfo;
import org.apache.flink.api.java.typeutils.ObjectArrayTypeInfo;
import org.apache.flink.api.java.typeutils.ValueTypeInfo;
import org.apache.flink.api.java.typeutils.runtime.NullableSerializer;
import org.apache.flink.runtime.state.ArrayListSerializer;
import org.apache.flink.runtime.state.JavaSerializer;
import org.apache.flink.streaming.runtime.streamrecord.StreamElementSerializer;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.types.Either;
import org.apache.flink.types.IntValue;
import org.apache.flink.types.Row;
import org.apache.flink.types.RowKind;
import org.apache.flink.types.StringValue;

/** Types of the DataStream API. */
final class PlainSamples {
    private PlainSamples() {}

    static List<Sample> all() {
        List<Sample> all = new ArrayList<>();
        basic(all);
        times(all);
        arrays(all);
        composite(all);
        wrapped(all);
        return all;
    }

    private static void basic(List<Sample> all) {
        all.add(new Sample("boolean", Types.BOOLEAN, n -> n % 2 == 0));
        all.add(new Sample("byte", Types.BYTE, n -> (byte) n));
        all.add(new Sample("short", Types.SHORT, n -> (short) n));
        all.add(new Sample("int", Types.INT, n -> (int) n));
        all.add(new Sample("long", Types.LONG, n -> n));
        all.add(new Sample("float", Types.FLOAT, n -> (float) n));
        all.add(new Sample("double", Types.DOUBLE, n -> (double) n));
        all.add(new Sample("char", Types.CHAR, n -> (char) ('a' + n % 26)));
        all.add(new Sample("string", Types.STRING, n -> "größe-" + n));
        all.add(new Sample("big-int", Types.BIG_INT, BigInteger::valueOf));
        all.add(new Sample("big-dec", Types.BIG_DEC, n -> BigDecimal.valueOf(n, 2)));
        all.add(new Sample("int-value", ValueTypeInfo.INT_VALUE_TYPE_INFO, n -> new IntValue((int) n)));
        all.add(new Sample("string-value", ValueTypeInfo.STRING_VALUE_TYPE_INFO, n -> new StringValue("v" + n)));
        all.add(new Sample("value", new ValueTypeInfo<>(Shapes.Sealed.class), Shapes::sealed));
        all.add(new Sample("copyable-value", new ValueTypeInfo<>(Shapes.CopyableSealed.class), Shapes::copyable));
    }

    private static void times(List<Sample> all) {
        all.add(new Sample("date", BasicTypeInfo.DATE_TYPE_INFO, Date::new));
        all.add(new Sample("sql-date", Types.SQL_DATE, java.sql.Date::new));
        all.add(new Sample("sql-time", Types.SQL_TIME, java.sql.Time::new));
        all.add(new Sample("sql-timestamp", Types.SQL_TIMESTAMP, java.sql.Timestamp::new));
        all.add(new Sample("instant", Types.INSTANT, Instant::ofEpochMilli));
        all.add(new Sample("local-date", Types.LOCAL_DATE, LocalDate::ofEpochDay));
        all.add(new Sample("local-time", Types.LOCAL_TIME, LocalTime::ofSecondOfDay));
        all.add(new Sample("local-date-time", Types.LOCAL_DATE_TIME,
                n -> LocalDateTime.of(LocalDate.ofEpochDay(n), LocalTime.NOON)));
    }

    private static void arrays(List<Sample> all) {
        all.add(new Sample("bytes", PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO, n -> new byte[] {(byte) n}));
        all.add(new Sample("ints", PrimitiveArrayTypeInfo.INT_PRIMITIVE_ARRAY_TYPE_INFO, n -> new int[] {(int) n}));
        all.add(new Sample("longs", PrimitiveArrayTypeInfo.LONG_PRIMITIVE_ARRAY_TYPE_INFO, n -> new long[] {n}));
        all.add(new Sample("doubles", PrimitiveArrayTypeInfo.DOUBLE_PRIMITIVE_ARRAY_TYPE_INFO, n -> new double[] {n}));
        all.add(new Sample("strings", BasicArrayTypeInfo.STRING_ARRAY_TYPE_INFO, n -> new String[] {"a", "b" + n}));
        all.add(new Sample("boxed-longs", BasicArrayTypeInfo.LONG_ARRAY_TYPE_INFO, n -> new Long[] {n}));
        all.add(new Sample("tuples", ObjectArrayTypeInfo.getInfoFor(Types.TUPLE(Types.STRING, Types.LONG)),
                n -> new Tuple2<?, ?>[] {Tuple2.of("t", n)}));
    }

    private static void composite(List<Sample> all) {
        all.add(new Sample("tuple", Types.TUPLE(Types.STRING, Types.LONG, Types.TUPLE(Types.INT, Types.DOUBLE)),
                n -> Tuple3.of("t" + n, n, Tuple2.of((int) n, n / 2.0))));
        all.add(new Sample("tuple0", Types.TUPLE(), n -> Tuple0.INSTANCE));
        all.add(new Sample("row", Types.ROW_NAMED(new String[] {"id", "name"}, Types.LONG, Types.STRING),
                n -> Row.ofKind(RowKind.UPDATE_AFTER, n, n % 2 == 0 ? null : "name-" + n)));
        all.add(new Sample("enum", Types.ENUM(Shapes.Status.class), n -> Shapes.Status.values()[(int) (n % 3)]));
        all.add(new Sample("pojo", TypeInformation.of(Shapes.Order.class),
                // So that all three classes occur.
                n -> Shapes.order(n + 2)));
        all.add(new Sample("list", Types.LIST(Types.STRING), n -> Arrays.asList("a", "b" + n)));
        all.add(new Sample("map", Types.MAP(Types.STRING, Types.LIST(Types.LONG)),
                n -> Collections.singletonMap("k", Collections.singletonList(n))));
        all.add(new Sample("either", Types.EITHER(Types.STRING, Types.LONG),
                n -> n % 2 == 0 ? Either.Left("left") : Either.Right(n)));
        all.add(new Sample("kryo", TypeInformation.of(Opaque.class), Opaque::new));
        all.add(new Sample("optional", new GenericTypeInfo<>(Optional.class), n -> Optional.of("here")));
    }

    private static void wrapped(List<Sample> all) {
        all.add(new Sample("nullable", NullableSerializer.wrap(IntSerializer.INSTANCE, true),
                n -> n % 2 == 0 ? (Object) (int) n : (Object) 7));
        all.add(new Sample("array-list", new ArrayListSerializer<>(LongSerializer.INSTANCE),
                n -> new ArrayList<>(Arrays.asList(n, n + 1))));
        all.add(new Sample("java", new JavaSerializer<String>(), n -> "java-" + n));
        all.add(new Sample("stream-element", new StreamElementSerializer<>(LongSerializer.INSTANCE),
                n -> new StreamRecord<>(n, n)));
    }
}
