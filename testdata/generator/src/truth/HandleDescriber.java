package fixture;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * Describes Flink's state handles as plain maps. Everything goes through reflection: the same code
 * must run with releases that lack half of the handle classes.
 */
final class HandleDescriber {
    private HandleDescriber() {}

    /** Null for a missing handle: Flink's loader lets a null delegate pass in some places. */
    static Map<String, Object> stream(Object handle) throws Throwable {
        if (handle == null) {
            return null;
        }
        String type = handle.getClass().getSimpleName();
        if (type.startsWith("KeyGroups")) {
            return keyed(handle, true);
        }
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("class", type);
        out.put("bytes", Reflect.call(handle, "getStateSize"));
        switch (type) {
            case "ByteStreamStateHandle":
                out.put("name", Reflect.call(handle, "getHandleName"));
                out.put("crc32", crc32((byte[]) Reflect.call(handle, "getData")));
                break;
            case "RelativeFileStateHandle":
                out.put("path", text(Reflect.call(handle, "getFilePath")));
                out.put("relative_path", Reflect.call(handle, "getRelativePath"));
                break;
            case "FileStateHandle":
                out.put("path", text(Reflect.call(handle, "getFilePath")));
                break;
            case "SegmentFileStateHandle":
                out.put("path", text(Reflect.call(handle, "getFilePath")));
                out.put("start", Reflect.call(handle, "getStartPos"));
                out.put("scope", text(Reflect.call(handle, "getScope")));
                out.put("logical_id", Reflect.call(Reflect.call(handle, "getLogicalFileId"), "getKeyString"));
                break;
            default:
                break;
        }
        return out;
    }

    static Map<String, Object> keyed(Object handle) throws Throwable {
        return keyed(handle, false);
    }

    private static Map<String, Object> keyed(Object handle, boolean asStream) throws Throwable {
        String type = handle.getClass().getSimpleName();
        Object range = Reflect.call(handle, "getKeyGroupRange");
        boolean empty = (Integer) Reflect.call(range, "getNumberOfKeyGroups") == 0;
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("class", type);
        putSizes(out, handle);
        out.put("first", empty ? null : Reflect.call(range, "getStartKeyGroup"));
        out.put("last", empty ? null : Reflect.call(range, "getEndKeyGroup"));
        switch (type) {
            case "KeyGroupsStateHandle":
            case "KeyGroupsSavepointStateHandle":
                putKeyGroups(out, handle);
                break;
            case "IncrementalRemoteKeyedStateHandle":
                putIncremental(out, handle);
                break;
            case "ChangelogStateBackendHandleImpl":
                putChangelog(out, handle);
                break;
            case "InMemoryChangelogStateHandle":
                putChangesInMemory(out, handle);
                break;
            case "ChangelogStateHandleStreamImpl":
                putChangesInFiles(out, handle);
                break;
            default:
                throw new IllegalStateException("no description for " + type);
        }
        boolean storesId = !asStream && !type.equals("KeyGroupsSavepointStateHandle");
        out.put("id", storesId ? storedId(handle) : null);
        return out;
    }

    static Map<String, Object> operator(Object handle) throws Throwable {
        String type = handle.getClass().getSimpleName();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("class", type);
        putSizes(out, handle);
        List<Object> states = new ArrayList<>();
        Map<?, ?> byName = (Map<?, ?>) Reflect.call(handle, "getStateNameToPartitionOffsets");
        for (Map.Entry<?, ?> entry : new TreeMap<>(byName).entrySet()) {
            Map<String, Object> state = new LinkedHashMap<>();
            state.put("name", entry.getKey());
            state.put("mode", text(Reflect.call(entry.getValue(), "getDistributionMode")));
            state.put("offsets", longs((long[]) Reflect.call(entry.getValue(), "getOffsets")));
            states.add(state);
        }
        out.put("states", states);
        out.put("stream", stream(Reflect.call(handle, "getDelegateStateHandle")));
        if (type.contains("FileMerging")) {
            out.put("task_owned_dir", directory(Reflect.call(handle, "getTaskOwnedDirHandle")));
            out.put("shared_dir", directory(Reflect.call(handle, "getSharedDirHandle")));
            out.put("empty", type.startsWith("Empty"));
        }
        return out;
    }

    static Map<String, Object> channel(Object handle) throws Throwable {
        String type = handle.getClass().getSimpleName();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("class", type);
        out.put("bytes", Reflect.call(handle, "getStateSize"));
        out.put("subtask", Reflect.callIfPresent(handle, "getSubtaskIndex"));
        out.put("stream", stream(Reflect.call(handle, "getDelegate")));
        Collection<?> plain = type.startsWith("Merged")
                ? (Collection<?>) Reflect.call(handle, "getUnmergedHandles")
                : Collections.singletonList(handle);
        List<Object> channels = new ArrayList<>();
        for (Object one : plain) {
            channels.add(channelEntry(one));
        }
        out.put("channels", channels);
        return out;
    }

    private static Map<String, Object> channelEntry(Object handle) throws Throwable {
        Object info = Reflect.call(handle, "getInfo");
        boolean input = info.getClass().getSimpleName().equals("InputChannelInfo");
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("a", Reflect.call(info, input ? "getGateIdx" : "getPartitionIdx"));
        out.put("b", Reflect.call(info, input ? "getInputChannelIdx" : "getSubPartitionIdx"));
        out.put("bytes", Reflect.call(handle, "getStateSize"));
        out.put("offsets", Reflect.call(handle, "getOffsets"));
        return out;
    }

