package fixture;

/** The same job with other settings: backend, changelog, unaligned checkpoints. */
final class Settings {
    private Settings() {}

    static void add(Cases cases) {
        cases.strict("rich", "on-rocksdb", p -> p.configure(Bases::rocksdb))
                .strict("small-rocksdb", "on-hashmap", p -> p.configure(s -> s.backend("hashmap")))
                .strict("native-hashmap", "on-rocksdb", p -> p.configure(Bases::rocksdb))
                .both("native-rocksdb", "on-hashmap", p -> p.configure(s -> s.backend("hashmap")))
                .strict("native-rocksdb", "parallelism-up", p -> p.parallelism(2))
                .strict("native-rocksdb", "not-incremental", p -> p.configure(s -> s
                        .set("state.backend.incremental", "false").set("execution.checkpointing.incremental", "false")))
                .strict("checkpoint", "on-rocksdb", p -> p.configure(Bases::rocksdb))
                .strict("incremental", "on-hashmap", p -> p.configure(s -> s.backend("hashmap")))
                .both("incremental", "uid-changed", p -> p.change("counter", op -> op.uid = "renamed"))
                .both("changelog", "off", p -> off(p))
                .strict("changelog-rocksdb", "off", p -> off(p))
                .strict("changelog", "on-rocksdb", p -> p.configure(Bases::rocksdb))
                .strict("small", "changelog-on", p -> p.configure(s -> s.changelog("filesystem")))
                .strict("checkpoint", "changelog-on", p -> p.configure(s -> s.changelog("filesystem")))
                .strict("incremental", "changelog-on", p -> p.configure(s -> s.changelog("filesystem")))
                .both("changelog", "uid-changed", p -> p.change("counter", op -> op.uid = "renamed"))
                .strict("changelog", "value-to-string", p -> p.change("counter", op -> op.state("count", "value string")))
                .both("file-merging", "uid-of-stateless-changed", p -> p.change("clean", op -> op.uid = "renamed"))
                .both("file-merging", "stateless-deleted", p -> p.without("clean"))
                .strict("file-merging", "off", p -> p.scenario.settings.keySet().removeIf(k -> k.contains("file-merging")))
                .strict("file-merging", "parallelism-up", p -> p.parallelism(3));
        // Came with Flink 1.20.
        if (cases.hasBase("file-merging")) {
            cases.strict("checkpoint", "file-merging-on", p -> p.configure(Bases::fileMerging))
                    .strict("incremental", "file-merging-on", p -> p.configure(Bases::fileMerging))
                    .strict("savepoint-files", "file-merging-on", p -> p.configure(Bases::fileMerging));
        }
        // Came with Flink 2.
        if (cases.hasBase("forst")) {
            cases.strict("forst", "on-rocksdb", p -> p.configure(Bases::rocksdb))
                    .strict("incremental", "on-forst", p -> p.configure(s -> s.backend("forst")))
                    .strict("small", "on-forst", p -> p.configure(s -> s.backend("forst")));
        }
        unaligned(cases);
    }

    /** Both names of the switch, as old and new releases call it. */
    private static void off(Pipeline pipeline) {
        pipeline.scenario.settings.keySet().removeIf(key -> key.contains("changelog"));
    }

    private static void unaligned(Cases cases) {
        cases.strict("unaligned", "off", p -> p.scenario.settings.keySet().removeIf(key -> key.contains("unaligned")))
                .both("unaligned", "downstream-uid-changed", p -> p.change("first", op -> op.uid = "renamed"))
                .both("unaligned", "last-uid-changed", p -> p.change("second", op -> op.uid = "renamed"))
                .both("unaligned", "source-uid-changed", p -> p.change("src", op -> op.uid = "renamed"))
                .both("unaligned", "stateless-chained-behind-source", p -> p.insertBefore("first", new Op("new", Op.Kind.MAP)))
                .both("unaligned", "operator-deleted", p -> p.without("first"))
                .both("unaligned", "keyed-inserted", p -> p.insertBefore("second",
                        new Op("new", Op.Kind.KEYED).state("count", "value long")))
                .both("unaligned-full", "downstream-uid-changed", p -> p.change("counter", op -> op.uid = "renamed"))
                .both("unaligned-full", "source-uid-changed", p -> p.change("src", op -> op.uid = "renamed"))
                .strict("unaligned", "parallelism-up", p -> p.parallelism(3))
                .strict("unaligned", "parallelism-down", p -> p.parallelism(1))
                .strict("unaligned", "chaining-off", Pipeline::unchained);
    }
}
