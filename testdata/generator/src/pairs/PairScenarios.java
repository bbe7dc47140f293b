package fixture;

import java.util.ArrayList;
import java.util.List;

/** Every form in which a release leaves state behind. */
final class PairScenarios {
    private static final String ALL_TO_FILES = "0 b";
    private static final String SMALL_INLINE = "20 kb";
    private static final int EVENTS = 30;

    private PairScenarios() {}

    /** Of all releases: those that a release cannot write, it may still be asked to read. */
    static List<PairScenario> all(String release) {
        // Only since 1.15 has a savepoint a format to choose.
        boolean choice = new Scenario("", session -> {}).since(1, 15).runsOn(release);
        List<PairScenario> all = new ArrayList<>();
        savepoints(all, choice ? "CANONICAL" : null);
        checkpoints(all);
        changelogs(all);
        ends(all);
        later(all);
        return all;
    }

    private static void savepoints(List<PairScenario> all, String canonical) {
        all.add(savepoint("canonical-hashmap", canonical, "hashmap"));
        all.add(savepoint("canonical-rocksdb", canonical, "rocksdb"));
        PairScenario kryo = savepoint("canonical-kryo-hashmap", canonical, "hashmap");
        kryo.full();
        all.add(kryo);
        PairScenario kryoRocksdb = savepoint("canonical-kryo-rocksdb", canonical, "rocksdb");
        kryoRocksdb.full();
        all.add(kryoRocksdb);
        all.add(savepoint("sink-open", canonical, "hashmap").results(Control.Results.OPEN_FILES));
        all.add(savepoint("sink-pending", canonical, "hashmap").results(Control.Results.PENDING_FILES));
        PairScenario nativeHeap = savepoint("native-hashmap", "NATIVE", "hashmap");
        nativeHeap.since(1, 15);
        all.add(nativeHeap);
        PairScenario nativeRocksdb = savepoint("native-rocksdb", "NATIVE", "rocksdb");
        nativeRocksdb.incremental().slim().since(1, 15);
        all.add(nativeRocksdb);
    }

    private static void checkpoints(List<PairScenario> all) {
        add(all, checkpoint("heap-inline", 1, "hashmap"), SMALL_INLINE);
        PairScenario files = checkpoint("heap-files", 1, "hashmap");
        files.slim();
        add(all, files, ALL_TO_FILES);
        PairScenario incremental = checkpoint("rocksdb-incremental", 2, "rocksdb");
        incremental.incremental().slim();
        add(all, incremental, ALL_TO_FILES);
        PairScenario ttl = checkpoint("rocksdb-ttl", 1, "rocksdb");
        ttl.incremental();
        add(all, ttl, SMALL_INLINE);
        PairScenario full = checkpoint("rocksdb-full", 1, "rocksdb");
        // Timers on the heap become raw keyed state.
        full.set("state.backend.rocksdb.timer-service.factory", "HEAP");
        add(all, full, SMALL_INLINE);
        PairScenario unaligned = new PairScenario("unaligned", session -> {
            session.start();
            session.flood(250);
            session.awaitNextCheckpoint();
            session.cancel();
        });
        unaligned.backend("hashmap").slim()
                .set("execution.checkpointing.unaligned", "true")
                .set("execution.checkpointing.unaligned.enabled", "true")
                .set("execution.checkpointing.unaligned.forced", "true");
        add(all, unaligned, SMALL_INLINE);
    }

    private static void changelogs(List<PairScenario> all) {
        PairScenario memory = checkpoint("changelog-memory", 1, "hashmap");
        memory.changelog("memory").slim();
        add(all, memory, SMALL_INLINE);
        PairScenario files = checkpoint("changelog-files", 1, "hashmap");
        files.changelog("filesystem").slim();
        add(all, files, ALL_TO_FILES);
        PairScenario ttl = checkpoint("changelog-ttl", 1, "hashmap");
        ttl.changelog("filesystem");
        add(all, ttl, SMALL_INLINE);
        PairScenario materialized = checkpoint("changelog-materialized", 4, "rocksdb");
        materialized.incremental().changelog("filesystem").materializeEvery("1 s").slim();
        add(all, materialized, ALL_TO_FILES);
        PairScenario ttlMaterialized = checkpoint("changelog-ttl-materialized", 4, "hashmap");
        ttlMaterialized.changelog("filesystem").materializeEvery("1 s");
        add(all, ttlMaterialized, SMALL_INLINE);
    }

    private static void ends(List<PairScenario> all) {
        PairScenario partly = new PairScenario("finished-partly", session -> {
            session.start();
            session.emit(EVENTS, 2);
            session.finishEvents(0);
            session.awaitFinishedTasks(1);
            session.awaitNextCheckpoint();
            session.awaitNextCheckpoint();
            session.cancel();
        }).subtasks(2);
        partly.backend("hashmap").slim().since(1, 14);
        add(all, partly, SMALL_INLINE);
        PairScenario fully = new PairScenario("finished-fully", session -> {
            session.start();
            session.emit(EVENTS, 1);
            session.finishRules();
            session.awaitFinishedTasks(1);
            session.awaitNextCheckpoint();
            session.awaitNextCheckpoint();
            session.cancel();
        });
        fully.backend("hashmap").full().since(1, 14);
        add(all, fully, SMALL_INLINE);
    }

    /** What came with later releases. */
    private static void later(List<PairScenario> all) {
        PairScenario mergedHeap = checkpoint("merged-hashmap", 1, "hashmap");
        mergedHeap.slim().since(1, 20).set("execution.checkpointing.file-merging.enabled", "true");
        add(all, mergedHeap, ALL_TO_FILES);
        PairScenario mergedRocksdb = checkpoint("merged-rocksdb", 2, "rocksdb");
        mergedRocksdb.incremental().slim().since(1, 20)
                .set("execution.checkpointing.file-merging.enabled", "true")
                .set("execution.checkpointing.file-merging.across-checkpoint-boundary", "true");
        add(all, mergedRocksdb, ALL_TO_FILES);
        PairScenario forst = checkpoint("forst", 2, "forst");
        forst.incremental().slim().since(2, 0);
        add(all, forst, ALL_TO_FILES);
        PairScenario forstAsync = checkpoint("forst-async", 2, "forst");
        forstAsync.incremental().async().since(2, 0);
        add(all, forstAsync, ALL_TO_FILES);
        PairScenario heapAsync = checkpoint("hashmap-async", 1, "hashmap");
        heapAsync.async().since(2, 0);
        add(all, heapAsync, SMALL_INLINE);
    }

    private static void add(List<PairScenario> all, PairScenario scenario, String inlineUpTo) {
        scenario.inlineUpTo(inlineUpTo);
        all.add(scenario);
    }

    private static PairScenario savepoint(String name, String format, String backend) {
        PairScenario scenario = new PairScenario(name, session -> {
            session.start();
            session.emit(EVENTS, 1);
            session.savepoint(format);
            session.cancel();
        });
        scenario.backend(backend).inlineUpTo(SMALL_INLINE).withoutCheckpoints();
        return scenario;
    }

    private static PairScenario checkpoint(String name, int count, String backend) {
        PairScenario scenario = new PairScenario(name, session -> {
            session.start();
            for (int i = 0; i < count; i++) {
                session.emit(EVENTS, 1);
                session.awaitNextCheckpoint();
            }
            session.cancel();
        });
        scenario.backend(backend);
        return scenario;
    }
}
