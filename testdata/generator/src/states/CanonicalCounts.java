package fixture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.StateSerializerProvider;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;
import org.apache.flink.runtime.state.restore.FullSnapshotRestoreOperation;
import org.apache.flink.runtime.state.restore.KeyGroup;
import org.apache.flink.runtime.state.restore.KeyGroupEntry;
import org.apache.flink.runtime.state.restore.SavepointRestoreResult;
import org.apache.flink.runtime.state.restore.ThrowingIterator;

/** Walks a stream in canonical format as Flink's restore does. */
final class CanonicalCounts {
    private CanonicalCounts() {}

    static void put(Map<String, Object> out, ManagedHandle handle) throws Throwable {
        TypeSerializer<?> keySerializer = Heads.keyedProxy(handle).getKeySerializerSnapshot().restoreSerializer();
        FullSnapshotRestoreOperation<?> operation = new FullSnapshotRestoreOperation<>(
                KeyGroupRange.of(0, handle.maxParallelism - 1), Heads.loader(),
                Collections.singletonList((KeyedStateHandle) handle.handle),
                StateSerializerProvider.fromNewRegisteredSerializer(keySerializer));
        List<Object> states = new ArrayList<>();
        List<Object> keyGroups = new ArrayList<>();
        try (ThrowingIterator<SavepointRestoreResult> results = operation.restore()) {
            while (results.hasNext()) {
                SavepointRestoreResult result = results.next();
                List<StateMetaInfoSnapshot> heads = result.getStateMetaInfoSnapshots();
                // Entries, bytes of keys, bytes of values.
                long[][] sums = new long[heads.size()][3];
                try (ThrowingIterator<KeyGroup> groups = result.getRestoredKeyGroups()) {
                    while (groups.hasNext()) {
                        countGroup(groups.next(), sums, keyGroups);
                    }
                }
                for (int i = 0; i < sums.length; i++) {
                    Map<String, Object> state = new LinkedHashMap<>();
                    state.put("name", heads.get(i).getName());
                    state.put("entries", sums[i][0]);
                    state.put("key_bytes", sums[i][1]);
                    state.put("value_bytes", sums[i][2]);
                    states.add(state);
                }
            }
        }
        out.put("states", states);
        out.put("key_groups", keyGroups);
    }

    private static void countGroup(KeyGroup group, long[][] sums, List<Object> keyGroups) throws Throwable {
        long entries = 0;
        long bytes = 0;
        try (ThrowingIterator<KeyGroupEntry> all = group.getKeyGroupEntries()) {
            while (all.hasNext()) {
                KeyGroupEntry entry = all.next();
                long[] sum = sums[entry.getKvStateId()];
                sum[0]++;
                sum[1] += entry.getKey().length;
                sum[2] += entry.getValue().length;
                entries++;
                bytes += entry.getKey().length + entry.getValue().length;
            }
        }
        if (entries > 0) {
            keyGroups.add(Arrays.asList(group.getKeyGroupId(), entries, bytes));
        }
    }
}
