package fixture;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Damages one needed file after the other and asks both sides: does Flink restore the snapshot, and does
 * statescope call it restorable? One tab-separated line per question.
 */
public final class RestoreAgreement {
    private static final List<String> SCENARIOS = Arrays.asList(
            "savepoint-native-rocksdb", "savepoint-canonical-hashmap", "checkpoint-rocksdb-incremental",
            "checkpoint-hashmap-files", "unaligned", "changelog-filesystem-materialized", "file-merging-rocksdb",
            "forst");

    private final String release;
    private final Statescope statescope;
    private final int fileLimit;
    private final Map<String, Integer> outcomes = new LinkedHashMap<>();
    private boolean allWell = true;
    private String stateOfIntact;

    private RestoreAgreement(String release, Statescope statescope, int fileLimit) {
        this.release = release;
        this.statescope = statescope;
        this.fileLimit = fileLimit;
    }

    /** Arguments: release, statescope binary, files per scenario, then scenario names (none: the usual ones). */
    public static void main(String[] arguments) {
        Statescope statescope = new Statescope(arguments[1]);
        RestoreAgreement run = new RestoreAgreement(arguments[0], statescope, Integer.parseInt(arguments[2]));
        List<String> wanted = Arrays.asList(arguments).subList(3, arguments.length);
        for (Scenario scenario : Scenarios.of(arguments[0])) {
            if ((wanted.isEmpty() ? SCENARIOS : wanted).contains(scenario.name)) {
                run.examine(scenario);
            }
        }
        run.outcomes.forEach((outcome, count) -> System.out.printf("# %s: %d x %s%n", arguments[0], count, outcome));
        // Threads of a failed job must not keep the process alive.
        System.exit(run.allWell ? 0 : 1);
    }

    private void examine(Scenario scenario) {
        Session session = new Session(scenario.settings, scenario.job());
        try {
            Session.clear();
            scenario.script.run(session);
            Path snapshot = SnapshotFiles.newestSnapshot();
            List<SnapshotFiles.Needed> needed = SnapshotFiles.needed(release, snapshot);
            Tree tree = Tree.remember(Session.CHECKPOINTS, Session.SAVEPOINTS, Session.CHANGELOG);
            ask(scenario, snapshot, tree, Damage.NONE, null);
            for (SnapshotFiles.Needed file : SnapshotFiles.sample(needed, fileLimit)) {
                ask(scenario, snapshot, tree, Damage.MISSING, file);
                ask(scenario, snapshot, tree, Damage.CUT, file);
            }
        } catch (Throwable e) {
            session.abandon();
            allWell = false;
            System.out.printf("FAILED %s %s: %s%n", release, scenario.name, e);
            e.printStackTrace();
        }
    }

    private void ask(Scenario scenario, Path snapshot, Tree tree, Damage damage, SnapshotFiles.Needed file)
            throws Exception {
        if (file != null && !damage.apply(file.path)) {
            return;
        }
        Statescope.Answer answer = statescope.check(snapshot);
        Restore restore = new Restore(scenario, snapshot);
        String error = restore.attempt();
        List<Path> touched = new ArrayList<>(tree.changed());
        if (file != null) {
            touched.remove(file.path);
        }
        tree.restore();

        if (file == null) {
            stateOfIntact = restore.stateRead();
        }
        String outcome = outcome(answer.restorable, error == null);
        if (file != null && error == null && !Objects.equals(restore.stateRead(), stateOfIntact)) {
            outcome += ", with other state than the intact snapshot has";
        }
        outcomes.merge(outcome, 1, Integer::sum);
        // An intact snapshot must please both, or the questions after it mean nothing.
        allWell &= !outcome.startsWith("WRONG") && (file != null || outcome.equals("both restorable"));
        System.out.println(String.join("\t", release, scenario.name, file == null ? "-" : file.what,
                damage.name().toLowerCase(), outcome, answer.text, error == null ? "restored" : error));
        for (Path path : touched) {
            // Of a snapshot that nobody claimed, Flink should change nothing.
            System.out.println(String.join("\t", "# Flink changed (" + restore.claimMode() + ")", path.toString()));
        }
    }

    private static String outcome(boolean restorable, boolean restored) {
        if (restorable) {
            return restored ? "both restorable" : "WRONG: statescope says restorable, Flink fails";
        }
        return restored ? "stricter: Flink restores" : "both refuse";
    }

    /** What is done to a file. */
    private enum Damage {
        NONE,
        MISSING,
        CUT;

        /** False where there is nothing to cut. */
        boolean apply(Path file) throws Exception {
            long size = Files.size(file);
            if (this == MISSING) {
                Files.delete(file);
            } else if (this == CUT && size > 0) {
                Files.write(file, Arrays.copyOf(Files.readAllBytes(file), (int) size - 1));
            }
            return this == MISSING || size > 0;
        }
    }
}
