package fixture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.java.typeutils.runtime.RowSerializer;
import org.apache.flink.types.Row;

/** Types that only some releases have: Scala's up to 1.20, sets and variants in later ones. */
final class LaterSamples {
    private static final String BASE = "org.apache.flink.api.common.typeutils.base.";
    private static final String SCALA = "org.apache.flink.api.scala.";
    private static final String VARIANT = "org.apache.flink.types.variant.Variant";

    private LaterSamples() {}

    static List<Sample> all() throws Throwable {
        List<Sample> all = new ArrayList<>();
        if (rowsTellTheirKind()) {
            TypeSerializer<?>[] fields = {StringSerializer.INSTANCE, LongSerializer.INSTANCE};
            all.add(new Sample("row-without-kind", new RowSerializer(fields, null, false), n -> Row.of("r", n)));
        }
        if (Reflect.exists(BASE + "SetSerializer")) {
            all.add(new Sample("set", serializer(BASE + "SetSerializer", LongSerializer.INSTANCE),
                    n -> new HashSet<>(Arrays.asList(n, n + 1))));
        }
        if (Reflect.exists(VARIANT)) {
            all.add(new Sample("variant", serializer(BASE + "VariantSerializer"), LaterSamples::variant));
        }
        if (Reflect.exists(BASE + "BitmapSerializer")) {
            all.add(new Sample("bitmap", serializer(BASE + "BitmapSerializer"), LaterSamples::bitmap));
        }
        if (Reflect.exists(SCALA + "typeutils.OptionSerializer")) {
            scala(all);
        }
        return all;
    }

    /** Up to 1.13 the snapshot of a row's serializer does not say whether rows have a kind. */
    private static boolean rowsTellTheirKind() {
        return Arrays.stream(RowSerializer.RowSerializerSnapshot.class.getDeclaredFields())
                .anyMatch(field -> field.getName().equals("supportsRowKind"));
    }

    private static void scala(List<Sample> all) throws Throwable {
        TypeSerializer<?>[] fields = {StringSerializer.INSTANCE, LongSerializer.INSTANCE};
        all.add(new Sample("scala-option", serializer(SCALA + "typeutils.OptionSerializer", StringSerializer.INSTANCE),
                n -> made("scala.Some", "some-" + n)));
        all.add(new Sample("scala-either",
                serializer(SCALA + "typeutils.EitherSerializer", StringSerializer.INSTANCE, LongSerializer.INSTANCE),
                n -> made("scala.util.Right", n)));
        all.add(new Sample("scala-tuple2",
                serializer(SCALA + "package$Tuple2CaseClassSerializer", Reflect.type("scala.Tuple2"), fields),
                n -> made("scala.Tuple2", "t", n)));
        all.add(new Sample("scala-case-class",
                serializer(SCALA + "typeutils.ScalaCaseClassSerializer", Reflect.type("scala.util.Left"),
                        new TypeSerializer<?>[] {StringSerializer.INSTANCE}),
                n -> made("scala.util.Left", "left-" + n)));
    }

    private static Object made(String type, Object... arguments) throws Exception {
        try {
            return Reflect.create(Reflect.type(type), arguments);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object variant(long n) throws Exception {
        try {
            Object builder = Reflect.callStatic(Reflect.type(VARIANT), "newBuilder");
            return Reflect.call(builder, "of", "variant-" + n);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object bitmap(long n) throws Exception {
        try {
            return Reflect.callStatic(
                    Reflect.type("org.apache.flink.types.bitmap.Bitmap"), "fromArray", new int[] {1, (int) n});
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static TypeSerializer<?> serializer(String type, Object... arguments) throws Throwable {
        return (TypeSerializer<?>) Reflect.create(Reflect.type(type), arguments);
    }
}
