package fixture;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.StateSerializerProvider;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueSetFactory;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;

/** Restores a stream of the heap backend, one key group after the other, and asks the restored tables for their sizes. */
final class HeapCounts {
    private static final String HEAP = "org.apache.flink.runtime.state.heap.";

    private HeapCounts() {}

    static void put(Map<String, Object> out, ManagedHandle handle) throws Throwable {
        KeyGroupsStateHandle all = (KeyGroupsStateHandle) handle.handle;
        Map<String, Long> sums = new LinkedHashMap<>();
        for (StateMetaInfoSnapshot state : Heads.keyedProxy(handle).getStateMetaInfoSnapshots()) {
            sums.put(state.getName(), 0L);
        }
        List<Object> keyGroups = new ArrayList<>();
        for (int group : all.getKeyGroupRange()) {
            long entries = 0;
            for (Map.Entry<String, Integer> state : sizes(handle, all, KeyGroupRange.of(group, group)).entrySet()) {
                sums.merge(state.getKey(), (long) state.getValue(), Long::sum);
                entries += state.getValue();
            }
            if (entries > 0) {
                keyGroups.add(Arrays.asList(group, entries));
            }
        }
        List<Object> states = new ArrayList<>();
        for (Map.Entry<String, Long> sum : sums.entrySet()) {
            Map<String, Object> state = new LinkedHashMap<>();
            state.put("name", sum.getKey());
            state.put("entries", sum.getValue());
            states.add(state);
        }
        out.put("states", states);
        out.put("key_groups", keyGroups);
    }

    private static Map<String, Integer> sizes(ManagedHandle handle, KeyGroupsStateHandle all, KeyGroupRange range)
            throws Throwable {
        TypeSerializer<?> keySerializer = Heads.keyedProxy(handle).getKeySerializerSnapshot().restoreSerializer();
        Map<String, Object> tables = new TreeMap<>();
        Map<String, Object> queues = new TreeMap<>();
        Object keyContext = Reflect.create(keyContextType(), range, handle.maxParallelism);
        Object restore = Reflect.create(
                Reflect.type(HEAP + "HeapRestoreOperation"),
                Collections.singletonList(all.getIntersection(range)),
                StateSerializerProvider.fromNewRegisteredSerializer(keySerializer),
                Heads.loader(), tables, queues, new CloseableRegistry(),
                new HeapPriorityQueueSetFactory(range, handle.maxParallelism, 128),
                range, handle.maxParallelism, tableFactory(), keyContext);
        Reflect.call(restore, "restore");
        Map<String, Integer> sizes = new TreeMap<>();
        for (Map.Entry<String, Object> table : tables.entrySet()) {
            sizes.put(table.getKey(), (Integer) Reflect.call(table.getValue(), "size"));
        }
        for (Map.Entry<String, Object> queue : queues.entrySet()) {
            Object elements = Reflect.call(queue.getValue(), "getPriorityQueue");
            sizes.put(queue.getKey(), (Integer) Reflect.call(elements, "size"));
        }
        return sizes;
    }

    /** Moved to another package in 2.0. */
    private static Class<?> keyContextType() {
        String moved = "org.apache.flink.runtime.state.InternalKeyContextImpl";
        return Reflect.type(Reflect.exists(moved) ? moved : HEAP + "InternalKeyContextImpl");
    }

    private static Object tableFactory() {
        return Proxy.newProxyInstance(
                Heads.loader(),
                new Class<?>[] {Reflect.type(HEAP + "StateTableFactory")},
                (proxy, method, arguments) ->
                        Reflect.create(Reflect.type(HEAP + "CopyOnWriteStateTable"), arguments));
    }
}
