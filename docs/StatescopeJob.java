import java.util.*;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.OperatorIDPair;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.runtime.jobgraph.tasks.JobCheckpointingSettings;
import org.apache.flink.runtime.util.EnvironmentInformation;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.*;
import org.apache.flink.util.StringUtils;
import org.apache.flink.util.TernaryBoolean;

/** Describes a Flink job (1.14 to 2.x) for `statescope check --job`: call it where you would call execute(). */
public final class StatescopeJob {
    public static String describe(StreamExecutionEnvironment env) throws Exception {
        StreamGraph graph = env.getStreamGraph(false);
        JobGraph jobGraph = graph.getJobGraph();
        Map<String, JobVertex> vertices = new HashMap<>();
        for (JobVertex vertex : jobGraph.getVertices()) {
            for (OperatorIDPair operator : vertex.getOperatorIDs()) {
                vertices.put(operator.getGeneratedOperatorID().toString(), vertex);
            }
        }
        Map<Integer, byte[]> ids = new StreamGraphHasherV2().traverseStreamGraphAndGenerateHashes(graph);
        List<StreamNode> nodes = new ArrayList<>(graph.getStreamNodes());
        nodes.sort(Comparator.comparingInt(StreamNode::getId));
        List<Object> operators = new ArrayList<>();
        for (StreamNode node : nodes) {
            String id = StringUtils.byteToHexString(ids.get(node.getId()));
            JobVertex vertex = vertices.get(id);
            Map<String, Object> operator = new LinkedHashMap<>();
            operator.put("operator_id", id);
            operator.put("uid", node.getTransformationUID());
            operator.put("uid_hash", node.getUserHash());
            operator.put("name", node.getOperatorName());
            if (vertex != null) {
                operator.put("parallelism", positive(vertex.getParallelism()));
                operator.put("max_parallelism", positive(vertex.getMaxParallelism()));
                operator.put("vertex", vertex.getID().toString());
                operator.put("inputs", vertex.getInputs().stream()
                        .map(edge -> edge.getSource().getProducer().getID().toString())
                        .collect(Collectors.toList()));
            }
            operators.add(operator);
        }
        String version = EnvironmentInformation.getVersion();
        JobCheckpointingSettings settings = jobGraph.getCheckpointingSettings();
        Map<String, Object> job = new LinkedHashMap<>();
        job.put("version", 1);
        job.put("flink_version", version.startsWith("<") ? null : version);
        job.put("state_backend", stateBackend(env, settings));
        TernaryBoolean changelog = settings == null ? TernaryBoolean.UNDEFINED : settings.isChangelogStateBackendEnabled();
        job.put("changelog", changelog == null ? null : changelog.getAsBoolean());
        job.put("unaligned", settings == null ? null
                : settings.getCheckpointCoordinatorConfiguration().isUnalignedCheckpointsEnabled());
        job.put("operators", operators);
        return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(job);
    }
    /** Null where neither the program nor the configuration it was given says it: then the cluster decides. */
    private static String stateBackend(StreamExecutionEnvironment env, JobCheckpointingSettings settings)
            throws Exception {
        Map<String, String> options = ((Configuration) env.getConfiguration()).toMap();
        String name = options.getOrDefault("state.backend.type", options.get("state.backend"));
        if (settings != null && settings.getDefaultStateBackend() != null) {
            ClassLoader loader = Thread.currentThread().getContextClassLoader();
            name = settings.getDefaultStateBackend().deserializeValue(loader).getClass().getSimpleName();
        }
        String lower = name == null ? "" : name.toLowerCase(Locale.ROOT);
        return lower.isEmpty() ? null : lower.contains("rocksdb") ? "rocksdb" : lower.contains("forst") ? "forst"
                : lower.matches("(hashmap|filesystem|jobmanager|fs|memory).*") ? "hashmap" : null;
    }
    private static Integer positive(int number) {
        return number > 0 ? number : null;
    }
}
