package fixture;

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Says what Flink's own loader makes of a metadata file. The class path decides which Flink that is. */
public final class FlinkTruth {
    private static final String CHECKPOINT = "org.apache.flink.runtime.checkpoint.";

    private FlinkTruth() {}

    /** Arguments: release, then files; "-" reads file names from stdin, one per line. One JSON line per file. */
    public static void main(String[] arguments) throws Exception {
        String release = arguments[0];
        PrintStream out = new PrintStream(System.out, false, "UTF-8");
        for (String argument : Arrays.asList(arguments).subList(1, arguments.length)) {
            if (argument.equals("-")) {
                BufferedReader names = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
                for (String name = names.readLine(); name != null; name = names.readLine()) {
                    out.println(Json.of(describeOrError(release, Paths.get(name))));
                }
            } else {
                out.println(Json.of(describeOrError(release, Paths.get(argument))));
            }
        }
        out.flush();
    }

    /** Writes flink.json beside the metadata file. */
    static void writeBeside(String release, String scenario, Path metadata) throws Throwable {
        byte[] bytes = Files.readAllBytes(metadata);
        Object loaded = load(bytes, metadata.toAbsolutePath().toString());
        Map<String, Object> document = describe(release, scenario, bytes, loaded);
        Files.write(
                metadata.resolveSibling("flink.json"),
                Json.withElementsOnLines(document, "operators").getBytes(StandardCharsets.UTF_8));
    }

    static Map<String, Object> describe(String release, Path metadata) throws Throwable {
        byte[] bytes = Files.readAllBytes(metadata);
        return describe(release, null, bytes, load(bytes, metadata.toAbsolutePath().toString()));
    }

    private static Map<String, Object> describeOrError(String release, Path file) {
        Object metadata = null;
        try {
            byte[] bytes = Files.readAllBytes(file);
            metadata = load(bytes, file.toAbsolutePath().toString());
            return describe(release, null, bytes, metadata);
        } catch (Throwable e) {
            // Damaged files bring OutOfMemoryError and StackOverflowError too.
            Map<String, Object> error = new LinkedHashMap<>();
            error.put("error", e.getClass().getName() + ": " + e.getMessage());
            if (metadata != null) {
                // The loader took the file; only a later look at the loaded objects failed.
                error.put("loaded", true);
            }
            return error;
        }
    }

    private static Map<String, Object> describe(String release, String scenario, byte[] bytes, Object metadata)
            throws Throwable {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("flink", release);
        out.put("scenario", scenario);
        out.put("metadata_version", ByteBuffer.wrap(bytes).getInt(4));
        out.put("metadata_bytes", bytes.length);
        out.put("checkpoint_id", Reflect.call(metadata, "getCheckpointId"));
        out.put("properties", properties(Reflect.callIfPresent(metadata, "getCheckpointProperties")));
        out.put("master_states", masterStates((Collection<?>) Reflect.call(metadata, "getMasterStates")));

        Map<String, Object> operators = new TreeMap<>();
        for (Object state : (Collection<?>) Reflect.call(metadata, "getOperatorStates")) {
            Map<String, Object> operator = operator(state);
            // An id may occur twice in a damaged file; both must stay visible.
            operators.put(operator.get("operator_id") + "#" + operators.size(), operator);
        }
        out.put("state_bytes", sum(operators.values(), "state_bytes"));
        out.put("checkpointed_bytes", sum(operators.values(), "checkpointed_bytes"));
        out.put("operators", operators.values());
        return out;
    }

    static Object load(byte[] bytes, String pointer) throws Throwable {
        Class<?> checkpoints = Reflect.type(CHECKPOINT + "Checkpoints");
        DataInputStream input = new DataInputStream(new ByteArrayInputStream(bytes));
        ClassLoader loader = FlinkTruth.class.getClassLoader();
        try {
            return Reflect.callStatic(checkpoints, "loadCheckpointMetadata", input, loader, pointer);
        } catch (Reflect.Missing e) {
            // Up to 1.10 there are no relative paths, hence no pointer.
            return Reflect.callStatic(checkpoints, "loadCheckpointMetadata", input, loader);
        }
    }

