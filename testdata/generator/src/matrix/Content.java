package fixture;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.api.java.typeutils.GenericTypeInfo;

/** Values of a type, made so that those of the first run can be told from later ones. */
final class Content {
    private static final long FIRST = 4711;
    private static final long LATER = 8;

    private final String name;
    private final Class<?> model;
    @SuppressWarnings("rawtypes")
    final TypeInformation type;

    Content(String name) throws Exception {
        this.name = name;
        this.model = name.equals("pojo") || name.equals("kryo") ? Models.load("Profile")
                : name.equals("enum") ? Models.load("Level") : null;
        this.type = type();
    }

    private TypeInformation<?> type() {
        switch (name) {
            case "long":
                return Types.LONG;
            case "int":
                return Types.INT;
            case "string":
                return Types.STRING;
            case "tuple2":
                return Types.TUPLE(Types.LONG, Types.STRING);
            case "tuple3":
                return Types.TUPLE(Types.LONG, Types.STRING, Types.LONG);
            case "kryo":
                return new GenericTypeInfo<>(model);
            default:
                return TypeInformation.of(model);
        }
    }

    /** Null where a later value could not be told from an earlier one: then nothing is written. */
    Object value() throws Exception {
        boolean first = Control.timeShift() == 0;
        long number = first ? FIRST : LATER;
        switch (name) {
            case "long":
                return number;
            case "int":
                return (int) number;
            case "string":
                return "number " + number;
            case "tuple2":
                return Tuple2.of(number, "two");
            case "tuple3":
                return Tuple3.of(number, "three", 3L);
            case "enum":
                // The last but one: its place changes when constants come or go.
                return first ? model.getEnumConstants()[model.getEnumConstants().length - 2] : null;
            default:
                Object pojo = model.getDeclaredConstructor().newInstance();
                model.getField("number").setLong(pojo, number);
                return pojo;
        }
    }

    boolean isOfFirstRun(Object value) throws Exception {
        if (value instanceof Tuple) {
            return ((Tuple) value).<Long>getField(0) == FIRST;
        }
        if (value instanceof Enum) {
            return value.toString().equals("MID");
        }
        if (value instanceof Number) {
            return ((Number) value).longValue() == FIRST;
        }
        return value instanceof String
                ? value.equals("number " + FIRST)
                : value.getClass().getField("number").getLong(value) == FIRST;
    }
}
