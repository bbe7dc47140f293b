package fixture;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.functions.co.CoMapFunction;
import org.apache.flink.util.Collector;

/** Runs a job on a cluster with a REST endpoint on loopback, and records what it answers. Arguments: directory, prefix. */
public final class RestAnswers {
    public static void main(String[] args) throws Exception {
        JobGraph job = job();
        Configuration conf = new Configuration();
        conf.set(RestOptions.ADDRESS, "127.0.0.1");
        conf.set(RestOptions.BIND_ADDRESS, "127.0.0.1");
        conf.set(RestOptions.PORT, 0);
        MiniClusterConfiguration cluster = new MiniClusterConfiguration.Builder()
                .setConfiguration(conf).setNumTaskManagers(1).setNumSlotsPerTaskManager(2).build();
        try (MiniCluster flink = new MiniCluster(cluster)) {
            flink.start();
            flink.submitJob(job).get();
            while (flink.getJobStatus(job.getJobID()).get() != JobStatus.RUNNING) {
                Thread.sleep(50);
            }
            String url = flink.getRestAddress().get() + "/jobs/" + job.getJobID();
            record(args, "job", get(url));
            record(args, "checkpoints-config", get(url + "/checkpoints/config"));
            record(args, "config", get(flink.getRestAddress().get() + "/config"));
            record(args, "operators", operators(job));
            if (args.length > 2) {
                // For trying a client by hand: the address, then wait until the input ends.
                System.out.println(url);
                while (System.in.read() >= 0) {
                    continue;
                }
            }
        }
    }

    private static JobGraph job() {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(2);
        env.enableCheckpointing(3_600_000);
        DataStream<Long> slow = env.fromSequence(0, Long.MAX_VALUE / 2).uid("numbers").name("numbers")
                .map(RestAnswers::slowly).uid("slow").name("slow");
        DataStream<Long> counted = slow.keyBy(n -> n % 10).process(new Count())
                .uid("counter").name("counter").setMaxParallelism(64);
        DataStream<Long> other = env.fromSequence(0, Long.MAX_VALUE / 2).name("other").setParallelism(1)
                .map(RestAnswers::slowly).name("slow too").setParallelism(1);
        counted.connect(other.broadcast()).map(new First()).uid("both").name("both");
        return env.getStreamGraph().getJobGraph();
    }

    private static Long slowly(Long number) throws InterruptedException {
        Thread.sleep(10);
        return number;
    }

    private static final class Count extends KeyedProcessFunction<Long, Long, Long> {
        private final ValueStateDescriptor<Long> count = new ValueStateDescriptor<>("count", Long.class);

        @Override
        public void processElement(Long number, Context context, Collector<Long> out) throws Exception {
            ValueState<Long> state = getRuntimeContext().getState(count);
            Long before = state.value();
            state.update(before == null ? 1L : before + 1L);
            out.collect(state.value());
        }
    }

    private static final class First implements CoMapFunction<Long, Long, Long> {
        @Override
        public Long map1(Long number) {
            return number;
        }

        @Override
        public Long map2(Long number) {
            return number;
        }
    }

    /** Vertices with all their operators, as the job graph has them. */
    private static String operators(JobGraph job) {
        return job.getVerticesSortedTopologicallyFromSources().stream().map(RestAnswers::vertex)
                .collect(Collectors.joining(",\n", "[", "]"));
    }

    private static String vertex(JobVertex vertex) {
        String operators = vertex.getOperatorIDs().stream()
                .map(operator -> "\"" + operator.getGeneratedOperatorID() + "\"").collect(Collectors.joining(","));
        return "{\"vertex\":\"" + vertex.getID() + "\",\"parallelism\":" + vertex.getParallelism()
                + ",\"max_parallelism_set\":" + vertex.getMaxParallelism() + ",\"operators\":[" + operators + "]}";
    }

    private static String get(String url) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
        return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    private static void record(String[] args, String what, String text) throws Exception {
        Files.writeString(Path.of(args[0], args[1] + "-" + what + ".json"), text + "\n");
    }
}