    private static void putKeyGroups(Map<String, Object> out, Object handle) throws Throwable {
        List<Object> offsets = new ArrayList<>();
        for (Object groupAndOffset : (Iterable<?>) Reflect.call(handle, "getGroupRangeOffsets")) {
            offsets.add(Reflect.fieldIfPresent(groupAndOffset, "f1"));
        }
        out.put("offsets", offsets);
        out.put("stream", stream(Reflect.call(handle, "getDelegateStateHandle")));
    }

    private static void putIncremental(Map<String, Object> out, Object handle) throws Throwable {
        out.put("checkpoint_id", Reflect.call(handle, "getCheckpointId"));
        out.put("backend_id", text(Reflect.call(handle, "getBackendIdentifier")));
        out.put("meta", stream(metaStream(handle)));
        out.put("shared", localFiles(Reflect.call(handle, "getSharedState")));
        out.put("private", localFiles(Reflect.call(handle, "getPrivateState")));
        out.put("stored_checkpointed_bytes", Reflect.fieldIfPresent(handle, "persistedSizeOfThisCheckpoint"));
    }

    /** Renamed in 1.19. */
    static Object metaStream(Object handle) throws Throwable {
        Object meta = Reflect.callIfPresent(handle, "getMetaDataStateHandle");
        return meta != null ? meta : Reflect.callIfPresent(handle, "getMetaStateHandle");
    }

    /** A list of (handle, local path) in newer releases, a map without order in older ones. */
    private static List<Object> localFiles(Object files) throws Throwable {
        List<Object> out = new ArrayList<>();
        if (files instanceof Map) {
            Map<String, Object> sorted = new TreeMap<>();
            for (Map.Entry<?, ?> entry : ((Map<?, ?>) files).entrySet()) {
                sorted.put((String) Reflect.call(entry.getKey(), "getKeyString"), entry.getValue());
            }
            for (Map.Entry<String, Object> entry : sorted.entrySet()) {
                out.add(localFile(entry.getKey(), entry.getValue()));
            }
        } else {
            for (Object file : (Collection<?>) files) {
                out.add(localFile((String) Reflect.call(file, "getLocalPath"), Reflect.call(file, "getHandle")));
            }
        }
        return out;
    }

    private static Map<String, Object> localFile(String name, Object handle) throws Throwable {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("name", name);
        out.put("stream", stream(handle));
        return out;
    }

    private static void putChangelog(Map<String, Object> out, Object handle) throws Throwable {
        out.put("materialized", keyedAll((Collection<?>) Reflect.call(handle, "getMaterializedStateHandles")));
        out.put("non_materialized", keyedAll((Collection<?>) Reflect.call(handle, "getNonMaterializedStateHandles")));
        out.put("materialization_id", Reflect.callIfPresent(handle, "getMaterializationID"));
        out.put("checkpoint_id", Reflect.callIfPresent(handle, "getCheckpointId"));
    }

    private static void putChangesInMemory(Map<String, Object> out, Object handle) throws Throwable {
        Collection<?> changes = (Collection<?>) Reflect.call(handle, "getChanges");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream data = new DataOutputStream(bytes);
        long changeBytes = 0;
        for (Object change : changes) {
            byte[] content = (byte[]) Reflect.call(change, "getChange");
            changeBytes += content.length;
            data.writeInt((Integer) Reflect.call(change, "getKeyGroup"));
            data.write(content);
        }
        out.put("from", Reflect.call(handle, "getFrom"));
        out.put("to", Reflect.call(handle, "getTo"));
        out.put("changes", changes.size());
        out.put("change_bytes", changeBytes);
        out.put("crc32", crc32(bytes.toByteArray()));
    }

    private static void putChangesInFiles(Map<String, Object> out, Object handle) throws Throwable {
        List<Object> streams = new ArrayList<>();
        for (Object streamAndOffset : (Collection<?>) Reflect.call(handle, "getHandlesAndOffsets")) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("offset", Reflect.fieldIfPresent(streamAndOffset, "f1"));
            one.put("stream", stream(Reflect.fieldIfPresent(streamAndOffset, "f0")));
            streams.add(one);
        }
        out.put("streams", streams);
        out.put("size", Reflect.fieldIfPresent(handle, "size"));
        out.put("incremental_size", Reflect.fieldIfPresent(handle, "incrementalSize"));
        out.put("storage_identifier", Reflect.callIfPresent(handle, "getStorageIdentifier"));
    }

    static List<Object> keyedAll(Collection<?> handles) throws Throwable {
        List<Object> out = new ArrayList<>();
        for (Object handle : handles) {
            out.add(keyed(handle));
        }
        return out;
    }

    /** Releases that store the id can restore a handle with it; in others the id is random at each load. */
    private static Object storedId(Object handle) throws Throwable {
        return Reflect.hasMethod(handle.getClass(), "restore")
                ? Reflect.call(Reflect.call(handle, "getStateHandleId"), "getKeyString")
                : null;
    }

    private static void putSizes(Map<String, Object> out, Object handle) throws Throwable {
        out.put("bytes", Reflect.call(handle, "getStateSize"));
        out.put("checkpointed_bytes", Reflect.callIfPresent(handle, "getCheckpointedSize"));
    }

    private static String directory(Object handle) throws Throwable {
        return text(Reflect.call(handle, "getDirectory"));
    }

    private static String text(Object value) {
        return value == null ? null : value instanceof Enum ? ((Enum<?>) value).name() : value.toString();
    }

    private static List<Object> longs(long[] values) {
        List<Object> out = new ArrayList<>();
        for (long value : values) {
            out.add(value);
        }
        return out;
    }

    private static long crc32(byte[] data) {
        CRC32 crc = new CRC32();
        crc.update(data);
        return crc.getValue();
    }
}
