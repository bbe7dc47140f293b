package fixture;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;

/** Describes a serializer snapshot and all within it. */
final class SerializerTree {
    private static final List<String> TTL = Arrays.asList(
            "org.apache.flink.runtime.state.ttl.TtlStateFactory$TtlSerializer",
            "org.apache.flink.runtime.state.v2.ttl.TtlStateFactory$TtlSerializer");

    private SerializerTree() {}

    static Map<String, Object> of(Object snapshot) throws Throwable {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("snapshot_class", snapshot.getClass().getName());
        try {
            out.put("serializer_class", restored(snapshot).getClass().getName());
        } catch (Throwable e) {
            out.put("serializer_class", null);
            out.put("unrestorable", e.getClass().getName());
        }
        SnapshotDetails.put(out, snapshot);
        List<Object> nested = new ArrayList<>();
        for (Object inner : nestedSnapshots(snapshot)) {
            nested.add(of(inner));
        }
        if (!nested.isEmpty()) {
            out.put("nested", nested);
        }
        return out;
    }

    /** Flink wraps the user's type, or the elements of a list, or the values of a map. */
    static Boolean hasTtl(Object snapshot) {
        if (snapshot == null) {
            return null;
        }
        try {
            Object serializer = restored(snapshot);
            Object element = Reflect.callIfPresent(serializer, "getElementSerializer");
            Object value = Reflect.callIfPresent(serializer, "getValueSerializer");
            return isTtl(serializer) || isTtl(element) || isTtl(value);
        } catch (Throwable e) {
            return null;
        }
    }

    private static boolean isTtl(Object serializer) {
        return serializer != null && TTL.contains(serializer.getClass().getName());
    }

    private static TypeSerializer<?> restored(Object snapshot) {
        return ((TypeSerializerSnapshot<?>) snapshot).restoreSerializer();
    }

    /** Composite ones, and others that keep what they contain in the same kind of object. */
    private static List<Object> nestedSnapshots(Object snapshot) throws Throwable {
        Object nested = Reflect.fieldIfPresent(snapshot, "nestedSerializersSnapshotDelegate");
        List<Object> out = new ArrayList<>();
        if (nested != null) {
            Object array = Reflect.call(nested, "getNestedSerializerSnapshots");
            for (int i = 0; i < Array.getLength(array); i++) {
                out.add(Array.get(array, i));
            }
        }
        return out;
    }
}
