package fixture;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** All scenarios, in the order of the README. */
final class Scenarios {
    private static final String ALL_TO_FILES = "0 b";
    private static final String SMALL_INLINE = "20 kb";

    private Scenarios() {}

    static List<Scenario> of(String release) {
        // Only since 1.15 has a savepoint a format to choose.
        boolean choice = new Scenario("", session -> {}).since(1, 15).runsOn(release);
        String canonical = choice ? "CANONICAL" : null;
        List<Scenario> all = new ArrayList<>();
        savepoints(all, canonical);
        checkpoints(all);
        changelogs(all);
        later(all);
        ends(all, canonical);
        restores(all);
        all.removeIf(scenario -> !scenario.runsOn(release));
        return all;
    }

    private static void savepoints(List<Scenario> all, String canonical) {
        all.add(savepoint("savepoint-canonical-hashmap", canonical).backend("hashmap").full());
        all.add(savepoint("savepoint-canonical-rocksdb", canonical).backend("rocksdb").full());
        all.add(savepoint("savepoint-native-hashmap", "NATIVE").backend("hashmap").full().since(1, 15));
        all.add(savepoint("savepoint-native-rocksdb", "NATIVE").backend("rocksdb").incremental().since(1, 15));
    }

    private static void checkpoints(List<Scenario> all) {
        all.add(checkpoint("checkpoint-hashmap-inline", 2).backend("hashmap").inlineUpTo(SMALL_INLINE).full());
        all.add(checkpoint("checkpoint-hashmap-files", 2).backend("hashmap").full());
        all.add(checkpoint("checkpoint-jobmanager", 2).backend("hashmap").jobManagerStorage());
        all.add(checkpoint("checkpoint-rocksdb-full", 2).backend("rocksdb")
                // Timers on the heap become raw keyed state.
                .set("state.backend.rocksdb.timer-service.factory", "HEAP"));
        all.add(checkpoint("checkpoint-rocksdb-incremental", 4)
                .backend("rocksdb").incremental().retain(2));
        all.add(checkpoint("checkpoint-rocksdb-incremental-inline", 2)
                .backend("rocksdb").incremental().inlineUpTo(SMALL_INLINE).slim());
        all.add(new Scenario("checkpoint-full-requested", session -> {
                    session.start();
                    session.emit(30);
                    session.requestCheckpoint("CONFIGURED");
                    session.emit(30);
                    session.requestCheckpoint("FULL");
                    session.cancel();
                })
                .backend("rocksdb").incremental().inlineUpTo(ALL_TO_FILES).retain(2).slim().since(1, 19)
                .set("execution.checkpointing.interval", "1 h"));
        all.add(new Scenario("unaligned", session -> {
                    session.start();
                    session.flood(250);
                    session.awaitNextCheckpoint();
                    session.cancel();
                })
                .backend("hashmap").inlineUpTo(ALL_TO_FILES)
                .set("execution.checkpointing.unaligned", "true")
                .set("execution.checkpointing.unaligned.enabled", "true")
                .set("execution.checkpointing.unaligned.forced", "true"));
    }

    private static void changelogs(List<Scenario> all) {
        all.add(checkpoint("changelog-filesystem", 3).backend("hashmap").retain(2).changelog("filesystem"));
        all.add(checkpoint("changelog-filesystem-materialized", 5)
                .backend("rocksdb").incremental().changelog("filesystem")
                .materializeEvery("1 s").slim());
        all.add(checkpoint("changelog-memory", 2).backend("hashmap").changelog("memory"));
    }

    /** What came with later releases. */
    private static void later(List<Scenario> all) {
        all.add(checkpoint("file-merging-hashmap", 2).backend("hashmap").since(1, 20)
                .set("execution.checkpointing.file-merging.enabled", "true"));
        all.add(checkpoint("file-merging-rocksdb", 3)
                .backend("rocksdb").incremental().retain(2).slim().since(1, 20)
                .set("execution.checkpointing.file-merging.enabled", "true")
                .set("execution.checkpointing.file-merging.across-checkpoint-boundary", "true"));
        all.add(checkpoint("forst", 3).backend("forst").incremental().retain(2).slim().since(2, 0));
        all.add(checkpoint("forst-async", 3).backend("forst").incremental().async().since(2, 0));
        all.add(checkpoint("hashmap-async", 2).backend("hashmap").async().since(2, 0));
    }

    private static void ends(List<Scenario> all, String canonical) {
        all.add(stop("stop-suspend", false, canonical).full());
        all.add(stop("stop-drain", true, canonical));
        all.add(new Scenario("finished-tasks-partly", session -> {
                    session.start();
                    session.emit(30);
                    session.finishEvents(0);
                    session.awaitNextCheckpoint();
                    session.awaitNextCheckpoint();
                    session.cancel();
                })
                .backend("hashmap").inlineUpTo(SMALL_INLINE).since(1, 14));
        all.add(new Scenario("finished-tasks-fully", session -> {
                    session.start();
                    session.emit(30);
                    session.finishRules();
                    session.awaitNextCheckpoint();
                    session.awaitNextCheckpoint();
                    session.cancel();
                })
                .backend("hashmap").inlineUpTo(ALL_TO_FILES).full().since(1, 14));
    }

    private static void restores(List<Scenario> all) {
        all.add(new Scenario("restore-no-claim", session -> {
                    session.start();
                    session.checkpoints(1);
                    Path old = session.newestCheckpointDirectory();
                    session.cancel();
                    session.startFrom(old, "NO_CLAIM");
                    // The first checkpoint afterwards shares nothing with the old job; the second may again.
                    session.checkpoints(2);
                    session.cancel();
                })
                .backend("rocksdb").incremental().inlineUpTo(ALL_TO_FILES).retain(2).slim().since(1, 15));
        all.add(new Scenario("restore-claim-native-savepoint", session -> {
                    session.start();
                    session.emit(30);
                    Path savepoint = session.stop(false, "NATIVE");
                    session.startFrom(savepoint, "CLAIM");
                    session.checkpoints(2);
                    session.cancel();
                })
                .backend("rocksdb").incremental().inlineUpTo(ALL_TO_FILES).retain(2).slim().since(1, 15));
    }

    private static Scenario savepoint(String name, String format) {
        return new Scenario(name, session -> {
            session.start();
            session.emit(60);
            session.savepoint(format);
            session.cancel();
        }).inlineUpTo(ALL_TO_FILES).withoutCheckpoints();
    }

    private static Scenario stop(String name, boolean drain, String format) {
        return new Scenario(name, session -> {
            session.start();
            session.emit(60);
            session.stop(drain, format);
        }).backend("hashmap").inlineUpTo(SMALL_INLINE).withoutCheckpoints();
    }

    private static Scenario checkpoint(String name, int count) {
        return new Scenario(name, session -> {
            session.start();
            session.checkpoints(count);
            session.cancel();
        }).inlineUpTo(ALL_TO_FILES);
    }
}
