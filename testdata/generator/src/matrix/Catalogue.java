package fixture;

import static fixture.Op.Kind.KEYED;
import static fixture.Op.Kind.MAP;

import java.util.Map;

/** The changes people make between two versions of a job, grouped by what they touch. */
final class Catalogue {
    private Catalogue() {}

    static Cases of(String release, Map<String, Base> bases) {
        Cases cases = new Cases(bases);
        same(cases, bases);
        uids(cases);
        operators(cases);
        automaticIds(cases);
        parallelism(cases);
        states(cases);
        StateTypes.add(cases);
        Settings.add(cases);
        Damages.add(cases);
        for (String other : new String[] {"1.17.2", "1.20.5", "2.3.0"}) {
            for (String base : new String[] {"rich", "small-rocksdb", "lists", "checkpoint", "native-rocksdb", "ttl"}) {
                cases.from(other, release, base);
            }
        }
        for (String other : new String[] {"1.14.6", "1.15.4", "1.17.2", "1.18.1", "1.19.3", "1.20.5", "2.0.2", "2.3.0"}) {
            cases.from(other, release, "rich").from(other, release, "changelog-ttl");
        }
        return cases;
    }

    private static void same(Cases cases, Map<String, Base> bases) {
        bases.keySet().forEach(base -> cases.strict(base, "same", pipeline -> {}));
    }

    private static void uids(Cases cases) {
        cases.both("small", "uid-changed", p -> p.change("counter", op -> op.uid = "renamed"))
                .both("small", "uid-removed", p -> p.change("counter", op -> op.uid = null))
                .both("mixed", "uid-added", p -> p.change("counter", op -> op.uid = "counter"))
                .both("small", "uid-of-stateless-changed", p -> p.change("done", op -> op.uid = "renamed"))
                .strict("small", "uid-duplicated", p -> p.change("done", op -> op.uid = "counter"))
                .strict("small", "uid-in-capitals", p -> p.change("counter", op -> op.uid = "Counter"))
                .both("two", "uids-swapped", p -> p.change("first", op -> op.uid = "second")
                        .change("second", op -> op.uid = "first"))
                .strict("twins", "uids-swapped", p -> p.change("left", op -> op.uid = "right")
                        .change("right", op -> op.uid = "left"))
                .both("small", "source-uid-changed", p -> p.change("src", op -> op.uid = "renamed"))
                .both("lists", "uid-changed", p -> p.change("lists", op -> op.uid = "renamed"))
                .both("window-process", "uid-changed", p -> p.change("window", op -> op.uid = "renamed"))
                .both("sink", "uid-changed", p -> p.change("out", op -> op.uid = "renamed"))
                .strict("small", "bound-by-uid-hash", p -> p.change("counter", op -> {
                    op.uid = "renamed";
                    op.uidHash = Ids.of(Jobs.small(), "counter");
                }))
                .strict("small", "bound-by-uid-hash-alone", p -> p.change("counter", op -> {
                    op.uid = null;
                    op.uidHash = Ids.of(Jobs.small(), "counter");
                }))
                .both("small", "bound-by-wrong-uid-hash", p -> p.change("counter", op -> {
                    op.uid = "renamed";
                    op.uidHash = Ids.NOBODY;
                }));
    }

    private static void operators(Cases cases) {
        cases.both("two", "keyed-deleted", p -> p.without("second"))
                .both("lists", "deleted", p -> p.without("lists"))
                .both("broadcast", "deleted", p -> p.without("apply"))
                .both("window-process", "deleted", p -> p.without("window"))
                .both("sink", "deleted", p -> p.without("out"))
                .both("small", "stateless-deleted", p -> p.without("done"))
                .strict("small", "stateless-added", p -> p.insertBefore("counter", new Op("new", MAP)))
                .strict("small", "keyed-added", p -> p.then(new Op("new", KEYED).state("count", "value long")))
                .strict("rich", "chaining-off", Pipeline::unchained)
                .strict("finished-fully", "new-operator-behind", p -> p.op("apply").secondInput.add(new Op("new", MAP)))
                .both("finished-fully", "new-operator-chained", p -> p.op("apply").secondInput.add(single("new")))
                .both("finished-chain", "new-operator-between", p -> p.op("apply").secondInput.add(1, new Op("new", MAP)))
                .both("finished-chain", "uid-changed", p -> p.change("enrich", op -> op.uid = "renamed"))
                .both("finished-chain", "source-uid-changed", p -> p.change("rules", op -> op.uid = "renamed"))
                .both("finished-chain", "stateless-deleted", p -> p.op("apply").secondInput.remove(1))
                .both("finished-fully", "deleted", p -> p.without("apply"))
                .both("finished-fully", "source-uid-changed", p -> p.change("rules", op -> op.uid = "renamed"))
                .both("finished-partly", "new-operator-behind", p -> p.insertBefore("counter", new Op("new", MAP)))
                .strict("finished-partly", "new-keyed-operator", p -> p.insertBefore("done",
                        new Op("new", KEYED).state("count", "value long")))
                .both("finished-partly", "source-uid-changed", p -> p.change("src", op -> op.uid = "renamed"))
                .strict("finished-partly", "parallelism-up", p -> p.parallelism(3));
    }

