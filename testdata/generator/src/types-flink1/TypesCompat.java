package fixture;

import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;

/** What the job about types needs of Flink 1, where it differs from Flink 2. */
final class TypesCompat {
    private TypesCompat() {}

    static SingleOutputStreamOperator<Event> async(KeyedStream<Event, Long> events) {
        throw new UnsupportedOperationException("asynchronous state came with Flink 2");
    }
}
