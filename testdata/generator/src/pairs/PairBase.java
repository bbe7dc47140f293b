package fixture;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A snapshot that a release left, and the directories that belong to it. */
final class PairBase {
    final String release;
    final String scenario;
    final Path snapshot;
    final List<Path> roots;

    private PairBase(String release, String scenario, Path snapshot, List<Path> roots) {
        this.release = release;
        this.scenario = scenario;
        this.snapshot = snapshot;
        this.roots = roots;
    }

    /** Runs the scenario; each has directories of its own, for each job has an id of its own. */
    static PairBase write(String release, PairScenario scenario) throws Throwable {
        Set<Path> before = directories();
        Session session = new Session(scenario.settings, env -> {
            env.setParallelism(scenario.subtasks);
            scenario.build(env, release, output(scenario.name));
            return env.executeAsync("fixture job");
        });
        try {
            scenario.script.run(session);
        } catch (Throwable e) {
            session.abandon();
            throw e;
        }
        Set<Path> roots = directories();
        roots.removeAll(before);
        return new PairBase(release, scenario.name, SnapshotFiles.newestSnapshot(), new ArrayList<>(roots));
    }

    /** The larger, the older the release. */
    int age() {
        String[] parts = release.split("\\.");
        return -Integer.parseInt(parts[0]) * 100 - Integer.parseInt(parts[1]);
    }

    /** A file sink goes on in the directory in which its files are. */
    String output() {
        return root().resolve("output").resolve(scenario).toUri().toString();
    }

    private static String output(String scenario) {
        return Session.BASE.resolve("output").resolve(scenario).toUri().toString();
    }

    private Path root() {
        return Pairs.ROOT.resolve(release);
    }

    private static Set<Path> directories() throws IOException {
        Set<Path> found = new TreeSet<>();
        for (String name : new String[] {"checkpoints", "savepoints", "changelog", "output"}) {
            Path directory = Session.BASE.resolve(name);
            if (Files.exists(directory)) {
                try (Stream<Path> children = Files.list(directory)) {
                    found.addAll(children.collect(Collectors.toList()));
                }
            }
        }
        return found;
    }

    String line() {
        String places = roots.stream().map(Path::toString).collect(Collectors.joining(";"));
        return String.join("\t", release, scenario, snapshot.toString(), places);
    }

    static PairBase of(String line) {
        String[] fields = line.split("\t");
        List<Path> roots = Arrays.stream(fields[3].split(";")).map(Paths::get).collect(Collectors.toList());
        return new PairBase(fields[0], fields[1], Paths.get(fields[2]), roots);
    }
}
