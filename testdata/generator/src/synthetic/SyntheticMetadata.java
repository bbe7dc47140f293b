package fixture;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.flink.runtime.checkpoint.MasterState;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.StateObjectCollection;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.state.OperatorStateHandle;

/**
 * Hand-built metadata with every kind of handle in every place it may take, written by the
 * release's own serializer and described by its own loader.
 */
public final class SyntheticMetadata {
    private static final String CHECKPOINT = "org.apache.flink.runtime.checkpoint.";
    private static final long CHECKPOINT_ID = 42;
    private static final int MAX_PARALLELISM = 128;

    private final String release;
    private final Path target;

    private SyntheticMetadata(String release, Path target) {
        this.release = release;
        this.target = target;
    }

    /** Arguments: release, target directory. */
    public static void main(String[] arguments) throws Throwable {
        new SyntheticMetadata(arguments[0], Paths.get(arguments[1])).writeAll();
    }

    private void writeAll() throws Throwable {
        Map<String, Object> kinds = PropertyKinds.all();
        Object usual = kinds.get("retained-on-cancellation");
        write("", metadata(allOperators(), masterStates(), usual));
        if (kinds.isEmpty()) {
            return;
        }
        write("-properties-none", metadata(smallOperator(), Collections.emptyList(), null));
        if (release.startsWith("1.20.")) {
            // The bytes are the same in all releases that have properties: once is enough.
            for (Map.Entry<String, Object> kind : kinds.entrySet()) {
                Object metadata = metadata(smallOperator(), Collections.emptyList(), kind.getValue());
                write("-properties-" + kind.getKey(), metadata);
            }
        }
    }

    /** Written in the neutral directory first: the loader resolves relative paths against the file's place. */
    private void write(String suffix, Object metadata) throws Throwable {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Class<?> checkpoints = Reflect.type(CHECKPOINT + "Checkpoints");
        Reflect.callStatic(checkpoints, "storeCheckpointMetadata", metadata, new DataOutputStream(bytes));
        int version = ByteBuffer.wrap(bytes.toByteArray()).getInt(4);
        String name = "v" + version + "-flink" + release + suffix;

        Path file = Paths.get("/data/flink/synthetic", name, "_metadata");
        Files.createDirectories(file.getParent());
        Files.write(file, bytes.toByteArray());
        FlinkTruth.writeBeside(release, "synthetic", file);
        Path copy = target.resolve(name);
        Files.createDirectories(copy);
        for (String part : Arrays.asList("_metadata", "flink.json")) {
            Files.deleteIfExists(copy.resolve(part));
            Files.copy(file.resolveSibling(part), copy.resolve(part));
        }
        System.out.printf("ok     %s %s: %d bytes%n", release, name, bytes.size());
    }

    private static Object metadata(List<OperatorState> operators, List<MasterState> masters, Object properties)
            throws Throwable {
        String type = CHECKPOINT + "metadata.CheckpointMetadata";
        if (!Reflect.exists(type)) {
            // Up to 1.10.
            return Reflect.create(
                    Reflect.type(CHECKPOINT + "savepoint.SavepointV2"), CHECKPOINT_ID, operators, masters);
        }
        return properties == null
                ? Reflect.create(Reflect.type(type), CHECKPOINT_ID, operators, masters)
                : Reflect.create(Reflect.type(type), CHECKPOINT_ID, operators, masters, properties);
    }

    private static List<MasterState> masterStates() {
        return Arrays.asList(
                new MasterState("hook", new byte[] {1, 2, 3}, 7), new MasterState("état 😀", new byte[0], 0));
    }

    private static List<OperatorState> allOperators() throws Throwable {
        List<OperatorState> all = new ArrayList<>();
        all.add(everyHandle());
        all.add(operator("no state", "stateless", 2, 4));
        if (Reflect.exists(CHECKPOINT + "FullyFinishedOperatorState")) {
            all.add(fullyFinished());
            all.add(partlyFinished());
        }
        return all;
    }

