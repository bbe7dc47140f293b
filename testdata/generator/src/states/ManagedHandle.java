package fixture;

import java.io.FileNotFoundException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.runtime.state.StreamStateHandle;

/** A handle of managed state and where it is in the metadata. A changelog handle is taken apart into its inner ones. */
final class ManagedHandle {
    static final String KEYED = "managed_keyed";
    static final String OPERATOR = "managed_operator";

    final Object handle;
    final int maxParallelism;
    private final String operatorId;
    private final int subtask;
    private final String slot;
    private final int index;
    private final String inner;
    /** The changelog handles before this one in the same changelog: ids of states are given once for all. */
    final List<Object> changesBefore = new ArrayList<>();

    private ManagedHandle(Object operator, int subtask, String slot, int index, String inner, Object handle)
            throws Throwable {
        this.handle = handle;
        this.maxParallelism = (Integer) Reflect.call(operator, "getMaxParallelism");
        this.operatorId = Reflect.call(operator, "getOperatorID").toString();
        this.subtask = subtask;
        this.slot = slot;
        this.index = index;
        this.inner = inner;
    }

    static List<ManagedHandle> allOf(Object metadata) throws Throwable {
        Map<String, Object> operators = new TreeMap<>();
        for (Object operator : (Collection<?>) Reflect.call(metadata, "getOperatorStates")) {
            operators.put(Reflect.call(operator, "getOperatorID").toString(), operator);
        }
        List<ManagedHandle> all = new ArrayList<>();
        for (Object operator : operators.values()) {
            Map<?, ?> subtasks = new TreeMap<>((Map<?, ?>) Reflect.call(operator, "getSubtaskStates"));
            for (Map.Entry<?, ?> subtask : subtasks.entrySet()) {
                addSlot(all, operator, (Integer) subtask.getKey(), KEYED,
                        (Collection<?>) Reflect.call(subtask.getValue(), "getManagedKeyedState"));
                addSlot(all, operator, (Integer) subtask.getKey(), OPERATOR,
                        (Collection<?>) Reflect.call(subtask.getValue(), "getManagedOperatorState"));
            }
        }
        return all;
    }

    private static void addSlot(
            List<ManagedHandle> all, Object operator, int subtask, String slot, Collection<?> handles)
            throws Throwable {
        int index = 0;
        for (Object handle : handles) {
            if (!handle.getClass().getSimpleName().equals("ChangelogStateBackendHandleImpl")) {
                all.add(new ManagedHandle(operator, subtask, slot, index, null, handle));
            } else {
                addChangelog(all, operator, subtask, slot, index, handle);
            }
            index++;
        }
    }

    private static void addChangelog(
            List<ManagedHandle> all, Object operator, int subtask, String slot, int index, Object changelog)
            throws Throwable {
        int inner = 0;
        for (Object handle : (Collection<?>) Reflect.call(changelog, "getMaterializedStateHandles")) {
            all.add(new ManagedHandle(operator, subtask, slot, index, "materialized/" + inner++, handle));
        }
        inner = 0;
        List<Object> before = new ArrayList<>();
        for (Object handle : (Collection<?>) Reflect.call(changelog, "getNonMaterializedStateHandles")) {
            ManagedHandle changes =
                    new ManagedHandle(operator, subtask, slot, index, "non_materialized/" + inner++, handle);
            changes.changesBefore.addAll(before);
            all.add(changes);
            before.add(handle);
        }
    }

    String type() {
        return handle.getClass().getSimpleName();
    }

    boolean isOperator() {
        return slot.equals(OPERATOR);
    }

    boolean isIncremental() {
        return type().equals("IncrementalRemoteKeyedStateHandle");
    }

    boolean isChanges() {
        return type().equals("ChangelogStateHandleStreamImpl") || type().equals("InMemoryChangelogStateHandle");
    }

    /** Null for changes in memory. An empty file-merging handle has a stream of its own, which nobody can open. */
    List<StreamStateHandle> streams() throws Throwable {
        List<StreamStateHandle> streams = new ArrayList<>();
        if (type().equals("ChangelogStateHandleStreamImpl")) {
            for (Object streamAndOffset : (Collection<?>) Reflect.call(handle, "getHandlesAndOffsets")) {
                streams.add((StreamStateHandle) Reflect.fieldIfPresent(streamAndOffset, "f0"));
            }
        } else if (isIncremental()) {
            streams.add((StreamStateHandle) HandleDescriber.metaStream(handle));
        } else if (!isChanges()) {
            streams.add((StreamStateHandle) Reflect.call(handle, "getDelegateStateHandle"));
        }
        return streams;
    }

    /** Whether the files of this handle are in the tree; false too for the empty handles of file merging. */
    boolean isKept() throws Throwable {
        if (type().startsWith("Empty")) {
            return false;
        }
        for (StreamStateHandle stream : streams()) {
            try {
                stream.openInputStream().close();
            } catch (FileNotFoundException | java.nio.file.NoSuchFileException e) {
                return false;
            }
        }
        return true;
    }

    Map<String, Object> place() {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("operator_id", operatorId);
        out.put("subtask", subtask);
        out.put("slot", slot);
        out.put("handle", index);
        out.put("inner", inner);
        return out;
    }

    @Override
    public String toString() {
        return Arrays.asList(operatorId, subtask, slot, index, inner).toString();
    }
}
