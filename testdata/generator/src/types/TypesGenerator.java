package fixture;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Runs the scenarios about what serializers write. They need more of Flink's jars than the others. */
public final class TypesGenerator {
    private static final List<String> COMPRESSED_SAVEPOINT = Arrays.asList("1.20.5", "2.3.0");
    /** The others show the same with fewer types, or not at all. */
    private static final List<String> IN_FULL = Arrays.asList("1.14.6", "1.20.5", "2.3.0");
    private static final List<String> TABLES = Arrays.asList("1.17.2", "1.20.5", "2.3.0");

    private TypesGenerator() {}

    /** Arguments: release, target directory, then scenario names (none: all). */
    public static void main(String[] arguments) {
        Generator.run(of(arguments[0]), arguments);
    }

    private static List<Scenario> of(String release) {
        boolean choice = new Scenario("", session -> {}).since(1, 15).runsOn(release);
        String canonical = choice ? "CANONICAL" : null;
        List<Scenario> all = new ArrayList<>();
        all.add(savepoint("types-canonical-hashmap", canonical, release).backend("hashmap"));
        if (IN_FULL.contains(release) || release.startsWith("1.13.")) {
            all.add(savepoint("types-canonical-rocksdb", canonical, release).backend("rocksdb"));
        }
        if (COMPRESSED_SAVEPOINT.contains(release)) {
            all.add(savepoint("types-canonical-compressed", canonical, release).backend("rocksdb")
                    .set("execution.checkpointing.snapshot-compression", "true"));
        }
        all.add(checkpoint("types-hashmap-compressed", release, IN_FULL.contains(release)).backend("hashmap")
                .set("execution.checkpointing.snapshot-compression", "true"));
        all.add(checkpoint("types-changelog", release, false).backend("hashmap").changelog("filesystem"));
        all.add(checkpoint("types-forst-async", release, false).async().backend("forst").incremental().since(2, 0));
        if (TABLES.contains(release)) {
            all.add(tableJob(canonical));
        }
        all.removeIf(scenario -> !scenario.runsOn(release));
        return all;
    }

    /** Compiled plans are too new for the oldest releases. */
    private static Scenario tableJob(String format) {
        try {
            return (Scenario) Reflect.callStatic(Reflect.type("fixture.TableJob"), "scenario", "table-group-by", format);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private static Scenario savepoint(String name, String format, String release) {
        return settings(new TypesScenario(name, session -> {
            session.start();
            session.emit(TypesJob.EVENTS, 1);
            session.savepoint(format);
            session.cancel();
        }, true), release).withoutCheckpoints();
    }

    private static Scenario checkpoint(String name, String release, boolean allTypes) {
        return settings(new TypesScenario(name, session -> {
            session.start();
            session.emit(TypesJob.EVENTS, 1);
            session.awaitNextCheckpoint();
            session.awaitNextCheckpoint();
            session.cancel();
        }, allTypes), release);
    }

    /** A POJO subclass and a Kryo type that Flink is told about beforehand. */
    private static Scenario settings(Scenario scenario, String release) {
        if (release.startsWith("1.")) {
            scenario.set("pipeline.registered-pojo-types", "fixture.Shapes$ExpressOrder")
                    .set("pipeline.registered-kryo-types", "fixture.Opaque");
        } else {
            scenario.set("pipeline.serialization-config",
                    "[fixture.Shapes$ExpressOrder: {type: pojo}, fixture.Opaque: {type: kryo}]");
        }
        return scenario.inlineUpTo("0 b");
    }

    private static final class TypesScenario extends Scenario {
        private final boolean allTypes;

        TypesScenario(String name, Script script, boolean allTypes) {
            super(name, script);
            this.allTypes = allTypes;
        }

        @Override
        Job job() {
            return env -> {
                if ("true".equals(settings.get("execution.checkpointing.snapshot-compression"))) {
                    env.getConfig().setUseSnapshotCompression(true);
                }
                TypesJob.build(env, shape == RichJob.Shape.ASYNC, allTypes);
                return env.executeAsync("fixture job");
            };
        }
    }
}
