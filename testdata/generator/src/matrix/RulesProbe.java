package fixture;

import java.util.Map;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.co.BroadcastProcessFunction;
import org.apache.flink.util.Collector;

/** Broadcast state, filled from a second input. */
final class RulesProbe extends BroadcastProcessFunction<Event, Event, Event> {
    private static final long serialVersionUID = 1L;
    static final MapStateDescriptor<String, Long> STATE =
            new MapStateDescriptor<>("rules", Types.STRING, Types.LONG);
    private static final long FIRST = 4711;

    private final String name;

    RulesProbe(String name) {
        this.name = name;
    }

    @Override
    public void processElement(Event event, ReadOnlyContext context, Collector<Event> out) throws Exception {
        for (Map.Entry<String, Long> entry : context.getBroadcastState(STATE).immutableEntries()) {
            // In the first run this means nothing, and nobody asks.
            if (entry.getValue() == FIRST) {
                Probe.found(name, STATE.getName());
            }
        }
        out.collect(event);
    }

    @Override
    public void processBroadcastElement(Event rule, Context context, Collector<Event> out) throws Exception {
        boolean first = Control.timeShift() == 0;
        context.getBroadcastState(STATE).put(first ? "rule" : "later rule", first ? FIRST : 8);
    }
}
