package fixture;

/** The jobs before any change. */
final class Jobs {
    private Jobs() {}

    private static Pipeline from(Op... ops) {
        Pipeline pipeline = new Pipeline().then("src", Op.Kind.SOURCE);
        for (Op op : ops) {
            pipeline.then(op);
        }
        return pipeline;
    }

    private static Op map(String name) {
        return new Op(name, Op.Kind.MAP);
    }

    static Op keyed(String name) {
        return new Op(name, Op.Kind.KEYED);
    }

    /** Several states and timers, stateless operators on both sides. */
    static Pipeline rich() {
        return from(map("clean"),
                keyed("counter").state("count", "value long").state("recent", "list string")
                        .state("words", "map long").state("highest", "reducing long").timers(),
                map("done"));
    }

    /** One operator with one state. */
    static Pipeline one(String state, String kindAndType) {
        return from(keyed("counter").state(state, kindAndType), map("done")).parallelism(1);
    }

    static Pipeline small() {
        return one("count", "value long").parallelism(2);
    }

    /** Two operators whose states have different names. */
    static Pipeline two() {
        return from(keyed("first").state("count", "value long"), keyed("second").state("words", "map long"),
                map("done"));
    }

    /** Two operators that look the same. */
    static Pipeline twins() {
        return from(keyed("left").state("count", "value long"), keyed("right").state("count", "value long"));
    }

    static Pipeline lists() {
        return from(new Op("lists", Op.Kind.LISTS).state("offsets", "list long").state("all", "union string"),
                map("done"));
    }

    static Pipeline broadcast() {
        Op apply = new Op("apply", Op.Kind.BROADCAST);
        Op rules = new Op("rules", Op.Kind.SOURCE);
        rules.parallelism = 1;
        apply.secondInput.add(rules);
        return from(apply, map("done"));
    }

    /** The rules pass a stateless operator that is not chained to their source. */
    static Pipeline broadcastOfTwo() {
        Pipeline pipeline = broadcast();
        pipeline.op("apply").secondInput.add(map("enrich"));
        return pipeline;
    }

    static Pipeline window(Op.Kind kind) {
        return from(new Op("window", kind), map("done")).parallelism(1);
    }

    static Pipeline sink() {
        return from(keyed("counter").state("count", "value long"), new Op("out", Op.Kind.FILE_SINK));
    }

    /** Nobody has set a uid. */
    static Pipeline automatic() {
        return from(map("clean"), keyed("counter").state("count", "value long"), map("done"),
                keyed("total").state("sum", "map long")).withoutUids();
    }

    /** One forgotten uid between others. */
    static Pipeline mixed() {
        return from(map("clean"), keyed("counter").state("count", "value long"), map("done"))
                .change("counter", op -> op.uid = null);
    }

    /** A forgotten uid where a newcomer in front gets the very id: all are chained. */
    static Pipeline forgotten() {
        return from(map("clean"), new Op("lists", Op.Kind.LISTS).state("offsets", "list long"), map("done"))
                .change("lists", op -> op.uid = null);
    }

    /** The same behind a shuffle, at the end of the job. */
    static Pipeline forgottenKeyed() {
        return from(map("clean"), keyed("counter").state("count", "value long"))
                .change("counter", op -> op.uid = null);
    }

    static Pipeline ttl() {
        return one("count", "value long ttl");
    }
}
