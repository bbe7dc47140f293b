package fixture;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.runtime.state.KeyedBackendSerializationProxy;
import org.apache.flink.runtime.state.OperatorBackendSerializationProxy;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;

/** The heads of all streams of a snapshot, each distinct one once, in the order in which they first occur. */
final class Heads {
    private final Map<String, Integer> indexes = new LinkedHashMap<>();
    private final List<Object> heads = new ArrayList<>();

    int indexOf(ManagedHandle handle) throws Throwable {
        Map<String, Object> head = handle.isChanges()
                ? ofChanges(handle)
                : handle.isOperator() ? ofOperatorState(handle) : ofKeyedState(keyedProxy(handle));
        Integer known = indexes.putIfAbsent(Json.of(head), heads.size());
        if (known != null) {
            return known;
        }
        heads.add(head);
        return heads.size() - 1;
    }

    List<Object> all() {
        return heads;
    }

    static KeyedBackendSerializationProxy<?> keyedProxy(ManagedHandle handle) throws Throwable {
        KeyedBackendSerializationProxy<?> proxy = new KeyedBackendSerializationProxy<>(loader());
        try (FSDataInputStream stream = handle.streams().get(0).openInputStream()) {
            proxy.read(new DataInputViewStreamWrapper(stream));
        }
        return proxy;
    }

    private static Map<String, Object> ofKeyedState(KeyedBackendSerializationProxy<?> proxy) throws Throwable {
        return head("keyed", proxy.getReadVersion(), proxy.isUsingKeyGroupCompression(),
                SerializerTree.of(proxy.getKeySerializerSnapshot()), states(proxy.getStateMetaInfoSnapshots()));
    }

    private static Map<String, Object> ofOperatorState(ManagedHandle handle) throws Throwable {
        OperatorBackendSerializationProxy proxy = new OperatorBackendSerializationProxy(loader());
        try (FSDataInputStream stream = handle.streams().get(0).openInputStream()) {
            proxy.read(new DataInputViewStreamWrapper(stream));
        }
        List<StateMetaInfoSnapshot> states = new ArrayList<>(proxy.getOperatorStateMetaInfoSnapshots());
        states.addAll(proxy.getBroadcastStateMetaInfoSnapshots());
        // The flag came with version 6 of this head, in 1.18.
        Object compressed = proxy.getReadVersion() < 6
                ? null
                : Reflect.callIfPresent(proxy, "isUsingStateCompression");
        return head("operator", proxy.getReadVersion(), compressed, null, states(states));
    }

    /** Changes have no head of their own; each state is described by a record among them. */
    private static Map<String, Object> ofChanges(ManagedHandle handle) throws Throwable {
        List<Object> states = new ArrayList<>();
        Integer version = null;
        for (byte[] change : Changes.of(handle.handle)) {
            if (Changes.isMetadata(change)) {
                Changes.Metadata metadata = Changes.metadata(change);
                version = metadata.version;
                Map<String, Object> state = new LinkedHashMap<>();
                state.put("state_id", metadata.stateId);
                state.putAll(state(metadata.snapshot));
                states.add(state);
            }
        }
        return head("changes", version, null, null, states);
    }

    private static Map<String, Object> head(
            String proxy, Object version, Object compressed, Object keySerializer, List<Object> states) {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("proxy", proxy);
        out.put("proxy_version", version);
        out.put("compressed", compressed);
        out.put("key_serializer", keySerializer);
        out.put("states", states);
        return out;
    }

    private static List<Object> states(Collection<StateMetaInfoSnapshot> snapshots) throws Throwable {
        List<Object> out = new ArrayList<>();
        for (StateMetaInfoSnapshot snapshot : snapshots) {
            out.add(state(snapshot));
        }
        return out;
    }

    private static Map<String, Object> state(StateMetaInfoSnapshot snapshot) throws Throwable {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("name", snapshot.getName());
        out.put("backend_state_type", snapshot.getBackendStateType().name());
        out.put("options", new TreeMap<>(snapshot.getOptionsImmutable()));
        Map<String, Object> serializers = new LinkedHashMap<>();
        Map<String, Object> sorted = new TreeMap<>(snapshot.getSerializerSnapshotsImmutable());
        for (Map.Entry<String, Object> entry : sorted.entrySet()) {
            serializers.put(entry.getKey(), SerializerTree.of(entry.getValue()));
        }
        out.put("serializers", serializers);
        out.put("ttl", SerializerTree.hasTtl(sorted.get("VALUE_SERIALIZER")));
        return out;
    }

    static ClassLoader loader() {
        return Heads.class.getClassLoader();
    }
}
