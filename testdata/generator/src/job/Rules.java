package fixture;

import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.co.BroadcastProcessFunction;
import org.apache.flink.util.Collector;

/** Broadcast state: rules that every subtask holds in full. */
final class Rules extends BroadcastProcessFunction<Event, Event, Event> {
    private static final long serialVersionUID = 1L;
    static final MapStateDescriptor<String, Long> STATE =
            new MapStateDescriptor<>("rules", Types.STRING, Types.LONG);

    @Override
    public void processElement(Event event, ReadOnlyContext context, Collector<Event> out) {
        out.collect(event);
    }

    @Override
    public void processBroadcastElement(Event rule, Context context, Collector<Event> out) throws Exception {
        context.getBroadcastState(STATE).put("rule-" + rule.key % 5, rule.value);
    }
}
