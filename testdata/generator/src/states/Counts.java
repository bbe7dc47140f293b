package fixture;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How many entries and bytes a handle holds per state, counted with Flink's own readers. */
final class Counts {
    private Counts() {}

    /** Null for handles that are database files or operator state. */
    static Map<String, Object> of(ManagedHandle handle, String scenario) throws Throwable {
        if (handle.isOperator() || handle.isIncremental()) {
            return null;
        }
        Map<String, Object> out = handle.place();
        if (handle.isChanges()) {
            out.put("format", "changes");
            out.put("states", changes(handle));
        } else if (isCanonical(handle, scenario)) {
            out.put("format", "canonical");
            CanonicalCounts.put(out, handle);
        } else {
            out.put("format", "heap");
            HeapCounts.put(out, handle);
        }
        return out;
    }

    /** Full checkpoints of RocksDB are like canonical savepoints (up to 1.15); those of the heap are not. */
    private static boolean isCanonical(ManagedHandle handle, String scenario) {
        return handle.type().equals("KeyGroupsSavepointStateHandle") || scenario.contains("rocksdb");
    }

    /** Records and their bytes per state and operation. */
    private static List<Object> changes(ManagedHandle handle) throws Throwable {
        Map<Integer, String> names = new TreeMap<>();
        for (Object before : handle.changesBefore) {
            for (byte[] change : Changes.of(before)) {
                learn(names, change);
            }
        }
        Map<String, Map<String, Object>> states = new TreeMap<>();
        for (byte[] change : Changes.of(handle.handle)) {
            learn(names, change);
            boolean metadata = Changes.isMetadata(change);
            int id = metadata ? Changes.metadata(change).stateId : Changes.stateId(change);
            String name = names.getOrDefault(id, "#" + id);
            Map<String, Object> state = states.computeIfAbsent(name, key -> empty(key));
            state.merge("bytes", (long) change.length, (left, right) -> (Long) left + (Long) right);
            @SuppressWarnings("unchecked")
            Map<String, Object> records = (Map<String, Object>) state.get("records");
            records.merge(Changes.operation(change), 1, (left, right) -> (Integer) left + (Integer) right);
        }
        return new ArrayList<>(states.values());
    }

    private static Map<String, Object> empty(String name) {
        Map<String, Object> state = new LinkedHashMap<>();
        state.put("name", name);
        state.put("records", new TreeMap<String, Object>());
        state.put("bytes", 0L);
        return state;
    }

    private static void learn(Map<Integer, String> names, byte[] change) throws Throwable {
        if (Changes.isMetadata(change)) {
            Changes.Metadata metadata = Changes.metadata(change);
            names.put(metadata.stateId, metadata.snapshot.getName());
        }
    }
}
