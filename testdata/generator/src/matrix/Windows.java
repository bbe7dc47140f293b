package fixture;

import java.time.Duration;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.datastream.WindowedStream;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.Window;
import org.apache.flink.util.Collector;

/** Window operators; a window of the first run that fires in a restored job proves contents and timers. */
final class Windows {
    static final String CONTENTS = "window-contents";
    static final String TIMERS = "_timer_state/event_window-timers";

    private Windows() {}

    static SingleOutputStreamOperator<Event> add(Op op, KeyedStream<Event, Long> events) {
        if (op.windowCount > 0) {
            return finish(op, events.countWindow(op.windowCount));
        }
        return finish(op, events.window(Compat.tumblingWindows(Duration.ofSeconds(op.windowSeconds))));
    }

    private static <W extends Window> SingleOutputStreamOperator<Event> finish(
            Op op, WindowedStream<Event, Long, W> windows) {
        Fired<W> fired = new Fired<>(op.name);
        return (op.kind == Op.Kind.WINDOW_REDUCE
                ? windows.reduce((left, right) -> left.timestamp <= right.timestamp ? left : right, fired)
                : windows.process(fired)).returns(Event.class);
    }

    private static final class Fired<W extends Window> extends ProcessWindowFunction<Event, Event, Long, W> {
        private static final long serialVersionUID = 1L;
        private final String name;

        Fired(String name) {
            this.name = name;
        }

        @Override
        public void process(Long key, Context context, Iterable<Event> events, Collector<Event> out) {
            for (Event event : events) {
                if (event.timestamp < KeyedProbe.FIRST_RUN_TIMER) {
                    Probe.found(name, CONTENTS);
                    Probe.found(name, TIMERS);
                }
                out.collect(event);
            }
        }
    }
}
