package fixture;

import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.v2.MapState;
import org.apache.flink.api.common.state.v2.MapStateDescriptor;
import org.apache.flink.api.common.state.v2.ValueState;
import org.apache.flink.api.common.state.v2.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.windowing.assigners.EventTimeSessionWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.util.Collector;

/** The API of Flink 2, where it differs from Flink 1. */
final class Compat {
    private Compat() {}

    static StateTtlConfig.Builder timeToLive(Duration duration) {
        return StateTtlConfig.newBuilder(duration);
    }

    static EventTimeSessionWindows sessionWindows(Duration gap) {
        return EventTimeSessionWindows.withGap(gap);
    }

    static TumblingEventTimeWindows tumblingWindows(Duration duration) {
        return TumblingEventTimeWindows.of(duration);
    }

    /** The option alone is enough. */
    static void useJobManagerStorage(StreamExecutionEnvironment env, String checkpoints) {}

    static SingleOutputStreamOperator<Event> asyncCount(KeyedStream<Event, Long> events) {
        return events.enableAsyncState().process(new AsyncCount()).returns(Event.class);
    }

    private static final class AsyncCount extends KeyedProcessFunction<Long, Event, Event> {
        private transient ValueState<Long> count;
        private transient MapState<String, Long> words;

        @Override
        public void open(OpenContext context) {
            count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Types.LONG));
            words = getRuntimeContext()
                    .getMapState(new MapStateDescriptor<>("per-word", Types.STRING, Types.LONG));
        }

        @Override
        public void processElement(Event event, Context context, Collector<Event> out) {
            count.asyncValue()
                    .thenCompose(old -> count.asyncUpdate(old == null ? 1 : old + 1))
                    .thenCompose(done -> words.asyncPut(event.word, event.value))
                    .thenAccept(done -> {
                        Control.countProcessed();
                        out.collect(event);
                    });
        }
    }
}
