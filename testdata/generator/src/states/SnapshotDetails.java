package fixture;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a snapshot object knows beside its nested snapshots. Fields were renamed over the releases. */
final class SnapshotDetails {
    private SnapshotDetails() {}

    static void put(Map<String, Object> out, Object snapshot) throws Throwable {
        switch (snapshot.getClass().getName().replaceFirst("^.*[.$]", "")) {
            case "PojoSerializerSnapshot":
                out.put("pojo", pojo(Reflect.fieldIfPresent(snapshot, "snapshotData")));
                break;
            case "KryoSerializerSnapshot":
                out.put("kryo", kryo(Reflect.fieldIfPresent(snapshot, "snapshotData")));
                break;
            case "EnumSerializerSnapshot":
                Map<String, Object> enumeration = new LinkedHashMap<>();
                enumeration.put("class", name(field(snapshot, "enumClass")));
                List<Object> constants = new ArrayList<>();
                for (Object constant : (Object[]) field(snapshot, "enums", "previousEnums")) {
                    constants.add(((Enum<?>) constant).name());
                }
                enumeration.put("constants", constants);
                out.put("enum", enumeration);
                break;
            case "TupleSerializerSnapshot":
                out.put("tuple_class", name(field(snapshot, "tupleClass")));
                break;
            case "ScalaCaseClassSerializerSnapshot":
            case "Tuple2CaseClassSerializerSnapshot":
                out.put("case_class", name(field(snapshot, "type")));
                break;
            case "RowSerializerSnapshot":
                // Up to 1.13 it only knew the version it was read with; then rows always have a kind.
                out.put("row_supports_kind", Reflect.fieldIfPresent(snapshot, "supportsRowKind"));
                break;
            case "GenericArraySerializerSnapshot":
                out.put("array_component_class", name(field(snapshot, "componentClass")));
                break;
            case "NullableSerializerSnapshot":
                out.put("null_padding", field(snapshot, "nullPaddingLength"));
                break;
            case "RowDataSerializerSnapshot":
                out.put("logical_types", summaries(field(snapshot, "types", "previousTypes")));
                break;
            case "ArrayDataSerializerSnapshot":
                out.put("array_element_type", summary(field(snapshot, "eleType", "previousType")));
                out.put("array_element_serializer", name(field(snapshot, "eleSer", "previousEleSer").getClass()));
                break;
            case "MapDataSerializerSnapshot":
                out.put("map_key_type", summary(field(snapshot, "keyType", "previousKeyType")));
                out.put("map_value_type", summary(field(snapshot, "valueType", "previousValueType")));
                break;
            case "DecimalSerializerSnapshot":
            case "DecimalDataSerializerSnapshot":
                out.put("decimal", Arrays.asList(
                        field(snapshot, "precision", "previousPrecision"), field(snapshot, "scale", "previousScale")));
                break;
            case "TimestampDataSerializerSnapshot":
                out.put("timestamp_precision", field(snapshot, "precision", "previousPrecision"));
                break;
            case "BinaryRowDataSerializerSnapshot":
                out.put("binary_row_fields", field(snapshot, "numFields", "previousNumFields"));
                break;
            case "SortedMapSerializerSnapshot":
                out.put("comparator", name(field(snapshot, "comparator").getClass()));
                break;
            case "LinkedListSerializerSnapshot":
                out.put("has_null_mask", Reflect.fieldIfPresent(snapshot, "hasNullMask"));
                break;
            case "ExternalSerializerSnapshot":
                out.put("data_type", field(snapshot, "dataType").toString());
                out.put("is_internal_input", field(snapshot, "isInternalInput"));
                break;
            default:
                if (Reflect.fieldIfPresent(snapshot, "typeClass") != null) {
                    out.put("type_class", name(field(snapshot, "typeClass")));
                }
                break;
        }
    }

    private static Map<String, Object> pojo(Object data) throws Throwable {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("class", name(field(data, "pojoClass")));
        List<Object> fields = new ArrayList<>();
        for (Map.Entry<?, ?> entry : entries(data, "fieldSerializerSnapshots").entrySet()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", ((Field) entry.getKey()).getName());
            one.put("declaring_class", ((Field) entry.getKey()).getDeclaringClass().getName());
            one.put("type", SerializerTree.of(entry.getValue()));
            fields.add(one);
        }
        out.put("fields", fields);
        out.put("registered_subclasses", subclasses(data, "registeredSubclassSerializerSnapshots"));
        out.put("non_registered_subclasses", subclasses(data, "nonRegisteredSubclassSerializerSnapshots"));
        return out;
    }

    private static List<Object> subclasses(Object data, String field) throws Throwable {
        List<Object> out = new ArrayList<>();
        for (Map.Entry<?, ?> entry : entries(data, field).entrySet()) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("class", name(entry.getKey()));
            one.put("type", SerializerTree.of(entry.getValue()));
            out.add(one);
        }
        return out;
    }

    private static Map<String, Object> kryo(Object data) throws Throwable {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("class", name(field(data, "typeClass")));
        Object registrations = field(data, "kryoRegistrations");
        out.put("registrations", new ArrayList<>((Collection<?>) Reflect.call(registrations, "keyNames")));
        return out;
    }

    /** In file order. */
    private static Map<?, ?> entries(Object data, String field) throws Throwable {
        return (Map<?, ?>) Reflect.call(field(data, field), "unwrapOptionals");
    }

    private static Object field(Object target, String... names) throws IllegalAccessException {
        for (String name : names) {
            Object value = Reflect.fieldIfPresent(target, name);
            if (value != null) {
                return value;
            }
        }
        throw new Reflect.Missing(target.getClass().getName() + Arrays.toString(names));
    }

    private static String name(Object type) {
        return ((Class<?>) type).getName();
    }

    private static List<Object> summaries(Object types) throws Throwable {
        List<Object> out = new ArrayList<>();
        for (int i = 0; i < Array.getLength(types); i++) {
            out.add(summary(Array.get(types, i)));
        }
        return out;
    }

    private static Object summary(Object logicalType) throws Throwable {
        return Reflect.call(logicalType, "asSummaryString");
    }
}
