package fixture;

import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.functions.ReduceFunction;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReducingState;
import org.apache.flink.api.common.state.ReducingStateDescriptor;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;

/** One declared keyed state, "KIND TYPE [ttl]": looks for what the first run has left under the current key. */
abstract class KeyedSlot {
    private final String operator;
    private final String state;
    final Content content;

    private KeyedSlot(String operator, String state, Content content) {
        this.operator = operator;
        this.state = state;
        this.content = content;
    }

    /** Everything under the current key. */
    abstract Iterable<?> values() throws Exception;

    abstract void write(Object value) throws Exception;

    void touch() throws Exception {
        for (Object value : values()) {
            if (content.isOfFirstRun(value)) {
                Probe.found(operator, state);
            }
        }
        Object value = content.value();
        if (value != null) {
            write(value);
        }
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    static KeyedSlot open(KeyedStateStore store, String operator, String name, String declared) throws Exception {
        String[] parts = declared.split(" ");
        Content content = new Content(parts[1]);
        boolean ttl = parts.length > 2;
        switch (parts[0]) {
            case "value": {
                ValueState state = store.getState(ttl(ttl, new ValueStateDescriptor<>(name, content.type)));
                return new KeyedSlot(operator, name, content) {
                    @Override
                    Iterable<?> values() throws Exception {
                        Object value = state.value();
                        return value == null ? List.of() : List.of(value);
                    }

                    @Override
                    void write(Object value) throws Exception {
                        state.update(value);
                    }
                };
            }
            case "list": {
                ListState state = store.getListState(ttl(ttl, new ListStateDescriptor<>(name, content.type)));
                return new KeyedSlot(operator, name, content) {
                    @Override
                    Iterable<?> values() throws Exception {
                        Iterable<?> values = (Iterable<?>) state.get();
                        return values == null ? List.of() : values;
                    }

                    @Override
                    void write(Object value) throws Exception {
                        state.add(value);
                    }
                };
            }
            case "reducing": {
                ReducingState state = store.getReducingState(
                        ttl(ttl, new ReducingStateDescriptor<>(name, (ReduceFunction) new Keep(), content.type)));
                return new KeyedSlot(operator, name, content) {
                    @Override
                    Iterable<?> values() throws Exception {
                        Object value = state.get();
                        return value == null ? List.of() : List.of(value);
                    }

                    @Override
                    void write(Object value) throws Exception {
                        state.add(value);
                    }
                };
            }
            default: {
                boolean longKeys = parts[0].equals("map-of-long");
                MapState state = store.getMapState(ttl(ttl,
                        new MapStateDescriptor<>(name, longKeys ? Types.LONG : (TypeInformation) Types.STRING, content.type)));
                return new KeyedSlot(operator, name, content) {
                    @Override
                    Iterable<?> values() throws Exception {
                        Iterable<?> values = state.values();
                        return values == null ? List.of() : values;
                    }

                    @Override
                    void write(Object value) throws Exception {
                        // Another entry than the first run's, which must stay to be found.
                        long key = Control.timeShift() == 0 ? 1 : 2;
                        state.put(longKeys ? (Object) key : "entry-" + key, value);
                    }
                };
            }
        }
    }

    private static <D extends StateDescriptor<?, ?>> D ttl(boolean on, D descriptor) {
        if (on) {
            descriptor.enableTimeToLive(Compat.timeToLive(Duration.ofDays(7)).build());
        }
        return descriptor;
    }

    private static final class Keep implements ReduceFunction<Object> {
        @Override
        public Object reduce(Object left, Object right) {
            return left;
        }
    }
}
