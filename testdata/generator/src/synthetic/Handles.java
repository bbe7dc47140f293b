package fixture;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeOffsets;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;

/**
 * One handle of every kind the release at hand can write. Kinds and constructors differ between
 * releases, hence the reflection; ids are fixed, so that two runs write the same bytes.
 */
final class Handles {
    private static final String STATE = "org.apache.flink.runtime.state.";
    private static final String CHANGELOG = STATE + "changelog.";
    private static final String FILE_MERGING = STATE + "filemerging.";
    private static final String CHANNEL = "org.apache.flink.runtime.checkpoint.channel.";

    private static final UUID BACKEND = new UUID(0x0123456789abcdefL, 0x8877665544332211L);
    private static final KeyGroupRange RANGE = KeyGroupRange.of(3, 5);
    /** Characters of one to four bytes, a NUL and a lone surrogate: all legal in Java's modified UTF-8. */
    private static final String ODD_NAME = "état 数 😀 \0 \ud83d |x|";

    private Handles() {}

    /** Handles of plain streams, one per kind. */
    static List<StreamStateHandle> streams() throws Throwable {
        List<StreamStateHandle> all = new ArrayList<>();
        all.add(inline("hdfs://nn:8020/flink/chk-42/inline", "a few bytes"));
        all.add(file(4711));
        if (Reflect.exists(STATE + "filesystem.RelativeFileStateHandle")) {
            all.add((StreamStateHandle) Reflect.create(
                    Reflect.type(STATE + "filesystem.RelativeFileStateHandle"),
                    new Path("file:/data/flink/savepoints/relative-1"), "relative-1", 1234L));
        }
        if (writesKeyGroupsAsStream()) {
            all.add(new KeyGroupsStateHandle(offsets(), inline("key-groups", "0123456789")));
        }
        if (hasFileMerging()) {
            all.addAll(segments());
        }
        return all;
    }

    /** Serializers before 1.13 have no tag for a key-groups handle in the place of a stream. */
    private static boolean writesKeyGroupsAsStream() {
        return Reflect.exists(STATE + "KeyGroupsSavepointStateHandle");
    }

    static List<Object> keyed() throws Throwable {
        List<Object> all = new ArrayList<>();
        for (StreamStateHandle stream : streams()) {
            all.add(keyGroups(offsets(), stream));
        }
        all.add(keyGroups(new KeyGroupRangeOffsets(KeyGroupRange.EMPTY_KEY_GROUP_RANGE), file(0)));
        if (Reflect.exists(STATE + "KeyGroupsSavepointStateHandle")) {
            all.add(Reflect.create(Reflect.type(STATE + "KeyGroupsSavepointStateHandle"), offsets(), file(815)));
        }
        all.add(incremental());
        if (hasChangelog()) {
            all.add(changelog());
            all.add(changesInMemory());
            all.add(changesInFiles());
        }
        return all;
    }

    static List<OperatorStateHandle> operator() throws Throwable {
        List<OperatorStateHandle> all = new ArrayList<>();
        for (StreamStateHandle stream : streams()) {
            all.add(new OperatorStreamStateHandle(states(), stream));
        }
        if (hasFileMerging()) {
            Object owned = directory("file:/data/flink/checkpoints/taskowned/job_1_tm_tm-1");
            Object shared = directory("file:/data/flink/checkpoints/shared/job_1_op_2_1_2");
            Class<?> type = Reflect.type(FILE_MERGING + "FileMergingOperatorStreamStateHandle");
            all.add((OperatorStateHandle) Reflect.create(type, owned, shared, states(), segments().get(0)));
            Class<?> emptyType = Reflect.type(FILE_MERGING + "EmptyFileMergingOperatorStreamStateHandle");
            all.add((OperatorStateHandle) Reflect.callStatic(emptyType, "create", owned, shared));
        }
        return all;
    }

    static boolean hasChannelState() {
        return Reflect.exists(CHANNEL + "InputChannelInfo");
    }

    static List<Object> inputChannels(int subtask) throws Throwable {
        return channels(subtask, "InputChannel");
    }

    static List<Object> resultSubpartitions(int subtask) throws Throwable {
        return channels(subtask, "ResultSubpartition");
    }

