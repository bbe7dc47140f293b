package fixture;

import java.time.Duration;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.windowing.assigners.TumblingEventTimeWindows;
import org.apache.flink.streaming.api.windowing.time.Time;

/** The API of Flink 1, where it differs from Flink 2. */
final class Compat {
    private Compat() {}

    static StateTtlConfig.Builder timeToLive(Duration duration) {
        return StateTtlConfig.newBuilder(
                org.apache.flink.api.common.time.Time.milliseconds(duration.toMillis()));
    }

    static TumblingEventTimeWindows tumblingWindows(Duration duration) {
        return TumblingEventTimeWindows.of(Time.milliseconds(duration.toMillis()));
    }

    static SingleOutputStreamOperator<Event> asyncCount(KeyedStream<Event, Long> events) {
        throw new UnsupportedOperationException("asynchronous state came with Flink 2");
    }
}
