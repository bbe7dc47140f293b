package fixture;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Keyed state as an operator declares it; tells what it found of the job before, and fills what is new. */
final class KeyedProbe extends KeyedProcessFunction<Object, Event, Event> implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;
    static final String TIMERS = "_timer_state/event_user-timers";
    /** After the last event of the first run, long before the first of a restored one. */
    private static final long DAY = 86_400_000L;
    static final long FIRST_RUN_TIMER = Event.number(0).timestamp + DAY;

    private final String name;
    private final Map<String, String> states;
    private final boolean timers;
    private final boolean lazy;
    private transient KeyedStateStore store;
    private transient List<KeyedSlot> slots;

    KeyedProbe(Op op) {
        name = op.name;
        states = new LinkedHashMap<>(op.states);
        timers = op.timers;
        lazy = op.lazy;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        store = context.getKeyedStateStore();
        if (!lazy) {
            open();
        }
    }

    private void open() throws Exception {
        slots = new ArrayList<>();
        for (Map.Entry<String, String> state : states.entrySet()) {
            slots.add(KeyedSlot.open(store, name, state.getKey(), state.getValue()));
        }
    }

    @Override
    public void processElement(Event event, Context context, Collector<Event> out) throws Exception {
        if (Control.isSlow()) {
            Thread.sleep(40);
        }
        if (slots == null) {
            open();
        }
        for (KeyedSlot slot : slots) {
            slot.touch();
        }
        if (timers) {
            context.timerService().registerEventTimeTimer(FIRST_RUN_TIMER + Control.timeShift());
        }
        out.collect(event);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Event> out) {
        if (timestamp == FIRST_RUN_TIMER) {
            Probe.found(name, TIMERS);
        }
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {}
}
