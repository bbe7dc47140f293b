package fixture;

import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import org.apache.flink.core.memory.DataInputViewStreamWrapper;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshotReadersWriters;

/** The records of a changelog handle, read by Flink's own reader. Everything by reflection: 1.13 has none of it. */
final class Changes {
    private static final String FILES = "org.apache.flink.changelog.fs.";
    private static final String CHANGELOG = "org.apache.flink.runtime.state.changelog.";
    private static final byte METADATA = 8;

    /** A record that introduces a state. */
    static final class Metadata {
        int version;
        StateMetaInfoSnapshot snapshot;
        int stateId;
    }

    private Changes() {}

    /** Each record's bytes, in order. */
    static List<byte[]> of(Object handle) throws Throwable {
        List<byte[]> out = new ArrayList<>();
        if (handle.getClass().getSimpleName().equals("InMemoryChangelogStateHandle")) {
            for (Object change : (Collection<?>) Reflect.call(handle, "getChanges")) {
                out.add((byte[]) Reflect.call(change, "getChange"));
            }
            return out;
        }
        Object reader = Reflect.create(
                Reflect.type(CHANGELOG + "StateChangelogHandleStreamHandleReader"), streamReader());
        Iterator<?> changes = (Iterator<?>) Reflect.call(reader, "getChanges", handle);
        while (changes.hasNext()) {
            out.add((byte[]) Reflect.call(changes.next(), "getChange"));
        }
        ((AutoCloseable) changes).close();
        return out;
    }

    /** In 1.15 the format itself reads, later a class beside it. */
    private static Object streamReader() throws Throwable {
        if (!Reflect.exists(FILES + "StateChangeIteratorImpl")) {
            return Reflect.create(Reflect.type(FILES + "StateChangeFormat"));
        }
        java.lang.reflect.Field direct =
                Reflect.type(FILES + "ChangelogStreamHandleReader").getField("DIRECT_READER");
        direct.setAccessible(true);
        return Reflect.create(Reflect.type(FILES + "StateChangeIteratorImpl"), direct.get(null));
    }

    static boolean isMetadata(byte[] change) {
        return change[0] == METADATA;
    }

    static Metadata metadata(byte[] change) throws Throwable {
        DataInputViewStreamWrapper input = new DataInputViewStreamWrapper(new ByteArrayInputStream(change));
        input.readByte();
        Metadata out = new Metadata();
        out.version = input.readInt();
        Object reader = Reflect.callStatic(StateMetaInfoSnapshotReadersWriters.class, "getReader", out.version);
        out.snapshot = (StateMetaInfoSnapshot)
                Reflect.call(reader, "readStateMetaInfoSnapshot", input, Heads.loader());
        // What is between depends on the state; the id is before the last byte, the kind of state.
        out.stateId = ByteBuffer.wrap(change).getShort(change.length - 3);
        return out;
    }

    static int stateId(byte[] change) {
        return ByteBuffer.wrap(change).getShort(1);
    }

    static String operation(byte[] change) throws Throwable {
        Class<?> operations = Reflect.type("org.apache.flink.state.changelog.StateChangeOperation");
        for (Object operation : operations.getEnumConstants()) {
            if ((Byte) Reflect.call(operation, "getCode") == change[0]) {
                return ((Enum<?>) operation).name();
            }
        }
        throw new IllegalStateException("no operation " + change[0]);
    }
}
