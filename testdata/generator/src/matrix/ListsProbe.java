package fixture;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.OperatorStateStore;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;

/** Operator state: "list TYPE", "union TYPE" or "broadcast TYPE". */
final class ListsProbe implements MapFunction<Event, Event>, CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    private final String name;
    private final Map<String, String> states;
    private transient Map<String, Object> opened;
    private transient Map<String, Content> contents;

    ListsProbe(Op op) {
        name = op.name;
        states = new LinkedHashMap<>(op.states);
    }

    @Override
    public Event map(Event event) {
        return event;
    }

    @Override
    @SuppressWarnings({"unchecked", "rawtypes"})
    public void initializeState(FunctionInitializationContext context) throws Exception {
        opened = new LinkedHashMap<>();
        contents = new LinkedHashMap<>();
        OperatorStateStore store = context.getOperatorStateStore();
        for (Map.Entry<String, String> declared : states.entrySet()) {
            String state = declared.getKey();
            String[] parts = declared.getValue().split(" ");
            Content content = new Content(parts[1]);
            contents.put(state, content);
            Iterable<?> found;
            if (parts[0].equals("broadcast")) {
                BroadcastState all = store.getBroadcastState(
                        new MapStateDescriptor<>(state, Types.STRING, content.type));
                opened.put(state, all);
                Map<String, Object> copy = new LinkedHashMap<>();
                for (Object entry : all.entries()) {
                    copy.put("" + copy.size(), ((Map.Entry<?, ?>) entry).getValue());
                }
                found = copy.values();
            } else {
                ListStateDescriptor descriptor = new ListStateDescriptor<>(state, content.type);
                ListState list = parts[0].equals("union")
                        ? store.getUnionListState(descriptor) : store.getListState(descriptor);
                opened.put(state, list);
                found = (Iterable<?>) list.get();
            }
            for (Object value : found) {
                if (content.isOfFirstRun(value)) {
                    Probe.found(name, state);
                }
            }
        }
    }

    @Override
    @SuppressWarnings({"unchecked", "rawtypes"})
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        for (Map.Entry<String, Object> state : opened.entrySet()) {
            Object value = contents.get(state.getKey()).value();
            if (state.getValue() instanceof BroadcastState) {
                ((BroadcastState) state.getValue()).put("rule", value);
            } else {
                ListState list = (ListState) state.getValue();
                list.clear();
                list.add(value);
            }
        }
    }
}
