package fixture;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Changes the sizes that the metadata records for its files, and nothing else, and asks Flink to restore: does it
 * read the files, or does it go by the sizes? One tab-separated line per attempt.
 */
public final class RecordedSizes {
    private static final List<String> SCENARIOS = Arrays.asList(
            "savepoint-canonical-hashmap", "savepoint-canonical-rocksdb", "savepoint-native-hashmap",
            "savepoint-native-rocksdb", "checkpoint-hashmap-files", "checkpoint-rocksdb-full",
            "checkpoint-rocksdb-incremental", "unaligned", "changelog-filesystem");
    private static final byte RELATIVE = 6;
    private static final byte FILE = 2;

    private RecordedSizes() {}

    /** Arguments: release, then scenario names (none: the usual ones). */
    public static void main(String[] arguments) throws Exception {
        List<String> wanted = Arrays.asList(arguments).subList(1, arguments.length);
        boolean allWell = true;
        for (Scenario scenario : Scenarios.of(arguments[0])) {
            if ((wanted.isEmpty() ? SCENARIOS : wanted).contains(scenario.name)) {
                allWell &= examine(arguments[0], scenario);
            }
        }
        System.exit(allWell ? 0 : 1);
    }

    private static boolean examine(String release, Scenario scenario) {
        Session session = new Session(scenario.settings, scenario.job());
        try {
            Session.clear();
            scenario.script.run(session);
            Path snapshot = SnapshotFiles.newestSnapshot();
            List<SnapshotFiles.Needed> needed = SnapshotFiles.needed(release, snapshot);
            Tree tree = Tree.remember(Session.CHECKPOINTS, Session.SAVEPOINTS, Session.CHANGELOG);
            String intact = null;
            for (Change change : Change.values()) {
                int handles = apply(change, snapshot.resolve("_metadata"), needed);
                Restore restore = new Restore(scenario, snapshot);
                String error = restore.attempt();
                tree.restore();
                if (change == Change.NONE) {
                    intact = restore.stateRead();
                }
                String state = error != null ? "-" : Objects.equals(intact, restore.stateRead()) ? "same" : "other";
                System.out.println(String.join("\t", release, scenario.name, change.name().toLowerCase(),
                        Integer.toString(handles), error == null ? "restored" : "failed", state));
                if (error != null) {
                    System.err.println(error);
                }
            }
            return true;
        } catch (Throwable e) {
            session.abandon();
            System.out.printf("# FAILED %s %s: %s%n", release, scenario.name, e);
            e.printStackTrace();
            return false;
        }
    }

    /** What is recorded in place of a size. */
    private enum Change {
        NONE,
        ZERO,
        LESS,
        MORE;

        long of(long size) {
            switch (this) {
                case ZERO:
                    return 0;
                case LESS:
                    return Math.max(0, size - 1);
                case MORE:
                    return size + 1000;
                default:
                    return size;
            }
        }
    }

    /** Handles of files are a tag, the size and the path; of relative ones the tag, the path and the size. */
    private static int apply(Change change, Path metadata, List<SnapshotFiles.Needed> files) throws IOException {
        byte[] bytes = Files.readAllBytes(metadata);
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        int handles = 0;
        for (int at = 0; at + 11 < bytes.length; at++) {
            if (bytes[at] == FILE && isPathOf(files, bytes, at + 9)) {
                buffer.putLong(at + 1, change.of(buffer.getLong(at + 1)));
                handles++;
            } else if (bytes[at] == RELATIVE && isPathOf(files, bytes, at + 1)) {
                int size = at + 3 + buffer.getShort(at + 1);
                buffer.putLong(size, change.of(buffer.getLong(size)));
                handles++;
            }
        }
        Files.write(metadata, bytes);
        return handles;
    }

    /** Whether the string there names one of the files. */
    private static boolean isPathOf(List<SnapshotFiles.Needed> files, byte[] bytes, int at) {
        int length = (bytes[at] & 0xFF) << 8 | bytes[at + 1] & 0xFF;
        if (length == 0 || at + 2 + length > bytes.length) {
            return false;
        }
        String path = new String(bytes, at + 2, length, StandardCharsets.UTF_8);
        String name = path.substring(path.lastIndexOf('/') + 1);
        return files.stream().anyMatch(file -> file.path.getFileName().toString().equals(name));
    }
}
