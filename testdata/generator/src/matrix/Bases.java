package fixture;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** Every snapshot that is restored from. */
final class Bases {
    private Bases() {}

    static Map<String, Base> of(String release) {
        Map<String, Base> all = new LinkedHashMap<>();
        canonical(all, "rich", Jobs::rich);
        canonical(all, "small", Jobs::small);
        canonical(all, "small-rocksdb", () -> Jobs.small().configure(Bases::rocksdb));
        canonical(all, "two", Jobs::two);
        canonical(all, "twins", Jobs::twins);
        canonical(all, "lists", Jobs::lists);
        canonical(all, "broadcast", Jobs::broadcast);
        canonical(all, "window-process", () -> Jobs.window(Op.Kind.WINDOW_PROCESS));
        canonical(all, "window-reduce", () -> Jobs.window(Op.Kind.WINDOW_REDUCE));
        canonical(all, "sink", Jobs::sink);
        canonical(all, "automatic", Jobs::automatic);
        canonical(all, "mixed", Jobs::mixed);
        canonical(all, "forgotten", Jobs::forgotten);
        canonical(all, "forgotten-keyed", Jobs::forgottenKeyed);
        canonical(all, "max-8", () -> Jobs.small().maxParallelism(8));
        for (String type : new String[] {"pojo", "kryo", "enum", "tuple2"}) {
            canonical(all, type, () -> Jobs.one("content", "value " + type));
        }
        canonical(all, "pojo-rocksdb", () -> Jobs.one("content", "value pojo").configure(Bases::rocksdb));
        canonical(all, "list", () -> Jobs.one("content", "list long"));
        canonical(all, "map", () -> Jobs.one("content", "map long"));
        canonical(all, "ttl", Jobs::ttl);
        canonical(all, "ttl-rocksdb", () -> Jobs.ttl().configure(Bases::rocksdb));
        add(all, "native-hashmap", Base.How.NATIVE, false, () -> Jobs.small().parallelism(1));
        add(all, "native-rocksdb", Base.How.NATIVE, true, () -> Jobs.small().parallelism(1).configure(Bases::rocksdb)
                .configure(scenario -> scenario.inlineUpTo("0 b")));
        add(all, "savepoint-files", Base.How.CANONICAL, true, () -> Jobs.small().configure(s -> s.inlineUpTo("0 b")));
        add(all, "checkpoint", Base.How.CHECKPOINT, false, Jobs::small);
        add(all, "incremental", Base.How.CHECKPOINT, true, () -> Jobs.small().parallelism(1).configure(Bases::rocksdb)
                .configure(scenario -> scenario.inlineUpTo("0 b")));
        add(all, "unaligned", Base.How.UNALIGNED, false, () -> Jobs.two().configure(Bases::unaligned));
        add(all, "unaligned-full", Base.How.UNALIGNED, false,
                () -> Jobs.small().parallelism(1).configure(Bases::unaligned));
        // In 1.14 the changelog backend is not part of the distribution.
        if (new Scenario("", session -> {}).since(1, 15).runsOn(release)) {
            changelogs(all);
        }
        add(all, "finished-partly", Base.How.FINISHED_PARTLY, false, Jobs::small);
        add(all, "finished-fully", Base.How.FINISHED_FULLY, false, Jobs::broadcast);
        add(all, "finished-chain", Base.How.FINISHED_FULLY, false, Jobs::broadcastOfTwo);
        if (new Scenario("", session -> {}).since(1, 20).runsOn(release)) {
            add(all, "file-merging", Base.How.CHECKPOINT, true, () -> Jobs.rich().configure(Bases::fileMerging));
        }
        if (new Scenario("", session -> {}).since(2, 0).runsOn(release)) {
            add(all, "forst", Base.How.CHECKPOINT, true, () -> Jobs.small().parallelism(1)
                    .configure(scenario -> scenario.backend("forst").incremental().inlineUpTo("0 b")));
        }
        return all;
    }

    private static void changelogs(Map<String, Base> all) {
        add(all, "changelog", Base.How.CHECKPOINT, true,
                () -> Jobs.small().parallelism(1).configure(scenario -> scenario.changelog("filesystem")));
        add(all, "changelog-rocksdb", Base.How.CHECKPOINT, true, () -> Jobs.small().parallelism(1)
                .configure(Bases::rocksdb).configure(scenario -> scenario.changelog("filesystem")));
        add(all, "changelog-ttl", Base.How.CHECKPOINT, false,
                () -> Jobs.ttl().configure(scenario -> scenario.changelog("memory")));
    }

    private static void canonical(Map<String, Base> all, String name, Supplier<Pipeline> pipeline) {
        add(all, name, Base.How.CANONICAL, false, pipeline);
    }

    private static void add(
            Map<String, Base> all, String name, Base.How how, boolean withFiles, Supplier<Pipeline> pipeline) {
        all.put(name, new Base(name, how, withFiles, pipeline));
    }

    static void rocksdb(Scenario scenario) {
        scenario.backend("rocksdb").incremental();
    }

    static void unaligned(Scenario scenario) {
        scenario.set("execution.checkpointing.unaligned", "true")
                .set("execution.checkpointing.unaligned.enabled", "true")
                .set("execution.checkpointing.unaligned.forced", "true");
    }

    static void fileMerging(Scenario scenario) {
        scenario.inlineUpTo("0 b").set("execution.checkpointing.file-merging.enabled", "true");
    }
}
