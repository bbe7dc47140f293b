package fixture;

/** Kinds, serializers and classes of states that a new version declares otherwise. */
final class StateTypes {
    private StateTypes() {}

    static void add(Cases cases) {
        kinds(cases);
        for (String suffix : new String[] {"", "-rocksdb"}) {
            serializers(cases, "small" + suffix);
            classes(cases, "pojo" + suffix);
            cases.strict("ttl" + suffix, "off", p -> p.change("counter", op -> op.state("count", "value long")))
                    .strict("small" + suffix, "ttl-on", p -> p.change("counter", op -> op.state("count", "value long ttl")));
        }
        cases.strict("kryo", "to-pojo", content("value pojo"))
                .strict("kryo", "field-added", p -> p.model("field-added"))
                .strict("kryo", "class-missing", p -> p.model("none").change("counter", op -> {
                    op.states.clear();
                    op.state("other", "value long");
                }))
                .strict("enum", "constant-added", p -> p.model("constant-added"))
                .strict("enum", "constant-removed", p -> p.model("constant-removed"))
                .strict("enum", "constants-reordered", p -> p.model("constants-reordered"))
                .strict("tuple2", "arity", content("value tuple3"));
    }

    private static java.util.function.Consumer<Pipeline> content(String kindAndType) {
        return p -> p.change("counter", op -> op.state("content", kindAndType));
    }

    private static void kinds(Cases cases) {
        cases.strict("small", "value-to-list", p -> p.change("counter", op -> op.state("count", "list long")))
                .strict("small-rocksdb", "value-to-list", p -> p.change("counter", op -> op.state("count", "list long")))
                .strict("small", "value-to-reducing", p -> p.change("counter", op -> op.state("count", "reducing long")))
                .strict("list", "to-map", content("map long"))
                .strict("list", "to-value", content("value long"))
                .strict("map", "to-list", content("list long"))
                .strict("map", "key-type", content("map-of-long long"))
                .strict("map", "value-type", content("map string"))
                .strict("list", "element-type", content("list string"))
                .strict("lists", "list-to-union", p -> p.change("lists", op -> op.state("offsets", "union long")))
                .strict("lists", "union-to-list", p -> p.change("lists", op -> op.state("all", "list string")))
                .strict("lists", "list-to-broadcast", p -> p.change("lists", op -> op.state("offsets", "broadcast long")))
                .strict("lists", "element-type", p -> p.change("lists", op -> op.state("offsets", "list string")))
                .job("window-process", "to-reduce", () -> Jobs.window(Op.Kind.WINDOW_REDUCE))
                .job("window-reduce", "to-process", () -> Jobs.window(Op.Kind.WINDOW_PROCESS))
                .strict("window-process", "longer", p -> p.change("window", op -> op.windowSeconds = 7200))
                .strict("window-process", "shorter", p -> p.change("window", op -> op.windowSeconds = 1800))
                .strict("window-process", "time-to-count", p -> p.change("window", op -> op.windowCount = 1000))
                .strict("window-reduce", "time-to-count", p -> p.change("window", op -> op.windowCount = 1000));
    }

    private static void serializers(Cases cases, String base) {
        cases.both(base, "value-to-string", p -> p.change("counter", op -> op.state("count", "value string")))
                .strict(base, "value-to-int", p -> p.change("counter", op -> op.state("count", "value int")))
                .strict(base, "key-to-string", p -> p.change("counter", op -> op.stringKey = true))
                .strict(base, "value-to-string-lazily", p -> p.change("counter", op -> {
                    op.state("count", "value string");
                    op.lazy = true;
                }));
    }

    private static void classes(Cases cases, String base) {
        cases.strict(base, "field-added", p -> p.model("field-added"))
                .strict(base, "field-removed", p -> p.model("field-removed"))
                .strict(base, "field-type", p -> p.model("field-type"))
                .strict(base, "field-renamed", p -> p.model("field-renamed"))
                .strict(base, "no-longer-a-pojo", p -> p.model("no-pojo"))
                .strict(base, "to-kryo", content("value kryo"))
                .both(base, "class-missing", p -> p.model("none").change("counter", op -> {
                    op.states.clear();
                    op.state("other", "value long");
                }));
    }
}