    /** One handle per kind of stream, and where the release has them a merged one of three channels. */
    private static List<Object> channels(int subtask, String kind) throws Throwable {
        List<Object> all = new ArrayList<>();
        int number = 0;
        for (StreamStateHandle stream : streams()) {
            all.add(channel(subtask, kind, 1, number++, stream));
        }
        String merged = STATE + "Merged" + kind + "StateHandle";
        if (Reflect.exists(merged)) {
            StreamStateHandle stream = file(90);
            Collection<Object> parts = Arrays.asList(
                    channel(subtask, kind, 0, 0, stream),
                    channel(subtask, kind, 0, 1, stream),
                    channel(subtask, kind, 2, 0, stream));
            all.add(Reflect.callStatic(Reflect.type(merged), "fromChannelHandles", parts));
        }
        return all;
    }

    private static Object channel(int subtask, String kind, int a, int b, StreamStateHandle stream) throws Throwable {
        Class<?> type = Reflect.type(STATE + kind + "StateHandle");
        Object info = Reflect.create(Reflect.type(CHANNEL + kind + "Info"), a, b);
        List<Long> offsets = Arrays.asList(4L, 40L + b);
        try {
            return Reflect.create(type, subtask, info, stream, offsets, 30L + b);
        } catch (Reflect.Missing e) {
            // 1.11 does not know the subtask.
            return Reflect.create(type, info, stream, offsets, 30L + b);
        }
    }

    private static Object keyGroups(KeyGroupRangeOffsets offsets, StreamStateHandle stream) throws Throwable {
        try {
            return Reflect.callStatic(KeyGroupsStateHandle.class, "restore", offsets, stream, id("key-groups-id"));
        } catch (Reflect.Missing e) {
            return new KeyGroupsStateHandle(offsets, stream);
        }
    }

    private static Object incremental() throws Throwable {
        Class<?> type = Reflect.type(STATE + "IncrementalRemoteKeyedStateHandle");
        List<StreamStateHandle> streams = streams();
        // A size that the writer did not know.
        streams.add(new FileStateHandle(new Path("s3a://bucket/shared/unknown-size"), -1));
        Object shared = localFiles("sst", streams);
        Object confined = localFiles("MANIFEST", streams().subList(0, 2));
        StreamStateHandle meta = inline("meta", "meta data");
        try {
            return Reflect.callStatic(type, "restore", BACKEND, RANGE, 41L, shared, confined, meta, 333L, id("inc-id"));
        } catch (Reflect.Missing e) {
            return Reflect.create(type, BACKEND, RANGE, 41L, shared, confined, meta);
        }
    }

    /** A map by local name in older releases, a list in newer ones. */
    private static Object localFiles(String prefix, List<StreamStateHandle> streams) throws Throwable {
        String pair = STATE + "IncrementalKeyedStateHandle$HandleAndLocalPath";
        Map<Object, Object> map = new LinkedHashMap<>();
        List<Object> list = new ArrayList<>();
        for (StreamStateHandle stream : streams) {
            String name = String.format("%s-%06d", prefix, list.size());
            map.put(id(name), stream);
            list.add(Reflect.exists(pair) ? Reflect.callStatic(Reflect.type(pair), "of", stream, name) : null);
        }
        return Reflect.exists(pair) ? list : map;
    }

    private static Object changelog() throws Throwable {
        Class<?> type = Reflect.type(CHANGELOG + "ChangelogStateBackendHandle$ChangelogStateBackendHandleImpl");
        List<Object> materialized = Arrays.asList(keyGroups(offsets(), file(77)), incremental());
        List<Object> changes = Arrays.asList(changesInMemory(), changesInFiles());
        Object id = id("changelog-id");
        try {
            // Checkpoint, materialization, size of this checkpoint.
            return Reflect.callStatic(type, "restore", materialized, changes, RANGE, 42L, 7L, 55L, id);
        } catch (Reflect.Missing e) {
            // 1.15 had no checkpoint id, 1.14 none of the three.
        }
        try {
            return Reflect.callStatic(type, "restore", materialized, changes, RANGE, 7L, 55L, id);
        } catch (Reflect.Missing e) {
            return Reflect.create(type, materialized, changes, RANGE);
        }
    }

    private static Object changesInMemory() throws Throwable {
        Class<?> type = Reflect.type(CHANGELOG + "inmemory.InMemoryChangelogStateHandle");
        Class<?> sequence = Reflect.type(CHANGELOG + "SequenceNumber");
        Object from = Reflect.callStatic(sequence, "of", 5L);
        Object to = Reflect.callStatic(sequence, "of", 8L);
        List<Object> changes = Arrays.asList(change(-1, "meta"), change(3, "first"), change(5, ""));
        try {
            return Reflect.callStatic(type, "restore", changes, from, to, RANGE, id("memory-id"));
        } catch (Reflect.Missing e) {
            return Reflect.create(type, changes, from, to, RANGE);
        }
    }