    private static Map<String, Object> properties(Object properties) throws Throwable {
        if (properties == null) {
            return null;
        }
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("discard_subsumed", Reflect.fieldIfPresent(properties, "discardSubsumed"));
        out.put("discard_finished", Reflect.fieldIfPresent(properties, "discardFinished"));
        out.put("discard_cancelled", Reflect.fieldIfPresent(properties, "discardCancelled"));
        out.put("discard_failed", Reflect.fieldIfPresent(properties, "discardFailed"));
        out.put("discard_suspended", Reflect.fieldIfPresent(properties, "discardSuspended"));
        out.put("forced", Reflect.fieldIfPresent(properties, "forced"));
        out.put("unclaimed", Reflect.fieldIfPresent(properties, "unclaimed"));
        Object type = Reflect.call(properties, "getCheckpointType");
        out.put("type", type.getClass().getSimpleName());
        out.put("name", Reflect.call(type, "getName"));
        out.put("sharing_files_strategy", Reflect.call(type, "getSharingFilesStrategy"));
        out.put("format", Reflect.fieldIfPresent(type, "formatType"));
        out.put("post_checkpoint_action", Reflect.fieldIfPresent(type, "postCheckpointAction"));
        return out;
    }

    private static List<Object> masterStates(Collection<?> states) throws Throwable {
        List<Object> out = new ArrayList<>();
        for (Object state : states) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", Reflect.call(state, "name"));
            one.put("version", Reflect.call(state, "version"));
            one.put("bytes", ((byte[]) Reflect.call(state, "bytes")).length);
            out.add(one);
        }
        return out;
    }

    private static Map<String, Object> operator(Object state) throws Throwable {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("operator_id", Reflect.call(state, "getOperatorID").toString());
        out.put("uid", orNull(Reflect.callIfPresent(state, "getOperatorUid")));
        out.put("name", orNull(Reflect.callIfPresent(state, "getOperatorName")));
        out.put("parallelism", Reflect.call(state, "getParallelism"));
        out.put("max_parallelism", Reflect.call(state, "getMaxParallelism"));
        out.put("fully_finished", Boolean.TRUE.equals(Reflect.callIfPresent(state, "isFullyFinished")));
        Object coordinator = Reflect.callIfPresent(state, "getCoordinatorState");
        out.put("coordinator", coordinator == null ? null : HandleDescriber.stream(coordinator));
        out.put("state_bytes", Reflect.call(state, "getStateSize"));
        out.put("checkpointed_bytes", Reflect.callIfPresent(state, "getCheckpointedSize"));
        List<Object> subtasks = new ArrayList<>();
        Map<?, ?> byIndex = (Map<?, ?>) Reflect.call(state, "getSubtaskStates");
        for (Map.Entry<?, ?> entry : new TreeMap<>(byIndex).entrySet()) {
            subtasks.add(subtask((Integer) entry.getKey(), entry.getValue()));
        }
        out.put("subtasks", subtasks);
        return out;
    }

    private static Map<String, Object> subtask(int index, Object state) throws Throwable {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("index", index);
        out.put("finished", Boolean.TRUE.equals(Reflect.callIfPresent(state, "isFinished")));
        out.put("state_bytes", Reflect.call(state, "getStateSize"));
        out.put("checkpointed_bytes", Reflect.callIfPresent(state, "getCheckpointedSize"));
        out.put("managed_operator", operatorHandles(state, "getManagedOperatorState"));
        out.put("raw_operator", operatorHandles(state, "getRawOperatorState"));
        out.put("managed_keyed", HandleDescriber.keyedAll(slot(state, "getManagedKeyedState")));
        out.put("raw_keyed", HandleDescriber.keyedAll(slot(state, "getRawKeyedState")));
        out.put("input_channel", channelHandles(state, "getInputChannelState"));
        out.put("result_subpartition", channelHandles(state, "getResultSubpartitionState"));
        return out;
    }

    private static List<Object> operatorHandles(Object state, String getter) throws Throwable {
        List<Object> out = new ArrayList<>();
        for (Object handle : slot(state, getter)) {
            out.add(HandleDescriber.operator(handle));
        }
        return out;
    }

    private static List<Object> channelHandles(Object state, String getter) throws Throwable {
        List<Object> out = new ArrayList<>();
        for (Object handle : slot(state, getter)) {
            out.add(HandleDescriber.channel(handle));
        }
        return out;
    }

    /** Empty where the release has no such slot (channel state came with 1.11). */
    private static Collection<?> slot(Object state, String getter) throws Throwable {
        Collection<?> handles = (Collection<?>) Reflect.callIfPresent(state, getter);
        return handles == null
                ? new ArrayList<>()
                : handles.stream().filter(handle -> handle != null).collect(Collectors.toList());
    }

    private static Object orNull(Object optional) {
        return optional instanceof Optional ? ((Optional<?>) optional).orElse(null) : optional;
    }

    /** Null as soon as one summand is unknown. */
    private static Long sum(Collection<?> operators, String field) {
        long total = 0;
        for (Object operator : operators) {
            Object value = ((Map<?, ?>) operator).get(field);
            if (value == null) {
                return null;
            }
            total += (Long) value;
        }
        return total;
    }
}
