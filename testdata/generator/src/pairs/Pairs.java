package fixture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** Leaves the snapshots of one release, or lets it restore those of every release. */
public final class Pairs {
    /** Below it each release has a directory: snapshots name places absolutely. */
    static final Path ROOT = Paths.get(System.getProperty("fixture.pairs", "/data/flink-pairs"));
    private static final int SECONDS_PER_STEP = 90;

    private final String release;
    private volatile long stepBegan = System.nanoTime();
    private volatile Runnable onHang = () -> {};

    private Pairs(String release) {
        this.release = release;
    }

    /** Arguments: release, "bases" or "attempts", then names of scenarios (none: all). */
    public static void main(String[] arguments) throws Throwable {
        Pairs pairs = new Pairs(arguments[0]);
        pairs.watch();
        List<String> wanted = Arrays.asList(arguments).subList(2, arguments.length);
        boolean well = arguments[1].equals("bases") ? pairs.writeBases(wanted) : pairs.attemptAll(wanted);
        System.out.println(well ? "done" : "done, but something failed");
        // Threads of failed jobs must not keep the process alive, and those of ForSt even hold up a halt.
        new ProcessBuilder("kill", "-KILL", String.valueOf(ProcessHandle.current().pid())).start().waitFor();
    }

    private boolean writeBases(List<String> wanted) throws Throwable {
        boolean well = true;
        Path index = ROOT.resolve(release).resolve("bases.tsv");
        for (PairScenario scenario : PairScenarios.all(release)) {
            if (!scenario.runsOn(release) || !(wanted.isEmpty() || wanted.contains(scenario.name))) {
                continue;
            }
            stepBegan = System.nanoTime();
            try {
                append(index, PairBase.write(release, scenario).line());
                say(scenario.name, "");
            } catch (Throwable e) {
                well = false;
                say(scenario.name, "FAILED " + new Chain(e).lines);
            }
        }
        describeJobs();
        return well;
    }

    private void describeJobs() throws Exception {
        Path table = ROOT.resolve(release).resolve("jobs.tsv");
        Files.createDirectories(table.getParent());
        Files.deleteIfExists(table);
        for (PairScenario scenario : PairScenarios.all(release)) {
            append(table, String.join("\t", scenario.name, scenario.jobName(release),
                    scenario.settings.get("state.backend"),
                    String.valueOf(scenario.settings.containsKey("state.changelog.enabled")),
                    String.valueOf(scenario.settings.containsKey("execution.checkpointing.unaligned"))));
        }
        if (!Reflect.exists("StatescopeJob")) {
            return;
        }
        Map<String, PairScenario> jobs = new LinkedHashMap<>();
        PairScenarios.all(release).forEach(scenario -> jobs.putIfAbsent(scenario.jobName(release), scenario));
        for (Map.Entry<String, PairScenario> job : jobs.entrySet()) {
            StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(
                    job.getValue().subtasks, new Configuration());
            job.getValue().build(env, release, ROOT.resolve("output").toUri().toString());
            String text = (String) Class.forName("StatescopeJob")
                    .getMethod("describe", StreamExecutionEnvironment.class).invoke(null, env);
            Path file = ROOT.resolve(release).resolve("jobs").resolve(job.getKey() + ".json");
            Files.createDirectories(file.getParent());
            Files.write(file, text.getBytes("UTF-8"));
        }
    }

    private boolean attemptAll(List<String> wanted) throws Exception {
        describeJobs();
        Path results = ROOT.resolve("results").resolve(release + ".tsv");
        Set<String> done = lines(results).stream().map(line -> key(line)).collect(Collectors.toCollection(HashSet::new));
        Map<String, PairScenario> scenarios = new LinkedHashMap<>();
        PairScenarios.all(release).forEach(scenario -> scenarios.put(scenario.name, scenario));
        for (PairBase base : bases()) {
            PairScenario scenario = scenarios.get(base.scenario);
            if (!wanted.isEmpty() && !wanted.contains(base.scenario)) {
                continue;
            }
            boolean hasChangelog = scenario.settings.containsKey("state.changelog.enabled");
            for (boolean changelog : hasChangelog ? new boolean[] {true, false} : new boolean[] {false}) {
                String name = hasChangelog && !changelog ? base.scenario + "-off" : base.scenario;
                String start = String.join("\t", base.release, name, release);
                if (done.contains(start)) {
                    continue;
                }
                stepBegan = System.nanoTime();
                onHang = () -> append(results, start + "\thangs\t-\t-");
                Tree tree = Tree.remember(base.roots.toArray(new Path[0]));
                String result = new PairAttempt(release, base, scenario, changelog).run();
                append(results, start + "\t" + result);
                say(base.release + " " + name, result);
                tree.restore();
            }
        }
        return true;
    }

    /** Newest first: what an old release makes of them is soon told. */
    private static List<PairBase> bases() throws IOException {
        List<PairBase> all = new ArrayList<>();
        try (java.util.stream.Stream<Path> releases = Files.list(ROOT)) {
            for (Path directory : releases.sorted().collect(Collectors.toList())) {
                lines(directory.resolve("bases.tsv")).forEach(line -> all.add(PairBase.of(line)));
            }
        }
        all.sort(Comparator.comparingInt(PairBase::age));
        return all;
    }

    private static String key(String line) {
        return String.join("\t", Arrays.asList(line.split("\t")).subList(0, 3));
    }

    private static List<String> lines(Path file) throws IOException {
        return Files.exists(file) ? Files.readAllLines(file) : Collections.emptyList();
    }

    private static void append(Path file, String line) {
        try {
            Files.createDirectories(file.getParent());
            Files.write(file, (line + "\n").getBytes("UTF-8"), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void say(String what, String result) {
        System.out.printf("%-7s %s %.1f s  %s%n", release, what, (System.nanoTime() - stepBegan) / 1e9, result);
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
            onHang.run();
            System.out.println("FAILED: hangs");
            Runtime.getRuntime().halt(2);
        });
        watcher.setDaemon(true);
        watcher.start();
    }
}
