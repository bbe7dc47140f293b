package fixture;

import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Writes the restore matrix of one release: base snapshots, changed jobs, and what came of every restore. */
public final class Matrix {
    private static final int SECONDS_PER_STEP = 90;
    /** Where changed jobs leave a snapshot of their own; 1.17 would write the same bytes as 1.20. */
    private static final List<String> WITH_SNAPSHOTS = Arrays.asList("1.20.5", "2.3.0");

    private final String release;
    private final Path root;
    private final Map<String, Base> bases;
    private final Cases cases;
    private boolean allWell = true;
    private volatile long stepBegan = System.nanoTime();
    private volatile String step = "";

    private Matrix(String release, Path root) {
        this.release = release;
        this.root = root;
        this.bases = Bases.of(release);
        this.cases = Catalogue.of(release, bases);
    }

    /** Arguments: release, target directory, "bases", "variants" or "cases", then names (none: all). */
    public static void main(String[] arguments) throws Throwable {
        Models.compileAll();
        Matrix matrix = new Matrix(arguments[0], Paths.get(arguments[1]));
        matrix.watch();
        List<String> wanted = Arrays.asList(arguments).subList(3, arguments.length);
        switch (arguments[2]) {
            case "bases":
                matrix.bases.values().stream().filter(base -> matches(wanted, base.name)).forEach(matrix::writeBase);
                break;
            case "variants":
                matrix.cases.variants.keySet().stream().filter(name -> matches(wanted, name))
                        .forEach(matrix::writeVariant);
                break;
            default:
                matrix.restoreAll(wanted);
        }
        System.exit(matrix.allWell ? 0 : 1);
    }

    private static boolean matches(List<String> wanted, String name) {
        return wanted.isEmpty() || wanted.stream().anyMatch(name::startsWith);
    }

    /** A job that hangs must not hold up the rest for ever. */
    private void watch() {
        Thread watcher = new Thread(() -> {
            while (System.nanoTime() - stepBegan < SECONDS_PER_STEP * 1_000_000_000L) {
                try {
                    Thread.sleep(1000);
                } catch (InterruptedException e) {
                    return;
                }
            }
            System.out.println("FAILED " + step + ": hangs");
            Runtime.getRuntime().halt(2);
        });
        watcher.setDaemon(true);
        watcher.start();
    }

    private interface Step {
        String run() throws Throwable;
    }

    private void step(String name, Step body) {
        step = name;
        stepBegan = System.nanoTime();
        try {
            String result = body.run();
            System.out.printf("%-8s %s %.1f s  %s%n", release, name, (System.nanoTime() - stepBegan) / 1e9, result);
        } catch (Throwable e) {
            allWell = false;
            System.out.printf("FAILED %s %s: %s%n", release, name, e);
            e.printStackTrace();
        }
    }

    private Path baseDirectory(String ofRelease, String name) {
        return root.resolve("flink-" + ofRelease).resolve("base").resolve(name);
    }

    private void writeBase(Base base) {
        step("base " + base.name, () -> {
            base.write(release, baseDirectory(release, base.name));
            return "";
        });
    }

    private void writeVariant(String name) {
        step("variant " + name, () -> {
            Path directory = root.resolve("flink-" + release).resolve("variant").resolve(name);
            Session.delete(directory);
            Supplier<Pipeline> pipeline = cases.variants.get(name);
            try {
                Description.of(pipeline.get()).write(directory.resolve("job.json"));
            } catch (Exception e) {
                // Not even a graph: Flink refuses the program before it looks at any state.
                return "cannot be described: " + e;
            }
            if (!WITH_SNAPSHOTS.contains(release) || name.endsWith("-same")) {
                return "no snapshot: the fixtures must stay small";
            }
            if (!pipeline.get().backend().equals("hashmap") || pipeline.get().changelog()) {
                return "no snapshot: the same job with other settings";
            }
            Session session = null;
            try {
                Session.clear();
                Pipeline job = pipeline.get();
                session = new Session(job.settings(), env -> {
                    Build.build(job, env);
                    return env.executeAsync("fixture job");
                });
                session.start();
                session.feed(20, Cases.splits(job));
                session.savepoint("CANONICAL");
                session.cancel();
            } catch (Exception e) {
                session.abandon();
                return "cannot be run: " + e;
            }
            Path snapshot = SnapshotFiles.newestSnapshot();
            FlinkTruth.writeBeside(release, name, snapshot.resolve("_metadata"));
            Trees.copy(snapshot, directory);
            return "";
        });
    }

    private void restoreAll(List<String> wanted) throws Exception {
        Path file = root.resolve("flink-" + release).resolve("cases.json");
        Map<String, String> lines = CasesFile.read(file);
        for (Case one : cases.cases) {
            if (matches(wanted, one.name)) {
                step(one.name, () -> {
                    Map<String, Object> result = restore(one);
                    lines.put(one.name, Json.of(result));
                    CasesFile.write(file, cases.cases, lines);
                    return result.get("outcome") + " "
                            + (result.get("error") == null ? "lost " + result.get("lost") : result.get("error"));
                });
            }
        }
    }

    private Map<String, Object> restore(Case one) throws Throwable {
        String ofRelease = one.baseRelease == null ? release : one.baseRelease;
        Path base = baseDirectory(ofRelease, one.base);
        Pipeline job = cases.variants.get(one.variant).get();
        Path snapshot = Place.put(base, one.damage);
        Attempt attempt = new Attempt(job, snapshot, one.allowNonRestored);
        attempt.run();

        Map<String, Object> out = new LinkedHashMap<>();
        out.put("name", one.name);
        out.put("release", release);
        out.put("base", root.relativize(Base.snapshotIn(base)).toString());
        out.put("variant", "flink-" + release + "/variant/" + one.variant);
        out.put("state_backend", job.backend());
        out.put("changelog", job.changelog());
        out.put("unaligned", job.scenario.settings.containsKey("execution.checkpointing.unaligned"));
        out.put("incremental", "true".equals(job.scenario.settings.get("state.backend.incremental")));
        out.put("allow_non_restored_state", one.allowNonRestored);
        out.put("damage", one.damage == null ? null : one.damage.describe());
        out.put("claim_mode", attempt.claimMode());
        out.put("outcome", attempt.error == null ? "restored" : "failed");
        if (attempt.error == null) {
            Verdict verdict = new Verdict(bases.get(one.base), Description.read(base.resolve("job.json")),
                    cases.variants.get(one.variant).get(), Description.of(cases.variants.get(one.variant).get()));
            out.put("kept", verdict.kept);
            out.put("lost", verdict.lost);
            if (attempt.savepointError != null) {
                out.put("savepoint_error", new Chain(attempt.savepointError).root());
            }
        } else {
            Chain chain = new Chain(attempt.error);
            out.put("when", attempt.submitted ? "running" : "submission");
            out.put("error_class", chain.errorClass());
            out.put("error", chain.error());
            out.put("root", chain.root());
            out.put("chain", chain.lines);
        }
        return out;
    }
}
