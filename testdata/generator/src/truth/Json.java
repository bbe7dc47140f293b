package fixture;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;

/** Writes maps, lists, strings, numbers, booleans and null as compact JSON. */
final class Json {
    private Json() {}

    static String of(Object value) {
        StringBuilder out = new StringBuilder();
        append(out, value);
        return out.toString();
    }

    /** Same JSON, but each element of these lists on a line of its own, so that differences can be read. */
    static String withElementsOnLines(Map<String, Object> document, String... lists) {
        StringBuilder out = new StringBuilder("{");
        for (Iterator<Map.Entry<String, Object>> entries = document.entrySet().iterator(); entries.hasNext(); ) {
            Map.Entry<String, Object> entry = entries.next();
            append(out, entry.getKey());
            out.append(':');
            if (Arrays.asList(lists).contains(entry.getKey())) {
                appendLines(out, (Iterable<?>) entry.getValue());
            } else {
                append(out, entry.getValue());
            }
            out.append(entries.hasNext() ? ",\n" : "}\n");
        }
        return out.toString();
    }

    private static void appendLines(StringBuilder out, Iterable<?> elements) {
        out.append('[');
        String separator = "\n";
        for (Object element : elements) {
            out.append(separator);
            append(out, element);
            separator = ",\n";
        }
        out.append(']');
    }

    private static void append(StringBuilder out, Object value) {
        if (value == null || value instanceof Boolean || value instanceof Number) {
            out.append(value);
        } else if (value instanceof Map) {
            appendObject(out, (Map<?, ?>) value);
        } else if (value instanceof Iterable) {
            appendArray(out, (Iterable<?>) value);
        } else {
            appendString(out, value.toString());
        }
    }

    private static void appendObject(StringBuilder out, Map<?, ?> map) {
        String separator = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            out.append(separator);
            appendString(out, entry.getKey().toString());
            out.append(':');
            append(out, entry.getValue());
            separator = ",";
        }
        out.append(map.isEmpty() ? "{}" : "}");
    }

    private static void appendArray(StringBuilder out, Iterable<?> elements) {
        out.append('[');
        String separator = "";
        for (Object element : elements) {
            out.append(separator);
            append(out, element);
            separator = ",";
        }
        out.append(']');
    }

    private static void appendString(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean pair = Character.isHighSurrogate(c)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (pair) {
                out.append(c).append(text.charAt(++i));
            } else if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < 0x20 || c == 0x7f || Character.isSurrogate(c) || c == '\u2028' || c == '\u2029') {
                // A lone surrogate has no UTF-8 form, and one document must stay on one line.
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
