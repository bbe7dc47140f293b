package fixture;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs scenarios one after the other and copies what they leave behind, each metadata file with the
 * description of Flink's own loader beside it.
 */
public final class Generator {
    private Generator() {}

    /** Arguments: release, target directory, then scenario names (none: all). */
    public static void main(String[] arguments) {
        run(Scenarios.of(arguments[0]), arguments);
    }

    static void run(List<Scenario> scenarios, String[] arguments) {
        String release = arguments[0];
        Path target = Paths.get(arguments[1]);
        List<String> wanted = Arrays.asList(arguments).subList(2, arguments.length);
        boolean allWell = true;
        for (Scenario scenario : scenarios) {
            if (wanted.isEmpty() || wanted.contains(scenario.name)) {
                allWell &= generate(release, scenario, target.resolve(scenario.name));
            }
        }
        // Threads of a failed scenario must not keep the process alive.
        System.exit(allWell ? 0 : 1);
    }

    private static boolean generate(String release, Scenario scenario, Path target) {
        Session.clear();
        Session session = new Session(scenario.settings, scenario.job());
        long begin = System.nanoTime();
        try {
            scenario.script.run(session);
            int found = describeSnapshots(release, scenario.name);
            if (found == 0) {
                throw new IOException("no snapshot was written");
            }
            Session.delete(target);
            copyResults(target);
            System.out.printf("ok     %s %s: %d snapshots, %.1f s%n",
                    release, scenario.name, found, (System.nanoTime() - begin) / 1e9);
            return true;
        } catch (Throwable e) {
            session.abandon();
            System.out.printf("FAILED %s %s: %s%n", release, scenario.name, e);
            e.printStackTrace();
            return false;
        }
    }

    /** Done before copying: relative paths are resolved against the place where Flink wrote the file. */
    private static int describeSnapshots(String release, String scenario) throws Throwable {
        int found = 0;
        for (Path root : Arrays.asList(Session.CHECKPOINTS, Session.SAVEPOINTS)) {
            for (Path path : filesBelow(root)) {
                if (path.endsWith("_metadata")) {
                    FlinkTruth.writeBeside(release, scenario, path);
                    found++;
                }
            }
        }
        return found;
    }

    /** Checkpoints as {@code <job id>/chk-N}, savepoints as {@code savepoint-*}, changelog files below changelog/. */
    private static void copyResults(Path target) throws IOException {
        copy(Session.CHECKPOINTS, target);
        copy(Session.SAVEPOINTS, target);
        copy(Session.CHANGELOG, target.resolve(Session.CHANGELOG.getFileName()));
    }

    private static void copy(Path from, Path to) throws IOException {
        for (Path file : filesBelow(from)) {
            if (!isOfUnfinishedCheckpoint(file)) {
                Path copy = to.resolve(from.relativize(file));
                Files.createDirectories(copy.getParent());
                Files.copy(file, copy);
            }
        }
    }

    /** Cancelling a job may leave a chk-N directory without metadata. */
    private static boolean isOfUnfinishedCheckpoint(Path file) {
        File directory = file.getParent().toFile();
        return directory.getName().startsWith("chk-") && !new File(directory, "_metadata").exists();
    }

    private static List<Path> filesBelow(Path root) throws IOException {
        if (!Files.exists(root)) {
            return Arrays.asList();
        }
        try (Stream<Path> tree = Files.walk(root)) {
            return tree.filter(Files::isRegularFile).sorted().collect(Collectors.toList());
        }
    }
}
