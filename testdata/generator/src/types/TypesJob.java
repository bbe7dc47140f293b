package fixture;

import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.BroadcastStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/** A small job with as many serializers as the release at hand offers. */
final class TypesJob {
    /** So many per reader; there is one. */
    static final int EVENTS = 24;
    private static final int KEYS = 5;
    /** Where snapshots are compressed, each state takes bytes in each key group, empty or not. */
    private static final int FEW_GROUPS = 16;

    private TypesJob() {}

    static void build(StreamExecutionEnvironment env, boolean async, boolean allTypes) {
        env.setParallelism(1);
        DataStream<Event> events = ticks(env, RichJob.EVENTS);
        // Every second event has the same key: one key group is loaded more than the others.
        KeyedStream<Event, Long> byNumber = events.keyBy(event -> event.key % 2 == 0 ? 0 : event.key % KEYS, Types.LONG);
        if (async) {
            drop(TypesCompat.async(byNumber).name("async-types").uid("async-types"), "async-end");
            return;
        }
        DataStream<Event> typed = byNumber.process(new TypedStates(allTypes)).returns(Event.class)
                .name("typed-states").uid("typed-states").setMaxParallelism(FEW_GROUPS)
                .map(new OperatorLists(true)).returns(Event.class).name("operator-lists").uid("operator-lists");
        BroadcastStream<Event> rules = ticks(env, RichJob.RULES).broadcast(Rules.STATE);
        drop(typed.connect(rules).process(new Rules()).returns(Event.class).name("apply-rules").uid("apply-rules"),
                "rules-end");
        // Keys of variable length and a max parallelism that takes two bytes.
        drop(events.keyBy(event -> event.word, Types.STRING).process(new ExpiringStates()).returns(Event.class)
                .name("expiring-states").uid("expiring-states").setMaxParallelism(130), "expiring-end");
        drop(events.keyBy(event -> event.word, Types.STRING)
                .window(Compat.sessionWindows(Duration.ofMinutes(10)))
                .process(new Forward()).returns(Event.class)
                .name("session-windows").uid("session-windows").setMaxParallelism(FEW_GROUPS), "session-end");
    }

    private static DataStream<Event> ticks(StreamExecutionEnvironment env, String uid) {
        WatermarkStrategy<Event> watermarks = WatermarkStrategy.forMonotonousTimestamps();
        return env.fromSource(new TickSource(uid), watermarks, uid, TypeInformation.of(Event.class)).uid(uid);
    }

    /** Ends a stream; Flink 1 and 2 have different interfaces for sinks, print has one. */
    private static void drop(DataStream<Event> events, String uid) {
        events.filter(event -> false).name(uid).uid(uid).print().uid(uid + "-print");
    }

    private static final class Forward extends ProcessWindowFunction<Event, Event, String, TimeWindow> {
        @Override
        public void process(String key, Context context, Iterable<Event> events, Collector<Event> out) {
            events.forEach(out::collect);
        }
    }
}
