package fixture;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.functions.source.RichParallelSourceFunction;
import org.apache.flink.streaming.api.windowing.assigners.TumblingProcessingTimeWindows;
import org.apache.flink.util.Collector;

/**
 * A job that keeps all its checkpoints while one state is never cleared, one has a time to live and one
 * is a window. It fails and restarts once, and is then restored with another parallelism under a new id.
 * Only the metadata is kept: all state is inline.
 */
public final class GrowthSeries {
    private static final Path BASE = Paths.get("/data/flink-growth");
    private static final int CHECKPOINTS_PER_RUN = 16;

    private GrowthSeries() {}

    /** The argument is where the series is written to: {@code <job id>/chk-N.metadata}. */
    public static void main(String[] args) throws Exception {
        Path to = Paths.get(args[0]);
        JobID first = run(2, null, CHECKPOINTS_PER_RUN);
        Path last = newest(first);
        JobID second = run(3, last, CHECKPOINTS_PER_RUN);
        for (JobID job : List.of(first, second)) {
            Path directory = Files.createDirectories(to.resolve(job.toString()));
            for (Path checkpoint : complete(job)) {
                Files.copy(checkpoint.resolve("_metadata"), directory.resolve(checkpoint.getFileName() + ".metadata"));
            }
        }
    }

    private static JobID run(int parallelism, Path from, int checkpoints) throws Exception {
        Configuration conf = new Configuration();
        conf.setString("state.backend.type", "hashmap");
        conf.setString("state.checkpoints.dir", BASE.resolve("checkpoints").toUri().toString());
        conf.setString("state.checkpoints.num-retained", "1000");
        conf.setString("state.storage.fs.memory-threshold", "1mb");
        conf.setString("execution.checkpointing.interval", "400ms");
        conf.setString("execution.checkpointing.externalized-checkpoint-retention", "RETAIN_ON_CANCELLATION");
        conf.setString("restart-strategy.type", "fixed-delay");
        conf.setString("restart-strategy.fixed-delay.delay", "100ms");
        conf.setString("restart-strategy.fixed-delay.attempts", "3");
        if (from != null) {
            conf.setString("execution.savepoint.path", from.toUri().toString());
            conf.setString("execution.savepoint-restore-mode", "NO_CLAIM");
        }
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(parallelism, conf);
        env.setMaxParallelism(32);
        var events = env.addSource(new Events(from == null)).returns(Types.LONG).uid("events").setParallelism(1);
        events.keyBy(id -> id).process(new Dedup()).uid("dedup").sinkTo(new DiscardingSink<>()).uid("dedup-sink");
        events.keyBy(id -> id % 40)
                .window(TumblingProcessingTimeWindows.of(Duration.ofMillis(700)))
                .reduce(Long::sum)
                .uid("window")
                .sinkTo(new DiscardingSink<>())
                .uid("window-sink");
        JobClient client = env.executeAsync("growth");
        while (complete(client.getJobID()).size() < checkpoints) {
            Thread.sleep(50);
        }
        client.cancel().get();
        return client.getJobID();
    }

    private static List<Path> complete(JobID job) throws Exception {
        Path directory = BASE.resolve("checkpoints").resolve(job.toString());
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(entry -> Files.exists(entry.resolve("_metadata")))
                    .sorted(Comparator.comparingInt(GrowthSeries::number))
                    .collect(Collectors.toCollection(ArrayList::new));
        }
    }

    private static Path newest(JobID job) throws Exception {
        List<Path> all = complete(job);
        return all.get(all.size() - 1);
    }

    private static int number(Path checkpoint) {
        return Integer.parseInt(checkpoint.getFileName().toString().substring("chk-".length()));
    }

    /** One new number every 20 ms. Fails once, unless it was restored. */
    private static final class Events extends RichParallelSourceFunction<Long> implements CheckpointedFunction {
        private static final long serialVersionUID = 1L;

        private final boolean fails;
        private volatile boolean running = true;
        private long next;
        private ListState<Long> position;

        Events(boolean fails) {
            this.fails = fails;
        }

        @Override
        public void run(SourceContext<Long> context) throws Exception {
            boolean first = getRuntimeContext().getTaskInfo().getAttemptNumber() == 0;
            while (running) {
                synchronized (context.getCheckpointLock()) {
                    context.collect(next++);
                }
                if (fails && first && next == 150) {
                    throw new IllegalStateException("fails once");
                }
                Thread.sleep(20);
            }
        }

        @Override
        public void cancel() {
            running = false;
        }

        @Override
        public void snapshotState(FunctionSnapshotContext context) throws Exception {
            position.update(Collections.singletonList(next));
        }

        @Override
        public void initializeState(FunctionInitializationContext context) throws Exception {
            position = context.getOperatorStateStore().getListState(new ListStateDescriptor<>("position", Types.LONG));
            for (Long restored : position.get()) {
                next = restored;
            }
        }
    }

    /** Every number is a key of its own: "seen" is never cleared, "recent" lives for a while. */
    private static final class Dedup extends KeyedProcessFunction<Long, Long, Long> {
        private static final long serialVersionUID = 1L;

        private transient ValueState<Long> seen;
        private transient ValueState<Long> recent;

        @Override
        public void open(Configuration parameters) {
            seen = getRuntimeContext().getState(new ValueStateDescriptor<>("seen", Types.LONG));
            ValueStateDescriptor<Long> living = new ValueStateDescriptor<>("recent", Types.LONG);
            living.enableTimeToLive(StateTtlConfig.newBuilder(Duration.ofMillis(600))
                    .cleanupFullSnapshot()
                    .cleanupIncrementally(20, true)
                    .build());
            recent = getRuntimeContext().getState(living);
        }

        @Override
        public void processElement(Long id, Context context, Collector<Long> out) throws Exception {
            if (seen.value() == null) {
                seen.update(id);
                out.collect(id);
            }
            recent.update(id);
        }
    }
}