    /** As many subtasks as it takes to show each keyed and each operator handle in both of its slots. */
    private static OperatorState everyHandle() throws Throwable {
        List<Object> keyed = Handles.keyed();
        List<OperatorStateHandle> operator = Handles.operator();
        int subtasks = Math.max(keyed.size(), operator.size());
        OperatorState state = operator("Zähler → 数 😀 |x|", "every-handle", 1, subtasks);
        if (Reflect.hasMethod(OperatorState.class, "setCoordinatorState")) {
            Reflect.call(state, "setCoordinatorState", Handles.inline("coordinator", "coordinator state"));
        }
        for (int i = 0; i < subtasks; i++) {
            state.putState(i, subtask(
                    operator.get(i % operator.size()),
                    operator.get((i + 1) % operator.size()),
                    keyed.get(i % keyed.size()),
                    keyed.get((i + 1) % keyed.size()),
                    i));
        }
        return state;
    }

    private static OperatorState partlyFinished() throws Throwable {
        OperatorState state = operator(null, null, 3, 3);
        Class<?> finished = Reflect.type(CHECKPOINT + "FinishedOperatorSubtaskState");
        state.putState(0, (OperatorSubtaskState) finished.getField("INSTANCE").get(null));
        state.putState(1, subtask(null, null, Handles.keyed().get(0), null, -1));
        // The third is missing altogether.
        return state;
    }

    private static OperatorState fullyFinished() throws Throwable {
        Class<?> type = Reflect.type(CHECKPOINT + "FullyFinishedOperatorState");
        OperatorID id = new OperatorID(0, 4);
        return (OperatorState) (Reflect.hasMethod(OperatorState.class, "getOperatorUid")
                ? Reflect.create(type, "done", "done-uid", id, 2, MAX_PARALLELISM)
                : Reflect.create(type, id, 2, MAX_PARALLELISM));
    }

    private static List<OperatorState> smallOperator() throws Throwable {
        OperatorState state = operator("small", "small", 1, 1);
        state.putState(0, subtask(null, null, Handles.keyed().get(0), null, -1));
        return Collections.singletonList(state);
    }

    /** Name and uid are lost where the release does not store them. */
    private static OperatorState operator(String name, String uid, long id, int parallelism) throws Throwable {
        OperatorID operatorId = new OperatorID(0, id);
        return (OperatorState) (Reflect.hasMethod(OperatorState.class, "getOperatorUid")
                ? Reflect.create(OperatorState.class, name, uid, operatorId, parallelism, MAX_PARALLELISM)
                : Reflect.create(OperatorState.class, operatorId, parallelism, MAX_PARALLELISM));
    }

    /** With channel state unless the subtask is negative. */
    private static OperatorSubtaskState subtask(
            OperatorStateHandle managed, OperatorStateHandle raw, Object managedKeyed, Object rawKeyed, int subtask)
            throws Throwable {
        boolean channels = subtask >= 0 && Handles.hasChannelState();
        Object inputs = collection(channels ? Handles.inputChannels(subtask) : Collections.emptyList());
        Object outputs = collection(channels ? Handles.resultSubpartitions(subtask) : Collections.emptyList());
        if (Reflect.hasMethod(OperatorSubtaskState.class, "builder")) {
            Object builder = Reflect.callStatic(OperatorSubtaskState.class, "builder");
            Reflect.call(builder, "setManagedOperatorState", single(managed));
            Reflect.call(builder, "setRawOperatorState", single(raw));
            Reflect.call(builder, "setManagedKeyedState", single(managedKeyed));
            Reflect.call(builder, "setRawKeyedState", single(rawKeyed));
            Reflect.call(builder, "setInputChannelState", inputs);
            Reflect.call(builder, "setResultSubpartitionState", outputs);
            return (OperatorSubtaskState) Reflect.call(builder, "build");
        }
        return (OperatorSubtaskState) (Handles.hasChannelState()
                ? Reflect.create(OperatorSubtaskState.class,
                        single(managed), single(raw), single(managedKeyed), single(rawKeyed), inputs, outputs)
                : Reflect.create(OperatorSubtaskState.class,
                        single(managed), single(raw), single(managedKeyed), single(rawKeyed)));
    }

    private static Object single(Object handle) throws Throwable {
        return collection(handle == null ? Collections.emptyList() : Collections.singletonList(handle));
    }

    private static Object collection(Collection<?> handles) throws Throwable {
        return Reflect.create(StateObjectCollection.class, new ArrayList<>(handles));
    }
}
