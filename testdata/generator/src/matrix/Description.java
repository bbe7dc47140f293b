package fixture;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamNode;

/** What docs/StatescopeJob.java says of a job: which operator has which id. */
final class Description {
    private final JsonNode document;

    Description(String text) throws Exception {
        this.document = new ObjectMapper().readTree(text);
    }

    static Description read(Path file) throws Exception {
        return new Description(new String(Files.readAllBytes(file), "UTF-8"));
    }

    static Description of(Pipeline pipeline) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(
                pipeline.parallelism, Configuration.fromMap(pipeline.settings()));
        Build.build(pipeline, env);
        try {
            return new Description(describe(env));
        } catch (IllegalArgumentException e) {
            // Flink makes no job of it; what can be said is what the program says.
            return new Description(uidsAlone(env));
        }
    }

    /** By reflection: the class has no package, users paste it into theirs. */
    static String describe(StreamExecutionEnvironment env) throws Exception {
        try {
            return (String) Class.forName("StatescopeJob")
                    .getMethod("describe", StreamExecutionEnvironment.class).invoke(null, env);
        } catch (java.lang.reflect.InvocationTargetException e) {
            throw (Exception) e.getCause();
        }
    }

    private static String uidsAlone(StreamExecutionEnvironment env) throws Exception {
        List<Object> operators = new ArrayList<>();
        for (StreamNode node : env.getStreamGraph(false).getStreamNodes()) {
            Map<String, Object> operator = new LinkedHashMap<>();
            operator.put("uid", node.getTransformationUID());
            operator.put("name", node.getOperatorName());
            operator.put("parallelism", node.getParallelism());
            operators.add(operator);
        }
        Map<String, Object> job = new LinkedHashMap<>();
        job.put("version", 1);
        job.put("operators", operators);
        return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(job);
    }

    void write(Path file) throws Exception {
        Files.createDirectories(file.getParent());
        // One operator per line: small, and differences can be read.
        Map<String, Object> job = new LinkedHashMap<>();
        document.fields().forEachRemaining(field -> job.put(field.getKey(), plain(field.getValue())));
        Files.write(file, Json.withElementsOnLines(job, "operators").getBytes("UTF-8"));
    }

    private static Object plain(JsonNode node) {
        return new ObjectMapper().convertValue(node, Object.class);
    }

    /** Throws if the snapshot has an operator with another id, uid or name than the description. */
    void mustKnow(Path flinkJson) throws Exception {
        for (JsonNode written : new ObjectMapper().readTree(Files.readAllBytes(flinkJson)).get("operators")) {
            String id = written.get("operator_id").asText();
            if (!ids().contains(id)) {
                throw new IllegalStateException("the snapshot has an operator that was not described: " + id);
            }
            JsonNode described = document.get("operators").get(ids().indexOf(id));
            for (String field : new String[] {"uid", "name", "parallelism"}) {
                // Up to Flink 1.20 a snapshot holds neither uids nor names.
                boolean known = !written.path(field).asText("").isEmpty() && !written.path(field).isNull();
                if (known && !written.get(field).asText().equals(described.path(field).asText())) {
                    throw new IllegalStateException(field + " of " + id + ": " + written + " and " + described);
                }
            }
        }
    }

    /** Ids of all operators. */
    List<String> ids() {
        List<String> ids = new ArrayList<>();
        for (JsonNode operator : document.get("operators")) {
            ids.add(operator.path("operator_id").asText(null));
        }
        return ids;
    }

    /** The operators whose names end so. */
    List<JsonNode> operators(String suffix) {
        List<JsonNode> found = new ArrayList<>();
        for (JsonNode operator : document.get("operators")) {
            if (operator.path("name").asText("").endsWith(suffix)) {
                found.add(operator);
            }
        }
        return found;
    }

    /** The operator with that name; names are unique in the matrix. Null if there is none. */
    JsonNode operator(String name) {
        for (JsonNode operator : document.get("operators")) {
            String found = operator.path("name").asText("");
            // FileSink's writer is called "<name>: Writer", the source "Source: <name>".
            if (found.equals(name) || found.equals("Source: " + name) || found.startsWith(name + ": ")) {
                return operator;
            }
        }
        return null;
    }
}
