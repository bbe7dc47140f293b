package fixture;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringEncoder;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.connector.file.sink.FileSink;
import org.apache.flink.core.fs.Path;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamSink;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;

/** Makes a job of a pipeline. */
final class Build {
    private final StreamExecutionEnvironment env;

    private Build(StreamExecutionEnvironment env) {
        this.env = env;
    }

    static void build(Pipeline pipeline, StreamExecutionEnvironment env) {
        env.setParallelism(pipeline.parallelism);
        if (pipeline.maxParallelism > 0) {
            env.setMaxParallelism(pipeline.maxParallelism);
        }
        if (!pipeline.chaining) {
            env.disableOperatorChaining();
        }
        Build build = new Build(env);
        DataStream<Event> stream = null;
        for (Op op : pipeline.ops) {
            stream = build.add(op, stream);
        }
    }

    private DataStream<Event> add(Op op, DataStream<Event> input) {
        switch (op.kind) {
            case SOURCE:
                return named(op, env.fromSource(new TickSource(op.name),
                        WatermarkStrategy.<Event>forMonotonousTimestamps(), op.name, TypeInformation.of(Event.class)));
            case MAP:
                return named(op, input.map(event -> event).returns(Event.class));
            case LISTS:
                return named(op, input.map(new ListsProbe(op)).returns(Event.class));
            case KEYED:
                return named(op, op.stringKey
                        ? keyed(op, input.keyBy(event -> "key-" + event.key, Types.STRING))
                        : keyed(op, input.keyBy(event -> event.key, Types.LONG)));
            case BROADCAST:
                DataStream<Event> rules = null;
                for (Op second : op.secondInput) {
                    rules = add(second, rules);
                }
                return named(op, input.connect(rules.broadcast(RulesProbe.STATE))
                        .process(new RulesProbe(op.name)).returns(Event.class));
            case FILE_SINK:
                sink(op, input);
                return input;
            default:
                return named(op, Windows.add(op, input.keyBy(event -> event.key, Types.LONG)));
        }
    }

    @SuppressWarnings("unchecked")
    private static <K> SingleOutputStreamOperator<Event> keyed(Op op, KeyedStream<Event, K> input) {
        return input.process((KeyedProcessFunction<K, Event, Event>) new KeyedProbe(op)).returns(Event.class);
    }

    private static void sink(Op op, DataStream<Event> input) {
        DataStreamSink<Event> sink = input.sinkTo(FileSink.forRowFormat(
                new Path(Session.BASE.resolve("output").toUri()), new SimpleStringEncoder<Event>("UTF-8")).build());
        sink.name(op.name);
        if (op.uid != null) {
            sink.uid(op.uid);
        }
    }

    private static SingleOutputStreamOperator<Event> named(Op op, SingleOutputStreamOperator<Event> stream) {
        stream.name(op.name);
        if (op.uid != null) {
            stream.uid(op.uid);
        }
        if (op.uidHash != null) {
            stream.setUidHash(op.uidHash);
        }
        if (op.parallelism > 0) {
            stream.setParallelism(op.parallelism);
        }
        if (op.maxParallelism > 0) {
            stream.setMaxParallelism(op.maxParallelism);
        }
        if (op.ownChain) {
            stream.disableChaining();
        }
        return stream;
    }
}