    /** Chained to a source of one subtask. */
    private static Op single(String name) {
        Op op = new Op(name, MAP);
        op.parallelism = 1;
        return op;
    }

    private static void automaticIds(Cases cases) {
        cases.both("automatic", "stateless-added-in-front", p -> p.insertBefore("clean", bare()))
                .both("automatic", "stateless-added-behind-counter", p -> p.insertBefore("done", bare()))
                .both("automatic", "stateless-added-at-end", p -> p.then(bare()))
                .both("automatic", "stateless-deleted", p -> p.without("clean"))
                .both("automatic", "chaining-off", Pipeline::unchained)
                .both("automatic", "all-uids-added", p -> p.ops.forEach(op -> op.uid = op.name))
                .strict("automatic", "renamed-lambda", p -> p.change("counter", op -> op.timers()))
                .strict("automatic", "parallelism-up", p -> p.parallelism(3))
                .strict("automatic", "parallelism-of-stateless-changed", p -> p.change("clean", op -> op.parallelism = 1))
                .both("automatic", "counter-bound-by-uid-hash", p -> p.insertBefore("clean", bare())
                        .change("counter", op -> op.uidHash = Ids.of(Jobs.automatic(), "counter"))
                        .change("total", op -> op.uidHash = Ids.of(Jobs.automatic(), "total"))
                        .change("src", op -> op.uidHash = Ids.of(Jobs.automatic(), "src")))
                .both("mixed", "stateless-added-in-front", p -> p.insertBefore("clean", new Op("new", MAP)))
                .both("mixed", "stateless-added-at-end", p -> p.then(new Op("new", MAP)))
                .both("mixed", "chaining-off", Pipeline::unchained);
        takenId(cases, "forgotten", "lists");
        takenId(cases, "forgotten-keyed", "counter");
    }

    /** The newcomer gets the id that the operator behind it had. */
    private static void takenId(Cases cases, String base, String operator) {
        cases.both(base, "stateless-added-before", p -> p.insertBefore(operator, bare()))
                .both(base, "stateless-with-uid-added-before", p -> p.insertBefore(operator, new Op("new", MAP)))
                .strict(base, "bound-behind-stateless", p -> bind(p.insertBefore(operator, bare()), base, operator))
                .strict(base, "bound-behind-stateless-with-uid",
                        p -> bind(p.insertBefore(operator, new Op("new", MAP)), base, operator));
    }

    private static void bind(Pipeline pipeline, String base, String operator) {
        Pipeline before = base.equals("forgotten") ? Jobs.forgotten() : Jobs.forgottenKeyed();
        pipeline.change(operator, op -> op.uidHash = Ids.of(before, operator));
    }

    /** An operator without uid. */
    private static Op bare() {
        Op op = new Op("new", MAP);
        op.uid = null;
        return op;
    }

    private static void parallelism(Cases cases) {
        cases.strict("rich", "parallelism-up", p -> p.parallelism(3))
                .strict("rich", "parallelism-down", p -> p.parallelism(1))
                .strict("lists", "parallelism-up", p -> p.parallelism(3))
                .both("max-8", "parallelism-above-max", p -> p.parallelism(9))
                .strict("max-8", "parallelism-above-old-max", p -> p.maxParallelism(0).parallelism(9))
                .both("max-8", "max-raised", p -> p.maxParallelism(16))
                .strict("max-8", "max-lowered", p -> p.maxParallelism(4))
                .strict("max-8", "max-automatic", p -> p.maxParallelism(0))
                .strict("max-8", "max-changed-on-stateless", p -> p.change("done", op -> op.maxParallelism = 4))
                .both("max-8", "max-changed-on-counter", p -> p.change("counter", op -> op.maxParallelism = 4))
                .strict("small", "max-set-to-what-it-was", p -> p.maxParallelism(128))
                .both("small", "max-set-to-other", p -> p.maxParallelism(256))
                .strict("lists", "max-set-to-other", p -> p.maxParallelism(256));
    }

    private static void states(Cases cases) {
        cases.strict("small", "state-renamed", p -> p.change("counter", op -> {
                    op.states.clear();
                    op.state("counts", "value long");
                }))
                .strict("rich", "state-removed", p -> p.change("counter", op -> op.states.remove("words")))
                .strict("small", "state-added", p -> p.change("counter", op -> op.state("words", "map long")))
                .strict("rich", "timers-removed", p -> p.change("counter", op -> op.timers = false))
                .strict("small", "timers-added", p -> p.change("counter", op -> op.timers()))
                .strict("small", "all-states-removed", p -> p.change("counter", op -> op.states.clear()))
                .strict("lists", "state-renamed", p -> p.change("lists", op -> {
                    op.states.remove("offsets");
                    op.state("places", "list long");
                }))
                .strict("lists", "state-removed", p -> p.change("lists", op -> op.states.remove("offsets")));
    }
}
