package fixture;

import java.time.Duration;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.ReduceFunction;
import org.apache.flink.api.common.state.AggregatingState;
import org.apache.flink.api.common.state.AggregatingStateDescriptor;
import org.apache.flink.api.common.state.KeyedStateStore;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReducingState;
import org.apache.flink.api.common.state.ReducingStateDescriptor;
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

/** Keyed state, as much of it as the shape of the job asks for, and both kinds of timers. */
final class RichKeyed extends KeyedProcessFunction<Long, Event, Event> implements CheckpointedFunction {
    private static final long serialVersionUID = 1L;
    private static final long DAY = Duration.ofDays(1).toMillis();
    /** The year 2100: these timers never fire while a snapshot is made. */
    private static final long FAR_FUTURE = 4_102_444_800_000L;

    private final RichJob.Shape shape;

    private transient ValueState<Long> count;
    private transient MapState<String, Long> words;
    // Not in the slim job.
    private transient ValueState<Profile> profile;
    private transient ValueState<String> expiring;
    // Only in the full job.
    private transient ValueState<Opaque> opaque;
    private transient ListState<String> recent;
    private transient ReducingState<Long> highest;
    private transient AggregatingState<Long, Double> average;

    RichKeyed(RichJob.Shape shape) {
        this.shape = shape;
    }

    // Not open(): its signature changed in 2.0.
    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        KeyedStateStore store = context.getKeyedStateStore();
        count = store.getState(new ValueStateDescriptor<>("count", Types.LONG));
        words = store.getMapState(new MapStateDescriptor<>("per-word", Types.STRING, Types.LONG));
        if (shape != RichJob.Shape.SLIM) {
            profile = store.getState(new ValueStateDescriptor<>("profile", TypeInformation.of(Profile.class)));
            ValueStateDescriptor<String> expiringState = new ValueStateDescriptor<>("état 😀", Types.STRING);
            expiringState.enableTimeToLive(Compat.timeToLive(Duration.ofDays(7)).build());
            expiring = store.getState(expiringState);
        }
        if (shape == RichJob.Shape.FULL) {
            opaque = store.getState(new ValueStateDescriptor<>("opaque", TypeInformation.of(Opaque.class)));
            recent = store.getListState(new ListStateDescriptor<>("recent", Types.STRING));
            highest = store.getReducingState(new ReducingStateDescriptor<>("highest", new Highest(), Types.LONG));
            average = store.getAggregatingState(new AggregatingStateDescriptor<>(
                    "average", new Average(), Types.TUPLE(Types.LONG, Types.LONG)));
        }
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {}

    @Override
    public void processElement(Event event, Context context, Collector<Event> out) throws Exception {
        if (Control.isSlow()) {
            Thread.sleep(40);
        }
        long seen = count.value() == null ? 1 : count.value() + 1;
        count.update(seen);
        words.put(event.word, seen);
        if (shape != RichJob.Shape.SLIM) {
            updateProfile(event);
            expiring.update(event.word);
            context.timerService().registerProcessingTimeTimer(FAR_FUTURE + event.key);
            context.timerService().registerEventTimeTimer(event.timestamp / DAY * DAY + 30 * DAY);
        }
        if (shape == RichJob.Shape.FULL) {
            opaque.update(opaque.value() == null ? new Opaque(event.value) : opaque.value().plus(event.value));
            recent.add(event.word);
            highest.add(event.value);
            average.add(event.value);
        }
        Control.countProcessed();
        out.collect(event);
    }

    private void updateProfile(Event event) throws Exception {
        Profile current = profile.value() == null ? new Profile() : profile.value();
        current.name = "user-" + event.key;
        current.visits++;
        current.score += event.value / 10.0;
        current.active = event.value % 2 == 0;
        profile.update(current);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Event> out) {}

    private static final class Highest implements ReduceFunction<Long> {
        @Override
        public Long reduce(Long left, Long right) {
            return Math.max(left, right);
        }
    }

    private static final class Average implements AggregateFunction<Long, Tuple2<Long, Long>, Double> {
        @Override
        public Tuple2<Long, Long> createAccumulator() {
            return Tuple2.of(0L, 0L);
        }

        @Override
        public Tuple2<Long, Long> add(Long value, Tuple2<Long, Long> sum) {
            return Tuple2.of(sum.f0 + value, sum.f1 + 1);
        }

        @Override
        public Double getResult(Tuple2<Long, Long> sum) {
            return sum.f1 == 0 ? 0.0 : (double) sum.f0 / sum.f1;
        }

        @Override
        public Tuple2<Long, Long> merge(Tuple2<Long, Long> left, Tuple2<Long, Long> right) {
            return Tuple2.of(left.f0 + right.f0, left.f1 + right.f1);
        }
    }
}
