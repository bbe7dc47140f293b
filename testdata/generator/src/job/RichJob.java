package fixture;

import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringEncoder;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.datastream.BroadcastStream;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.filesystem.rollingpolicies.OnCheckpointRollingPolicy;
import org.apache.flink.streaming.api.functions.windowing.ProcessWindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.util.Collector;

/** The job whose snapshots become fixtures. */
final class RichJob {
    static final String EVENTS = "my-source";
    static final String RULES = "rules-source";
    static final int PARALLELISM = 2;

    /** How much of the job is built. */
    enum Shape {
        /** Every kind of state. */
        FULL,
        /** One keyed operator with few states: RocksDB writes several files per state. */
        LEAN,
        /** The lean job with two states and no timers, where only the kind of handle matters. */
        SLIM,
        /** The lean job, its keyed operator using Flink 2's asynchronous state. */
        ASYNC
    }

    private RichJob() {}

    static void build(StreamExecutionEnvironment env, Shape shape, String outputDirectory) {
        env.setParallelism(Control.parallelism());
        KeyedStream<Event, Long> events = ticks(env, EVENTS)
                .map(event -> event).returns(Event.class).name("enrich").uid("enrich")
                // No uid: its id comes from the shape of the graph.
                .map(new OperatorLists(false)).returns(Event.class).name("without uid")
                .keyBy(event -> event.key, Types.LONG);
        SingleOutputStreamOperator<Event> keyed = shape == Shape.ASYNC
                ? Compat.asyncCount(events)
                : events.process(new RichKeyed(shape)).returns(Event.class);
        DataStream<Event> result = keyed
                .name("Zähler → 数 😀 |x|").uid("rich-keyed")
                .map(new OperatorLists(true)).returns(Event.class)
                .name("operator-lists").uid("operator-lists");
        if (shape == Shape.FULL) {
            result = withRules(env, result).union(reducedWindows(events), processedWindows(events));
        }
        SingleOutputStreamOperator<String> lines = result
                .map(Event::toString).returns(Types.STRING).name("format").uid("format").setParallelism(1);
        if (Control.results() != Control.Results.NO_FILES) {
            lines.sinkTo(files(outputDirectory)).name("file-sink").uid("file-sink").setParallelism(1);
        }
    }

    private static FileSink<String> files(String directory) {
        SimpleStringEncoder<String> lines = new SimpleStringEncoder<>("UTF-8");
        FileSink.DefaultRowFormatBuilder<String> sink = FileSink.forRowFormat(new Path(directory), lines);
        return Control.results() == Control.Results.PENDING_FILES
                ? sink.withRollingPolicy(OnCheckpointRollingPolicy.<String, String>build()).build()
                : sink.build();
    }

    private static SingleOutputStreamOperator<Event> ticks(StreamExecutionEnvironment env, String uid) {
        WatermarkStrategy<Event> watermarks = WatermarkStrategy.forMonotonousTimestamps();
        return env.fromSource(new TickSource(uid), watermarks, uid, TypeInformation.of(Event.class)).uid(uid);
    }

    private static DataStream<Event> withRules(StreamExecutionEnvironment env, DataStream<Event> events) {
        BroadcastStream<Event> rules = ticks(env, RULES).setParallelism(1).broadcast(Rules.STATE);
        return events.connect(rules).process(new Rules()).returns(Event.class)
                .name("apply-rules").uid("apply-rules");
    }

    /** An own parallelism and an explicit max parallelism. */
    private static DataStream<Event> reducedWindows(KeyedStream<Event, Long> events) {
        return events.window(Compat.tumblingWindows(Duration.ofSeconds(60)))
                .reduce((left, right) -> left.value >= right.value ? left : right)
                .returns(Event.class)
                .name("window-reduce").uid("window-reduce").setParallelism(3).setMaxParallelism(64);
    }

    private static DataStream<Event> processedWindows(KeyedStream<Event, Long> events) {
        return events.window(Compat.tumblingWindows(Duration.ofSeconds(30)))
                .process(new LastOfWindow())
                .returns(Event.class)
                .name("window-process").uid("window-process");
    }

    /** Holds all events of a window, and state per key beside it. */
    private static final class LastOfWindow extends ProcessWindowFunction<Event, Event, Long, TimeWindow> {
        private static final ValueStateDescriptor<Long> FIRED = new ValueStateDescriptor<>("fired", Types.LONG);

        @Override
        public void process(Long key, Context context, Iterable<Event> events, Collector<Event> out)
                throws Exception {
            Long fired = context.globalState().getState(FIRED).value();
            context.globalState().getState(FIRED).update(fired == null ? 1 : fired + 1);
            Event last = null;
            for (Event event : events) {
                last = event;
            }
            out.collect(last);
        }
    }
}
