package fixture;

import java.time.Duration;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.v2.AggregatingState;
import org.apache.flink.api.common.state.v2.AggregatingStateDescriptor;
import org.apache.flink.api.common.state.v2.ListState;
import org.apache.flink.api.common.state.v2.ListStateDescriptor;
import org.apache.flink.api.common.state.v2.MapState;
import org.apache.flink.api.common.state.v2.MapStateDescriptor;
import org.apache.flink.api.common.state.v2.ReducingState;
import org.apache.flink.api.common.state.v2.ReducingStateDescriptor;
import org.apache.flink.api.common.state.v2.ValueState;
import org.apache.flink.api.common.state.v2.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** What the job about types needs of Flink 2, where it differs from Flink 1. */
final class TypesCompat {
    private TypesCompat() {}

    static SingleOutputStreamOperator<Event> async(KeyedStream<Event, Long> events) {
        return events.enableAsyncState().process(new AsyncStates()).returns(Event.class);
    }

    /** One asynchronous state of each kind, one of them with time to live. */
    private static final class AsyncStates extends KeyedProcessFunction<Long, Event, Event> {
        private transient ValueState<Shapes.Order> value;
        private transient ListState<String> list;
        private transient MapState<String, Long> map;
        private transient ReducingState<Long> reducing;
        private transient AggregatingState<Long, Long> aggregating;

        @Override
        public void open(OpenContext context) {
            value = getRuntimeContext().getState(
                    new ValueStateDescriptor<>("async-value", TypeInformation.of(Shapes.Order.class)));
            list = getRuntimeContext().getListState(new ListStateDescriptor<>("async-list", Types.STRING));
            MapStateDescriptor<String, Long> expiring =
                    new MapStateDescriptor<>("async-expiring-map", Types.STRING, Types.LONG);
            expiring.enableTimeToLive(Compat.timeToLive(Duration.ofDays(7)).build());
            map = getRuntimeContext().getMapState(expiring);
            reducing = getRuntimeContext().getReducingState(
                    new ReducingStateDescriptor<>("async-reducing", Long::sum, Types.LONG));
            aggregating = getRuntimeContext().getAggregatingState(
                    new AggregatingStateDescriptor<>("async-aggregating", new Sum(), Types.LONG));
        }

        @Override
        public void processElement(Event event, Context context, Collector<Event> out) {
            value.asyncUpdate(Shapes.order(event.key))
                    .thenCompose(done -> list.asyncAdd(event.word))
                    .thenCompose(done -> map.asyncPut(event.word, event.value))
                    .thenCompose(done -> reducing.asyncAdd(event.value))
                    .thenCompose(done -> aggregating.asyncAdd(event.value))
                    .thenAccept(done -> {
                        Control.countProcessed();
                        out.collect(event);
                    });
            context.timerService().registerProcessingTimeTimer(4_102_444_800_000L);
        }
    }

    private static final class Sum implements AggregateFunction<Long, Long, Long> {
        @Override
        public Long createAccumulator() {
            return 0L;
        }

        @Override
        public Long add(Long value, Long sum) {
            return sum + value;
        }

        @Override
        public Long getResult(Long sum) {
            return sum;
        }

        @Override
        public Long merge(Long left, Long right) {
            return left + right;
        }
    }
}
