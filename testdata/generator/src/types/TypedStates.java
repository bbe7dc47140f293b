package fixture;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** A value state for each sample, a map with many entries under one key, and timers. */
final class TypedStates extends KeyedProcessFunction<Long, Event, Event> implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;
    private static final List<String> FEW =
            Arrays.asList("string", "tuple", "row", "pojo", "kryo", "row-data", "string-data", "set", "scala-option");
    private static final long DAY = Duration.ofDays(1).toMillis();

    private final boolean allTypes;
    private transient List<Sample> samples;
    private transient List<ValueState<Object>> states;
    private transient MapState<Long, String> many;
    private transient ListState<Shapes.Status> statuses;

    TypedStates(boolean allTypes) {
        this.allTypes = allTypes;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        KeyedStateStore store = context.getKeyedStateStore();
        samples = new ArrayList<>(PlainSamples.all());
        samples.addAll(TableSamples.all());
        try {
            samples.addAll(LaterSamples.all());
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
        if (!allTypes) {
            samples = samples.stream().filter(sample -> FEW.contains(sample.name)).collect(Collectors.toList());
        }
        states = new ArrayList<>();
        for (Sample sample : samples) {
            states.add(store.getState(sample.descriptor()));
        }
        many = store.getMapState(new MapStateDescriptor<>("many", Types.LONG, Types.STRING));
        statuses = store.getListState(new ListStateDescriptor<>("statuses", Types.ENUM(Shapes.Status.class)));
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {}

    @Override
    public void processElement(Event event, Context context, Collector<Event> out) throws Exception {
        for (int i = 0; i < samples.size(); i++) {
            // Written once: changelogs would hold each write.
            if (states.get(i).value() == null) {
                states.get(i).update(samples.get(i).values.of(event.key));
            }
        }
        for (long entry = 0; entry < (context.getCurrentKey() == 0 ? 3 : 1); entry++) {
            many.put(event.timestamp + entry, event.word);
        }
        statuses.add(Shapes.Status.PAID);
        context.timerService().registerEventTimeTimer(event.timestamp / DAY * DAY + 30 * DAY);
        Control.countProcessed();
        out.collect(event);
    }
}
