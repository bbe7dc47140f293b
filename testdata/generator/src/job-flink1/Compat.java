package fixture;

import java.time.Duration;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.runtime.state.storage.JobManagerCheckpointStorage;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.windowing.assigners.EventTimeSessionWindows;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.time.Time;

/** The API of Flink 1, where it differs from Flink 2. */
final class Compat {
    private Compat() {}

    static StateTtlConfig.Builder timeToLive(Duration duration) {
        return StateTtlConfig.newBuilder(
                org.apache.flink.api.common.time.Time.milliseconds(duration.toMillis()));
    }

    static EventTimeSessionWindows sessionWindows(Duration gap) {
        return EventTimeSessionWindows.withGap(Time.milliseconds(gap.toMillis()));
    }

    static TumblingEventTimeWindows tumblingWindows(Duration duration) {
        return TumblingEventTimeWindows.of(Time.milliseconds(duration.toMillis()));
    }

    /** With a checkpoint directory set, these releases ignore the option for the kind of storage. */
    static void useJobManagerStorage(StreamExecutionEnvironment env, String checkpoints) {
        env.getCheckpointConfig().setCheckpointStorage(new JobManagerCheckpointStorage(checkpoints));
    }

    static SingleOutputStreamOperator<Event> asyncCount(KeyedStream<Event, Long> events) {
        throw new UnsupportedOperationException("asynchronous state came with Flink 2");
    }
}