    /** Group -1 marks a change of the state's description. */
    private static Object change(int keyGroup, String content) throws Throwable {
        Class<?> type = Reflect.type(CHANGELOG + "StateChange");
        byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
        try {
            return keyGroup < 0 ? Reflect.create(type, (Object) bytes) : Reflect.create(type, keyGroup, bytes);
        } catch (Reflect.Missing e) {
            return Reflect.create(type, keyGroup, bytes);
        }
    }

    private static Object changesInFiles() throws Throwable {
        Class<?> type = Reflect.type(CHANGELOG + "ChangelogStateHandleStreamImpl");
        List<Object> streams = new ArrayList<>();
        for (StreamStateHandle stream : streams()) {
            streams.add(Tuple2.of(stream, 100L + streams.size()));
        }
        Object id = id("files-id");
        try {
            return Reflect.callStatic(type, "restore", streams, RANGE, 600L, 200L, "filesystem", id);
        } catch (Reflect.Missing e) {
            // 1.15 had no storage identifier, 1.14 no incremental size.
        }
        try {
            return Reflect.callStatic(type, "restore", streams, RANGE, 600L, 200L, id);
        } catch (Reflect.Missing e) {
            return Reflect.create(type, streams, RANGE, 600L);
        }
    }

    private static boolean hasChangelog() {
        return Reflect.exists(CHANGELOG + "ChangelogStateHandleStreamImpl");
    }

    private static boolean hasFileMerging() {
        return Reflect.exists(FILE_MERGING + "SegmentFileStateHandle");
    }

    /** Both scopes, and the empty one. */
    private static List<StreamStateHandle> segments() throws Throwable {
        Class<?> type = Reflect.type(FILE_MERGING + "SegmentFileStateHandle");
        Class<?> logicalId = Reflect.type("org.apache.flink.runtime.checkpoint.filemerging.LogicalFile$LogicalFileId");
        List<StreamStateHandle> all = new ArrayList<>();
        for (String scope : Arrays.asList("EXCLUSIVE", "SHARED")) {
            Object scopeValue = Reflect.enumConstant(STATE + "CheckpointedStateScope", scope);
            all.add((StreamStateHandle) Reflect.create(type,
                    new Path("hdfs://nn:8020/flink/shared/merged file"), 1000L, 250L, scopeValue,
                    Reflect.create(logicalId, "logical-" + scope)));
        }
        Class<?> emptyType = Reflect.type(FILE_MERGING + "EmptySegmentFileStateHandle");
        all.add((StreamStateHandle) emptyType.getField("INSTANCE").get(null));
        return all;
    }

    private static Object directory(String path) throws Throwable {
        return Reflect.create(Reflect.type(FILE_MERGING + "DirectoryStreamStateHandle"), new Path(path));
    }

    /** All three ways to distribute a state; no state name occurs twice. */
    private static Map<String, OperatorStateHandle.StateMetaInfo> states() {
        Map<String, OperatorStateHandle.StateMetaInfo> states = new LinkedHashMap<>();
        states.put("list", meta(OperatorStateHandle.Mode.SPLIT_DISTRIBUTE, 10, 20, 30));
        states.put("union", meta(OperatorStateHandle.Mode.UNION, 40));
        states.put("broadcast", meta(OperatorStateHandle.Mode.BROADCAST, 50));
        states.put(ODD_NAME, meta(OperatorStateHandle.Mode.SPLIT_DISTRIBUTE));
        return states;
    }

    private static OperatorStateHandle.StateMetaInfo meta(OperatorStateHandle.Mode mode, long... offsets) {
        return new OperatorStateHandle.StateMetaInfo(offsets, mode);
    }

    private static KeyGroupRangeOffsets offsets() {
        return new KeyGroupRangeOffsets(RANGE, new long[] {0, 512, -1});
    }

    static ByteStreamStateHandle inline(String name, String content) {
        return new ByteStreamStateHandle(name, content.getBytes(StandardCharsets.UTF_8));
    }

    /** A blank and letters beyond ASCII: paths are not percent-encoded in the file. */
    private static StreamStateHandle file(long size) {
        return new FileStateHandle(new Path("hdfs://nn:8020/flink/größe 数/file"), size);
    }

    private static Object id(String text) throws Throwable {
        return Reflect.create(Reflect.type(STATE + "StateHandleID"), text);
    }
}
