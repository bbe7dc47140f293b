package fixture;

import java.time.Duration;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Time to live on a value, a list and a map, beside a value without. */
final class ExpiringStates extends KeyedProcessFunction<String, Event, Event> implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;

    private transient ValueState<Shapes.Customer> value;
    private transient ListState<Long> list;
    private transient MapState<String, Tuple2<String, Long>> map;
    private transient ValueState<Long> lasting;

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        KeyedStateStore store = context.getKeyedStateStore();
        value = store.getState(expiring(
                new ValueStateDescriptor<>("expiring-value", TypeInformation.of(Shapes.Customer.class))));
        list = store.getListState(expiring(new ListStateDescriptor<>("expiring-list", Types.LONG)));
        map = store.getMapState(expiring(new MapStateDescriptor<>(
                "expiring-map", Types.STRING, Types.TUPLE(Types.STRING, Types.LONG))));
        lasting = store.getState(new ValueStateDescriptor<>("lasting", Types.LONG));
    }

    private static <D extends StateDescriptor<?, ?>> D expiring(D descriptor) {
        descriptor.enableTimeToLive(Compat.timeToLive(Duration.ofDays(7)).build());
        return descriptor;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {}

    @Override
    public void processElement(Event event, Context context, Collector<Event> out) throws Exception {
        Shapes.Customer customer = new Shapes.Customer();
        customer.name = event.word;
        customer.visits = new int[] {(int) event.key};
        value.update(customer);
        list.add(event.value);
        map.put("key-" + event.key, Tuple2.of(event.word, event.value));
        lasting.update(event.value);
        context.timerService().registerProcessingTimeTimer(4_102_444_800_000L);
        out.collect(event);
    }
}
